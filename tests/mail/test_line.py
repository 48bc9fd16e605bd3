"""A connection that another thread can cut, at whatever it is."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from attachwatch.errors import ServerError
from attachwatch.mail.line import Line
from attachwatch.mail.session import connect
from tests.servers import PASSWORD, Mailbox


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a server that begins to greet, and sends a byte now and then so that no timeout comes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                try:
                    client.sendall(b"\x16\x03\x03\x40\x00")  # under TLS: a long record follows
                    while True:
                        client.sendall(b"*")
                        time.sleep(0.05)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("tls", ["none", "implicit"])
def test_a_server_that_drips_is_cut_before_it_has_greeted(mailbox: Mailbox, dripping: int, tls: str) -> None:
    line = Line()
    threading.Timer(0.5, line.cut).start()
    started = time.monotonic()
    with line, pytest.raises(ServerError):
        with connect(mailbox.settings(port=dripping, tls=tls), PASSWORD):
            pass
    assert time.monotonic() - started < 3


def test_a_session_under_tls_is_cut_in_the_middle_of_a_command(mailbox: Mailbox) -> None:
    line = Line()
    with line, connect(mailbox.settings(), PASSWORD) as session:
        session.examine("INBOX")
        threading.Timer(0.3, line.cut).start()
        with pytest.raises(ServerError):
            for _ in session.idle():
                pass
        with pytest.raises(ServerError, match="cut"):
            session.reopen()


def test_without_a_line_or_with_one_that_is_whole_nothing_changes(mailbox: Mailbox) -> None:
    with connect(mailbox.settings(), PASSWORD) as session:
        assert session.examine("INBOX").exists == 0
    line = Line()
    with line, connect(mailbox.settings(), PASSWORD) as session:
        session.reopen()
        assert session.examine("INBOX").exists == 0
        assert line.since is not None
    assert line.since is None
    line.cut()  # after all is over
