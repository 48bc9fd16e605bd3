"""Passwords and tokens: where they come from, and where what a sign-in grants is kept; never in an error."""

import errno
import json
import os
import sys
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import fail, null
from keyring.errors import PasswordDeleteError

from attachwatch.config import MailboxSettings
from attachwatch.errors import ConfigurationError, ServerError, SignInError, StoreError
from attachwatch.mail.signin import credentials, password, sasl, sign_in
from attachwatch.mail.signin.grants import Grant, Grants
from tests import oauth
from tests.oauth import CLIENT, Provider


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


@pytest.mark.parametrize("secret", ["hunter2\\n", "hun\\rter2", "hunter\\x7f2"])
def test_a_password_that_would_break_the_line_is_refused_unseen(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("FOI_PASSWORD", secret.encode().decode("unicode_escape"))
    with pytest.raises(ConfigurationError, match="control character") as caught:
        password(settings(password_env="FOI_PASSWORD"))
    assert "hun" not in str(caught.value)


def by_command(command: str) -> MailboxSettings:
    return settings(auth="xoauth2", token_command=command)


def test_a_token_command_is_run_at_each_call(tmp_path: Path) -> None:
    count = tmp_path / "count"
    ask = credentials(by_command(f"sh -c 'echo x >> {count}; wc -l < {count}'"), tmp_path)
    assert [ask(), ask()] == ["1", "2"]


@pytest.mark.parametrize("printed", ["canary two words", "canary\\x01", "canary\\x80", "canary\u00fc", " "])
def test_what_is_no_token_is_refused_unseen(printed: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="token_command") as caught:
        credentials(by_command(f"printf '{printed}'"), tmp_path)()
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_nothing_that_gives_a_secret_shows_it(tmp_path: Path) -> None:
    assert "hunter2" not in repr(Grant("hunter2", in_file=True))
    assert "hunter2" not in repr(sasl.exchange(by_command("x"), "hunter2"))
    assert "hunter2" not in repr(sasl.exchange(settings(), "hunter2"))


class _Ring(keyring.backend.KeyringBackend):
    """One that remembers, or where `forgetful` only says so."""

    priority = 1

    def __init__(self, forgetful: bool = False) -> None:
        self.kept = {("attachwatch", "me@x"): "from keyring"}
        self.forgetful = forgetful

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if not self.forgetful:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if not self.kept.pop((service, username), None):
            raise PasswordDeleteError


def no_ring() -> keyring.backend.KeyringBackend:
    return fail.Keyring()  # type: ignore[no-untyped-call]


def null_ring() -> keyring.backend.KeyringBackend:
    return null.Keyring()  # type: ignore[no-untyped-call]


@contextmanager
def ring(made: keyring.backend.KeyringBackend) -> Iterator[keyring.backend.KeyringBackend]:
    former = keyring.get_keyring()
    keyring.set_keyring(made)
    try:
        yield made
    finally:
        keyring.set_keyring(former)


def test_the_keyring_gives_it_and_its_lack_says_how_to_put_it_there() -> None:
    with ring(_Ring()):
        assert password(settings()) == "from keyring"
        with pytest.raises(ConfigurationError, match="keyring set attachwatch you@x"):
            password(settings(username="you@x"))


def grants(store: Path) -> Grants:
    return Grants.of(settings(auth="xoauth2", sign_in="google", client_id="1"), store)


def files(store: Path) -> list[str]:
    return [path.read_text() for path in store.glob("*.json")]


def test_a_grant_is_kept_in_the_keyring_where_there_is_one_and_renewed_there(tmp_path: Path) -> None:
    with ring(_Ring()):
        assert grants(tmp_path).keep("first", in_file=False) == "the system keyring"
        assert grants(tmp_path).read() == Grant("first", in_file=False)
        grants(tmp_path).replace(grants(tmp_path).read(), "second")
        assert grants(tmp_path).read().text == "second"
    assert files(tmp_path) == []


@pytest.mark.parametrize("made", [no_ring(), null_ring(), _Ring(forgetful=True)])
def test_a_grant_is_kept_in_a_file_of_our_own_where_no_keyring_keeps_it(
    made: keyring.backend.KeyringBackend, tmp_path: Path
) -> None:
    with ring(made):
        where = Path(grants(tmp_path).keep("first", in_file=False))
        assert (where.parent, where.stat().st_mode & 0o777) == (tmp_path, 0o600)
        grants(tmp_path).replace(grants(tmp_path).read(), "second")
        assert grants(tmp_path).read() == Grant("second", in_file=True)
    assert where.stat().st_mode & 0o777 == 0o600


def test_the_latest_sign_in_counts_wherever_the_former_was_kept(tmp_path: Path) -> None:
    with ring(_Ring()):
        grants(tmp_path).keep("first", in_file=True)
        grants(tmp_path).keep("second", in_file=False)
        assert grants(tmp_path).read().text == "second"
        grants(tmp_path).keep("third", in_file=True)
        assert grants(tmp_path).read().text == "third"
        (tmp_path / grants(tmp_path).file).unlink()
        with pytest.raises(SignInError, match="nobody has signed in"):
            grants(tmp_path).read()


def test_a_write_that_fails_leaves_the_former_grant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ring(no_ring()):
        grants(tmp_path).keep("first", in_file=True)

        def full(_handle: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patched, pytest.raises(StoreError, match="No space left"):
            patched.setattr(os, "fsync", full)
            grants(tmp_path).keep("canary", in_file=True)
        assert grants(tmp_path).read().text == "first"


def test_a_link_planted_in_the_place_of_the_grant_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("theirs")
    grants(tmp_path).file.symlink_to(other)
    grants(tmp_path).file.with_suffix(".new").symlink_to(other)
    with ring(no_ring()):
        with pytest.raises(StoreError):
            grants(tmp_path).read()
        grants(tmp_path).keep("ours", in_file=True)
    assert other.read_text() == "theirs"


def test_a_sign_in_is_found_only_by_who_it_is_of(tmp_path: Path) -> None:
    others = [{"username": "you@x"}, {"client_id": "2"}, {"sign_in": "microsoft365"}]
    made = [settings(**{"auth": "xoauth2", "sign_in": "google", "client_id": "1"} | other) for other in [{}, *others]]
    assert len({Grants.of(one, tmp_path).file for one in made}) == 4


def google(**changes: str) -> MailboxSettings:
    return settings(auth="xoauth2", sign_in="google", client_id=CLIENT, **changes)


def microsoft(**changes: str) -> MailboxSettings:
    return settings(auth="xoauth2", sign_in="microsoft365", client_id=CLIENT, **changes)


@pytest.fixture
def provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """In the place of both, with a grant from each in the store; no keyring."""
    from attachwatch.mail.signin import google as of_google
    from attachwatch.mail.signin import microsoft as of_microsoft

    with oauth.provider(tmp_path) as made, ring(no_ring()):
        monkeypatch.setattr(of_google, "ENDPOINTS", of_google.Endpoints("unused", f"{made.base}/common/token"))
        monkeypatch.setattr(of_microsoft, "AUTHORITY", made.base)
        monkeypatch.setenv("SSL_CERT_FILE", str(made.ca_file))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.ca_file))
        grant = {"client_id": CLIENT, "refresh_token": made.give("refresh"), "access_token": "old", "expires": 0}
        Grants.of(google(), tmp_path).keep(json.dumps(grant), in_file=True)
        yield made


def test_a_token_is_used_until_shortly_before_its_end_and_then_renewed(provider: Provider, tmp_path: Path) -> None:
    ask = credentials(google(), tmp_path)
    first = ask()
    assert (ask(), len(provider.asked)) == (first, 1)
    provider.lifetime = 200
    Grants.of(google(), tmp_path).keep(json.dumps(kept(tmp_path) | {"expires": 0}), in_file=True)
    second, third = ask(), ask()
    assert len({first, second, third}) == 3


def kept(store: Path) -> dict[str, Any]:
    grant: dict[str, Any] = json.loads(Grants.of(google(), store).read().text)
    return grant


def test_a_refresh_token_that_is_good_for_once_is_used_once_by_all_who_ask_at_a_time(
    provider: Provider, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(lambda _: credentials(google(), tmp_path)(), range(8)))
    assert (len(set(tokens)), len(provider.asked)) == (1, 1)


def test_a_provider_that_is_not_reached_is_no_refusal_and_loses_nothing(
    provider: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attachwatch.mail.signin import google as of_google

    before = kept(tmp_path)
    with monkeypatch.context() as patched, pytest.raises(ServerError, match="cannot be reached") as caught:
        patched.setattr(of_google, "ENDPOINTS", of_google.Endpoints(token="https://localhost:1/token"))
        credentials(google(), tmp_path)()
    assert not isinstance(caught.value, SignInError)
    with monkeypatch.context() as patched, pytest.raises(ServerError, match="cannot be reached"):
        patched.delenv("SSL_CERT_FILE")  # a certificate that is not to be trusted
        credentials(google(), tmp_path)()
    assert (kept(tmp_path), provider.asked) == (before, [])


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "nonsense", '{"expires": "soon"}'])
def test_a_damaged_grant_says_to_sign_in_again(text: str, provider: Provider, tmp_path: Path) -> None:
    Grants.of(google(), tmp_path).keep(text, in_file=True)
    with pytest.raises(SignInError, match="damaged"):
        credentials(google(), tmp_path)()
    pytest.importorskip("msal")
    Grants.of(microsoft(), tmp_path).keep(text, in_file=True)
    with pytest.raises(SignInError, match="attachwatch signin foi"):
        credentials(microsoft(), tmp_path)()


def test_without_msal_it_is_said_how_to_have_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msal", None)
    with pytest.raises(ConfigurationError, match=r"attachwatch\[microsoft365\]"):
        sign_in(microsoft(), tmp_path, lambda *_: None, in_file=True)
