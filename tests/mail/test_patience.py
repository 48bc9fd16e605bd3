"""How long to wait: longer each time, within bounds, and never less than the server asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.errors import CertificateError, ConfigurationError, ServerError, SignInError, StoreError
from attachwatch.mail import patience
from attachwatch.mail.patience import Trouble


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_a_broken_line_is_tried_again_between_a_second_and_a_quarter_of_an_hour(failures: int, chance: float) -> None:
    assert 1 <= patience.wait(failures, ServerError("the line broke"), chance) <= patience.LONGEST


def test_each_failure_waits_longer_than_the_one_before() -> None:
    waits = [patience.wait(n, ServerError("the line broke"), 0.5) for n in range(1, 12)]
    assert waits[:4] == [1.5, 3.0, 6.0, 12.0]
    assert waits == sorted(waits)


@given(st.data())
def test_chance_keeps_mailboxes_apart(data: st.DataObject) -> None:
    one, other = (patience.wait(5, ServerError("x"), data.draw(st.floats(0, 1))) for _ in range(2))
    assert max(one, other) <= 2 * min(one, other)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ServerError("the line broke: EOF"), Trouble.LINE),
        (ServerError("[UNAVAILABLE] Temporary authentication failure"), Trouble.BUSY),
        (ServerError("[LIMIT] too much"), Trouble.BUSY),
        (ServerError("[INUSE] busy"), Trouble.BUSY),
        (ServerError("Request is throttled. Suggested Backoff Time: 178755 milliseconds"), Trouble.BUSY),
        (ServerError("Too many simultaneous connections. (Failure)"), Trouble.BUSY),
        (SignInError("refused: [AUTHENTICATIONFAILED]"), Trouble.SIGN_IN),
        (CertificateError("not to be trusted"), Trouble.SET_UP),
        (ConfigurationError("no password"), Trouble.SET_UP),
        (StoreError("the disk is full"), Trouble.OURS),
        (ZeroDivisionError(), Trouble.OURS),
    ],
)
def test_kinds_of_trouble_are_told_apart(error: Exception, kind: Trouble) -> None:
    assert patience.trouble(error) is kind


def test_a_wrong_password_is_not_tried_at_full_speed() -> None:
    assert patience.wait(1, SignInError("refused"), 0.0) >= 300
    assert patience.wait(1, ServerError("the line broke"), 1.0) <= 2


@given(milliseconds=st.integers(0, 10**20), chance=st.floats(0, 1))
def test_a_server_that_names_a_time_is_obeyed_within_reason(milliseconds: int, chance: float) -> None:
    error = ServerError(f"Request is throttled. Suggested Backoff Time: {milliseconds} milliseconds")
    waited = patience.wait(1, error, chance)
    assert waited >= min(milliseconds / 1000, 24 * 3600)
    assert waited <= 1.1 * 24 * 3600
