"""Messages into blobs over a line that breaks: whole, once, and gone on with where it broke off."""

import hashlib
import random
from email.message import EmailMessage
from pathlib import Path

import pytest

from attachwatch.ledger.blobs import Blobs
from attachwatch.mail.fetch import fetch
from attachwatch.mail.session import connect
from tests.mail.test_session import email, listed
from tests.packed import uuencoded
from tests.proxy import proxy
from tests.servers import PASSWORD, Mailbox


def files(number: int) -> dict[str, bytes]:
    return {f"file {n}": random.Random(100 * number + n).randbytes(200_000) for n in range(3)}


@pytest.mark.parametrize("cuts", [[150_000], [400_000, 300_000, 100_000], [20_000] * 2])
def test_a_line_that_is_cut_loses_and_doubles_nothing(mailbox: Mailbox, tmp_path: Path, cuts: list[int]) -> None:
    for number in range(3):
        mailbox.append(email(str(number), **files(number)).as_bytes())
    blobs = Blobs(tmp_path)
    with proxy(mailbox.server.tls) as line:
        line.cuts.extend(cuts)
        with connect(mailbox.settings(port=line.port), PASSWORD) as session:
            found = list(fetch(session, listed(session), blobs, 10**9, in_flight=4))
        assert line.connections >= len(cuts)
    assert [f.problem for f in found] == ["", "", ""]
    wanted = [hashlib.sha256(d).hexdigest() for n in range(3) for d in files(n).values()]
    assert [a.sha256 for f in found if f.message for a in f.message.attachments] == wanted
    assert all(hashlib.sha256(blobs.path(h).read_bytes()).hexdigest() == h for h in wanted)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_part_that_breaks_the_line_each_time_keeps_no_other_from_being_read(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email("small", a=b"%PDF-1").as_bytes())
    mailbox.append(email("large", b=bytes(9_000_000)).as_bytes())
    mailbox.append(email("small again", c=b"%PDF-2").as_bytes())
    with proxy(mailbox.server.tls) as line, connect(mailbox.settings(port=line.port), PASSWORD) as session:
        messages = listed(session)
        session.client.socket().close  # noqa: B018
        line.cuts.extend([60_000] * 3)
        session.reopen()
        found = list(fetch(session, messages, Blobs(tmp_path), 10**9, in_flight=1))
    assert [bool(f.message) for f in found] == [True, False, True]
    assert found[1].problem


def test_who_stops_in_the_middle_leaves_nothing_behind(mailbox: Mailbox, tmp_path: Path) -> None:
    for number in range(6):
        mailbox.append(email(str(number), **files(number)).as_bytes())
    with connect(mailbox.settings(), PASSWORD) as session:
        going = fetch(session, listed(session), Blobs(tmp_path), 10**9, in_flight=8)
        assert next(going).message
        going.close()
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_size_that_the_structure_hides_is_bounded_all_the_same(mailbox: Mailbox, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "foi@x.example"
    message.set_content(b"a" * 3000, maintype="application", subtype="pdf", filename="a.pdf", cte="7bit")
    mailbox.append(message.as_bytes())
    with connect(mailbox.settings(), PASSWORD) as session:
        (found,) = fetch(session, listed(session), Blobs(tmp_path), 1000, in_flight=2)
    assert found.message
    (attachment,) = found.message.attachments
    assert (attachment.name, attachment.sha256) == ("a.pdf", "")
    assert attachment.size >= 3000


@pytest.mark.parametrize("cuts", [[], [300_000]])
def test_a_file_in_the_text_is_whole_however_long_it_is(mailbox: Mailbox, tmp_path: Path, cuts: list[int]) -> None:
    data = random.Random(1).randbytes(500_000)
    lines = uuencoded("a.pdf", data).replace("\n", "\r\n")
    mailbox.append(f"From: foi@x.example\r\n\r\nBefore\r\n{lines}behind\r\n".encode())
    blobs = Blobs(tmp_path)
    with proxy(mailbox.server.tls) as line:
        line.cuts.extend(cuts)
        with connect(mailbox.settings(port=line.port), PASSWORD) as session:
            (found,) = fetch(session, listed(session), blobs, 10**9, in_flight=4)
    assert found.message
    assert found.message.text == "Before\nbehind\n"
    (attachment,) = found.message.attachments
    assert (attachment.name, attachment.part, attachment.size) == ("a.pdf", "1/1", len(data))
    assert blobs.path(attachment.sha256).read_bytes() == data


def test_a_file_in_the_text_that_is_larger_than_the_limit_is_not_kept(mailbox: Mailbox, tmp_path: Path) -> None:
    text = f"{uuencoded('large.pdf', bytes(3000))}{uuencoded('small.pdf', b'%PDF')}"
    mailbox.append(f"From: foi@x.example\n\n{text}".replace("\n", "\r\n").encode())
    with connect(mailbox.settings(), PASSWORD) as session:
        (found,) = fetch(session, listed(session), Blobs(tmp_path), 1000, in_flight=2)
    assert found.message
    assert [(a.name, a.size, bool(a.sha256)) for a in found.message.attachments] == [
        ("large.pdf", 3000, False),
        ("small.pdf", 4, True),
    ]
    assert list((tmp_path / "incoming").iterdir()) == []
