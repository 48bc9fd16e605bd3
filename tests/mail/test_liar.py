"""A server that lies: no crash, no loss, no plaintext sign-in, and all in bounded time and memory.

Each lie is told for one poll. Then the server is honest, and the draft must be made as if nothing had been.
"""

import base64
import resource
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import trustme

from attachwatch.config import Settings
from attachwatch.demo import damage, documents
from attachwatch.errors import ServerError
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail.line import Line
from attachwatch.mail.session import connect
from attachwatch.service import setup
from attachwatch.service.pipeline import Pipeline
from tests.liar import Answer, Liar, dripping, for_ever, serving, silence
from tests.servers import PASSWORD, PASSWORD_ENV

FILE = damage.truncate(documents.report("Annex A", 1), 0.5)
CODED = base64.encodebytes(FILE).replace(b"\n", b"\r\n")
MESSAGE = (
    b"From: foi@interior.example\r\nTo: me@newsroom.example\r\nSubject: FOI1\r\nMessage-ID: <1@x>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nThis is the final email.\r\n"
    b'--b\r\nContent-Type: application/pdf; name="Annex A.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    + CODED
    + b"\r\n--b--\r\n"
)


def structure(size: int) -> bytes:
    text = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 24 1)'
    return b'(%s("APPLICATION" "PDF" ("NAME" "Annex A.pdf") NIL NIL "BASE64" %d) "MIXED")' % (text, size)


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    with Inspector(jobs=1) as inspector:
        yield inspector


@pytest.fixture
def liar(monkeypatch: pytest.MonkeyPatch) -> Iterator[Liar]:
    monkeypatch.setenv(PASSWORD_ENV, PASSWORD)
    with serving(Liar(MESSAGE, CODED, structure(len(CODED)))) as liar:
        yield liar


@pytest.fixture
def one(liar: Liar, tmp_path: Path, inspector: Inspector) -> Iterator[Pipeline]:
    with watching(liar, tmp_path, inspector) as pipeline:
        yield pipeline


@contextmanager
def watching(liar: Liar, folder: Path, inspector: Inspector) -> Iterator[Pipeline]:
    case = {"reference": "FOI1", "mailbox": "foi", "authority": ("interior.example",), "annexes": ["Annex A"]}
    values = {"store": {"path": folder / "store"}, "mailbox": [liar.settings()], "case": [case]}
    settings = Settings.model_validate(values)
    with Ledger.open(folder / "store") as ledger:
        yield Pipeline(settings, setup.cases(settings), ledger, inspector)


def peak() -> int:
    """Bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


def poll(pipeline: Pipeline, seconds: float = 2) -> None:
    """A poll as the daemon makes it: over its deadline its line is cut. What goes wrong is of one kind."""
    line = Line()
    timer = threading.Timer(seconds, line.cut)
    timer.start()
    started = time.monotonic()
    with suppress(ServerError):
        pipeline.poll(pipeline.settings.mailbox[0], line)
    timer.cancel()
    assert time.monotonic() - started < seconds + 10


def assert_nothing_was_lost(pipeline: Pipeline) -> None:
    poll(pipeline, 20)
    (draft,) = pipeline.ledger.drafts()
    assert [(i.labels, i.file) for i in draft.items] == [(("A",), "Annex A.pdf")]
    (message,) = pipeline.ledger.messages("foi")
    assert [pipeline.ledger.blobs.path(a.sha256).read_bytes() for a in message.attachments] == [FILE]
    assert list((pipeline.settings.store.path / "attachments/incoming").iterdir()) == []


def test_an_honest_one_is_believed(one: Pipeline) -> None:
    assert_nothing_was_lost(one)


COMMANDS = ("GREETING", "CAPABILITY", "LOGIN", "EXAMINE", "SEARCH", "LIST", "BODY")
ANSWERS: dict[str, Answer] = {
    "BAD": b"TAG BAD what?\r\n",
    "NO": b"TAG NO [SERVERBUG] not today\r\n",
    "BYE": b"* BYE [UNAVAILABLE] going down\r\n",
    "OK and nothing else": b"TAG OK done\r\n",
    "garbage": b"\x00\xff\xfe garbage \r\n* * * {3}\r\nabc\r\n)))(((\r\nTAG OK done\r\n",
    "another tag": b"zzz9 OK done\r\n",
    "untagged answers of no kind": b'* XYZZY (1 2 3) "x"\r\n* 12 WHATEVER\r\n* VANISHED (EARLIER) 1:9\r\nHONEST',
    "news": b"* 9 EXISTS\r\n* 3 EXPUNGE\r\n* 2 FETCH (UID 2 FLAGS ())\r\n* OK [ALERT] x\r\nHONEST",
    "a literal of 10 GB": b"* 1 FETCH (UID 1 BODY[1] {10000000000}\r\nabc",
    "a literal beyond measure": b"* LIST {99999999999999999999999}\r\nabc",
    "a line without an end": for_ever(b"a" * 65536),
    "lines without an end": for_ever(b"* OK still here\r\n* 5 EXISTS\r\n" * 1000),
    "silence": silence,
    "a byte now and then": dripping(b"* OK [ALERT] please be patient, this takes a while\r\nTAG OK done\r\n"),
    "numbers beyond measure": b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] x\r\n* SEARCH 1 %d\r\nTAG OK\r\n"
    % ((10**30,) * 3),
    "nesting beyond measure": b"* 1 FETCH (UID 1 BODYSTRUCTURE " + b"(" * 50_000 + b")" * 50_001 + b"\r\nTAG OK\r\n",
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("lie", ANSWERS)
def test_whatever_is_answered_to_a_command_loses_nothing(liar: Liar, one: Pipeline, command: str, lie: str) -> None:
    before = peak()
    liar.answers[command] = ANSWERS[lie]
    poll(one)
    liar.answers.clear()
    assert_nothing_was_lost(one)
    assert peak() - before < 400 << 20


PARTS = b"* 1 FETCH (UID 1 BODY[2.MIME]<0> {0}\r\n BODY[2] {%d}\r\n"


@pytest.mark.parametrize(
    "said",
    [
        PARTS % len(CODED) + CODED[:-50],  # and then it hangs
        PARTS % 10_000_000_000 + CODED,
        b"* 1 FETCH (UID 1 BODY[1]<0> NIL BODY[2.MIME]<0> NIL BODY[2] NIL)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 1 FLAGS ())\r\nTAG OK\r\n",
        b"* 7 FETCH (UID 99 BODY[2] {3}\r\nabc)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 1 BODY[9] {3}\r\nabc)\r\nTAG OK\r\n",
    ],
    ids=["cut", "10 GB", "NIL", "flags", "another message", "another part"],
)
def test_parts_that_do_not_come_are_no_empty_files(liar: Liar, one: Pipeline, said: bytes) -> None:
    liar.answers["BODY"] = said
    poll(one)
    assert one.ledger.messages("foi") == []
    liar.answers.clear()
    assert_nothing_was_lost(one)


@pytest.mark.parametrize("size", [0, 1, 10, 10 * len(CODED), 4_000_000])
def test_a_size_that_is_announced_wrong_changes_nothing(liar: Liar, one: Pipeline, size: int) -> None:
    liar.structure = structure(size)
    assert_nothing_was_lost(one)


@pytest.mark.parametrize("said", [b"NIL", b"()", b'("MIXED")', b'(NIL "MIXED")', b'(("X" "Y" NIL))', b'("TEXT")'])
def test_a_message_whose_structure_makes_no_sense_is_taken_apart_here(liar: Liar, one: Pipeline, said: bytes) -> None:
    liar.structure = said
    assert_nothing_was_lost(one)


# --- before TLS ---------------------------------------------------------------------------------------------------


@pytest.fixture
def encrypting(liar: Liar, tmp_path: Path) -> Liar:
    authority = trustme.CA()
    liar.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(liar.context)
    liar.ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(liar.ca_file))
    return liar


def uids(liar: Liar) -> list[int]:
    with connect(liar.settings(tls="starttls", ca_file=liar.ca_file), PASSWORD) as session:
        session.examine("INBOX")
        return session.uids_from(1)


def test_starttls_protects_all_that_matters(encrypting: Liar) -> None:
    assert uids(encrypting) == [1]
    assert encrypting.heard_in_the_clear() == ["CAPABILITY", "STARTTLS"]


@pytest.mark.parametrize(
    "injected",
    [
        b"TAG OK go on\r\n* SEARCH 66 67\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n",
        b"* SEARCH 66 67\r\n* 9 EXISTS\r\n* OK [UIDVALIDITY 666] x\r\nTAG OK go on\r\n",
        b"TAG OK go on\r\nzzz1 OK you are signed in\r\n* PREAUTH\r\n",
    ],
)
def test_what_is_said_before_tls_is_no_answer_under_it(encrypting: Liar, injected: bytes) -> None:
    encrypting.answers["STARTTLS"] = injected
    with suppress(ServerError):
        assert uids(encrypting) == [1]
    assert encrypting.heard_in_the_clear() == ["CAPABILITY", "STARTTLS"]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("CAPABILITY", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n"),  # STARTTLS was stripped
        ("GREETING", b"* PREAUTH welcome\r\n"),
        ("STARTTLS", b"TAG NO not today\r\n"),
        ("STARTTLS", b"TAG BAD what?\r\n"),
        ("STARTTLS", b"* BYE\r\n"),
    ],
)
def test_without_tls_nothing_is_said_that_matters(encrypting: Liar, command: str, said: bytes) -> None:
    encrypting.answers[command] = said
    if command == "STARTTLS":
        encrypting.context = None
        encrypting.answers["CAPABILITY"] = b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done\r\n"
    with pytest.raises(ServerError):
        uids(encrypting)
    assert set(encrypting.heard_in_the_clear()) <= {"CAPABILITY", "STARTTLS", "LOGOUT"}
