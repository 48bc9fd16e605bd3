"""What the pages call things, for who has never read the documentation. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from attachwatch.cases.clock import in_words, local
from attachwatch.evidence.harmless import shown
from attachwatch.evidence.words import count
from attachwatch.model import Address, CaseState, DraftKind, DraftState, Fate
from attachwatch.web.state import CaseView

_UNITS = ("bytes", "kB", "MB", "GB")
_BRIEF = 160  # characters of a stranger's text in a table

VERDICTS = {
    "ok": "Opens",
    "damaged": "Damaged",
    "placeholder": "Stand-in",
    "locked": "Locked",
    "broken": "Does not open",
    "unchecked": "Not checked",
    "missing": "Not received",
    "awaited": "Still to come",
    "closed": "Settled by you",
    "suspended": "Later",
}
STATES = {
    CaseState.RECEIVING: "Files are still coming",
    CaseState.REVIEW_DRAFT: "A reply waits for you",
    CaseState.WAITING_FOR_RESEND: "Waiting for new copies",
    CaseState.COMPLETE: "Complete",
    CaseState.CLOSED: "Closed",
}
DRAFTS = {
    DraftState.PENDING: "waits for you",
    DraftState.APPROVED: "approved",
    DraftState.DISCARDED: "discarded",
    DraftState.SUPERSEDED: "replaced by a newer one",
}
KINDS = {DraftKind.REPORT: "Report", DraftKind.REMINDER: "Reminder", DraftKind.THANKS: "Thanks"}
FATES = {
    Fate.SENT: "sent",
    Fate.INSIDE: "in the letter itself",
    Fate.REFUSED: "refused",
    Fate.ELSEWHERE: "sent or published another way",
    Fate.EARLIER: "sent before",
    Fate.PENDING: "still to come",
}

DONE = {
    "save": "Your words are saved.",
    "restore": "The words are as they were made.",
    "approve": "Approved. Read it once more in your mail program, and send it from there yourself.",
    "discard": "Discarded. The next reply is made when the authority writes again.",
}
CHANGED = (
    "This reply was changed meanwhile, in another window or because more mail came. Your words are below, and are not "
    "saved: compare them, and save them if they shall stand."
)
OVERTAKEN = {
    DraftState.APPROVED: "This reply was approved meanwhile, and cannot be changed any more.",
    DraftState.DISCARDED: "This reply was discarded meanwhile, and cannot be changed any more.",
    DraftState.SUPERSEDED: "More mail came meanwhile, so this reply was replaced by a newer one.",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the user, and the place on the pages where they see to it."""

    words: str
    place: str


def waiting(view: CaseView) -> Iterator[Waiting]:
    """What of a case waits for the user, the most urgent first."""
    place = f"/cases/{view.key}"
    if view.progress.state is CaseState.CLOSED:
        return
    if draft := view.pending:
        yield Waiting("Read the reply and decide on it", f"/drafts/{draft.id}")
    if view.clock and view.clock.is_overdue:
        yield Waiting("Their answer is overdue", f"{place}#time")
    if view.clock and view.clock.is_chaser_due:
        yield Waiting("It is time to remind them", f"{place}#time")
    if notices := view.progress.standing.notices:
        yield Waiting(f"{count(len(notices), 'thing')} they sent another way", f"{place}#elsewhere")
    if unopened := view.progress.standing.unopened:
        yield Waiting(f"{count(len(unopened), 'packed file')} nobody could look into", f"{place}#files")
    if view.held:
        yield Waiting(f"{count(len(view.held), 'message')} to be filed", f"{place}#messages")


def diverted(senders: Sequence[tuple[Address, Address]]) -> Iterator[str]:
    """Of senders who ask for replies to somebody else: that a draft does not do so."""
    for sender, asked in senders:
        yield (
            f"{sender.address} asks for replies to {asked.address}, which is not the authority's. This reply goes to "
            "the authority."
        )


def is_file(place: str) -> bool:
    """Whether an approved draft is in a file of this machine, since the mailbox had no folder for it."""
    return place.startswith("/") and place.endswith(".eml")


def brief(text: str) -> str:
    """A stranger's text for a table, harmless, and cut with the number of its characters where it is very long."""
    if len(text) <= _BRIEF:
        return shown(text)
    return f"{shown(text[:_BRIEF])}… ({len(text):,} characters)"


def size(number: int) -> str:
    """Bytes as a person counts them."""
    if number < 1000:
        return count(number, "byte")
    power = 1 if number < 999_500 else 2 if number < 999_500_000 else 3
    value = number / 1000**power
    return f"{value:.1f} {_UNITS[power]}" if value < 9.95 else f"{value:,.0f} {_UNITS[power]}"


def moment(when: datetime) -> str:
    here = local(when)
    return f"{in_words(here.date())}, {here:%H:%M}"


def day(when: datetime | date) -> str:
    return in_words(local(when).date() if isinstance(when, datetime) else when)


def pages(number: int | None) -> str:
    return "" if number is None else count(number, "page")
