"""Passwords: from the environment, a command or the keyring; never in an error."""

import sys

import keyring
import pytest
from keyring.backends import null

from attachwatch.config import MailboxSettings
from attachwatch.errors import ConfigurationError
from attachwatch.mail.signin import password


def settings(**changes: str) -> MailboxSettings:
    return MailboxSettings.model_validate({"name": "foi", "host": "h", "username": "me@x"} | changes)


def test_the_environment_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOI_PASSWORD", "from env")
    assert password(settings(password_env="FOI_PASSWORD")) == "from env"


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOI_PASSWORD", raising=False)
    with pytest.raises(ConfigurationError, match="FOI_PASSWORD is not set"):
        password(settings(password_env="FOI_PASSWORD"))


def test_the_first_line_of_a_command_gives_it() -> None:
    assert (
        password(settings(password_command=f"{sys.executable} -c 'print(\"from command\"); print(2)'"))
        == "from command"
    )


def test_a_command_sees_no_shell() -> None:
    assert password(settings(password_command="echo $HOME; echo x")) == "$HOME; echo x"


@pytest.mark.parametrize("command", ["false", "no-such-program", "true", "'unclosed"])
def test_a_command_that_gives_none_is_one_clear_error(command: str) -> None:
    with pytest.raises(ConfigurationError, match="password_command"):
        password(settings(password_command=command))


def test_what_a_failing_command_printed_is_not_repeated() -> None:
    with pytest.raises(ConfigurationError) as caught:
        password(settings(password_command="sh -c 'echo hunter2; exit 3'"))
    assert "hunter2" not in str(caught.value)


class _Ring(null.Keyring):
    def get_password(self, service: str, username: str, password: str | None = None) -> str | None:
        return "from keyring" if (service, username) == ("attachwatch", "me@x") else None


def test_the_keyring_gives_it_and_its_lack_says_how_to_put_it_there() -> None:
    former = keyring.get_keyring()
    keyring.set_keyring(_Ring())  # type: ignore[no-untyped-call]
    try:
        assert password(settings()) == "from keyring"
        with pytest.raises(ConfigurationError, match="keyring set attachwatch you@x"):
            password(settings(username="you@x"))
    finally:
        keyring.set_keyring(former)
