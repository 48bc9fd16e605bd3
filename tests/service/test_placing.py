"""Where an approved draft goes, and that nothing is lost where the mailbox does not take it."""

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from attachwatch.config import MailboxSettings, Settings
from attachwatch.errors import FolderError, ServerError, UsageError
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import DraftState
from attachwatch.service import review
from attachwatch.service.review import Placed
from tests import servers
from tests.ledger.test_ledger import add, draft
from tests.liar import Liar, dripping, serving
from tests.servers import Dovecot, Mailbox
from tests.service.test_pipeline import mail

MADE = draft(body="Dear FOI Team,\n\nOne does not open.\n", message_id="<attachwatch.0123@newsroom.example>")
STRICT = """
mail_plugins = $mail_plugins quota acl
protocol imap {
  mail_plugins = $mail_plugins imap_quota imap_acl
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:messages=1
  acl = vfile
}
namespace inbox {
  mailbox Drafts {
    auto = no
  }
}
"""


@pytest.fixture(scope="module")
def strict_server() -> Iterator[Dovecot]:
    """A Dovecot that keeps one message for each account, has no folder for drafts, and heeds access control lists."""
    if servers.find_dovecot() is None:
        pytest.skip("no Dovecot: apt-get install dovecot-imapd, or have it on PATH")
    with tempfile.TemporaryDirectory(prefix="attachwatch-strict-") as folder:
        Path(folder).chmod(0o755)
        with servers.dovecot(Path(folder), STRICT) as server:
            yield server


@pytest.fixture
def strict(strict_server: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    monkeypatch.setenv(servers.PASSWORD_ENV, servers.PASSWORD)
    return Mailbox(strict_server, f"user-{tmp_path.name}-{time.monotonic_ns()}@newsroom.example")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "store") as ledger:
        add(ledger, MADE)
        yield ledger


def approve(ledger: Ledger, mailbox: MailboxSettings, *, to_file: bool = False) -> Placed:
    case = {"reference": "FOI1", "mailbox": "foi", "authority": ("y",)}
    settings = Settings.model_validate({"store": {"path": ledger._root}, "mailbox": [mailbox], "case": [case]})
    return review.approve(settings, ledger, 1, to_file=to_file)


def folder(mailbox: Mailbox, *names: str) -> MailboxSettings:
    with mailbox.client() as client:
        for name in names:
            client.create_folder(name)
    return mailbox.settings(name="foi")


def state(ledger: Ledger) -> tuple[DraftState, str]:
    (made,) = ledger.drafts()
    return made.state, made.placed_in


@contextmanager
def refused(ledger: Ledger, *words: str) -> Iterator[None]:
    """Within, the approval fails in these words; the draft is as it was, and can be approved."""
    with pytest.raises(FolderError) as failure:
        yield
    assert all(word in str(failure.value) for word in (*words, "approve ID --to-file")), str(failure.value)
    assert ledger.drafts() == [replace(MADE, id=1)]


@pytest.mark.parametrize("name", ["Entwürfe", "INBOX.DRAFTS", "brouillons", "Dréachtaí"])
def test_without_a_mark_the_folder_is_known_by_its_usual_names(strict: Mailbox, ledger: Ledger, name: str) -> None:
    assert approve(ledger, folder(strict, "Archive", name)) == Placed(folder=name)


def test_the_one_that_is_configured_goes_before_the_one_that_is_marked(mailbox: Mailbox, ledger: Ledger) -> None:
    folder(mailbox, "For me", "Entwürfe")
    assert approve(ledger, mailbox.settings(name="foi", drafts_folder="For me")) == Placed(folder="For me")
    assert mailbox.drafts() == []


def test_a_mailbox_without_a_folder_for_drafts_has_them_in_a_file(strict: Mailbox, ledger: Ledger) -> None:
    placed = approve(ledger, folder(strict, "Archive"))
    assert placed == Placed(file=ledger._root / "drafts/draft-1.eml")
    assert state(ledger) == (DraftState.APPROVED, str(placed.file))


def test_a_folder_that_is_not_there_is_no_reason_to_look_for_another(mailbox: Mailbox, ledger: Ledger) -> None:
    with refused(ledger, "'Elsewhere' cannot be opened", "Correct drafts_folder"):
        approve(ledger, mailbox.settings(name="foi", drafts_folder="Elsewhere"))
    assert mailbox.drafts() == []


def test_over_quota_nothing_is_lost_and_there_are_two_ways_on(strict: Mailbox, ledger: Ledger) -> None:
    settings = folder(strict, "Drafts")
    strict.append(mail(body="One message is all that there is room for."))
    for _ in range(2):
        with refused(ledger, "does not take the draft into 'Drafts'", "Quota exceeded"):
            approve(ledger, settings)
    placed = approve(ledger, settings, to_file=True)
    assert placed.file is not None
    assert b"One does not open." in placed.file.read_bytes()
    assert strict.drafts() == []


def test_once_there_is_room_the_draft_is_placed(strict: Mailbox, ledger: Ledger) -> None:
    settings = folder(strict, "Drafts")
    strict.append(mail(body="One message is all that there is room for."))
    with refused(ledger, "Quota exceeded"):
        approve(ledger, settings)
    with strict.client() as client:
        client.select_folder("INBOX")
        client.delete_messages(client.search("ALL"))
        client.expunge()
    assert approve(ledger, settings) == Placed(folder="Drafts")
    assert len(strict.drafts()) == 1


@pytest.mark.parametrize(("rights", "words"), [("lr", "does not take the draft"), ("l", "cannot be opened")])
def test_a_folder_that_may_only_be_read_or_not_even_that(
    strict: Mailbox, ledger: Ledger, rights: str, words: str
) -> None:
    settings = folder(strict, "Drafts")
    with strict.client() as client:
        client.setacl("Drafts", strict.username, rights)
    with refused(ledger, words, "'Drafts'"):
        approve(ledger, settings)


def test_two_that_approve_at_once_place_one_draft(mailbox: Mailbox, tmp_path: Path, database_url: str) -> None:
    with Ledger.open(tmp_path / "store", database_url) as ledger:
        add(ledger, MADE)

    def press(_: int) -> str:
        with Ledger.open(tmp_path / "store", database_url) as own:
            try:
                return approve(own, mailbox.settings(name="foi")).where
            except UsageError as error:
                return error.problem

    with ThreadPoolExecutor() as pool:
        said = list(pool.map(press, range(4)))
    assert sorted(said) == ["Drafts", *["draft 1 is approved already"] * 3]
    assert len(mailbox.drafts()) == 1


def test_a_server_that_drips_keeps_nobody_for_ever(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(servers.PASSWORD_ENV, servers.PASSWORD)
    with serving(Liar(b"", b"", b"", {"EXAMINE": dripping(b"*" * 100)})) as liar:
        began = time.monotonic()
        with pytest.raises(ServerError, match="took longer than 2 s"):
            approve(ledger, liar.settings(deadline="2s", drafts_folder="Drafts"))
        assert time.monotonic() - began < 6
    assert ledger.drafts() == [replace(MADE, id=1)]


def test_a_file_that_cannot_be_written_leaves_the_draft_as_it_was(ledger: Ledger, mailbox: Mailbox) -> None:
    (ledger._root / "drafts").write_text("in the way")
    with pytest.raises(Exception, match="cannot be written"):
        approve(ledger, mailbox.settings(name="foi"), to_file=True)
    assert ledger.drafts() == [replace(MADE, id=1)]
    (ledger._root / "drafts").unlink()
    assert approve(ledger, mailbox.settings(name="foi"), to_file=True).file is not None
