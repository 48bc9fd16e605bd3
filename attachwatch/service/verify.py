"""The pipeline from the stored file on, with files and folders in the place of a mailbox. Nothing is kept."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
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
)
from attachwatch.service.overview import standing


@dataclass(frozen=True, slots=True)
class Subject:
    """One file to verify: where it is shown to be, its bytes, and the message it came in (or a stand-in for none)."""

    path: str
    blob: Path
    attachment: Attachment
    message: Message


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    path: str
    name: str
    inspection: Inspection
    labels: tuple[str, ...] = ()
    reason: str = ""  # why it is that annex
    ignored: bool = False  # decoration, such as the picture of a signature


@dataclass(frozen=True, slots=True)
class Report:
    """What became of all files, in the order given, and of the expected annexes."""

    files: tuple[VerifiedFile, ...]
    standing: Standing
    follow_up: FollowUp | None

    @property
    def missing(self) -> tuple[Annex, ...]:
        return tuple(s.annex for s in self.standing.annexes if not s.files)

    @property
    def needs_attention(self) -> bool:
        """Whether anything does not open, is missing, or could not be judged for want of time or memory."""
        return bool(self.missing) or any(
            f.inspection.verdict.accuses or (f.inspection.verdict == "unchecked" and f.inspection.cause)
            for f in self.files
        )


def collect(paths: Sequence[Path], temporary: Path) -> list[Subject]:
    """Every file below `paths`, in natural order; what emails carry is unpacked into `temporary`.

    Raises UsageError for a path that is not there. Links to folders are not followed.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder", "Check the spelling.")
    blobs = Blobs(temporary)
    subjects: list[Subject] = []
    for path in paths:
        for file, containers in _walk(path):
            subjects += _from_mail(file, blobs) if _is_mail(file) else [_loose(file, containers)]
    return subjects


def verify(
    subjects: Sequence[Subject],
    case: Case,
    inspector: Inspector,
    done: Callable[[VerifiedFile], None] = lambda _: None,
) -> Report:
    """Inspect `subjects` and match them with the annexes of `case`; `done` hears of each file as it is inspected."""
    found: dict[int, Inspection] = {}
    for number, inspection in inspector.inspect_all((n, s.blob) for n, s in enumerate(subjects)):
        subject = subjects[number]
        found[number] = judge.as_named(inspection, subject.attachment.name, subject.attachment.content_type)
        done(VerifiedFile(subject.path, subject.attachment.name, found[number]))
    place = _standing(case, subjects, found)
    now = datetime.now(UTC)
    outcome = progress(replace(case, quiet_period=now - now), place, (), now)
    return Report(
        files=tuple(_verified(n, s, found[n], place) for n, s in enumerate(subjects)),
        standing=place,
        follow_up=outcome.follow_up,
    )


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
        attachment = replace(subject.attachment, sha256=inspection.sha256, size=inspection.size, part=str(number))
        messages.setdefault(subject.message.key, subject.message)
        attachments.setdefault(subject.message.key, []).append(attachment)
    filed = [
        Filed(replace(messages[key], attachments=tuple(own), id=n), Membership.REFERENCE)
        for n, (key, own) in enumerate(attachments.items(), 1)
    ]
    return standing(case, filed, {i.sha256: i for i in found.values()})


def _verified(number: int, subject: Subject, inspection: Inspection, place: Standing) -> VerifiedFile:
    part = str(number)
    mine = [s for s in place.annexes if any(f.attachment.part == part for f in s.history)]
    files: list[ReceivedFile] = [f for f in place.unexpected if f.attachment.part == part]
    return VerifiedFile(
        path=subject.path,
        name=subject.attachment.name,
        inspection=inspection,
        labels=tuple(s.annex.label for s in mine),
        reason=mine[0].reason if mine else "",
        ignored=not mine and not files and bool(place.annexes),
    )
