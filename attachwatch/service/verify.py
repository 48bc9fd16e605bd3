"""The pipeline from the stored file on, with files and folders in the place of a mailbox. Nothing is kept."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from attachwatch.cases.progress import progress
from attachwatch.cases.standing import Standing
from attachwatch.errors import UsageError
from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.blobs import Blobs
from attachwatch.mail import folders
from attachwatch.model import (
    Annex,
    Attachment,
    Case,
    Filed,
    FollowUp,
    Header,
    Inspection,
    Membership,
    Message,
    MessageKey,
    ReceivedFile,
    Verdict,
)
from attachwatch.service.overview import standing
from attachwatch.service.unpack import names_inside, unpack


@dataclass(frozen=True, slots=True)
class Subject:
    """One file to verify: where it is shown to be, its bytes, and the message it came in (or a stand-in for none)."""

    path: str
    blob: Path
    attachment: Attachment
    message: Message
    within: int | None = None  # the number of the subject that it was found in


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    path: str
    name: str
    inspection: Inspection
    blob: Path = Path()
    labels: tuple[str, ...] = ()
    reason: str = ""  # why it is that annex
    ignored: bool = False  # decoration, such as the picture of a signature
    unpacked: bool = False  # what it holds stands for it

    @property
    def needs_attention(self) -> bool:
        verdict, cause = self.inspection.verdict, self.inspection.cause
        return (verdict.accuses and not self.unpacked) or (verdict is Verdict.UNCHECKED and cause is not None)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of all files, in the order given, and of the expected annexes."""

    files: tuple[VerifiedFile, ...]
    standing: Standing
    follow_up: FollowUp | None

    @property
    def missing(self) -> tuple[Annex, ...]:
        return self.standing.missing

    @property
    def needs_attention(self) -> bool:
        """Whether anything does not open, is missing, or could not be judged for want of time or memory."""
        return bool(self.missing) or any(
            (f.inspection.verdict.accuses and not f.unpacked)
            or (f.inspection.verdict == "unchecked" and f.inspection.cause)
            for f in self.files
        )


def collect(paths: Sequence[Path], blobs: Blobs) -> list[Subject]:
    """Every file below `paths`, in natural order; what emails carry is unpacked into `blobs`.

    Raises UsageError for a path that is not there. Links to folders are not followed.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder", "Check the spelling.")
    subjects: list[Subject] = []
    for path in paths:
        for file, containers in _walk(path):
            subjects += _from_mail(file, blobs) if _is_mail(file) else [_loose(file, containers)]
    return subjects


def verify(
    subjects: Sequence[Subject],
    case: Case,
    inspector: Inspector,
    blobs: Blobs,
    done: Callable[[VerifiedFile], None] = lambda _: None,
) -> Report:
    """Inspect `subjects`, and what archives and portfolios among them hold, and match all with the annexes of `case`.

    `done` hears of each file as it is inspected; `blobs` takes what is unpacked.
    """
    all_subjects, found = list(subjects), dict[int, Inspection]()
    _inspect(all_subjects, range(len(all_subjects)), inspector, found, done)
    inside = [s for n, subject in enumerate(subjects) for s in _inside(n, subject, found[n], inspector, blobs)]
    all_subjects += inside
    _inspect(all_subjects, range(len(subjects), len(all_subjects)), inspector, found, done)
    place = _standing(case, all_subjects, found)
    now = datetime.now(UTC)
    outcome = progress(replace(case, quiet_period=now - now), place, (), now)
    return Report(
        files=tuple(
            _verified(n, all_subjects[n], found[n], place, unpacked=any(s.within == n for s in inside))
            for n in _each_beside_what_it_holds(all_subjects)
        ),
        standing=place,
        follow_up=outcome.follow_up and _without_stand_in(outcome.follow_up),
    )


def _without_stand_in(follow_up: FollowUp) -> FollowUp:
    """Loose files came in no email that a reply could thank for."""
    return replace(follow_up, emails=tuple(m for m in follow_up.emails if m.key != _NO_MESSAGE.key))


def _inspect(
    subjects: Sequence[Subject],
    numbers: Iterable[int],
    inspector: Inspector,
    found: dict[int, Inspection],
    done: Callable[[VerifiedFile], None],
) -> None:
    for number, inspection in inspector.inspect_all((n, subjects[n].blob) for n in numbers):
        subject = subjects[number]
        found[number] = judge.as_named(inspection, subject.attachment.name, subject.attachment.content_type)
        done(VerifiedFile(subject.path, subject.attachment.name, found[number], subject.blob))


def _inside(
    number: int, subject: Subject, inspection: Inspection, inspector: Inspector, blobs: Blobs
) -> Iterator[Subject]:
    """What `subject` holds, if it is an archive or a portfolio."""
    if not names_inside(inspection):
        return
    if not blobs.path(inspection.sha256).exists():
        with blobs.writer() as writer, subject.blob.open("rb") as file:
            while piece := file.read(1 << 20):
                writer.write(piece)
            writer.commit()
    container = replace(subject.attachment, part=str(number), sha256=inspection.sha256)
    for attachment in unpack(container, inspection, inspector, blobs):
        path = f"{subject.path}: {attachment.name}"
        yield Subject(path, blobs.path(attachment.sha256), attachment, subject.message, within=number)


def _each_beside_what_it_holds(subjects: Sequence[Subject]) -> list[int]:
    return sorted(range(len(subjects)), key=lambda n: (n if (s := subjects[n].within) is None else s, n))


def _walk(path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Files at or below `path`, each with the names of the folders that it lies in."""
    if not path.is_dir() or folders.is_mail(path):
        yield path, ()
        return
    for folder, inner, names in os.walk(path):
        here = Path(folder)
        if here != path and folders.is_mail(here):
            inner.clear()
            yield here, here.relative_to(path).parts[:-1]
            continue
        inner[:] = sorted((n for n in inner if not n.startswith(".")), key=natural_key)
        for name in sorted((n for n in names if not n.startswith(".")), key=natural_key):
            yield here / name, here.relative_to(path).parts


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sorts "Annex 2" before "Annex 10"."""
    runs: list[tuple[int, int, str]] = []
    for character in name.casefold():
        digit = character.isascii() and character.isdigit()
        if digit and runs and runs[-1][0] == 0:
            runs[-1] = (0, runs[-1][1] * 10 + int(character), "")
        else:
            runs.append((0, int(character), "") if digit else (1, 0, character))
    return runs


def _is_mail(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False  # the inspection says why it cannot be read
    return (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) and folders.is_mail(path)


def _from_mail(path: Path, blobs: Blobs) -> list[Subject]:
    return [
        Subject(f"{path}: {attachment.name or attachment.part}", blobs.path(attachment.sha256), attachment, message)
        for message in folders.messages(path, blobs)
        for attachment in message.attachments
    ]


_NO_MESSAGE = Message(MessageKey("", "", 0, 0), datetime.fromtimestamp(0, UTC), Header())


def _loose(path: Path, containers: tuple[str, ...]) -> Subject:
    return Subject(str(path), path, Attachment(str(path), path.name, "", 0, "", containers), _NO_MESSAGE)


def _standing(case: Case, subjects: Sequence[Subject], found: dict[int, Inspection]) -> Standing:
    """Where the annexes stand: each message a delivery of its own, files that came in none together in one."""
    attachments: dict[MessageKey, list[Attachment]] = {}
    messages: dict[MessageKey, Message] = {}
    for number, subject in enumerate(subjects):
        inspection = found[number]
        part = str(number) if subject.within is None else f"{subject.within}/{number}"
        attachment = replace(subject.attachment, sha256=inspection.sha256, size=inspection.size, part=part)
        messages.setdefault(subject.message.key, subject.message)
        attachments.setdefault(subject.message.key, []).append(attachment)
    filed = [
        Filed(replace(messages[key], attachments=tuple(own), id=n), Membership.REFERENCE)
        for n, (key, own) in enumerate(attachments.items(), 1)
    ]
    return standing(case, filed, {i.sha256: i for i in found.values()})


def _verified(
    number: int, subject: Subject, inspection: Inspection, place: Standing, *, unpacked: bool
) -> VerifiedFile:
    part = str(number) if subject.within is None else f"{subject.within}/{number}"
    mine = [s for s in place.annexes if any(f.attachment.part == part for f in s.history)]
    files: list[ReceivedFile] = [f for f in place.unexpected if f.attachment.part == part]
    return VerifiedFile(
        path=subject.path,
        name=subject.attachment.name,
        inspection=inspection,
        blob=subject.blob,
        labels=tuple(s.annex.label for s in mine),
        reason=mine[0].reason if mine else "",
        ignored=not mine and not files and bool(place.annexes) and not unpacked,
        unpacked=unpacked,
    )
