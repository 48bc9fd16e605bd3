"""Annex by annex, what has come and what it is worth. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from attachwatch.model import (
    CONTAINER_TYPES,
    HOLDS_FILES,
    Annex,
    AnnexStatus,
    Attachment,
    Case,
    Matching,
    Membership,
    Message,
    ReceivedFile,
    SendingNote,
    Verdict,
)

_SEVERITY = (Verdict.BROKEN, Verdict.LOCKED, Verdict.PLACEHOLDER, Verdict.DAMAGED, Verdict.UNCHECKED, Verdict.OK)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a case with its files inspected, and what it says about the sending it is part of."""

    message: Message
    membership: Membership
    note: SendingNote
    files: tuple[ReceivedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """Every expected annex with the files that count, and the files that are on no list, the latest of each name."""

    deliveries: tuple[Delivery, ...]
    annexes: tuple[AnnexStatus, ...]
    unexpected: tuple[ReceivedFile, ...]

    @property
    def files(self) -> tuple[ReceivedFile, ...]:
        """The files that count now, each once: those of the annexes in the order of the list, then the others."""
        named = [f for s in self.annexes for f in s.files] + list(self.unexpected)
        return tuple({(f.message.id, f.attachment.part): f for f in named}.values())

    @property
    def missing(self) -> tuple[Annex, ...]:
        """Expected, and not received."""
        return tuple(s.annex for s in self.annexes if not s.files)

    @property
    def unopened(self) -> tuple[ReceivedFile, ...]:
        """Files that others are packed in, and that were not unpacked."""
        return tuple(f for f in self.files if _is_unopened(f))

    @property
    def correspondence(self) -> tuple[Delivery, ...]:
        """The deliveries that tell how the case goes on. One whose files are all unsure, such as a newsletter that is
        here merely because the authority has no other case, does not, unless it numbers itself among the answers."""
        return tuple(
            d for d in self.deliveries if not d.files or d.note != SendingNote() or any(map(self.is_sure, d.files))
        )

    def labels(self, file: ReceivedFile) -> tuple[str, ...]:
        return tuple(s.annex.label for s in self.annexes if file in s.files)

    def is_sure(self, file: ReceivedFile) -> bool:
        """Whether the file surely belongs to the case: a list names it, or its message names the case.

        A message that is here merely because the authority has no other case may be about anything.
        """
        if self.labels(file) or not self.annexes:
            return True
        memberships = {d.message.id: d.membership for d in self.deliveries}
        return memberships[file.message.id] is not Membership.ONLY_CASE


def counted(deliveries: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """Those that count as an answer: no automatic mail without files, and no second copy from another folder."""
    kept: list[Delivery] = []
    known: set[object] = set()
    for delivery in deliveries:
        header = delivery.message.header
        identity = (header.message_id, tuple(f.attachment.sha256 for f in delivery.files))
        if (header.automatic and not delivery.files) or (header.message_id and identity in known):
            continue
        known.add(identity)
        kept.append(delivery)
    return tuple(kept)


def stand(case: Case, deliveries: Sequence[Delivery], matching: Matching) -> Standing:
    """What the annexes of `case` come to; `matching` counts the files of all `deliveries` in a row."""
    files = [f for d in deliveries for f in d.files]
    # Under a name such as winmail.dat or smime.p7m may be all that was sent.
    packed = {i for i in matching.ignored if _is_unopened(files[i])}
    decoration = {id(files[i]) for i in matching.ignored if i not in packed}
    return Standing(
        deliveries=tuple(replace(d, files=tuple(f for f in d.files if id(f) not in decoration)) for d in deliveries),
        annexes=tuple(_status(n, case, files, matching) for n in range(len(case.annexes))),
        unexpected=_latest_of_each_name(files[i] for i in sorted({*matching.unexpected, *packed})),
    )


def _is_unopened(file: ReceivedFile) -> bool:
    """Whether others are packed in it that do not stand beside it."""
    found = file.inspection
    holds = any(finding.code == HOLDS_FILES for finding in found.findings)
    return found.type in CONTAINER_TYPES and (found.verdict is not Verdict.OK or holds)


def name_key(name: str) -> str:
    """A file name by its letters and digits alone, so that a copy under a retyped name is known again."""
    return "".join(c for c in name.casefold() if c.isalnum())


def _status(number: int, case: Case, files: Sequence[ReceivedFile], matching: Matching) -> AnnexStatus:
    matches = [m for m in matching.matches if m.annex == number]
    if not matches:
        return AnnexStatus(case.annexes[number])
    last = matches[-1]
    counts = (
        _latest_of_each_name(files[m.received] for m in matches if m.part) if last.part else (files[last.received],)
    )
    return AnnexStatus(
        annex=case.annexes[number],
        files=tuple(sorted(counts, key=lambda f: _SEVERITY.index(f.inspection.verdict))),
        history=tuple(files[m.received] for m in matches),
        reason=last.reason,
    )


def _latest_of_each_name(files: Iterable[ReceivedFile]) -> tuple[ReceivedFile, ...]:
    return tuple({_known_by(f.attachment): f for f in files}.values())


def _known_by(file: Attachment) -> str:
    return (not file.is_nameless and name_key(file.name)) or file.sha256 or file.part
