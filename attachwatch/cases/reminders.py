"""When to remind the authority of our reply, and of what. Pure.

One is due when the clock says so, twice at most each time that they fall silent. Whatever they write ends it.
"""

from collections.abc import Sequence
from dataclasses import replace

from attachwatch.cases.clock import Clock
from attachwatch.cases.progress import Progress, gist, gist_of, pending_of
from attachwatch.cases.rounds import all_asked_for, asked_for
from attachwatch.cases.standing import Standing
from attachwatch.model import CaseState, Draft, DraftKind, DraftState, FollowUp

_DECIDED = (DraftState.APPROVED, DraftState.DISCARDED)


def replied(drafts: Sequence[Draft]) -> Draft | None:
    """The last report that was approved."""
    reports = (d for d in reversed(drafts) if d.kind is DraftKind.REPORT)
    return next((d for d in reports if d.state is DraftState.APPROVED), None)


def reminded(standing: Standing, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    """The reminders that were decided on since the last report, and since the authority wrote last, oldest first."""
    heard = {d.message.id for d in standing.correspondence[-1:]}
    return tuple(d for d in _reminders(drafts) if d.state in _DECIDED and heard <= {*d.basis})


def with_reminder(place: Progress, clock: Clock, drafts: Sequence[Draft]) -> Progress:
    """`place` with the reminder that is due by `clock`, or that waits for review already."""
    pending = pending_of(drafts)
    written = pending if pending and pending.kind is DraftKind.REMINDER else None
    says = _says(place, drafts) if clock.is_chaser_due else None
    if says is None:
        return replace(place, stale=place.stale or written is not None)
    is_written = written is not None and written.basis == says.basis and gist_of(written) == gist(says)
    return replace(
        place,
        state=CaseState.REVIEW_DRAFT,
        follow_up=None if is_written else says,
        stale=written is not None and not is_written,
    )


def _says(place: Progress, drafts: Sequence[Draft]) -> FollowUp | None:
    """What a reminder says: what the last report asks for and is still outstanding. None where the user did not want
    that report, or nothing of it is left."""
    outstanding, report = place.outstanding, replied(drafts)
    newest = next((d for d in reversed(drafts) if d.kind is DraftKind.REPORT), None)
    if outstanding is None or report is None or report is not newest:
        return None
    asked = all_asked_for(report)
    problems = tuple(p for p in outstanding.problems if asked_for(p) <= asked)
    missing = tuple(a for a in outstanding.missing if a.label in asked)
    if not problems and not missing:
        return None
    return replace(
        outstanding,
        problems=problems,
        missing=missing,
        cured=(),
        emails=(),
        notices=(),
        kind=DraftKind.REMINDER,
        asked=report.decided,
        reminders=sum(d.state is DraftState.APPROVED for d in _reminders(drafts)),
    )


def _reminders(drafts: Sequence[Draft]) -> list[Draft]:
    """Those of the last report that was approved."""
    report = replied(drafts)
    later = drafts[drafts.index(report) + 1 :] if report else ()
    return [d for d in later if d.kind is DraftKind.REMINDER]
