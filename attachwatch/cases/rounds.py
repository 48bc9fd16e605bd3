"""Rounds of sending: which one is under way, and whether it has ended. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from attachwatch.cases.clock import local
from attachwatch.cases.standing import Delivery, Standing, name_key, place_of
from attachwatch.model import Case, Draft, DraftItem, DraftState, MissingItem, Problem, SendingNote


@dataclass(frozen=True, slots=True)
class Round:
    """One wave of sending. `new` is what came since the last draft; `answered` says that something which that
    draft asks for is among it; `ended` that nothing more is to be awaited before the next reply."""

    number: int
    new: tuple[Delivery, ...]
    answered: bool
    ended: bool


def current_round(case: Case, standing: Standing, last: Draft | None, now: datetime) -> Round:
    """The round that is under way, or that was the last to end. `last` is the case's newest report in any state:
    reminders and thanks belong to the round in which they are written, and begin none."""
    everything = standing.correspondence
    if last is None:
        return Round(1, everything, answered=False, ended=_sending_ended(case, everything, now))
    new = tuple(d for d in everything if d.message.id not in last.basis)
    if not any(d.files for d in new):
        # That all opens for them is an answer, too, and the only one without files that asks for another reply.
        is_disputed = last.state is DraftState.APPROVED and any(d.opened for d in new)
        return Round(last.round + is_disputed, new, answered=False, ended=True)
    came = _what_came(standing, new)
    answered = any(asked <= came for asked in _asked(last.items) + _asked(last.missing))
    if answered or last.state is DraftState.APPROVED:
        # What the draft calls missing was a question and holds nothing up, unless it is all that was asked.
        awaited = _asked(last.items) or _asked(last.missing)
        aside = {s.annex.label for s in standing.annexes if s.aside}
        ended = all(asked <= came | aside for asked in awaited) or _sending_ended(case, new, now)
        return Round(last.round + 1, new, answered, ended)
    return Round(last.round, new, answered, _sending_ended(case, everything, now))


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a case: which round of sending it is part of (None where of none), and what it brings. Labels
    stand for annexes, names for files that are on no list; what it `resends` came in an earlier message already."""

    delivery: Delivery
    round: int | None
    brings: tuple[str, ...] = ()
    resends: tuple[str, ...] = ()


def parts(standing: Standing, drafts: Sequence[Draft], current: int) -> tuple[Part, ...]:
    """The messages of a case, oldest first; `current` is the number of the round that is under way."""
    rounds = {d.message.id: current for d in standing.correspondence}
    rounds |= {message: draft.round for draft in reversed(drafts) for message in draft.basis}
    known_as = _labels_by_file(standing)
    came: set[str] = set()
    found = []
    for delivery in standing.deliveries:
        brought: dict[str, str] = {}  # as it is shown, by what it is known by
        for file in delivery.files:
            name = file.attachment.name
            brought |= {x: x for x in known_as.get(place_of(file), ())} or ({} if not name else {_by_name(name): name})
        fresh = tuple(shown for key, shown in brought.items() if key not in came)
        again = tuple(shown for key, shown in brought.items() if key in came)
        found.append(Part(delivery, rounds.get(delivery.message.id), fresh, again))
        came.update(brought)
    return tuple(found)


def answered_on(case: Case, standing: Standing, drafts: Sequence[Draft], now: datetime) -> datetime | None:
    """When the whole first answer was there, of an internal review where one was asked for; None until then."""
    since = case.review_requested
    answer = [d for d in standing.correspondence if since is None or local(d.message.received).date() >= since]
    answers = {d.message.id: d.message.received for d in answer if d.files or d.note.final}
    first = next((d.basis for d in drafts if answers.keys() & set(d.basis)), None)  # it was made when the answer was
    if first is None:
        return max(answers.values()) if answers and _sending_ended(case, answer, now) else None
    return max(received for message, received in answers.items() if message in first)


def asked_for(item: DraftItem | MissingItem | Problem) -> frozenset[str]:
    """By what the item is known when it comes again: its labels, or the name of a file that has none."""
    match item:
        case MissingItem(label=label):
            return frozenset({label})
        case DraftItem(labels=(), file=file):
            return frozenset({_by_name(file)})
        case Problem(labels=(), file=received):
            return frozenset({_by_name(received.attachment.name)})
        case DraftItem(labels=labels) | Problem(labels=labels):
            return frozenset(labels)


def all_asked_for(draft: Draft) -> frozenset[str]:
    """By what each thing that `draft` asks for is known."""
    return frozenset[str]().union(*_asked(draft.items), *_asked(draft.missing))


def opening(standing: Standing) -> set[str]:
    """Labels, and names of files without one, that open now; in the form of `asked_for`."""
    labels = {s.annex.label for s in standing.annexes if s.state == "ok"}
    return labels | {_by_name(f.attachment.name) for f in standing.unexpected if f.inspection.verdict == "ok"}


def _labels_by_file(standing: Standing) -> dict[tuple[int, str], list[str]]:
    """The labels of the annexes that each file ever was."""
    found: dict[tuple[int, str], list[str]] = {}
    for status in standing.annexes:
        for file in status.history:
            found.setdefault(place_of(file), []).append(status.annex.label)
    return found


def _by_name(file: str) -> str:
    return f"file {name_key(file)}"


def _asked(items: Iterable[DraftItem | MissingItem]) -> list[frozenset[str]]:
    return [asked_for(item) for item in items]


def _what_came(standing: Standing, new: Sequence[Delivery]) -> set[str]:
    fresh = {d.message.id for d in new}
    labels = {s.annex.label for s in standing.annexes if any(f.message.id in fresh for f in s.history)}
    return labels | {_by_name(f.attachment.name) for f in standing.unexpected if f.message.id in fresh}


def _sending_ended(case: Case, deliveries: Sequence[Delivery], now: datetime) -> bool:
    """Whether the authority said that this was the last email and none is awaited, or has been silent for long."""
    notes = [d.note for d in deliveries]
    if not any(d.files for d in deliveries) and not any(n.final for n in notes):
        return False
    return _all_announced(notes) or _is_quiet(case, deliveries, now)


def _all_announced(notes: Sequence[SendingNote]) -> bool:
    """Never between 1 and n of n: an email that was announced and did not come is waited for."""
    numbers = {n.number for n in notes if n.number}
    totals = {n.total for n in notes if n.total} | {n.number for n in notes if n.final and n.number}
    if totals:
        return numbers >= set(range(1, max(totals) + 1))
    return any(n.final for n in notes)


def _is_quiet(case: Case, deliveries: Sequence[Delivery], now: datetime) -> bool:
    return bool(deliveries) and now - max(d.message.received for d in deliveries) >= case.quiet_period
