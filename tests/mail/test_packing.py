"""Every file is found however it was packed: in a mailbox by its structure, and in files by their bytes, alike."""

import base64
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attachwatch.ledger.blobs import Blobs
from attachwatch.mail.fetch import fetch
from attachwatch.mail.folders import messages
from attachwatch.mail.session import connect
from attachwatch.mail.structure import read
from attachwatch.mime import tree
from attachwatch.mime.names import from_field
from attachwatch.mime.parts import DEEPEST, media_type
from attachwatch.model import Message
from tests.packed import uuencoded
from tests.servers import PASSWORD, Mailbox

HEAD = "From: foi@x.example\nSubject: Annexes\nMIME-Version: 1.0\n"
PDF = "%PDF-1.7\n1 0 obj\n"


def mixed(*parts: str, kind: str = "mixed", boundary: str = "b", end: bool = True) -> str:
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    closing = f"--{boundary}--\n" if end else ""
    return f"Content-Type: multipart/{kind}; boundary={boundary}\n\n{body}{closing}"


LETTER = "Content-Type: text/plain\n\nPlease find attached."


def pdf(header: str) -> str:
    return f"{header}\n\n{PDF}"


NAMED = pdf("Content-Type: application/pdf; name=a.pdf")
FORWARD = "Content-Type: message/rfc822\n\n"
INNER = mixed(LETTER, f"{FORWARD}Subject: Two\n{NAMED}", boundary="c")

# What is sent, and the names and containers of what must be found.
PACKED: dict[str, tuple[str, list[tuple[str, tuple[str, ...]]]]] = {
    "inline": (
        mixed(LETTER, pdf("Content-Type: application/pdf\nContent-Disposition: inline; filename=a.pdf")),
        [("a.pdf", ())],
    ),
    "octets": (mixed(LETTER, pdf("Content-Type: application/octet-stream; name=a.pdf")), [("a.pdf", ())]),
    "no type": (mixed(LETTER, pdf("Content-Disposition: attachment; filename=a.pdf")), [("a.pdf", ())]),
    "a type of one word": (
        mixed(LETTER, pdf("Content-Type: pdf\nContent-Disposition: attachment; filename=a.pdf")),
        [("a.pdf", ())],
    ),
    "nameless": (mixed(LETTER, pdf("Content-Type: application/pdf")), [("part-2.pdf", ())]),
    "nameless octets": (mixed(LETTER, pdf("Content-Type: application/octet-stream")), [("part-2", ())]),
    "nameless picture in the text": (
        mixed("Content-Type: text/html\n\n<p>x", "Content-Type: image/png\nContent-ID: <a>\n\nx", kind="related"),
        [("image-2.png", ())],
    ),
    "the message itself": (pdf("Content-Type: application/pdf; name=a.pdf"), [("a.pdf", ())]),
    "the message itself, nameless": (pdf("Content-Type: application/pdf"), [("part-1.pdf", ())]),
    "text by its name": (mixed(LETTER, "Content-Type: text/plain; name=a.txt\n\nx"), [("a.txt", ())]),
    "text by its disposition": (
        mixed(LETTER, "Content-Type: text/plain\nContent-Disposition: attachment\n\nx"),
        [("part-2.txt", ())],
    ),
    "text shown inline": (
        mixed(LETTER, "Content-Type: text/plain\nContent-Disposition: inline; filename=a.txt\n\nx"),
        [("a.txt", ())],
    ),
    "a table": (mixed(LETTER, "Content-Type: text/csv\n\na,b"), [("part-2.csv", ())]),
    "an invitation": (mixed(LETTER, "Content-Type: text/calendar\n\nBEGIN:VCALENDAR"), [("part-2.ics", ())]),
    "two forms of a letter": (mixed(LETTER, "Content-Type: text/html\n\n<p>x", kind="alternative"), []),
    "forwarded": (mixed(LETTER, f"{FORWARD}Subject: One\n{INNER}"), [("a.pdf", ("One", "Two"))]),
    "uuencoded in the text": (
        mixed(f"{LETTER}\n{uuencoded('a b.pdf', PDF.encode())}{uuencoded('c.pdf', b'')}", NAMED),
        [("a.pdf", ()), ("a b.pdf", ()), ("c.pdf", ())],
    ),
    "uuencoded without MIME": (
        f"\nPlease find attached.\n\n{uuencoded('a.pdf', PDF.encode(), end='')}",
        [("a.pdf", ())],
    ),
    "PGP in the text": (
        "\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n",
        [("part-1.1.asc", ())],
    ),
    "without an end": (
        mixed(LETTER, pdf("Content-Type: application/pdf; name=a.pdf"), end=False),
        [("a.pdf", ())],
    ),
    "a report of a mail system": (
        mixed(LETTER, "Content-Type: message/delivery-status\n\nReporting-MTA: x\n\nAction: failed\n", kind="report"),
        [],
    ),
}


def found(message: Message) -> list[tuple[str, tuple[str, ...]]]:
    return [(a.name, a.containers) for a in message.attachments]


@pytest.mark.parametrize("name", PACKED)
def test_it_is_found_in_a_file(name: str, tmp_path: Path) -> None:
    raw, wanted = PACKED[name]
    (tmp_path / "a.eml").write_text(HEAD + raw)
    (message,) = messages(tmp_path / "a.eml", Blobs(tmp_path / "blobs"))
    assert found(message) == wanted
    has_letter = "Please find attached." in raw and name != "the message itself"
    assert has_letter == (message.text.strip() == "Please find attached.")


def test_it_is_found_in_a_mailbox_with_the_same_bytes(mailbox: Mailbox, tmp_path: Path) -> None:
    for raw, _ in PACKED.values():
        mailbox.append((HEAD + raw).replace("\n", "\r\n").encode())
    blobs = Blobs(tmp_path / "blobs")
    with connect(mailbox.settings(), PASSWORD) as session:
        state = session.examine("INBOX")
        listed = list(session.list_messages("test", "INBOX", state.uidvalidity, session.uids_from(1)))
        online = [f.message for f in fetch(session, listed, blobs, 10**8, in_flight=4)]
    for (name, (raw, wanted)), message in zip(PACKED.items(), online, strict=True):
        assert message is not None
        assert found(message) == wanted, name
        if name == "without an end":  # whether the last line end is the file's, servers and libraries see differently
            continue
        (tmp_path / "a.eml").write_bytes((HEAD + raw).replace("\n", "\r\n").encode())
        (offline,) = messages(tmp_path / "a.eml", blobs)
        assert [a.sha256 for a in message.attachments] == [a.sha256 for a in offline.attachments], name


def read_file(raw: str | bytes) -> list[tuple[str, bytes]]:
    data = tree.read(raw.encode() if isinstance(raw, str) else raw)
    return [(p.name, data.content(p.section)) for p in data.structure.parts]


def test_a_boundary_that_is_never_met_hides_no_file() -> None:
    parts = mixed(LETTER, pdf("Content-Type: application/pdf; name=a.pdf"), boundary="real")
    for declared in ("boundary=other", "type=none"):
        raw = HEAD + parts.replace("boundary=real", declared)
        assert [(n, d.rstrip()) for n, d in read_file(raw)] == [("a.pdf", PDF.encode().rstrip())]


def test_a_multipart_with_the_boundary_of_the_one_around_it_hides_nothing_behind_its_end() -> None:
    raw = HEAD + mixed(mixed(LETTER, kind="alternative"), NAMED)
    assert [(n, d.rstrip()) for n, d in read_file(raw)] == [("a.pdf", PDF.encode().rstrip())]
    quoted = HEAD + mixed(NAMED) + f"\n--another\n{NAMED.replace('a.pdf', 'quoted.pdf')}\n--another--\n"
    assert [n for n, _ in read_file(quoted)] == ["a.pdf"]


def test_an_attached_message_that_is_encoded_is_decoded_first() -> None:
    inner = base64.encodebytes((HEAD + mixed(pdf("Content-Type: application/pdf; name=a.pdf"), boundary="c")).encode())
    raw = HEAD + mixed(LETTER, f"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner.decode()}")
    assert [n for n, _ in read_file(raw)] == ["a.pdf"]


def test_a_file_that_says_to_be_text_is_found_by_its_bytes() -> None:
    encoded = base64.encodebytes(PDF.encode()).decode()
    raw = HEAD + f"Content-Transfer-Encoding: base64\n\n{encoded}"
    assert read_file(raw) == [("part-1.txt", PDF.encode())]


def test_a_parameter_that_nothing_separates_is_read() -> None:
    assert from_field('application/pdf name="Annex A.pdf"', "name") == "Annex A.pdf"
    assert from_field("attachment filename*=UTF-8''%C3%9C.pdf", "filename") == "\u00dc.pdf"
    started = time.monotonic()
    from_field("a" + " " * 40_000 + "b", "name")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("declared", "type_"),
    [
        ("Application/PDF; name=x", "application/pdf"),
        ("application/pdf name=x", "application/pdf"),
        ('"application/pdf"', "application/pdf"),
        ("", "text/plain"),
        ("TEXT", "text/plain"),
        ("text/", "text/plain"),
        ("pdf", "application/octet-stream"),
    ],
)
def test_a_type_is_read_however_it_is_declared(declared: str, type_: str) -> None:
    assert media_type(declared) == type_


# --- made to hurt -------------------------------------------------------------------------------------------------


def test_ten_thousand_parts_take_no_time_and_thousands_are_found() -> None:
    started = time.monotonic()
    files = read_file(HEAD + mixed(*[pdf(f"Content-Type: application/pdf; name={n}.pdf") for n in range(10_000)]))
    assert len(files) == 2000
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("levels", [DEEPEST + 2, 200, 1000])
def test_levels_beyond_counting_hide_no_file(levels: int) -> None:
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    closed = "".join(f"--b{n}--\n" for n in reversed(range(levels)))
    files = read_file(HEAD + opened + pdf("Content-Type: application/pdf; name=a.pdf") + closed)
    assert [(n, d.startswith(b"%PDF")) for n, d in files] == [("a.pdf", True)]


def test_a_header_of_ten_megabytes_is_survived(tmp_path: Path) -> None:
    raw = (
        HEAD
        + "X-Long: "
        + "a b\n " * 2_000_000
        + "\n"
        + mixed(LETTER, pdf("Content-Type: application/pdf; name=a.pdf"))
    )
    (tmp_path / "a.eml").write_text(raw)
    started = time.monotonic()
    (message,) = messages(tmp_path / "a.eml", Blobs(tmp_path / "blobs"))
    assert found(message) == [("a.pdf", ())]
    assert time.monotonic() - started < 30


def test_zeros_and_bad_base64_cost_only_themselves() -> None:
    raw = (
        HEAD
        + mixed(
            LETTER + "\0\0",
            "Content-Type: application/pdf; name=a\0.pdf\nContent-Transfer-Encoding: base64\n\nJVBE\0Ri0x=!?LjcK=\n",
        )
    ).encode()
    ((name, data),) = read_file(raw)
    assert name.endswith(".pdf")
    assert data.startswith(b"%PDF-1")


@given(
    st.recursive(
        st.none() | st.integers() | st.binary(max_size=9),
        lambda x: st.lists(x, max_size=9) | st.lists(x, max_size=9).map(tuple),
    )
)
@settings(deadline=None)
def test_no_structure_that_a_server_makes_up_raises(body: object) -> None:
    read(body)


ODD = st.sampled_from(
    [
        "--b\n",
        "--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n",
        "Content-Type: message/rfc822\n",
        "Content-Type: message/delivery-status\n",
        "Content-Transfer-Encoding: base64\n",
        "begin 644 a\n",
        "%PDF-\n",
        "=?utf-8?q?=",
        "\n",
        "\0",
    ]
)


@given(st.lists(ODD | st.text(max_size=8), max_size=40))
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_no_message_whatsoever_raises(pieces: list[str]) -> None:
    data = tree.read((HEAD + "".join(pieces)).encode())
    for part in data.structure.parts:
        data.content(part.section)
