"""Which message belongs to which case. Pure; every header is a claim, so the sender's domain comes first."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from attachwatch.model import Address, Case, Filed, Header, Membership, Message

SenderTest = Callable[[Address, tuple[str, ...]], bool]  # is this address one of the authority's?
Doubt = Callable[[Header, tuple[str, ...]], str | None]  # why the header may not be from the authority it names

_NEWSLETTERS = ("bulk", "list", "junk")  # what a header calls automatic, and no case's mail even with files


class HeldAs(StrEnum):
    """Why a message waits for a person."""

    UNFILED = "unfiled"  # it may belong to several cases
    UNVERIFIED = "unverified sender"  # it may not be from the authority


@dataclass(frozen=True, slots=True)
class Held:
    """A message in an authority's name that no rule files; a person decides."""

    message: Message
    reason: str
    held_as: HeldAs = HeldAs.UNFILED


@dataclass(frozen=True, slots=True)
class Filing:
    """Messages by case reference, in order of arrival, and those that wait for a person."""

    by_case: Mapping[str, tuple[Filed, ...]]
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Grounds:
    """What messages are filed by, beside what they say.

    `drafted` maps the Message-ID of each of our drafts to its case, since an authority answers those; `accepted` are
    the messages, by number, of which a person said to which case they belong, or that they belong to none.
    """

    from_authority: SenderTest
    unverified: Doubt = lambda *_: None
    drafted: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[int, str | None] = field(default_factory=dict)


def file_messages(messages: Sequence[Message], cases: Sequence[Case], grounds: Grounds) -> Filing:
    """File `messages` (in order of arrival) under `cases`.

    What may belong to a case but is unverified is held aside; it is no part of a thread, either.
    """
    by_case: dict[str, list[Filed]] = {case.reference: [] for case in cases}
    threads = dict(grounds.drafted)
    held: list[Held] = []
    for message in messages:
        sender = message.header.sender
        own = [c for c in cases if sender and grounds.from_authority(sender, c.authority)]
        by_hand = message.id in grounds.accepted
        filed = _by_hand(grounds.accepted[message.id], own) if by_hand else own and _file(message, own, threads)
        if not filed:
            continue
        doubts = [grounds.unverified(message.header, c.authority) for c in own]
        if not by_hand and all(doubts):
            if message.attachments or not message.header.automatic:  # a bounce is nobody's answer, whoever wrote it
                held.append(Held(message, doubts[0] or "", HeldAs.UNVERIFIED))
        elif isinstance(filed, Held):
            held.append(filed)
        else:
            case, membership = filed
            by_case[case.reference].append(Filed(message, membership))
            if message.header.message_id:
                threads[message.header.message_id] = case.reference
    return Filing({reference: tuple(filed) for reference, filed in by_case.items()}, tuple(held))


def names(reference: str, text: str) -> bool:
    """Whether `text` names `reference`, whatever stands between its letters and digits: `FOI 2023-04608`."""
    return bool(_pattern(reference).search(text))


def _pattern(reference: str) -> re.Pattern[str]:
    runs = re.findall(r"[^\W\d_]+|\d+", reference)
    gap = max(4, *map(len, re.findall(r"[\W_]+", reference)), 0)
    body = rf"[\W_]{{0,{gap}}}".join(map(re.escape, runs)) or re.escape(reference)
    return re.compile(rf"(?<![^\W_]){body}(?![^\W_])", re.IGNORECASE)


def _by_hand(reference: str | None, own: Sequence[Case]) -> tuple[Case, Membership] | None:
    return next(((c, Membership.BY_HAND) for c in own if reference in c.all_references), None)


def _file(message: Message, own: Sequence[Case], threads: Mapping[str, str]) -> tuple[Case, Membership] | Held | None:
    for text in (message.header.subject, message.text):
        named = [c for c in own if any(names(r, text) for r in c.all_references)]
        if len(named) == 1:
            return named[0], Membership.REFERENCE
        if named:
            return Held(message, f"names several cases: {', '.join(c.reference for c in named)}")
    for known in (*message.header.in_reply_to, *reversed(message.header.references)):
        for case in own:
            if threads.get(known) == case.reference:
                return case, Membership.THREAD
    if message.header.automatic in _NEWSLETTERS or (message.header.automatic and not message.attachments):
        return None  # filed only where it says itself that it belongs
    if len(own) == 1:
        return own[0], Membership.ONLY_CASE
    return Held(message, f"names no reference, and could belong to {', '.join(c.reference for c in own)}")
