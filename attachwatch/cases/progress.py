"""Where a case stands as a whole, and what the next reply has to say. Pure."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from attachwatch.cases.rounds import Round, all_asked_for, asked_for, current_round, opening
from attachwatch.cases.standing import Delivery, Standing
from attachwatch.model import (
    SUSPENDED,
    Case,
    CaseState,
    Draft,
    DraftItem,
    DraftKind,
    DraftState,
    FollowUp,
    MissingItem,
    Problem,
    ReceivedFile,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a case stands. `follow_up` is the reply that is to be drafted now; `stale` says that the pending draft
    no longer tells the truth, whether or not another is due yet. `outstanding` is what a reply would say now, were it
    due."""

    case: Case
    state: CaseState
    round: int
    standing: Standing
    follow_up: FollowUp | None = None
    stale: bool = False
    closed: str | None = None  # why the user closed it
    outstanding: FollowUp | None = None


def progress(
    case: Case, standing: Standing, drafts: Sequence[Draft], now: datetime, closed: str | None = None
) -> Progress:
    """Derive where `case` stands from what came and from its drafts, oldest first. One that is `closed` drafts
    nothing."""
    reports = [d for d in drafts if d.kind is DraftKind.REPORT]
    last = reports[-1] if reports else None
    pending = pending_of(drafts)
    current = current_round(case, standing, last, now)
    if closed is not None:
        return Progress(case, CaseState.CLOSED, current.number, standing, stale=pending is not None, closed=closed)
    says = _follow_up(case, standing, current.number, reports) if current.ended else None
    due = says if says and _is_due(says, current, last, standing.lapsed.keys()) else None
    is_reported = pending is not None and pending.kind is DraftKind.REPORT
    state = _state(standing, current, says, waits_for_review=bool(due) or is_reported)
    thanks = _thanks(case, standing, current.number, reports) if state is CaseState.COMPLETE else None
    is_thanked = pending is not None and pending.kind is DraftKind.THANKS
    return Progress(
        case=case,
        state=state,
        round=current.number,
        standing=standing,
        follow_up=due or (thanks if thanks and not _was_thanked(drafts) else None),
        stale=(is_reported and bool(due or current.answered or (current.ended and not says)))
        or (is_thanked and not thanks),
        outstanding=says,
    )


def pending_of(drafts: Sequence[Draft]) -> Draft | None:
    """The draft that waits for review; a case has no more than one."""
    return next((d for d in reversed(drafts) if d.state is DraftState.PENDING), None)


def _follow_up(case: Case, standing: Standing, number: int, reports: Sequence[Draft]) -> FollowUp | None:
    """What a reply in round `number` would say, after the reports so far; None where nothing is wrong."""
    asked = _approved(reports)  # what was never approved was never sent, so nothing in it was complained of
    complained = {(asked_for(i), i.sha256) for i in asked.items} if asked else frozenset()
    fresh = _since(standing, asked)
    came = {d.message.id for d in fresh}
    problems = tuple(
        Problem(
            labels=standing.labels(file),
            file=file,
            unchanged=_again(standing.labels(file), file) in complained and file.message.id in came,
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
        cured=_cured(standing, asked),
        opened=sum(f.inspection.verdict is Verdict.OK for f in standing.files),
        emails=tuple(d.message for d in fresh if d.files),
        answers=standing.correspondence[-1].message,
        basis=tuple(d.message.id for d in standing.correspondence),
        written=sum(d.state is DraftState.APPROVED for d in reports),
        asked=asked.decided if asked else None,
        notices=standing.notices,
        opened_for_them=next((d.opened for d in reversed(_since(standing, asked)) if d.opened), ""),
    )


def _again(labels: tuple[str, ...], file: ReceivedFile) -> tuple[frozenset[str], str]:
    """By what a copy is known to be the very one that was complained of."""
    return asked_for(Problem(labels, file)), file.attachment.sha256


def _thanks(case: Case, standing: Standing, number: int, reports: Sequence[Draft]) -> FollowUp | None:
    """Thanks, where all that the user ever asked for is there and opens; whether or not they were written before."""
    asked = _approved(reports)
    wanted = frozenset[str]().union(*(all_asked_for(d) for d in reports if d.state is DraftState.APPROVED))
    is_all_there = (
        all(s.state == Verdict.OK for s in standing.annexes)
        and wanted <= opening(standing)
        and not any(f.inspection.verdict.accuses for f in standing.files)
    )
    if not case.thanks or asked is None or not is_all_there:
        return None
    return FollowUp(
        case=case,
        round=number,
        problems=(),
        missing=(),
        cured=_cured(standing, asked),
        opened=sum(f.inspection.verdict is Verdict.OK for f in standing.files),
        emails=tuple(d.message for d in _since(standing, asked) if d.files),
        answers=standing.correspondence[-1].message,
        basis=tuple(d.message.id for d in standing.correspondence),
        kind=DraftKind.THANKS,
        asked=asked.decided,
    )


def _was_thanked(drafts: Sequence[Draft]) -> bool:
    """Whether thanks were drafted since the last report that was approved, and stand or were decided on."""
    report = _approved([d for d in drafts if d.kind is DraftKind.REPORT])
    later = drafts[drafts.index(report) + 1 :] if report else ()
    return any(d.kind is DraftKind.THANKS and d.state is not DraftState.SUPERSEDED for d in later)


def _approved(reports: Sequence[Draft]) -> Draft | None:
    return next((d for d in reversed(reports) if d.state is DraftState.APPROVED), None)


def _since(standing: Standing, draft: Draft | None) -> list[Delivery]:
    return [d for d in standing.correspondence if not draft or d.message.id not in draft.basis]


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
    return gist(says) != gist_of(last)


def _labels_of(says: FollowUp) -> set[str]:
    return {label for p in says.problems for label in p.labels} | {a.label for a in says.missing}


def _labels_of_draft(draft: Draft) -> set[str]:
    return {label for i in draft.items for label in i.labels} | {m.label for m in draft.missing}


def gist(says: FollowUp) -> object:
    """What a reply names, and why; of two with the same gist one is enough."""
    problems = [
        (p.labels, p.file.attachment.sha256, p.file.inspection.verdict, p.file.inspection.cause) for p in says.problems
    ]
    return problems, [a.label for a in says.missing]


def gist_of(draft: Draft) -> object:
    """The same of a draft."""
    return [(i.labels, i.sha256, i.verdict, i.cause) for i in draft.items], [m.label for m in draft.missing]


def _state(standing: Standing, current: Round, says: FollowUp | None, *, waits_for_review: bool) -> CaseState:
    if not standing.correspondence or not current.ended:
        return CaseState.RECEIVING
    if says is None:
        is_awaited = standing.awaited or standing.notices or any(s.aside == SUSPENDED for s in standing.annexes)
        return CaseState.RECEIVING if is_awaited else CaseState.COMPLETE
    return CaseState.REVIEW_DRAFT if waits_for_review else CaseState.WAITING_FOR_RESEND
