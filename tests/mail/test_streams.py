"""Literals as they come off the line: whose they are, and what is refused."""

import imaplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from attachwatch.mail.streams import StreamError, Wanted, fetch


class Kept:
    def __init__(self, taken: bytes = b"") -> None:
        self.data = taken

    @property
    def taken(self) -> int:
        return len(self.data)

    def write(self, data: bytes, /) -> None:
        self.data += data


@contextmanager
def server(*answers: bytes) -> Iterator[tuple[imaplib.IMAP4, list[bytes]]]:
    """A server that greets, and gives these answers whatever it is asked; and what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            line, _ = listener.accept()
            with line, line.makefile("rb") as file:
                line.sendall(b"* OK ready\r\n")
                tag = file.readline().split()[0]  # CAPABILITY
                line.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")
                tags = []
                for _ in answers:
                    asked.append(command := file.readline())
                    tags.append(command.split()[0])
                for answer, tag in zip(answers, tags, strict=True):
                    line.sendall(answer.replace(b"TAG", tag))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield imaplib.IMAP4("127.0.0.1", listener.getsockname()[1], timeout=5), asked
        thread.join(5)


def taken(wanted: list[Wanted], *answers: bytes) -> list[Wanted]:
    with server(*answers) as (connection, _):
        return list(fetch(connection, wanted, 10))


def test_each_section_goes_to_its_sink() -> None:
    one = Wanted(5, {"2.MIME": Kept(), "2": Kept()})
    taken([one], b"* 1 FETCH (UID 5 BODY[2.MIME] {3}\r\nabc BODY[2] {5}\r\n12\r\n3)\r\nTAG OK\r\n")
    assert (one.sinks["2.MIME"].data, one.sinks["2"].data) == (b"abc", b"12\r\n3")  # type: ignore[attr-defined]
    assert one.exists


@pytest.mark.parametrize(
    "answer",
    [
        b'* 1 FETCH (UID 5 BODY[2] "abc")\r\nTAG OK\r\n',
        b"* 1 FETCH (BODY[2] {3}\r\nabc UID 5)\r\nTAG OK\r\n",
        b"* 1 fetch (uid 5 body[2] {3}\r\nabc)\r\nTAG OK done\r\n",
        b"* 9 EXISTS\r\n* 3 EXPUNGE\r\n* OK [ALERT] hello\r\n* 1 FETCH (UID 5 BODY[2] {3}\r\nabc)\r\nTAG OK\r\n",
        b"* 7 FETCH (UID 8 FLAGS (\\\\Seen))\r\n* 1 FETCH (UID 5 BODY[2] {3}\r\nabc)\r\nTAG OK\r\n",
    ],
)
def test_servers_say_it_in_many_ways(answer: bytes) -> None:
    one = Wanted(5, {"2": Kept()})
    taken([one], answer)
    assert one.sinks["2"].data == b"abc"  # type: ignore[attr-defined]


def test_answers_may_come_before_the_end_of_an_earlier_command() -> None:
    one, two = Wanted(5, {"1": Kept()}), Wanted(6, {"1": Kept()})
    both = b"* 1 FETCH (UID 5 BODY[1] {1}\r\na)\r\n* 2 FETCH (UID 6 BODY[1] {1}\r\nb)\r\nTAG OK\r\n"
    assert taken([one, two], both, b"TAG OK\r\n") == [one, two]
    assert (one.sinks["1"].data, two.sinks["1"].data) == (b"a", b"b")  # type: ignore[attr-defined]


def test_what_was_cut_is_asked_for_from_where_it_broke_off() -> None:
    one = Wanted(5, {"2": Kept(b"abc"), "1": Kept()}, {"1": 100})
    assert one.command() == f"UID FETCH 5 (UID BODY.PEEK[2]<3.{2**32 - 4}> BODY.PEEK[1]<0.100>)"
    taken([one], b"* 1 FETCH (UID 5 BODY[2]<3> {2}\r\nde BODY[1]<0> NIL)\r\nTAG OK\r\n")
    assert one.sinks["2"].data == b"abcde"  # type: ignore[attr-defined]


def test_a_message_that_is_gone_is_told_from_an_empty_one() -> None:
    gone, empty, refused = (Wanted(n, {"1": Kept()}) for n in (1, 2, 3))
    taken([gone, empty, refused], b"TAG OK\r\n", b"* 2 FETCH (UID 2 BODY[1] NIL)\r\nTAG OK\r\n", b"TAG NO [X] no\r\n")
    assert [w.exists for w in (gone, empty, refused)] == [False, True, False]
    assert refused.refused == "NO [X] no"


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 5 BODY[9] {3}\r\nabc)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 6 BODY[2] {3}\r\nabc)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 5 BODY[2]<7> {3}\r\nabc)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 5 ENVELOPE {3}\r\nabc)\r\nTAG OK\r\n",
        b"* 1 FETCH (UID 5 BODY[2] {9}\r\nabc",
        b"* BYE not now\r\n",
        b"nonsense\r\n",
        b"* OK " + b"a" * 70_000 + b"\r\n",
        b"* XYZ {99999999999}\r\n",
    ],
)
def test_what_is_no_answer_ends_the_connection(answer: bytes) -> None:
    with pytest.raises(StreamError):
        taken([Wanted(5, {"2": Kept()})], answer)
