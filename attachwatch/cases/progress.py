"""Where a case stands as a whole, and what the next reply has to say. Pure."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from attachwatch.cases.rounds import Round, asked_for, current_round, opening
from attachwatch.cases.standing import Standing
from attachwatch.model import (
    SUSPENDED,
    Case,
    CaseState,
    Draft,
    DraftItem,
    DraftState,
    FollowUp,
    MissingItem,
    Problem,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a case stands. `follow_up` is the reply that is to be drafted now; `stale` says that the pending draft
    no longer tells the truth, whether or not another is due yet."""

    case: Case
    state: CaseState
    round: int
    standing: Standing
    follow_up: FollowUp | None = None
    stale: bool = False
    closed: str | None = None  # why the user closed it


def progress(
    case: Case, standing: Standing, drafts: Sequence[Draft], now: datetime, closed: str | None = None
) -> Progress:
    """Derive where `case` stands from what came and from its drafts, oldest first. One that is `closed` drafts
    nothing."""
    last = drafts[-1] if drafts else None
    current = current_round(case, standing, last, now)
    if closed is not None:
        pending = last is not None and last.state is DraftState.PENDING
        return Progress(case, CaseState.CLOSED, current.number, standing, stale=pending, closed=closed)
    earlier = next((d for d in reversed(drafts) if d.round < current.number), None)
    says = _follow_up(case, standing, current.number, earlier) if current.ended else None
    due = says if says and _is_due(says, current, last, standing.lapsed.keys()) else None
    pending = last is not None and last.state is DraftState.PENDING
    return Progress(
        case=case,
        state=_state(standing, current, says, waits_for_review=bool(due) or pending),
        round=current.number,
        standing=standing,
        follow_up=due,
        stale=pending and bool(due or current.answered or (current.ended and not says)),
    )


def _follow_up(case: Case, standing: Standing, number: int, earlier: Draft | None) -> FollowUp | None:
    """What a reply in round `number` would say, after the draft of the round before; None where nothing is wrong."""
    complained = {i.sha256 for i in earlier.items} if earlier else set()
    fresh = [d for d in standing.correspondence if not earlier or d.message.id not in earlier.basis]
    came = {d.message.id for d in fresh}
    problems = tuple(
        Problem(
            labels=standing.labels(file),
            file=file,
            unchanged=file.attachment.sha256 in complained and file.message.id in came,
        )
        for file in standing.accused
        if standing.is_sure(file)
    )
    missing = standing.unexplained
    if not problems and not missing:
        return None
    return FollowUp(
        case=case,
        round=number,
        problems=problems,
        missing=missing,
        cured=_cured(standing, earlier),
        opened=sum(f.inspection.verdict is Verdict.OK for f in standing.files),
        emails=tuple(d.message for d in fresh if d.files),
        answers=standing.correspondence[-1].message,
        basis=tuple(d.message.id for d in standing.correspondence),
    )


def _cured(standing: Standing, earlier: Draft | None) -> tuple[str, ...]:
    opens = opening(standing)
    items: tuple[DraftItem | MissingItem, ...] = (*earlier.items, *earlier.missing) if earlier else ()
    return tuple(_shown(item) for item in items if asked_for(item) <= opens)


def _shown(item: DraftItem | MissingItem) -> str:
    if isinstance(item, MissingItem):
        return item.label
    return ", ".join(item.labels) or item.file


def _is_due(says: FollowUp, current: Round, last: Draft | None, lapsed: Container[str]) -> bool:
    """Whether the reply is not made yet: another round, or the same round with something else to say."""
    if last is None or says.round > last.round or last.state is DraftState.SUPERSEDED:
        return True
    if last.state is not DraftState.PENDING and not any(d.files for d in current.new):
        # The user has decided on this round, but for what was suspended then.
        return any(label in lapsed for label in _labels_of(says) - _labels_of_draft(last))
    return _gist(says) != _gist_of_draft(last)


def _labels_of(says: FollowUp) -> set[str]:
    return {label for p in says.problems for label in p.labels} | {a.label for a in says.missing}


def _labels_of_draft(draft: Draft) -> set[str]:
    return {label for i in draft.items for label in i.labels} | {m.label for m in draft.missing}


def _gist(says: FollowUp) -> object:
    problems = [
        (p.labels, p.file.attachment.sha256, p.file.inspection.verdict, p.file.inspection.cause) for p in says.problems
    ]
    return problems, [a.label for a in says.missing]


def _gist_of_draft(draft: Draft) -> object:
    return [(i.labels, i.sha256, i.verdict, i.cause) for i in draft.items], [m.label for m in draft.missing]


def _state(standing: Standing, current: Round, says: FollowUp | None, *, waits_for_review: bool) -> CaseState:
    if not standing.correspondence or not current.ended:
        return CaseState.RECEIVING
    if says is None:
        is_awaited = standing.awaited or standing.notices or any(s.aside == SUSPENDED for s in standing.annexes)
        return CaseState.RECEIVING if is_awaited else CaseState.COMPLETE
    return CaseState.REVIEW_DRAFT if waits_for_review else CaseState.WAITING_FOR_RESEND
