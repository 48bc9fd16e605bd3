"""One mailbox's polls: what a hint, a failure, a new configuration and a clock that was set do to the next."""

import threading
import time
from typing import Any, cast

import pytest

from attachwatch.config import MailboxSettings
from attachwatch.errors import ServerError, SignInError
from attachwatch.mail.line import Line
from attachwatch.service.health import Doing
from attachwatch.service.pipeline import Pipeline
from attachwatch.service.watched import Watched

MAILBOX = MailboxSettings.model_validate(
    {"name": "m", "host": "x.example", "username": "u", "poll_every": "1h", "deadline": "1s"}
)


class Script:
    """A pipeline whose polls do what they are told."""

    def __init__(self, *outcomes: BaseException | None) -> None:
        self.outcomes = list(outcomes)
        self.stopping = threading.Event()
        self.running = threading.Event()
        self.release = threading.Event()
        self.release.set()

    def poll(self, _mailbox: MailboxSettings, line: Line) -> list[Any]:
        with line:
            self.running.set()
            self.release.wait(10)
        if self.outcomes and (outcome := self.outcomes.pop(0)):
            raise outcome
        return []


def started(script: Script) -> Watched:
    return Watched(cast("Pipeline", script), MAILBOX)


def hanging(script: Script, one: Watched) -> threading.Thread:
    script.release.clear()
    thread = threading.Thread(target=one.poll)
    thread.start()
    assert script.running.wait(5)
    return thread


def test_after_a_success_the_next_poll_is_due_when_the_configuration_says() -> None:
    one = started(Script())
    assert one.seconds_left == 0
    assert one.poll() is None
    assert 3590 < one.seconds_left <= 3600
    assert one.is_well


def test_a_hint_makes_a_poll_due_and_one_that_comes_meanwhile_makes_another() -> None:
    script = Script()
    one = started(script)
    one.poll()
    assert one.hint()
    assert one.seconds_left == 0
    thread = hanging(script, one)
    assert not one.hint()
    assert one.poll() is None  # one at a time
    script.release.set()
    thread.join()
    assert one.seconds_left == 0
    assert one.health().counts.polls == 2


def test_a_hint_does_not_shorten_what_the_server_asked_for() -> None:
    one = started(Script(ServerError("Suggested Backoff Time: 600000 milliseconds")))
    assert isinstance(one.poll(), ServerError)
    assert one.seconds_left > 595
    assert not one.hint()
    assert one.seconds_left > 595
    assert one.health().doing is Doing.BACKING_OFF


def test_failures_are_counted_until_one_poll_goes_through() -> None:
    one = started(Script(ServerError("x"), SignInError("y"), None))
    one.poll()
    one.poll()
    found = one.health()
    assert (found.failures, found.trouble, found.problem, found.counts.failed) == (2, "sign-in", "y", 2)
    one.poll()
    found = one.health()
    assert (found.failures, found.trouble, found.problem, found.counts.failed) == (0, None, None, 2)


def test_a_bug_is_raised_and_counted_and_waited_after() -> None:
    one = started(Script(ZeroDivisionError("secret")))
    with pytest.raises(ZeroDivisionError):
        one.poll()
    found = one.health()
    assert (found.counts.crashed, found.problem) == (1, "ZeroDivisionError")
    assert one.seconds_left > 4


def test_another_configuration_is_tried_at_once() -> None:
    one = started(Script(SignInError("x")))
    one.poll()
    assert one.seconds_left > 60
    one.adopt(cast("Pipeline", Script()), MAILBOX)
    assert one.seconds_left == 0
    assert one.health().failures == 0


def test_what_is_over_its_deadline_is_cut_once() -> None:
    script = Script(ServerError("the line broke"))
    one = started(script)
    thread = hanging(script, one)
    assert not one.cut_what_is_stuck()
    time.sleep(1.1)
    assert one.cut_what_is_stuck()
    assert not one.cut_what_is_stuck()
    assert not one.is_lost(60)
    assert one.is_lost(0)
    script.release.set()
    thread.join()
    assert one.health().counts.cut == 1
    assert not one.is_lost(0)


def test_a_schedule_that_forgot_is_noticed_by_the_monotonic_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    one = started(Script())
    one.poll()
    assert not one.is_late()
    now = time.monotonic()
    monkeypatch.setattr("attachwatch.service.watched.time.monotonic", lambda: now + 3700)
    assert one.is_late()
    assert not one.is_late()  # it is due now
    assert one.health().counts.missed == 1
