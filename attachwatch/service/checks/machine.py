"""This machine: Python, the clock's zone, what holds the workers, and the readers on a made file."""

import io
import platform
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pikepdf

from attachwatch.config import LimitSettings
from attachwatch.inspection.confinement import Confinement
from attachwatch.model import Inspection, ReaderReport, Verdict
from attachwatch.service import setup
from attachwatch.service.checks.check import Check, failure, warning

_PACKAGES = {"qpdf": "pikepdf", "pypdf": "pypdf", "pdfium": "pypdfium2"}  # that bring the readers
_OLD = timedelta(days=365)
_BEFORE_ATTACHWATCH = datetime(2020, 1, 1, tzinfo=UTC)  # the dates of files in reproducible images, not of anything


def python() -> Iterator[Check]:
    yield Check("python", f"{platform.python_version()} on {platform.system()} {platform.release()}")


def clock(last_known: datetime | None) -> Iterator[Check]:
    """The zone that days are counted by, and whether the clock stands before what is known to have been."""
    now = datetime.now().astimezone()
    if last_known and now < last_known:
        yield failure(
            "clock",
            f"it says {now:%Y-%m-%d %H:%M}, and the last poll was at {last_known.astimezone():%Y-%m-%d %H:%M}",
            "Set it, best by the network (NTP): deadlines are counted by it.",
        )
    else:
        yield Check(
            "clock", f"{now:%Y-%m-%d %H:%M}, UTC{now.isoformat()[-6:]} ({now.tzname()}), by which days are counted"
        )


def inspection(limits: LimitSettings) -> Iterator[Check]:
    """What the kernel holds workers by, and a made PDF through a worker, the way that every attachment goes."""
    with tempfile.TemporaryDirectory(prefix="attachwatch-doctor-") as folder, setup.inspector(limits) as inspector:
        file = Path(folder) / "made.pdf"
        file.write_bytes(_made())
        yield confinement(inspector.confinement, sys.platform)
        found = inspector.inspect(file)
    yield _verdict(found, limits)
    for reader in found.readers:
        yield age(reader, _installed(_PACKAGES.get(reader.name, reader.name)), datetime.now(UTC))


def confinement(held: Confinement, system: str) -> Check:
    """What a worker is confined by, besides its bounds on time and memory, on this kind of system."""
    if not held.lacking:
        return Check("confinement", f"Landlock (version {held.landlock}) and seccomp hold each worker")
    lacking = " and ".join(held.lacking)
    if system != "linux":  # where nobody can do anything about it
        return Check("confinement", f"{system} has no {lacking}; bounds on time and memory hold each worker")
    return warning(
        "confinement",
        f"the kernel offers no {lacking}; bounds on time and memory hold each worker all the same",
        "Run on Linux 5.13 or newer with Landlock enabled (lsm=landlock), outside of what forbids it.",
    )


def age(reader: ReaderReport, installed: datetime | None, now: datetime) -> Check:
    """A reader's version, and how old it is at least: packages do not tell when they were released."""
    name = f"reader {reader.name}"
    if installed is None or installed > now:
        return Check(name, f"{reader.version}; its age is not known")
    days = (now - installed).days
    if now - installed > _OLD:
        package = _PACKAGES.get(reader.name, reader.name)
        return warning(
            name,
            f"{reader.version}, installed {days} days ago, so at least that old",
            f"Update {package}: readers are mended often, also against hostile files.",
        )
    ago = f"{days} day{'s' if days != 1 else ''} ago" if days else "today"
    return Check(name, f"{reader.version}, installed {ago}")


def _verdict(found: Inspection, limits: LimitSettings) -> Check:
    silent = [reader.name for reader in found.readers if not reader.opened]
    if found.verdict is Verdict.OK and found.readers and not silent:
        readers = ", ".join(reader.name for reader in found.readers)
        return Check("inspection", f"a made PDF is ok by {readers}, in {found.seconds:.1f} s")
    why = "; ".join(finding.message for finding in found.findings) or f"not opened by {', '.join(silent)}"
    return failure(
        "inspection",
        f"a made PDF that is whole is {found.verdict}: {why}",
        f"Install attachwatch anew; where a bound was hit, raise [limits]: {limits.seconds:g} s, {limits.memory} MiB.",
    )


def _installed(package: str) -> datetime | None:
    """When the package was installed, by the file that its installer wrote then; None where that cannot be told."""
    try:
        file = metadata.distribution(package).locate_file(f"{package}-{metadata.version(package)}.dist-info/INSTALLER")
        written = datetime.fromtimestamp(Path(str(file)).stat().st_mtime, UTC)
    except (metadata.PackageNotFoundError, OSError):
        return None
    return written if written > _BEFORE_ATTACHWATCH else None


def _made() -> bytes:
    """A page with a line of text, as whole as a PDF can be."""
    pdf = pikepdf.Pdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page = pdf.add_blank_page(page_size=(595, 842))
    page.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=pdf.make_indirect(font)))
    page.contents_add(b"BT /F 14 Tf 72 760 Td (Made by attachwatch doctor, to see whether it opens.) Tj ET")
    made = io.BytesIO()
    pdf.save(made)
    return made.getvalue()
