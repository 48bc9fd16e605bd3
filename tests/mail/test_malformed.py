"""Mail that breaks every rule: what can be had of it is had, from a server as from a file, and nothing crashes."""

import base64
import time
from pathlib import Path

import pytest

from attachwatch.ledger.blobs import Blobs
from attachwatch.mail.fetch import fetch
from attachwatch.mail.folders import messages
from attachwatch.mail.session import connect
from attachwatch.mail.structure import tells_all
from attachwatch.mime.parts import MOST
from attachwatch.model import Message
from tests.mail.test_packing import LETTER, NAMED, PDF, mixed, pdf
from tests.servers import PASSWORD, Mailbox

HEAD = "From: foi@x.example\nSubject: Annexes\nMIME-Version: 1.0\n"
CODED = base64.encodebytes(PDF.encode() * 20).decode()
BASE64 = "Content-Transfer-Encoding: base64\n\n" + CODED
NAMING = "Content-Disposition: attachment; filename="
QUOTED_BADLY = (
    "Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: quoted-printable\n\n%PDF=2D1.7=\n=ZZ=\n=4\n="
)


def in_charset(name: str) -> str:
    return LETTER.replace("plain", f"plain; charset={name}")


# What is sent, and what must be found: names, and how each file begins.
MALFORMED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "no final boundary": (HEAD + mixed(LETTER, NAMED, end=False), [("a.pdf", PDF.rstrip())]),
    "a boundary that is never met": (
        HEAD + mixed(LETTER, NAMED, boundary="real").replace("=real", "=other"),
        [("a.pdf", PDF.rstrip())],
    ),
    "no boundary declared": (
        HEAD + mixed(LETTER, NAMED).replace("; boundary=b", ""),
        [("a.pdf", PDF.rstrip())],
    ),
    "a boundary within another's": (
        HEAD + mixed(LETTER, mixed(NAMED, boundary="bb", end=False)),
        [("a.pdf", PDF.rstrip())],
    ),
    "bytes that nothing encodes": (
        HEAD + mixed(LETTER, "Content-Type: application/pdf; name=a.pdf\n\n%PDF\x80\xff\xa9"),
        [("a.pdf", "%PDF\x80\xff\xa9")],
    ),
    "bytes that are no text": (
        HEAD + mixed(LETTER, "Content-Type: text/plain; charset=utf-8; name=a.txt\n\n\x80\xff\xa9"),
        [("a.txt", "\x80\xff\xa9")],
    ),
    "a charset that is none": (HEAD + mixed(in_charset("no-such"), NAMED), [("a.pdf", PDF)]),
    "another charset": (HEAD + mixed(in_charset("utf-16"), NAMED), [("a.pdf", PDF)]),
    "a charset that is no text": (HEAD + mixed(in_charset("zip"), NAMED), [("a.pdf", PDF)]),
    "base64 with other things in it": (
        HEAD + mixed(LETTER, "Content-Type: application/pdf; name=a.pdf\n" + BASE64.replace("M", "*M-!?", 5)),
        [("a.pdf", PDF)],
    ),
    "base64 that is cut": (
        HEAD + mixed(LETTER, "Content-Type: application/pdf; name=a.pdf\n" + BASE64.rstrip()[:-3]),
        [("a.pdf", PDF)],
    ),
    "quoted-printable that is none": (HEAD + mixed(LETTER, QUOTED_BADLY), [("a.pdf", "%PDF-1.7=ZZ")]),
    "an encoding that is none": (
        HEAD + mixed(LETTER, pdf("Content-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: 9bit")),
        [("a.pdf", PDF)],
    ),
    "dots": (
        HEAD + mixed(LETTER, "Content-Type: application/pdf; name=a.pdf\n\n%PDF-1.7\n..\n.\n...x\n"),
        [("a.pdf", "%PDF-1.7\n..\n.\n...x")],
    ),
    "a type of one word, nameless": (HEAD + mixed(LETTER, "Content-Type: pdf\n" + BASE64), [("", PDF)]),
    "a type that is no token": (HEAD + mixed(LETTER, "Content-Type: @@//;;\n" + BASE64), [("", PDF)]),
    "a file said to be text": (HEAD + mixed(LETTER, "Content-Type: text/plain\n" + BASE64), [("", PDF)]),
    "a message that is a file said to be text": (HEAD + "Content-Type: text/plain\n" + BASE64, [("", PDF)]),
    "a message that is a file without a type": (HEAD + BASE64, [("", PDF)]),
    "two types": (HEAD + "Content-Type: multipart/mixed; boundary=b\n" + mixed(LETTER, NAMED), [("a.pdf", PDF)]),
    "two names": (
        HEAD + mixed(LETTER, pdf(f"{NAMING}a.pdf\n{NAMING}b.pdf")),
        [("a.pdf", PDF)],
    ),
    "header without body": (HEAD, []),
    "header that does not end": (HEAD.rstrip(), []),
    "body without header": ("\n\n" + LETTER, []),
    "not even that": ("\n", []),
}  # fmt: skip


# Zeros are left out above: servers take them only in a literal of their own kind (RFC 3516), and Dovecot changes them.
def test_zeros_and_all_other_bytes_come_as_they_are(tmp_path: Path) -> None:
    data = bytes(range(256)) * 50
    for type_ in ("application/pdf", "text/plain; charset=utf-8"):
        head = f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: {type_}; name=a.pdf\n\n"
        (tmp_path / "a.eml").write_bytes(head.encode() + data + b"\n--b--\n")
        blobs = Blobs(tmp_path / "blobs")
        (message,) = messages(tmp_path / "a.eml", blobs)
        assert files(message, blobs) == [("a.pdf", data)]


def files(message: Message, blobs: Blobs) -> list[tuple[str, bytes]]:
    return [(a.name, blobs.path(a.sha256).read_bytes()) for a in message.attachments]


def is_as_wanted(found: list[tuple[str, bytes]], wanted: list[tuple[str, str]]) -> bool:
    """Where no name was sent, one is made; line ends are as they were sent."""
    return len(found) == len(wanted) and all(
        name in ("", own) and data.replace(b"\r\n", b"\n").startswith(start.encode("latin-1"))
        for (own, data), (name, start) in zip(found, wanted, strict=True)
    )


def online(mailbox: Mailbox, blobs: Blobs) -> list[Message]:
    with connect(mailbox.settings(), PASSWORD) as session:
        state = session.examine("INBOX")
        listed = list(session.list_messages("test", "INBOX", state.uidvalidity, session.uids_from(1)))
        found = list(fetch(session, listed, blobs, 10**8, in_flight=8))
    assert [f.problem for f in found if f.problem] == []
    return sorted((f.message for f in found if f.message), key=lambda m: m.key.uid)


@pytest.mark.parametrize("name", MALFORMED)
def test_it_is_read_from_a_file(name: str, tmp_path: Path) -> None:
    raw, wanted = MALFORMED[name]
    for line_end in ("\n", "\r\n"):
        (tmp_path / "a.eml").write_bytes(raw.replace("\n", line_end).encode("latin-1"))
        blobs = Blobs(tmp_path / "blobs")
        (message,) = messages(tmp_path / "a.eml", blobs)
        own = [(n, d) for n, d in files(message, blobs) if wanted or not d.startswith(b"From:")]
        assert is_as_wanted(own, wanted), own


def test_it_is_read_from_a_server(mailbox: Mailbox, tmp_path: Path) -> None:
    for raw, _ in MALFORMED.values():
        mailbox.append(raw.replace("\n", "\r\n").encode("latin-1"))
    before = mailbox.flags()
    blobs = Blobs(tmp_path)
    found = dict(zip(MALFORMED, online(mailbox, blobs), strict=True))
    wrong = {n: files(m, blobs) for n, m in found.items() if not is_as_wanted(files(m, blobs), MALFORMED[n][1])}
    assert wrong == {}
    assert [n for n, m in found.items() if LETTER in MALFORMED[n][0] and "find attached" not in m.text] == []
    assert mailbox.flags() == before


def nested(levels: int) -> str:
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    return HEAD + opened + NAMED + "\n" + "".join(f"--b{n}--\n" for n in reversed(range(levels)))


@pytest.mark.parametrize("levels", [60, 1000])
def test_a_thousand_levels_on_a_server_hide_no_file(mailbox: Mailbox, tmp_path: Path, levels: int) -> None:
    mailbox.append(nested(levels).replace("\n", "\r\n").encode("latin-1"))
    ((_, data),) = files(online(mailbox, Blobs(tmp_path))[0], Blobs(tmp_path))
    assert data.startswith(b"%PDF-1.7")


def test_ten_thousand_parts_on_a_server_are_bounded(mailbox: Mailbox, tmp_path: Path) -> None:
    raw = HEAD + mixed(*[pdf(f"Content-Type: application/pdf; name={n}.pdf") for n in range(10_000)])
    mailbox.append(raw.replace("\n", "\r\n").encode("latin-1"))
    started = time.monotonic()
    (message,) = online(mailbox, Blobs(tmp_path))
    assert len(message.attachments) == MOST
    assert time.monotonic() - started < 90


def test_a_header_of_ten_megabytes_on_a_server_hides_no_file(mailbox: Mailbox, tmp_path: Path) -> None:
    raw = HEAD + "X-Long: " + "a b\n " * 2_000_000 + "\n" + mixed(LETTER, NAMED)
    mailbox.append(raw.replace("\n", "\r\n").encode("latin-1"))
    started = time.monotonic()
    (message,) = online(mailbox, Blobs(tmp_path))
    assert [a.name for a in message.attachments] == ["a.pdf"]
    assert message.header.subject == "Annexes"
    assert time.monotonic() - started < 30


TEXT = (b"TEXT", b"PLAIN", None, None, None, b"7BIT", 120, 4)
HOLLOW = (b"TEXT", b"PLAIN", None, None, None, b"7BIT", 0, 0)
CODED_TEXT = (b"TEXT", b"PLAIN", None, None, None, b"BASE64", 400, 4)
EMPTY_MULTIPART = (b"multipart", b"mixed", None, None, None, b"8BIT", 0, 0)
PLAIN, PARTED = b"Content-Type: text/plain\r\n", b"X: y\r\ncontent-type:\r\n Multipart/mixed; boundary=b\r\n"


@pytest.mark.parametrize(
    ("structure", "header", "is_told"),
    [
        (TEXT, PLAIN, True),
        (HOLLOW, PLAIN, True),  # an empty message
        (([TEXT, TEXT], b"MIXED"), PARTED, True),
        (TEXT, PARTED, False),  # so says Cyrus where no boundary is declared
        (([HOLLOW], b"MIXED"), PARTED, False),  # and Dovecot where none is met
        (([TEXT, EMPTY_MULTIPART], b"MIXED"), PARTED, False),  # and Courier of what is nested deep
        (([TEXT, CODED_TEXT], b"MIXED"), PARTED, False),  # a file of which the type makes no sense
        (None, PLAIN, False),
    ],
)
def test_a_structure_that_cannot_be_all_is_known_as_such(structure: object, header: bytes, is_told: bool) -> None:
    assert tells_all(structure, header) == is_told


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "unicode_escape", "undefined", "utf-7", "base64", "\0", "a" * 9999]
)
def test_no_charset_costs_more_than_its_text(charset: str, tmp_path: Path) -> None:
    text = "aB-" * 100_000 + "\xff" * 1000
    raw = f"{HEAD}Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n{text}"
    (tmp_path / "a.eml").write_bytes(raw.encode("latin-1"))
    started = time.monotonic()
    (message,) = messages(tmp_path / "a.eml", Blobs(tmp_path / "blobs"))
    assert message.text
    assert time.monotonic() - started < 5
