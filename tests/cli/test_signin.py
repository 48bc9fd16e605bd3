"""Signing in as a user does, the daemon that goes on from there, and no secret in what either leaves behind."""

import base64
import json
import os
import shlex
import ssl
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from attachwatch.demo import story
from tests import oauth, program, schemas
from tests.cli.test_watch import configure
from tests.oauth import CLIENT, SECRET, Provider
from tests.program import run
from tests.servers import PASSWORD, Mailbox

_PROGRAM = """
import sys
from attachwatch.mail.signin import google, microsoft
google.ENDPOINTS = google.Endpoints(sys.argv[1] + "/common/authorize", sys.argv[1] + "/common/token")
microsoft.AUTHORITY = sys.argv.pop(1)
from attachwatch.cli import main
main()
"""


@pytest.fixture
def provider(mailbox: Mailbox, tmp_path: Path) -> Iterator[Provider]:
    with oauth.provider(tmp_path) as made:
        made.access = mailbox.token
        yield made


def environment(provider: Provider) -> dict[str, str]:
    return os.environ | {
        "SSL_CERT_FILE": str(provider.ca_file),
        "REQUESTS_CA_BUNDLE": str(provider.ca_file),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "GOOGLE_SECRET": SECRET,
    }


def start(provider: Provider, *words: object) -> "subprocess.Popen[str]":
    """The program, with `provider` in the place of Microsoft and Google."""
    command = [sys.executable, "-c", _PROGRAM, provider.base, *map(str, words)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment(provider))


def done(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    with process:
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def sign_in(provider: Provider, configuration: Path, *words: object) -> tuple[int, str, str]:
    """Run `attachwatch signin foi`, and play the user's browser where it is sent somewhere."""
    process = start(provider, "signin", "foi", "--config", configuration, *words)
    assert process.stderr is not None
    told = ""
    while "\nand " not in told and (line := process.stderr.readline()):
        told += line
    url = next((word for word in told.split() if word.startswith(provider.base)), None)
    if url:
        answer = urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)
        for stranger in ("/favicon.ico", "/?code=canary&state=guessed", "/?state=%ff"):
            with urllib.request.urlopen(answer["redirect_uri"][0] + stranger, timeout=10):
                pass
        context = ssl.create_default_context(cafile=str(provider.ca_file))
        with urllib.request.urlopen(url, context=context, timeout=10) as page:
            assert b"close this page" in page.read()
    status, out, err = done(process)
    return status, out, told + err


def by(name: str) -> dict[str, str]:
    if name == "microsoft365":
        pytest.importorskip("msal")
        return {"sign_in": name, "client_id": CLIENT}
    return {"sign_in": name, "client_id": CLIENT, "client_secret_env": "GOOGLE_SECRET"}


def left_behind(store: Path) -> bytes:
    """All that stands in the store, but for the one file that keeps the grant."""
    files = [p for p in store.rglob("*") if p.is_file() and not p.match("sign-in-*.json")]
    assert any(p.name == "ledger.sqlite3" for p in files)
    return b"".join(p.read_bytes() for p in files)


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
@pytest.mark.parametrize("name", ["microsoft365", "google"])
def test_one_signs_in_once_and_the_daemon_goes_on_from_there(
    mailbox: Mailbox, provider: Provider, tmp_path: Path, name: str, auth: str
) -> None:
    mailbox.append(story.first_response()[0])
    configuration = configure(mailbox, tmp_path, auth=auth, **by(name))
    provider.lifetime = 1  # so that each connect must refresh
    status, out, err = sign_in(provider, configuration, "--json", "--verbose")
    assert status == 0, err
    assert json.loads(out)["mailbox"] == "foi"
    assert schemas.faults("signin", json.loads(out)) == []
    if name == "microsoft365":
        assert "https://provider.example/device" in err
        assert "ABCD-1234" in err
    (grant,) = (tmp_path / "store").glob("sign-in-*.json")
    assert json.loads(out)["kept"] == str(grant)
    assert grant.stat().st_mode & 0o777 == 0o600
    texts = [out, err]
    for _ in range(2):
        before = grant.read_text()
        status, out, err = done(start(provider, "watch", "--once", "--verbose", "--config", configuration))
        assert status == 0, err
        assert grant.read_text() != before  # it was rotated
        texts += [out, err]
    assert len([form for form in provider.asked if form["grant_type"] == "refresh_token"]) == 3
    everything = "".join(texts).encode() + left_behind(tmp_path / "store")
    assert len(provider.given) > 7
    assert [secret for secret in [*provider.given, SECRET] if secret.encode() in everything] == []


@pytest.mark.parametrize("name", ["microsoft365", "google"])
def test_a_grant_that_lapsed_is_said_with_the_provider_s_words_and_what_to_do(
    mailbox: Mailbox, provider: Provider, tmp_path: Path, name: str
) -> None:
    configuration = configure(mailbox, tmp_path, auth="xoauth2", **by(name))
    status, _, err = done(start(provider, "watch", "--once", "--config", configuration))
    assert (status, "nobody has signed in" in err, "attachwatch signin foi" in err) == (3, True, True)
    provider.lifetime = 1
    assert sign_in(provider, configuration)[0] == 0
    provider.refusal = "AADSTS50173: the password was changed"
    status, out, err = done(start(provider, "watch", "--once", "--verbose", "--config", configuration))
    assert status == 3
    assert provider.refusal in err
    assert "Sign in again: attachwatch signin foi" in err
    assert "Traceback" not in err
    assert [s for s in [*provider.given, SECRET] if s in out + err] == []


def test_a_refused_sign_in_and_a_mailbox_without_one_are_one_line(
    mailbox: Mailbox, provider: Provider, tmp_path: Path
) -> None:
    configuration = configure(mailbox, tmp_path, auth="xoauth2", **by("google"))
    provider.refusal = "access denied"
    status, _, err = sign_in(provider, configuration)
    assert (status, "Google refused the sign-in: access denied" in err) == (3, True)
    assert run("signin", "bar", "--config", configuration).stderr.startswith("attachwatch: there is no mailbox 'bar'")
    by_password = run("signin", "foi", "--config", configure(mailbox, tmp_path))
    assert (by_password.returncode, 'sign_in = "microsoft365"' in by_password.stderr) == (2, True)


@pytest.mark.parametrize("auth", ["password", "xoauth2", "oauthbearer"])
def test_no_secret_is_left_in_anything_whether_it_is_right_or_wrong(
    mailbox: Mailbox, tmp_path: Path, auth: str
) -> None:
    mailbox.append(story.first_response()[0])
    secrets = ["canary-wrong-secret", "canary \u00fc wrong", PASSWORD]
    if auth != "password":
        secrets = [secrets[0], mailbox.token(lasts=-60), mailbox.token(sub="canary@other.example"), mailbox.token()]
    kind = "password" if auth == "password" else "token"
    everything = b""
    for secret in secrets:
        print_it = shlex.join([sys.executable, "-c", "import os; print(os.environ['CANARY'])"])
        configuration = configure(mailbox, tmp_path, auth=auth, **{f"{kind}_command": print_it})
        done = program.start(
            "watch", "--once", "--verbose", "--config", configuration, CANARY=secret, PYTHONDEVMODE="1"
        )
        right = secret == secrets[-1]
        assert done.returncode == (0 if right else 3), done.stderr
        assert ("refused the sign-in" in done.stderr) is not right
        everything += (done.stdout + done.stderr).encode()
    everything += left_behind(tmp_path / "store")
    coded = [base64.b64encode(secret.encode())[4:-4] for secret in secrets]
    signatures = [secret.rpartition(".")[2].encode() for secret in secrets]
    assert [sign for sign in (*coded, *signatures, b"canary") if sign in everything] == []
