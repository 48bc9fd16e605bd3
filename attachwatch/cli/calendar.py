"""Clocks -> iCalendar (RFC 5545): a day by which an answer is due, and one on which to remind the authority."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event

from attachwatch import __version__
from attachwatch.cases.clock import Clock, in_words
from attachwatch.cli.output import shown
from attachwatch.model import Case
from attachwatch.service.overview import Overview


def calendar(overviews: Mapping[str, Overview], now: datetime) -> bytes:
    """All days of all cases. Each has a UID of its own for ever, so that a second import moves it; what is settled is
    cancelled."""
    made = Calendar()
    made.add("prodid", f"-//attachwatch//attachwatch {__version__}//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    for overview in overviews.values():
        for progress in overview.progress:
            for event in _events(progress.case, overview.clocks[progress.case.reference], now):
                made.add_component(event)
    return bytes(made.to_ical())


def _events(case: Case, clock: Clock, now: datetime) -> Iterator[Event]:
    reference = shown(case.reference)
    if due := clock.deadline:
        event = _event(case, "deadline", due.day, now, live=clock.left is not None)
        yield _worded(event, f"{reference}: answer due", due.basis)
    if clock.chaser and clock.replied:
        event = _event(case, "chaser", clock.chaser, now, live=clock.chasing)
        yield _worded(event, f"{reference}: remind the authority", f"Our reply is of {in_words(clock.replied)}")


def _event(case: Case, what: str, day: date, now: datetime, *, live: bool) -> Event:
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, f"attachwatch:{case.mailbox}:{case.reference}:{what}")))
    event.add("dtstamp", now)
    event.add("sequence", int(now.timestamp()) // 60)  # programs take the higher one for the newer
    event.add("dtstart", day)
    event.add("status", "CONFIRMED" if live else "CANCELLED")
    event.add("transp", "TRANSPARENT")
    return event


def _worded(event: Event, summary: str, description: str) -> Event:
    event.add("summary", summary)
    event.add("description", description)
    return event
