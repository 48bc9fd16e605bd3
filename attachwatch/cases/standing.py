"""Annex by annex, what has come and what it is worth. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from attachwatch.mime.notices import CLOUD_LINK
from attachwatch.model import (
    CONTAINER_TYPES,
    HOLDS_FILES,
    Annex,
    AnnexStatus,
    Attachment,
    Case,
    Decision,
    Fate,
    Match,
    Matching,
    Membership,
    Message,
    NamedAnnex,
    Notice,
    Reading,
    ReceivedFile,
    SendingNote,
    Verdict,
)

_UNREAD = Reading()
_NEVER = datetime.min.replace(tzinfo=UTC)
_RECEIPTS = ("auto-replied", "auto_reply", "bounce", "receipt")  # of which a link to a portal is no news
SEVERITY = (Verdict.BROKEN, Verdict.LOCKED, Verdict.PLACEHOLDER, Verdict.DAMAGED, Verdict.UNCHECKED, Verdict.OK)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of a case with its files inspected, what it says about the sending it is part of, and what it tells
    of that is not in it. One that is `shared` belongs to other cases, too."""

    message: Message
    membership: Membership
    note: SendingNote
    files: tuple[ReceivedFile, ...] = ()
    notices: tuple[Notice, ...] = ()
    reading: Reading = _UNREAD
    shared: bool = False
    letters: tuple[str, ...] = ()  # the parts that are response letters, whose words are in `reading`, too
    opened: str = ""  # their own sentence, since our last reply, that the files open there; else empty


@dataclass(frozen=True, slots=True)
class Aside:
    """What the user wants nothing said of: annexes by their label, each with its state and why; and notices. `lapsed`
    are those of which that is over, and what was said."""

    annexes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notices: frozenset[str] = frozenset()
    lapsed: Mapping[str, Decision] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """What a message, or a letter that it brings, says of an annex: of one on the list, which has `label` there, or of
    one that is on none."""

    annex: NamedAnnex
    message: Message
    label: str | None = None

    def by(self, now: datetime, patience: timedelta, named: date | None) -> "Told":
        """The same once `patience` has passed, and the day that the message names: what was to come is promised."""
        is_over = now - self.message.received >= patience and (named is None or named < now.date())
        if self.annex.fate is not Fate.PENDING or not is_over:
            return self
        return replace(self, annex=replace(self.annex, fate=Fate.SENT))


@dataclass(frozen=True)  # without slots, so that what is asked again and again is derived once
class Standing:
    """Every expected annex with the files that count, and the files that are on no list, the latest of each name.

    `dismissed` are the notices that the user looked into, by their key; `contested` the files, by message and part,
    that the list of another case names, too; `lapsed` the annexes that were suspended and are awaited again, by the
    decision that said until when.
    """

    deliveries: tuple[Delivery, ...]
    annexes: tuple[AnnexStatus, ...]
    unexpected: tuple[ReceivedFile, ...]
    told: tuple[Told, ...] = ()  # by the messages' own words, oldest first
    dismissed: frozenset[str] = frozenset()
    contested: frozenset[tuple[int, str]] = frozenset()
    lapsed: Mapping[str, Decision] = field(default_factory=dict)

    @cached_property
    def files(self) -> tuple[ReceivedFile, ...]:
        """The files that count now, each once: those of the annexes in the order of the list, then the others."""
        named = [f for s in self.annexes for f in s.files] + list(self.unexpected)
        return tuple({(f.message.id, f.attachment.part): f for f in named}.values())

    @cached_property
    def missing(self) -> tuple[Annex, ...]:
        """Expected, and not received."""
        return tuple(s.annex for s in self.annexes if not s.files and not s.aside)

    @cached_property
    def excused(self) -> dict[str, Told]:
        """The missing that are not to be expected by the authority's own last word, by their label: refused, posted,
        pages of the letter, or still to come, which holds until more has come. "Sent before" is no excuse for what
        never came."""
        last = {t.label: t for t in self.told if t.label is not None}
        wanting = {a.label for a in self.missing}
        return {k: t for k, t in last.items() if k in wanting and self._is_excuse(t)}

    def _is_excuse(self, told: Told) -> bool:
        waited = self.lapsed.get(told.label or "")
        if waited is not None and told.message.received <= waited.decided:
            return False  # the user has waited for it long enough
        if told.annex.fate is Fate.PENDING:
            ids = [d.message.id for d in self.deliveries]
            later = ids[ids.index(told.message.id) + 1 :] if told.message.id in ids else []
            return not any(d.files for d in self.deliveries if d.message.id in later)
        return told.annex.fate not in (Fate.SENT, Fate.EARLIER)

    @property
    def resumed(self) -> date | None:
        """The day from which the last of those that were suspended, and are still wanting, is awaited again."""
        wanting = {s.annex.label for s in self.annexes if s.state != Verdict.OK}
        return max((date.fromisoformat(d.value) for label, d in self.lapsed.items() if label in wanting), default=None)

    @cached_property
    def awaited(self) -> tuple[Annex, ...]:
        """The missing that are to come: all but those that an excuse settles for good."""
        excused = self.excused
        return tuple(a for a in self.missing if a.label not in excused or excused[a.label].annex.fate is Fate.PENDING)

    @property
    def proposed(self) -> tuple[Told, ...]:
        """Promised in words, and on no list: for the user to take up."""
        last = {(t.annex.kind, t.annex.label.casefold()): t for t in self.told if t.label is None}
        return tuple(t for t in last.values() if t.annex.fate is Fate.SENT)

    @property
    def unnamed(self) -> tuple[Annex, ...]:
        """On the list, and named by no message, though a letter names annexes."""
        if not any(t.annex.file for t in self.told):
            return ()
        named = {t.label or t.annex.label for t in self.told}
        return tuple(s.annex for s in self.annexes if not any(_is_within(s.annex.label, label) for label in named))

    @cached_property
    def unopened(self) -> tuple[ReceivedFile, ...]:
        """Files that others are packed in, and that were not unpacked."""
        return tuple(f for f in self.files if _is_unopened(f))

    @cached_property
    def notices(self) -> tuple[Notice, ...]:
        """What messages tell of and do not hold, and what has not come otherwise.

        A notice is settled when each annex that it may be of opens, or when every file that it names has come with it
        or later and opens; without a list, also when files came later that are no part of a numbered sending.
        """
        wanting = {
            s.annex.label
            for s in self.annexes
            if not s.aside and (not s.files or s.files[0].inspection.verdict.accuses)
        }
        sound = (f for d in self.deliveries for f in d.files if not f.inspection.verdict.accuses)
        came: dict[str, datetime] = {}
        for file in sound:
            key, received = name_key(file.attachment.name), file.message.received
            came[key] = max(received, came.get(key, received))
        last = max((d.message.received for d in self.deliveries if d.files and d.note.number is None), default=None)

        def is_settled(notice: Notice) -> bool:
            told = notice.message.received
            if notice_key(notice) in self.dismissed:
                return True
            if self.annexes and not (wanting.intersection(notice.labels) if notice.labels else wanting):
                return True
            if notice.files and all(told <= came.get(name_key(n), _NEVER) for n in notice.files):
                return True
            return not self.annexes and last is not None and told < last

        return tuple(n for d in self.deliveries for n in d.notices if not is_settled(n))

    @cached_property
    def unexplained(self) -> tuple[Annex, ...]:
        """Missing, and neither in a file that was not unpacked, nor what a notice may be of, nor excused: what a reply
        asks for."""
        notices = self.notices
        if self.unopened or any(not n.labels for n in notices):
            return ()
        told = {label for n in notices for label in n.labels} | self.excused.keys()
        return tuple(a for a in self.missing if a.label not in told)

    @cached_property
    def accused(self) -> tuple[ReceivedFile, ...]:
        """The files that do not open, but for those of annexes set aside, and for mail filters' notices of what has
        come after all."""
        is_all_there = bool(self.annexes) and not self.missing
        return tuple(
            f
            for f in self.files
            if f.inspection.verdict.accuses
            and not self._is_aside(f)
            and not (is_all_there and f.inspection.is_filters_notice and not self.labels(f))
        )

    @cached_property
    def correspondence(self) -> tuple[Delivery, ...]:
        """The deliveries that tell how the case goes on. One whose files are all unsure, such as a newsletter that is
        here merely because the authority has no other case, does not, unless it numbers itself among the answers. Nor
        does automatic mail that is here for what it tells of alone."""
        return tuple(
            d
            for d in self.deliveries
            if (d.files or not d.message.header.automatic)
            and (not d.files or d.note != SendingNote() or any(map(self.is_sure, d.files)))
        )

    @cached_property
    def _counting_for(self) -> Mapping[tuple[int, str], Sequence[AnnexStatus]]:
        """By the place of each file, the annexes that it counts for now."""
        found: dict[tuple[int, str], list[AnnexStatus]] = {}
        for status in self.annexes:
            for place in dict.fromkeys(map(place_of, status.files)):
                found.setdefault(place, []).append(status)
        return found

    @cached_property
    def _by_message(self) -> Mapping[int, Sequence[Delivery]]:
        found: dict[int, list[Delivery]] = {}
        for delivery in self.deliveries:
            found.setdefault(delivery.message.id, []).append(delivery)
        return found

    def labels(self, file: ReceivedFile) -> tuple[str, ...]:
        return tuple(s.annex.label for s in self._counting_for.get(place_of(file), ()))

    def _is_aside(self, file: ReceivedFile) -> bool:
        own = self._counting_for.get(place_of(file), ())
        return bool(own) and all(s.aside for s in own)

    def is_sure(self, file: ReceivedFile) -> bool:
        """Whether the file surely belongs to the case: a list names it, or its message names the case.

        A message that is here merely because the authority has no other case may be about anything; and of one that
        belongs to several cases, a file that no list names, or more than one, may be of any of them.
        """
        own = self._by_message.get(file.message.id, ())
        if any(d.shared for d in own):
            return bool(self.labels(file)) and place_of(file) not in self.contested
        if self.labels(file) or not self.annexes:
            return True
        return own[-1].membership is not Membership.ONLY_CASE


def counted(deliveries: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """Those that count: no automatic mail without files or news of any, and no second copy from another folder."""
    kept: list[Delivery] = []
    known: set[object] = set()
    for delivery in deliveries:
        header = delivery.message.header
        identity = (header.message_id, tuple(f.attachment.sha256 for f in delivery.files))
        news = [n for n in delivery.notices if header.automatic not in _RECEIPTS or n.finding.code == CLOUD_LINK]
        tells = delivery.files or news
        if (header.automatic and not tells) or (header.message_id and identity in known):
            continue
        known.add(identity)
        kept.append(delivery)
    return tuple(kept)


def stand(
    case: Case,
    deliveries: Sequence[Delivery],
    matching: Matching,
    aside: Aside | None = None,
    told: Sequence[Told] = (),
) -> Standing:
    """What the annexes of `case` come to; `matching` counts the files of all `deliveries` in a row, `told` is what
    their messages say of annexes."""
    aside = aside or Aside()
    files = [f for d in deliveries for f in d.files]
    # What may hold files, or stands in for one, is no decoration, whatever its name.
    kept = [i for i in matching.ignored if _is_unopened(files[i]) or files[i].inspection.is_filters_notice]
    matches: dict[int, list[Match]] = {}
    for found in matching.matches:
        matches.setdefault(found.annex, []).append(found)
    decoration = {id(files[i]) for i in matching.ignored} - {id(files[i]) for i in kept}
    standing = Standing(
        deliveries=tuple(replace(d, files=tuple(f for f in d.files if id(f) not in decoration)) for d in deliveries),
        annexes=tuple(_set_aside(_status(a, files, matches.get(n, ())), aside) for n, a in enumerate(case.annexes)),
        unexpected=_latest_of_each_name(
            replace(files[i], unmatched=matching.why.get(i, "")) for i in sorted((*matching.unexpected, *kept))
        ),
        told=tuple(told),
        dismissed=aside.notices,
        lapsed=aside.lapsed,
    )
    excused = standing.excused
    return replace(standing, annexes=tuple(_with_excuse(s, excused.get(s.annex.label)) for s in standing.annexes))


def _with_excuse(status: AnnexStatus, told: Told | None) -> AnnexStatus:
    if not told:
        return status
    where = f" (in {told.annex.file})" if told.annex.file else ""
    return replace(status, reason=f"{told.annex.fate}: {told.annex.sentence}{where}")


def _is_within(label: str, named: str) -> bool:
    """Whether a label is the one that is named, or below it: `D(iii)` below `D`."""
    return label == named or (label.startswith(named) and not label[len(named)].isalnum())


def apart(standings: Sequence[Standing]) -> tuple[Standing, ...]:
    """The cases of one mailbox, with what is said of files in messages that belong to several of them: what the list of
    one case names is nothing unexpected in another, and what two lists name is contested."""
    shared = {d.message.id for s in standings for d in s.deliveries if d.shared}
    taken = [{place_of(f) for a in s.annexes for f in a.history if f.message.id in shared} for s in standings]

    def one(number: int, standing: Standing) -> Standing:
        elsewhere = {place for n, places in enumerate(taken) if n != number for place in places}
        return replace(
            standing,
            unexpected=tuple(f for f in standing.unexpected if place_of(f) not in elsewhere),
            contested=frozenset(taken[number] & elsewhere),
        )

    return tuple(one(n, s) for n, s in enumerate(standings)) if shared else tuple(standings)


def place_of(file: ReceivedFile) -> tuple[int, str]:
    """Where a file came: its message's number, and its part there."""
    return file.message.id, file.attachment.part


def notice_key(notice: Notice) -> str:
    """By what a notice is known again: its message's number, and a trace of what it tells and where."""
    evidence = notice.finding.evidence
    told = (notice.part, notice.finding.code, notice.files, *(evidence.get(k) for k in ("service", "host", "links")))
    return f"{notice.message.id}-{hashlib.sha256(repr(told).encode('utf-8', 'replace')).hexdigest()[:6]}"


def name_key(name: str) -> str:
    """A file name by its letters and digits alone, so that a copy under a retyped name is known again."""
    return "".join(filter(str.isalnum, name.casefold()))


def _is_unopened(file: ReceivedFile) -> bool:
    found = file.inspection
    holds_files = any(f.code == HOLDS_FILES for f in found.findings)
    return found.type in CONTAINER_TYPES and (found.verdict is not Verdict.OK or holds_files)


def _status(annex: Annex, files: Sequence[ReceivedFile], matches: Sequence[Match]) -> AnnexStatus:
    if not matches:
        return AnnexStatus(annex)
    last = matches[-1]
    counts = (
        _latest_of_each_name(files[m.received] for m in matches if m.part) if last.part else (files[last.received],)
    )
    return AnnexStatus(
        annex=annex,
        files=tuple(sorted(counts, key=lambda f: SEVERITY.index(f.inspection.verdict))),
        history=tuple(files[m.received] for m in matches),
        reason=last.reason,
    )


def _set_aside(status: AnnexStatus, aside: Aside) -> AnnexStatus:
    """`status` with the user's word on it, which is spent once a file has come that opens."""
    opens = bool(status.files) and status.files[0].inspection.verdict is Verdict.OK
    if opens or status.annex.label not in aside.annexes:
        return status
    state, reason = aside.annexes[status.annex.label]
    return replace(status, aside=state, reason=reason)


def _latest_of_each_name(files: Iterable[ReceivedFile]) -> tuple[ReceivedFile, ...]:
    return tuple({_known_by(f.attachment): f for f in files}.values())


def _known_by(file: Attachment) -> str:
    return (not file.is_nameless and name_key(file.name)) or file.sha256 or file.part
