"""Which message belongs to which case. Pure; every header is a claim, so the sender's domain comes first."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from attachwatch.model import Address, Annex, Case, Filed, Header, Membership, Message

SenderTest = Callable[[Address, tuple[str, ...]], bool]  # is this address one of the authority's?
Doubt = Callable[[Header, tuple[str, ...]], str | None]  # why the header may not be from the authority it names

_NEWSLETTERS = ("bulk", "list", "junk")  # what a header calls automatic, and no case's mail even with files


class HeldAs(StrEnum):
    """Why a message waits for a person."""

    UNFILED = "unfiled"  # it may belong to several cases
    UNKNOWN = "unknown case"  # it names a reference that no case has
    ELSEWHERE = "another mailbox"  # it names a case of another mailbox
    UNVERIFIED = "unverified sender"  # it may not be from the authority


@dataclass(frozen=True, slots=True)
class Held:
    """A message in an authority's name that no rule files; a person decides. `reference` is the one that it names and
    no case has."""

    message: Message
    reason: str
    held_as: HeldAs = HeldAs.UNFILED
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A case that the authority's messages speak of, and that the user may want to add. `like` is one of the same
    authority."""

    reference: str
    like: Case
    messages: tuple[Message, ...]
    annexes: tuple[Annex, ...] = ()  # that the messages' own words promise


@dataclass(frozen=True, slots=True)
class Filing:
    """Messages by case reference, in order of arrival; those that wait for a person, and the cases these propose."""

    by_case: Mapping[str, tuple[Filed, ...]]
    held: tuple[Held, ...] = ()
    proposed: tuple[Proposal, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What messages are filed by, beside what they say.

    `drafted` maps the Message-ID of each of our drafts to its case, since an authority answers those; `accepted` are
    the messages, by number, of which a person said to which case they belong, or that they belong to none; `own_words`
    is a text without what it quotes; `elsewhere` are the references of cases in other mailboxes, and whose they are;
    `letters` are the first pages of the response letters among a message's files, asked for where nothing else tells.
    """

    from_authority: SenderTest
    unverified: Doubt = lambda *_: None
    drafted: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[int, str | None] = field(default_factory=dict)
    own_words: Callable[[str], str] = str
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    letters: Callable[[Message], str] = lambda _: ""


@dataclass(frozen=True, slots=True)
class _Found:
    """The cases that a message belongs to, and by what."""

    cases: tuple[Case, ...]
    membership: Membership


def file_messages(messages: Sequence[Message], cases: Sequence[Case], grounds: Grounds) -> Filing:
    """File `messages` (in order of arrival) under `cases`.

    What may belong to a case but is unverified is held aside; it is no part of a thread, either.
    """
    by_case: dict[str, list[Filed]] = {case.reference: [] for case in cases}
    threads: dict[str, tuple[str, ...]] = {known: (reference,) for known, reference in grounds.drafted.items()}
    held: list[Held] = []
    for message in messages:
        own = _own(message, cases, grounds)
        by_hand = message.id in grounds.accepted
        filed = _by_hand(message, own, grounds) if by_hand else own and _file(message, own, threads, grounds)
        if not filed:
            continue
        doubts = [grounds.unverified(message.header, c.authority) for c in own]
        if not by_hand and all(doubts):
            if message.attachments or not message.header.automatic:  # a bounce is nobody's answer, whoever wrote it
                held.append(Held(message, doubts[0] or "", HeldAs.UNVERIFIED))
        elif isinstance(filed, Held):
            held.append(filed)
        else:
            for case in filed.cases:
                others = tuple(c for c in filed.cases if c != case)
                by_case[case.reference].append(Filed(message, filed.membership, others))
            if message.header.message_id:
                threads[message.header.message_id] = tuple(c.reference for c in filed.cases)
    filed_by_case = {reference: tuple(filed) for reference, filed in by_case.items()}
    return Filing(filed_by_case, tuple(held), _proposed(held, cases, grounds))


def is_elsewhere(case: Case, others: Iterable[Case], texts: Sequence[str]) -> bool:
    """Whether the names of a file, or of what it came in, name one of `others` and not `case`."""

    def named(candidate: Case) -> bool:
        return any(names(r, t) for r in candidate.all_references for t in texts)

    return any(map(named, others)) and not named(case)


def names(reference: str, text: str) -> bool:
    """Whether `text` names `reference`, whatever stands between its letters and digits: `FOI 2023-04608`."""
    return bool(_pattern(reference).search(text))


def _pattern(reference: str) -> re.Pattern[str]:
    runs = _runs(reference)
    gap = max(4, *map(len, re.findall(r"[\W_]+", reference)), 0)
    body = rf"[\W_]{{0,{gap}}}".join(map(re.escape, runs)) or re.escape(reference)
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])", re.IGNORECASE)


def other_reference(text: str, like: Iterable[str], known: Iterable[str]) -> str:
    """The first reference in `text` that has the form of one of `like` and is none of `known`; in that one's dress."""
    keys = {_key(r) for r in known}
    found = []
    for reference in like:
        runs = _runs(reference)
        for match in _form(reference).finditer(text):
            said = zip(_between(reference), runs, match.groups(), strict=False)
            made = "".join(between + (run if run.isdecimal() else own) for between, own, run in said)
            is_year = len(runs) <= 2 and match[len(runs)][:2] in ("19", "20") and len(match[len(runs)]) == 4
            if _key(made) not in keys and not is_year:
                found.append((match.start(), made))
    return min(found, default=(0, ""))[1]


def _runs(reference: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d+", reference)


def _between(reference: str) -> list[str]:
    """What stands before each of the runs of letters or digits."""
    return re.findall(r"([\W_]*)(?:[^\W\d_]+|\d+)", reference)


def _key(reference: str) -> tuple[str, ...]:
    return tuple(run.casefold().lstrip("0") for run in _runs(reference))


@lru_cache(maxsize=256)
def _form(reference: str) -> re.Pattern[str]:
    """Other references of the same form: its letters, a year where it has one, and a number of about the same length
    at its end. One without letters could be any number, and is looked for behind a word that says what it is."""
    runs = _runs(reference)
    if not runs or not runs[-1].isdecimal():
        return re.compile(r"(?!)")
    forms = [_form_of(run, last=n == len(runs)) for n, run in enumerate(runs, 1)]
    cue = "" if any(not r.isdecimal() for r in runs) else r"\b(?:ref|reference|request|case|foi)\b[\W_]{0,4}"
    body = r"[\W_]{0,4}".join(f"({form})" for form in forms)
    return re.compile(rf"(?<![^\W_]){cue}{body}(?![^\W_])", re.IGNORECASE)


def _form_of(run: str, *, last: bool) -> str:
    if not run.isdecimal():
        return re.escape(run)
    if re.fullmatch(r"(19|20)\d\d", run) and not last:
        return r"(?:19|20)\d\d"
    return rf"\d{{{max(1, len(run) - last)},{len(run) + last}}}"


def _own(message: Message, cases: Sequence[Case], grounds: Grounds) -> list[Case]:
    """The cases of the authority that it is from."""
    sender = message.header.sender
    return [c for c in cases if sender and grounds.from_authority(sender, c.authority)]


def _by_hand(message: Message, own: Sequence[Case], grounds: Grounds) -> _Found | None:
    reference = grounds.accepted[message.id]
    return next((_Found((c,), Membership.BY_HAND) for c in own if reference in c.all_references), None)


def _file(
    message: Message, own: Sequence[Case], threads: Mapping[str, tuple[str, ...]], grounds: Grounds
) -> _Found | Held | None:
    header, words = message.header, grounds.own_words(message.text)
    is_no_answer = header.automatic in _NEWSLETTERS or (header.automatic and not message.attachments)
    found = _named(header.subject, own) or _named(words, own)
    if not found and not is_no_answer and (held := _of_another(message, header.subject, own, grounds)):
        return held
    found = found or _named(message.text, own) or _in_thread(message, own, threads)
    if found or is_no_answer:  # the latter is filed only where it says itself that it belongs
        return found
    letters = grounds.letters(message)
    if found := _named(letters, own):
        return found
    if held := _of_another(message, f"{words}\n{letters}", own, grounds):
        return held
    if len(own) == 1:
        return _Found((own[0],), Membership.ONLY_CASE)
    return Held(message, f"names no reference, and could belong to {', '.join(c.reference for c in own)}")


def _named(text: str, own: Sequence[Case]) -> _Found | None:
    named = tuple(c for c in own if any(names(r, text) for r in c.all_references))
    return _Found(named, Membership.REFERENCE) if named else None


def _in_thread(message: Message, own: Sequence[Case], threads: Mapping[str, tuple[str, ...]]) -> _Found | None:
    for known in (*message.header.in_reply_to, *reversed(message.header.references)):
        if found := tuple(c for c in own if c.reference in threads.get(known, ())):
            return _Found(found, Membership.THREAD)
    return None


def _of_another(message: Message, text: str, own: Sequence[Case], grounds: Grounds) -> Held | None:
    known = [r for c in own for r in c.all_references]
    other = other_reference(text, known, known)
    for reference, mailbox in grounds.elsewhere.items():
        if names(reference, text) or (other and _key(reference) == _key(other)):
            return Held(message, f"names {reference}, a case in the mailbox {mailbox!r}", HeldAs.ELSEWHERE)
    return Held(message, f"names {other}, which no case has", HeldAs.UNKNOWN, other) if other else None


def _proposed(held: Iterable[Held], cases: Sequence[Case], grounds: Grounds) -> tuple[Proposal, ...]:
    """A case for each reference that no case has, with all the messages that name it."""
    found: dict[tuple[str, ...], list[Held]] = {}
    for one in held:
        if one.held_as is HeldAs.UNKNOWN:
            found.setdefault(_key(one.reference), []).append(one)
    return tuple(
        Proposal(same[0].reference, _own(same[0].message, cases, grounds)[0], tuple(h.message for h in same))
        for same in found.values()
    )
