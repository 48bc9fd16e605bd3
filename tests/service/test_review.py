"""What a person decides about drafts: words are theirs, and nothing of them is ever lost."""

import mailbox as stdlib_mailbox
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from attachwatch.config import MailboxSettings, Settings
from attachwatch.errors import UsageError
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import Draft, DraftKind, DraftState
from attachwatch.reply import revision
from attachwatch.service import review
from attachwatch.service.review import Placed
from tests.ledger.test_ledger import NOON, add, draft
from tests.servers import Mailbox

WORDS = "Dear FOI Team,\n\nOne file does not open.\n"
MADE = draft(body=WORDS, generated=WORDS, message_id="<attachwatch.0123@newsroom.example>")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "store") as ledger:
        add(ledger, MADE)
        yield ledger


def settings(mailbox: Mailbox | MailboxSettings, store: Path) -> Settings:
    place = mailbox.settings(name="foi") if isinstance(mailbox, Mailbox) else mailbox
    case = {"reference": "FOI1", "mailbox": "foi", "authority": ("y",)}
    return Settings.model_validate({"store": {"path": store}, "mailbox": [place], "case": [case]})


def edited(ledger: Ledger, body: str, seen: str = WORDS) -> Draft:
    return review.edit(ledger, 1, body, seen)


def test_an_edit_is_kept_beside_the_words_as_they_were_generated(ledger: Ledger) -> None:
    made = edited(ledger, "Dear Ann,\n")
    assert (made.body, made.generated, made.is_edited) == ("Dear Ann,\n", WORDS, True)
    assert ledger.draft(1) == made
    back = review.restore(ledger, 1)
    assert (back.body, back.is_edited, back.message_id) == (WORDS, False, MADE.message_id)
    assert ledger.draft(1) == back == review.restore(ledger, 1)


def test_words_that_come_from_a_browser_are_the_same_words(ledger: Ledger) -> None:
    theirs = WORDS.replace("\n", "\r\n").rstrip()
    assert edited(ledger, theirs, seen=theirs) == replace(MADE, id=1)
    assert edited(ledger, "Dear Ann,\r\n\x00\x1b[1m", seen=theirs).body == "Dear Ann,\n\ufffd\ufffd[1m\n"
    assert edited(ledger, theirs, seen="Dear Ann,\r\n\ufffd\ufffd[1m") == replace(MADE, id=1)


def test_of_two_that_edit_at_once_the_second_is_told_and_the_first_is_kept(ledger: Ledger) -> None:
    first = edited(ledger, "Dear Ann,\n")
    with pytest.raises(UsageError, match="was changed meanwhile"):
        edited(ledger, "Dear Bob,\n")
    assert ledger.draft(1) == first
    assert edited(ledger, "Dear Ann,\n") == first  # the same words twice, as when a form is sent twice


@pytest.mark.parametrize("body", ["", " \n\t\r\n ", "x" * 300_000])
def test_a_body_without_words_or_without_end_changes_nothing(ledger: Ledger, body: str) -> None:
    with pytest.raises(UsageError):
        edited(ledger, body)
    assert ledger.draft(1) == replace(MADE, id=1)


@pytest.mark.parametrize("state", [DraftState.APPROVED, DraftState.DISCARDED])
def test_a_draft_that_was_decided_on_is_never_changed(ledger: Ledger, state: DraftState) -> None:
    ledger.decide(replace(MADE, id=1), state, NOON)
    with pytest.raises(UsageError, match=f"is {state} already"):
        edited(ledger, "Dear Ann,\n")
    with pytest.raises(UsageError, match=f"is {state} already"):
        review.restore(ledger, 1)


def test_the_message_identifier_tells_words_apart(ledger: Ledger) -> None:
    ann = edited(ledger, "Dear Ann,\n").message_id
    bob = edited(ledger, "Dear Bob,\n", seen="Dear Ann,\n").message_id
    assert len({ann, bob, MADE.message_id}) == 3
    assert edited(ledger, "Dear Ann,\n", seen="Dear Bob,\n").message_id == ann


def test_what_was_placed_before_an_edit_is_not_taken_for_what_it_is_now(
    mailbox: Mailbox, ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the process is ended between placing and deciding, or the edit comes from another window."""
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "decide", lambda *_: False)
        with pytest.raises(Exception, match="changed or superseded"):
            review.approve(settings(mailbox, tmp_path / "store"), ledger, 1)
    edited(ledger, "Dear Ann,\n")
    assert review.approve(settings(mailbox, tmp_path / "store"), ledger, 1) == Placed(folder="Drafts")
    assert [b"Dear Ann" in d for d in mailbox.drafts()] == [False, True]


def test_words_that_are_still_to_be_chosen_are_not_approved(mailbox: Mailbox, ledger: Ledger, tmp_path: Path) -> None:
    chosen = edited(ledger, f"{revision.YOURS}\nDear Ann,\n{revision.FRESH}\nDear Bob,\n{revision.END}\n")
    with pytest.raises(UsageError, match="in 1 place you have still to choose"):
        review.approve(settings(mailbox, tmp_path / "store"), ledger, 1)
    assert (ledger.draft(1), mailbox.drafts()) == (chosen, [])


def test_a_mailbox_without_a_folder_for_drafts_has_them_in_a_file(ledger: Ledger, tmp_path: Path) -> None:
    stdlib_mailbox.Maildir(tmp_path / "mail")
    in_files = MailboxSettings.model_validate({"name": "foi", "path": tmp_path / "mail", "username": "me@x.example"})
    placed = review.approve(settings(in_files, tmp_path / "store"), ledger, 1)
    assert placed == Placed(file=tmp_path / "store/drafts/draft-1.eml")
    assert placed.file is not None
    assert b"One file does not open." in placed.file.read_bytes()
    assert placed.file.stat().st_mode & 0o077 == 0
    assert [(d.state, d.placed_in) for d in ledger.drafts()] == [(DraftState.APPROVED, str(placed.file))]


def test_a_draft_is_compared_with_the_one_before_it(ledger: Ledger) -> None:
    (first,) = ledger.drafts()
    again = add(ledger, replace(MADE, message_id="<2@x>"), first)
    assert (review.previous(ledger, first), review.previous(ledger, again)) == (None, ledger.draft(1))
    ledger.decide(again, DraftState.APPROVED, NOON)
    reminder = add(ledger, replace(MADE, message_id="<3@x>", kind=DraftKind.REMINDER))
    assert review.previous(ledger, reminder) is None
    later = add(ledger, replace(MADE, message_id="<4@x>", round=2), reminder)
    assert review.previous(ledger, later) == ledger.draft(2)


def test_changes_are_the_lines_that_differ() -> None:
    assert review.changes(WORDS, WORDS.replace("\n", "\r\n")) == ()
    assert review.changes(WORDS, WORDS.replace("One file", "Two files")) == (
        "@@ -1,3 +1,3 @@", " Dear FOI Team,", " ", "-One file does not open.", "+Two files does not open.",
    )  # fmt: skip
