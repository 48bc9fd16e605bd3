"""What a person decided, and what it changes in what the rules made of the mail. Pure.

Of several decisions on one thing the last counts. One on what is no longer there, such as an annex that was struck off
the list, changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from attachwatch.cases.standing import Aside, name_key
from attachwatch.model import (
    CLOSED,
    SUSPENDED,
    Attachment,
    Case,
    Decides,
    Decision,
    Match,
    Matching,
    ReceivedFile,
)

_FILES = (Decides.FILE, Decides.PART)
_ANNEXES = (Decides.ANNEX_CLOSED, Decides.ANNEX_SUSPENDED, Decides.ANNEX_POSTED)
_MESSAGES = (Decides.MESSAGE_ACCEPTED, Decides.MESSAGE_DISMISSED)
_CASES = (Decides.CASE_CLOSED, Decides.CASE_REOPENED)


def undone(decisions: Sequence[Decision]) -> frozenset[int]:
    """The numbers of those of `decisions`, oldest first, that a later one undid; which may be undone itself."""
    found: set[str] = set()
    for decision in reversed(decisions):
        if decision.kind is Decides.UNDONE and str(decision.id) not in found:
            found.add(decision.subject)
    return frozenset(map(int, found))


def in_force(decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """Those of all decisions, oldest first, that count."""
    gone = undone(decisions)
    return tuple(d for d in decisions if d.kind is not Decides.UNDONE and d.id not in gone)


def of_case(case: Case, decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """Those on `case`, under whichever of its references."""
    return tuple(d for d in decisions if d.case in case.all_references)


def accepted(decisions: Iterable[Decision]) -> dict[int, str | None]:
    """Messages by their number, and the case that each was accepted into; None for those that belong to none."""
    last = _last(decisions, _MESSAGES)
    return {int(n): d.case if d.kind is Decides.MESSAGE_ACCEPTED else None for n, d in last.items()}


def closed(decisions: Iterable[Decision]) -> str | None:
    """Why the case was closed; None where it is open."""
    last = _last(decisions, _CASES).get("")
    return last.value if last and last.kind is Decides.CASE_CLOSED else None


def aside(decisions: Sequence[Decision], today: date) -> Aside:
    """The annexes of a case and the notices on which nothing more is to be said."""
    annexes, lapsed = {}, {}
    for label, decision in _last(decisions, _ANNEXES).items():
        if decision.kind is Decides.ANNEX_CLOSED:
            annexes[label] = (CLOSED, decision.value)
        elif today < date.fromisoformat(decision.value):
            annexes[label] = (SUSPENDED, _why_suspended(decision))
        else:
            lapsed[label] = decision
    return Aside(annexes, frozenset(_last(decisions, (Decides.NOTICE_DISMISSED,))), lapsed)


def _why_suspended(decision: Decision) -> str:
    by_post = decision.kind is Decides.ANNEX_POSTED
    return (
        f"to come by post since {_day_of(decision)}, until {decision.value}" if by_post else f"until {decision.value}"
    )


def carried_over(old: str, new: str, decisions: Sequence[Decision]) -> tuple[Decision, ...]:
    """What is to be decided for the annex `new` as it was for `old`, which is the same under its former label."""
    files = [d for d in _last(decisions, _FILES).values() if old in d.value.splitlines()]
    annex = _last(decisions, _ANNEXES).get(old)
    moved = [replace(d, value="\n".join(new if v == old else v for v in d.value.splitlines()), id=0) for d in files]
    return (*moved, *([replace(annex, subject=new, id=0)] if annex else []))


def as_put(case: Case, files: Sequence[ReceivedFile], matching: Matching, decisions: Sequence[Decision]) -> Matching:
    """`matching` with every file of a case where the user put it.

    What was put on an annex counts there before all that had come until then; what comes later is a re-send, as ever.
    """
    annexes = {a.label: n for n, a in enumerate(case.annexes)}
    put = {s: d for s, d in _last(decisions, _FILES).items() if all(v in annexes for v in d.value.splitlines())}
    moved = {n: d for n, f in enumerate(files) if (d := _put(f.attachment, put))}
    moved_on = moved | _resent(files, matching, moved)
    made = [
        Match(annexes[label], n, _reason(d, again=n not in moved), part=d.kind is Decides.PART)
        for n, d in moved_on.items()
        for label in d.value.splitlines()
    ]
    kept = [m for m in matching.matches if m.received not in moved_on]

    def order(found: Match) -> tuple[object, ...]:
        received = files[found.received].message.received
        since = max(received, moved[found.received].decided) if found.received in moved else received
        return found.annex, since, found.received

    unplaced = {n for n, d in moved_on.items() if not d.value}
    return replace(
        matching,
        matches=tuple(sorted((*kept, *made), key=order)) if made else tuple(kept),
        unexpected=tuple(sorted(unplaced.union(matching.unexpected) - (moved_on.keys() - unplaced))),
        ignored=tuple(n for n in matching.ignored if n not in moved_on),
    )


def _last(decisions: Iterable[Decision], kinds: Sequence[Decides]) -> dict[str, Decision]:
    """The last decision of these kinds on each subject."""
    return {d.subject: d for d in decisions if d.kind in kinds}


def _put(file: Attachment, put: Mapping[str, Decision]) -> Decision | None:
    return next((put[copy] for copy in file.copies if copy in put), None)


def _resent(files: Sequence[ReceivedFile], matching: Matching, moved: Mapping[int, Decision]) -> dict[int, Decision]:
    """Files that no rule places and that came later under the name of one that was put on an annex and does not open:
    its new copies. Where several were put under one name, it tells nothing."""
    asked: dict[str, list[int]] = {}
    for n, decision in moved.items():
        file = files[n]
        if decision.value and file.inspection.verdict.accuses and not file.attachment.is_nameless:
            asked.setdefault(name_key(file.attachment.name), []).append(n)
    found = {}
    for n in matching.unexpected:
        before = asked.get(name_key(files[n].attachment.name), [])
        if n not in moved and len(before) == 1 and files[before[0]].message.received < files[n].message.received:
            found[n] = moved[before[0]]
    return found


def _reason(decision: Decision, *, again: bool) -> str:
    day = _day_of(decision)
    return f"the name of the file that you put there on {day}" if again else f"put there by hand on {day}"


def _day_of(decision: Decision) -> str:
    return f"{decision.decided.astimezone():%Y-%m-%d}"
