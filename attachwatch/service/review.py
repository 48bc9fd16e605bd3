"""What a person decides about drafts. Approving places one in the mailbox's Drafts folder; nothing is ever sent."""

import difflib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from attachwatch import atomic
from attachwatch.config import MailboxSettings, Settings
from attachwatch.errors import NoDraftsFolderError, ServerError, StoreError, UsageError
from attachwatch.inspection.claims import as_named
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail.line import Line
from attachwatch.model import Draft, DraftItem, DraftState, Inspection
from attachwatch.reply.envelope import as_message, is_no_reply
from attachwatch.reply.lines import harmless
from attachwatch.reply.revision import conflicts, revised
from attachwatch.steps import reached

_MOST_WORDS = 200_000  # characters of a body
_MOST_STEPS = 10  # that may each take as long as the network's timeout allows, of placing a draft

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an approved draft is now: in a folder of the mailbox, or in an .eml file where that has none for it."""

    folder: str | None = None
    file: Path | None = None

    @property
    def where(self) -> str:
        return self.folder if self.folder is not None else str(self.file)


def find(ledger: Ledger, number: int) -> Draft:
    """The draft with this number; raise UsageError where there is none."""
    draft = ledger.draft(number)
    if draft is None:
        raise UsageError(f"there is no draft {number}", "See `attachwatch drafts` for those there are.")
    return draft


def pending(ledger: Ledger, number: int) -> Draft:
    """The draft with this number, which can still be decided on; raise UsageError where it cannot."""
    draft = find(ledger, number)
    if draft.state is not DraftState.PENDING:
        raise UsageError(f"draft {number} is {draft.state} already", "Only a pending draft can be decided on.")
    return draft


def edit(ledger: Ledger, number: int, body: str, seen: str) -> Draft:
    """Put `body` in the place of a pending draft's, which the person saw as `seen`; return the draft as it is now.

    Raises UsageError, and changes nothing, where another body stands there by now.
    """
    draft = pending(ledger, number)
    wanted = _plain(body)
    if not wanted.strip():
        raise UsageError(
            f"draft {number} would have no words; it is left as it was", "Discard it, if it is not wanted."
        )
    if len(wanted) > _MOST_WORDS:
        raise UsageError(f"draft {number} would have more than {_MOST_WORDS} characters", "Shorten it.")
    if _plain(draft.body) == wanted:
        return draft
    if _plain(draft.body) != _plain(seen):
        raise _overtaken(number)
    is_as_generated = wanted == _plain(draft.generated or draft.body)
    return _put(ledger, draft, revised(draft, draft.generated if is_as_generated else wanted))


def restore(ledger: Ledger, number: int) -> Draft:
    """Put the words of a pending draft back as they were generated; return it."""
    draft = pending(ledger, number)
    return _put(ledger, draft, revised(draft, draft.generated)) if draft.is_edited else draft


def previous(ledger: Ledger, draft: Draft) -> Draft | None:
    """The draft that this one took the place of, or is of the same kind and round; else the one of the round before."""
    before = [d for d in reversed(ledger.drafts(draft.case)) if d.id < draft.id]
    of_this = [d for d in before if (d.round, d.kind) == (draft.round, draft.kind)]
    decided = [d for d in before if d.round < draft.round and d.state is not DraftState.SUPERSEDED]
    replaced = [d for d in before[:1] if d.state is DraftState.SUPERSEDED and d.kind is draft.kind]
    return next(iter((*of_this, *replaced, *decided)), None)


def changes(before: str, after: str) -> tuple[str, ...]:
    """The lines that differ, each with "+", "-" or " " before it, and with "@@" between places; none where none do."""
    lines = difflib.unified_diff(_plain(before).splitlines(), _plain(after).splitlines(), n=2, lineterm="")
    return tuple(lines)[2:]  # without the names of two files


def approve(
    settings: Settings, ledger: Ledger, number: int, *, to_file: bool = False, seen: str | None = None
) -> Placed:
    """Place a pending draft where its case's mailbox keeps drafts, once; or in a file, where that has no such folder
    or `to_file` asks for it. Where `seen` is given, no other words than these are approved.

    Safe to repeat after a failure: a draft that is already there is recognised by its Message-ID.
    """
    with ledger.placing():
        draft = pending(ledger, number)
        if seen is not None and _plain(draft.body) != _plain(seen):
            raise _overtaken(number)
        if conflicts(draft.body):
            raise UsageError(
                f"draft {number}: {_still_open(draft)}",
                f"Look for the lines in double brackets with `attachwatch drafts edit {number}`.",
            )
        data = as_message(draft, html=settings.reply.html)
        reached("draft-to-place")
        placed = _filed(settings, draft, data) if to_file else _placed(settings, draft, data)
        reached("draft-placed")
        if not ledger.decide(draft, DraftState.APPROVED, datetime.now(UTC), placed.where):
            raise StoreError(
                f"draft {number} was changed or superseded while it was being placed in {placed.where}",
                "Delete it there; `attachwatch drafts` shows the newer one.",
            )
        reached("draft-decided")
        log.info("draft.approved", id=number, case=draft.case, place=placed.where)
        return placed


def discard(ledger: Ledger, number: int) -> None:
    """Put a pending draft aside; the next one comes when the authority writes again."""
    draft = pending(ledger, number)
    if not ledger.decide(draft, DraftState.DISCARDED, datetime.now(UTC)):
        raise _overtaken(number)
    log.info("draft.discarded", id=number, case=draft.case)


def warnings(ledger: Ledger, draft: Draft) -> tuple[str, ...]:
    """What a person should know of a draft before deciding on it, a sentence each."""
    later = [d for d in ledger.drafts(draft.case) if d.id > draft.id]
    if draft.state is DraftState.SUPERSEDED:
        return (f"Draft {later[0].id} took its place.",) if later else ("More mail came, so it is true no longer.",)
    if draft.state is not DraftState.PENDING:
        return ()
    found = [f"{to} looks like an address that nobody reads." for to in (*draft.to, *draft.cc) if is_no_reply(to)]
    if not draft.to:
        found.append("It has no recipient: add one in your mail program.")
    if conflicts(draft.body):
        found.append(f"{_still_open(draft)}; the lines in double brackets show where.")
    return tuple(found)


def evidence(ledger: Ledger, draft: Draft) -> tuple[tuple[DraftItem, Inspection | None], ...]:
    """Each file that a draft names, and what was found in it; None for what was never inspected."""
    found = ledger.inspections(item.sha256 for item in draft.items)
    return tuple(
        (item, as_named(found[item.sha256], item.file, "") if item.sha256 in found else None) for item in draft.items
    )


def export(ledger: Ledger, number: int, path: Path, *, html: bool = False) -> None:
    """Write a draft as an .eml file that mail programs open; an existing file is left alone."""
    data = as_message(find(ledger, number), html=html)
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"{path} exists already", "Name another file.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "Name another file.") from None


def _put(ledger: Ledger, seen: Draft, new: Draft) -> Draft:
    reached("draft-to-edit")
    if not ledger.revise(seen, new):
        raise _overtaken(seen.id)
    reached("draft-edited")
    log.info("draft.edited", id=new.id, case=new.case, edited=new.is_edited)
    return new


def _overtaken(number: int) -> UsageError:
    return UsageError(
        f"draft {number} was changed meanwhile, and is left as it is now",
        f"Look at it with `attachwatch drafts show {number}`, and begin again from there.",
    )


def _still_open(draft: Draft) -> str:
    left = conflicts(draft.body)
    places = f"{left} {'place' if left == 1 else 'places'}"
    return f"you edited it before more mail came, and in {places} you have still to choose the words"


def _plain(text: str) -> str:
    """Text as it is kept: its line ends are those of Unix, and one stands at its end."""
    return harmless(text).rstrip() + "\n"


def _placed(settings: Settings, draft: Draft, data: bytes) -> Placed:
    from attachwatch.mail import sources

    mailbox = _mailbox_of(settings, draft)
    try:
        with _bounded(mailbox), sources.opened(mailbox, settings.store.path) as source:
            return Placed(folder=source.place_draft(data, draft.message_id, mailbox.drafts_folder))
    except NoDraftsFolderError as error:
        log.warning("draft.without-folder", id=draft.id, problem=error.problem)
        return _filed(settings, draft, data)


@contextmanager
def _bounded(mailbox: MailboxSettings) -> Iterator[None]:
    """Within, the network is cut when it took too long; a server that drips keeps nobody for ever."""
    seconds = min(mailbox.deadline, _MOST_STEPS * mailbox.timeout).total_seconds()
    with Line() as line:
        timer = threading.Timer(seconds, line.cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except ServerError:
            if line.cut_at is None:
                raise
            raise ServerError(
                f"mailbox {mailbox.name!r}: placing the draft took longer than {seconds:g} s and was ended",
                "Approve it once more: if it is there already, it is not placed twice.",
            ) from None
        finally:
            timer.cancel()


def _filed(settings: Settings, draft: Draft, data: bytes) -> Placed:
    """In a file of the store, whole or not at all; what an attempt left there before is replaced."""
    place = settings.store.path / "drafts" / f"draft-{draft.id}.eml"
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        atomic.write(place, data)
    except OSError as error:
        raise StoreError(
            f"the draft cannot be written to {place}: {error.strerror or error}",
            "Check free space and permissions of the store, and approve it once more.",
        ) from None
    return Placed(file=place)


def _mailbox_of(settings: Settings, draft: Draft) -> MailboxSettings:
    names = {case.reference: case.mailbox for case in settings.case}
    for mailbox in settings.mailbox:
        if mailbox.name == names.get(draft.case):
            return mailbox
    raise UsageError(
        f"the configuration no longer has the case {draft.case!r}",
        "Put it back, or use `attachwatch drafts export`.",
    )
