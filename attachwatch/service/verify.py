"""The pipeline from the stored file on, with files and folders in the place of a mailbox. Nothing is kept."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from attachwatch.cases.progress import progress
from attachwatch.cases.standing import Standing
from attachwatch.errors import UsageError
from attachwatch.inspection import claims, judge
from attachwatch.inspection.sandbox import ChangedError, Inspector
from attachwatch.ledger.interface import Attachments
from attachwatch.mail import folders
from attachwatch.model import (
    Annex,
    AnnexStatus,
    Attachment,
    Case,
    Cause,
    Filed,
    Finding,
    FollowUp,
    Header,
    Inspection,
    Membership,
    Message,
    MessageKey,
    Notice,
    Verdict,
)
from attachwatch.service.letters import Letter
from attachwatch.service.overview import standing
from attachwatch.service.unpack import inside, is_to_unpack, left_packed, unpack_from, unpacked


@dataclass(frozen=True, slots=True)
class Subject:
    """One file to verify: where it is shown to be, its bytes, and the message it came in (or a stand-in for none)."""

    path: str
    blob: Path
    attachment: Attachment
    message: Message
    place: str = ""  # its number, behind those of the subjects that it was found in, with "/" between
    inspection: Inspection | None = None  # where there are no bytes to inspect


@dataclass(frozen=True, slots=True)
class VerifiedFile:
    path: str
    name: str
    inspection: Inspection
    blob: Path = Path()
    part: str = ""  # what the attachments of `Report.standing` know it by
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
    letter: Letter | None = None

    @property
    def missing(self) -> tuple[Annex, ...]:
        """Expected and not there, but for what the authority says not to expect."""
        excused = self.standing.excused
        return tuple(a for a in self.standing.missing if a.label not in excused)

    @property
    def unnamed(self) -> tuple[Annex, ...]:
        """On the user's list, and not named by the letter."""
        return self.letter.unnamed([s.annex for s in self.standing.annexes]) if self.letter else ()

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What emails tell of and do not hold."""
        return self.standing.notices

    @property
    def needs_attention(self) -> bool:
        """Whether anything does not open, is missing or elsewhere, or was not judged for want of time or memory."""
        return bool(self.missing or self.notices) or any(
            (f.inspection.verdict.accuses and not f.unpacked)
            or (f.inspection.verdict == "unchecked" and f.inspection.cause)
            for f in self.files
        )


def collect(
    paths: Sequence[Path],
    blobs: Attachments,
    hidden: Callable[[Path], None] = lambda _: None,
    letter: Callable[[Message], None] = lambda _: None,
) -> list[Subject]:
    """Every file below `paths`, in natural order; what emails carry is unpacked into `blobs`.

    What cannot be read, be it a file, a folder or a message, is a subject that says so; `hidden` hears of what is
    skipped since its name begins with a dot, `letter` of each email without files. Raises UsageError for a
    path that is not there. Links to folders are not followed.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder", "Check the spelling.")
    subjects: list[Subject] = []
    for path in paths:
        for file, containers, problem in walk(path, hidden):
            if problem:
                subjects.append(_unread(file, problem, containers))
            elif is_mail(file):
                subjects += _from_mail(file, blobs, letter)
            else:
                subjects.append(_loose(file, containers))
    return subjects


def verify(  # noqa: PLR0913 - two of them hear and add
    subjects: Sequence[Subject],
    case: Case,
    inspector: Inspector,
    blobs: Attachments,
    done: Callable[[VerifiedFile], None] = lambda _: None,
    *,
    letters: Sequence[Message] = (),
    letter: Letter | None = None,
) -> Report:
    """Inspect `subjects`, and what is packed in them, level by level, and match all with the annexes of `case`.

    `done` hears of each file as it is inspected; `blobs` takes what is unpacked. `letters` are emails without files,
    which may tell of some; `letter` is the one that names the annexes.
    """
    all_subjects = [replace(s, place=str(n)) for n, s in enumerate(subjects)]
    found, level = dict[int, Inspection](), range(len(all_subjects))
    families: dict[str, list[Attachment]] = {}  # what came out of each of `subjects`, by its place
    while level:
        _inspect(all_subjects, level, inspector, found, done)
        for number in level:
            subject = all_subjects[number]
            family = families.setdefault(subject.place.partition("/")[0], [])
            inside = list(_inside(subject, found[number], family, inspector, blobs))
            family += [s.attachment for s in inside]
            all_subjects += inside
        level = range(level.stop, len(all_subjects))
    for number, subject in enumerate(all_subjects):
        family = families.get(subject.place.partition("/")[0], [])
        found[number] = left_packed(replace(subject.attachment, part=subject.place), found[number], family)
    place = _standing(case, all_subjects, found, letters, letter)
    now = datetime.now(UTC)
    outcome = progress(replace(case, quiet_period=now - now), place, (), now)
    return Report(
        files=_verified(all_subjects, found, place),
        standing=place,
        follow_up=outcome.follow_up and _without_stand_in(outcome.follow_up),
        letter=letter,
    )


def _without_stand_in(follow_up: FollowUp) -> FollowUp:
    """Loose files came in no email that a reply could thank for."""
    return replace(follow_up, emails=tuple(m for m in follow_up.emails if m.key != _NO_MESSAGE.key))


def _inspect(
    subjects: Sequence[Subject],
    numbers: Sequence[int],
    inspector: Inspector,
    found: dict[int, Inspection],
    done: Callable[[VerifiedFile], None],
) -> None:
    known = ((n, i) for n in numbers if (i := subjects[n].inspection))
    inspected = inspector.inspect_all((n, s.blob) for n in numbers if not (s := subjects[n]).inspection)
    for number, inspection in chain(known, inspected):
        subject = subjects[number]
        found[number] = claims.as_named(inspection, subject.attachment.name, subject.attachment.content_type)
        done(VerifiedFile(subject.path, subject.attachment.name, found[number], subject.blob))


def _inside(
    subject: Subject, inspection: Inspection, family: Sequence[Attachment], inspector: Inspector, blobs: Attachments
) -> Iterator[Subject]:
    """What `subject` holds, as far as that is unpacked beside its `family`."""
    container = replace(subject.attachment, part=subject.place, sha256=inspection.sha256)
    if not is_to_unpack(container, inspection, family):
        return
    why = Finding(
        Cause.TOO_COSTLY, "It could not be unpacked whole, or not within the limits, so it was not inspected."
    )
    try:
        attachments = unpack_from(subject.blob, container, inspection, inspector, blobs)
    except ChangedError as error:
        attachments = inside(container, inspection, {})
        why = Finding("changed", f"The file that it is in is not what was inspected any more. {error}")
    for attachment in attachments:
        path = f"{subject.path}: {attachment.name}"
        known = None if attachment.sha256 else judge.unchecked("", 0, why)
        blob = blobs.path(attachment.sha256) if attachment.sha256 else Path()
        yield Subject(path, blob, attachment, subject.message, place=attachment.part, inspection=known)


def _each_beside_what_it_holds(subjects: Sequence[Subject]) -> list[int]:
    return sorted(range(len(subjects)), key=lambda n: [int(step) for step in subjects[n].place.split("/")])


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


def walk(
    path: Path, hidden: Callable[[Path], None], order: Callable[[str], Any] | None = natural_key
) -> Iterator[tuple[Path, tuple[str, ...], str]]:
    """Files at or below `path`, each with the names of the folders that it lies in, and why it cannot be read.

    That is told of folders alone, which are yielded only then. A folder's names come in `order`: None, that of their
    characters, takes least memory.
    """
    if not stat.S_ISDIR(_mode(path)) or is_mail(path):
        yield path, (), ""
        return
    unread: list[OSError] = []
    for folder, inner, names in os.walk(path, onerror=unread.append):
        here = Path(folder)
        yield from _unread_folders(path, unread)
        if here != path and is_mail(here):
            inner.clear()
            yield here, here.relative_to(path).parts[:-1], ""
            continue
        for name in (*inner, *names):
            if name.startswith("."):
                hidden(here / name)
        inner[:] = sorted((n for n in inner if not n.startswith(".")), key=order)
        for name in sorted((n for n in names if not n.startswith(".")), key=order):
            yield here / name, here.relative_to(path).parts, ""
    yield from _unread_folders(path, unread)


def _unread_folders(root: Path, unread: list[OSError]) -> Iterator[tuple[Path, tuple[str, ...], str]]:
    while unread:
        error = unread.pop(0)
        folder = Path(error.filename or root)
        yield folder, folder.relative_to(root).parts[:-1], error.strerror or "no reason given"


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0  # the inspection says why it cannot be read


def is_mail(path: Path) -> bool:
    """Whether what lies there is taken for emails, and not for a file of its own."""
    try:
        return stat.S_IFMT(_mode(path)) in (stat.S_IFREG, stat.S_IFDIR) and folders.is_mail(path)
    except OSError:
        return False  # the inspection says why it cannot be read


def _from_mail(path: Path, blobs: Attachments, letter: Callable[[Message], None]) -> list[Subject]:
    unread: list[Subject] = []
    read: list[Subject] = []
    for message in folders.messages(path, blobs, lambda file, reason: unread.append(_unread(file, reason))):
        if not message.attachments:
            letter(message)
        read += [
            Subject(f"{path}: {attachment.name or attachment.part}", blobs.path(attachment.sha256), attachment, message)
            for attachment in message.attachments
        ]
    return [*read, *unread]


_NO_MESSAGE = Message(MessageKey("", "", 0, 0), datetime.fromtimestamp(0, UTC), Header())


def _loose(path: Path, containers: tuple[str, ...]) -> Subject:
    return Subject(str(path), path, Attachment(str(path), path.name, "", 0, "", containers), _NO_MESSAGE)


def _unread(path: Path, reason: str, containers: tuple[str, ...] = ()) -> Subject:
    finding = Finding("unreadable", f"It cannot be read: {reason.lower()}.")
    return replace(_loose(path, containers), inspection=judge.unchecked("", 0, finding))


def _standing(
    case: Case,
    subjects: Sequence[Subject],
    found: dict[int, Inspection],
    letters: Sequence[Message],
    letter: Letter | None,
) -> Standing:
    """Where the annexes stand: each message a delivery of its own, files that came in none together in one."""
    bare = {m.key: m for m in letters}  # first, since what has files is what an answer is to
    attachments: dict[MessageKey, list[Attachment]] = {key: [] for key in bare}
    messages: dict[MessageKey, Message] = dict(bare)
    inspections: dict[str, Inspection] = {}
    for number, subject in enumerate(subjects):
        inspection = found[number]
        part = subject.place
        # What was not read has no hash, and is not the same as another that was not.
        known_by = inspection.sha256 or part
        inspections[known_by] = inspection
        attachment = replace(subject.attachment, sha256=known_by, size=inspection.size, part=part)
        messages.setdefault(subject.message.key, subject.message)
        attachments.setdefault(subject.message.key, []).append(attachment)
    filed = [
        Filed(replace(messages[key], attachments=tuple(own), id=n), Membership.REFERENCE)
        for n, (key, own) in enumerate(attachments.items(), 1)
    ]
    return standing(case, filed, inspections, letters=[letter.delivery] if letter else [])


def _verified(subjects: Sequence[Subject], found: dict[int, Inspection], place: Standing) -> tuple[VerifiedFile, ...]:
    """Each file, beside what it holds; every list is gone through once, since there may be many thousands."""
    annexes: dict[str, list[AnnexStatus]] = {}
    for status in place.annexes:
        for part in dict.fromkeys(f.attachment.part for f in status.history):
            annexes.setdefault(part, []).append(status)
    unexpected = {f.attachment.part: f.unmatched for f in place.unexpected}
    containers = unpacked(s.attachment for s in subjects if "/" in s.place)
    files = []
    for number in _each_beside_what_it_holds(subjects):
        subject, part = subjects[number], subjects[number].place
        mine = annexes.get(part, [])
        files.append(
            VerifiedFile(
                path=subject.path,
                name=subject.attachment.name,
                inspection=found[number],
                blob=subject.blob,
                part=part,
                labels=tuple(s.annex.label for s in mine),
                reason=mine[0].reason if mine else unexpected.get(part, ""),
                ignored=bool(place.annexes) and not mine and part not in unexpected and part not in containers,
                unpacked=part in containers,
            )
        )
    return tuple(files)
