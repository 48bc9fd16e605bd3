"""What a person decides about drafts. Approving places one in the mailbox's Drafts folder; nothing is ever sent."""

from datetime import UTC, datetime
from pathlib import Path

import structlog

from attachwatch.config import MailboxSettings, Settings
from attachwatch.errors import StoreError, UsageError
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail import sources
from attachwatch.model import Draft, DraftState
from attachwatch.reply.envelope import as_message
from attachwatch.steps import reached

log = structlog.get_logger()


def find(ledger: Ledger, number: int) -> Draft:
    """The draft with this number; raise UsageError where there is none."""
    draft = ledger.draft(number)
    if draft is None:
        raise UsageError(f"there is no draft {number}", "See `attachwatch drafts` for those there are.")
    return draft


def approve(settings: Settings, ledger: Ledger, number: int) -> str:
    """Place a pending draft in the Drafts folder of its case's mailbox, once, and return that folder's name.

    Safe to repeat after a failure: a draft that is already there is recognised by its Message-ID.
    """
    draft = _pending(ledger, number)
    mailbox = _mailbox_of(settings, draft)
    with sources.opened(mailbox, settings.store.path) as source:
        reached("draft-to-place")
        folder = source.place_draft(as_message(draft), draft.message_id, mailbox.drafts_folder)
    reached("draft-placed")
    if not ledger.decide(number, DraftState.APPROVED, datetime.now(UTC), folder):
        raise StoreError(
            f"draft {number} was superseded while it was being placed in {folder}",
            "Delete it there; `attachwatch drafts` shows the newer one.",
        )
    reached("draft-decided")
    log.info("draft.approved", id=number, case=draft.case, folder=folder)
    return folder


def discard(ledger: Ledger, number: int) -> None:
    """Put a pending draft aside; the next one comes when the authority writes again."""
    draft = _pending(ledger, number)
    ledger.decide(number, DraftState.DISCARDED, datetime.now(UTC))
    log.info("draft.discarded", id=number, case=draft.case)


def export(ledger: Ledger, number: int, path: Path) -> None:
    """Write a draft as an .eml file that mail programs open; an existing file is left alone."""
    data = as_message(find(ledger, number))
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise UsageError(f"{path} exists already", "Name another file.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "Name another file.") from None


def _pending(ledger: Ledger, number: int) -> Draft:
    draft = find(ledger, number)
    if draft.state is not DraftState.PENDING:
        raise UsageError(f"draft {number} is {draft.state} already", "Only a pending draft can be decided on.")
    return draft


def _mailbox_of(settings: Settings, draft: Draft) -> MailboxSettings:
    names = {case.reference: case.mailbox for case in settings.case}
    for mailbox in settings.mailbox:
        if mailbox.name == names.get(draft.case):
            return mailbox
    raise UsageError(
        f"the configuration no longer has the case {draft.case!r}",
        "Put it back, or use `attachwatch drafts export`.",
    )
