"""IDLE on a real Dovecot: new mail is told, a dead line is an error, and time re-arms it."""

import threading
import time
from datetime import timedelta

import pytest

from attachwatch.errors import ServerError
from attachwatch.mail.session import Session, connect
from tests.mail.test_session import email
from tests.proxy import proxy
from tests.servers import PASSWORD, Mailbox


def test_the_server_tells_of_new_mail_at_once(mailbox: Mailbox) -> None:
    with connect(mailbox.settings(), PASSWORD) as session:
        assert session.can_idle
        session.examine("INBOX")
        told = session.idle()
        next(told)  # it listens
        started = time.monotonic()
        threading.Timer(0.3, mailbox.append, (email().as_bytes(),)).start()
        next(told)
        assert time.monotonic() - started < 5
    assert time.monotonic() - started < 8  # closing it does not wait for an answer to LOGOUT


def test_it_is_armed_again_when_the_time_is_up_and_tells_on(mailbox: Mailbox) -> None:
    with connect(mailbox.settings(), PASSWORD) as session:
        session.examine("INBOX")
        told = session.idle(timedelta(seconds=1))
        for _ in range(4):  # more often than a dead line is given
            next(told)
        mailbox.append(email().as_bytes())
        next(told)
        assert session.client is not None


def test_a_dead_line_is_told_from_one_with_nothing_new(mailbox: Mailbox) -> None:
    with proxy(mailbox.server.tls) as between:
        with connect(mailbox.settings(port=between.port), PASSWORD) as session:
            session.examine("INBOX")
            told = session.idle()
            next(told)
            for end in between._open:
                end.shutdown(2)
            started = time.monotonic()
            with pytest.raises(ServerError):
                next(told)
            assert time.monotonic() - started < 5


def test_a_server_that_ends_it_at_once_again_and_again_is_no_loop(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(mailbox.settings(), PASSWORD) as session:
        session.examine("INBOX")
        monkeypatch.setattr(session.client, "idle_check", lambda _seconds: [])
        with pytest.raises(ServerError, match="at once"):
            assert len(list(session.idle())) <= 3


def test_what_does_not_have_it_says_so(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(mailbox.settings(), PASSWORD) as session:
        monkeypatch.setattr(session.client, "has_capability", lambda _name: False)
        assert not session.can_idle
    assert isinstance(session, Session)
