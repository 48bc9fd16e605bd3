"""Real servers for the tests: a private Dovecot, with a certificate authority of its own."""

import grp
import imaplib
import json
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from imapclient import IMAPClient

from attachwatch.config import MailboxSettings

PASSWORD = "correct-horse"
PASSWORD_ENV = "ATTACHWATCH_TEST_PASSWORD"

_CONFIGURATION = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
default_login_user = {login_user}
default_internal_user = {internal_user}
default_internal_group = {group}
first_valid_uid = 1
mail_home = {root}/home/%u
mail_location = maildir:~/mail
auth_mechanisms = plain login xoauth2 oauthbearer
disable_plaintext_auth = no
auth_failure_delay = 0
ssl = yes
ssl_cert = <{root}/server.pem
ssl_key = <{root}/server.key
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
}}
"""

_TOKENS = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={root}/keys/
username_attribute = sub
username_format = %u
scope = mail
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server; any user name signs in with `PASSWORD`, or with a token signed by `token_key`."""

    plain: int
    tls: int
    ca_file: Path
    token_key: Path


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One account of the test server, for the test alone."""

    server: Dovecot
    username: str

    def token(self, *, lasts: float = 3600, **claims: object) -> str:
        """An access token (JWT) for this account, or for whom `claims` say."""
        jwt = pytest.importorskip("jwt")
        key, now = self.server.token_key.read_bytes(), int(time.time())
        usual = {"sub": self.username, "scope": "mail", "iat": now - 60, "exp": now + int(lasts)}
        return str(jwt.encode(usual | claims, key, algorithm="ES256"))

    def settings(self, **changes: object) -> MailboxSettings:
        values: dict[str, object] = {
            "name": "test",
            "host": "localhost",
            "port": self.server.tls,
            "ca_file": self.server.ca_file,
            "username": self.username,
            "password_env": PASSWORD_ENV,
            "timeout": "10s",
        }
        if changes.get("auth", "password") != "password":
            del values["password_env"]
        return MailboxSettings.model_validate(values | changes)

    def toml(self, **changes: str | int) -> str:
        """The [[mailbox]] table of a configuration."""
        values = self.settings().model_dump(mode="json", include={"host", "port", "ca_file", "username"})
        values |= {"timeout": "10s"} | changes
        if "password_command" not in changes and "auth" not in changes:
            values["password_env"] = PASSWORD_ENV
        lines = (f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in values.items())
        return "\n".join(["[[mailbox]]", *lines])

    @contextmanager
    def client(self) -> Iterator[Any]:
        with IMAPClient("127.0.0.1", port=self.server.plain, ssl=False, timeout=10) as client:
            client.login(self.username, PASSWORD)
            yield client

    def append(self, message: bytes, when: datetime | None = None, folder: str = "INBOX") -> None:
        with self.client() as client:
            client.append(folder, message, (), when or datetime.now(UTC))

    def flags(self, folder: str = "INBOX") -> dict[int, tuple[object, ...]]:
        """UID, flags and MODSEQ of every message, and under 0 the folder's HIGHESTMODSEQ: what a reader that leaves no
        trace does not change."""
        with self.client() as client:
            client.enable("CONDSTORE")
            client.select_folder(folder, readonly=True)
            answers = client.fetch(client.search("ALL"), ["FLAGS", "MODSEQ"])
            folder_s = client.folder_status(folder, ["HIGHESTMODSEQ", "UNSEEN", "RECENT"])
            return {uid: (a[b"FLAGS"], a[b"MODSEQ"]) for uid, a in answers.items()} | {0: (tuple(folder_s.items()), 0)}

    def drafts(self) -> list[bytes]:
        with self.client() as client:
            client.select_folder("Drafts", readonly=True)
            return [a[b"BODY[]"] for a in client.fetch(client.search("ALL"), ["BODY.PEEK[]"]).values()]


def find_dovecot() -> str | None:
    return shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def dovecot(root: Path, more: str = "") -> Iterator[Dovecot]:
    """Run a Dovecot below `root`, which other users must be able to pass through, with `more` in its configuration."""
    program = find_dovecot()
    assert program is not None
    server = Dovecot(_free_port(), _free_port(), root / "ca.pem", root / "token.key")
    _write_certificates(root)
    _write_token_key(root, server.token_key)
    own = pwd.getpwuid(os.getuid())
    # Dovecot keeps no mail as root, and lets nobody but its own users sign others in.
    keeper = pwd.getpwnam("nobody") if own.pw_uid == 0 else own
    (root / "home").mkdir()
    os.chown(root / "home", keeper.pw_uid, keeper.pw_gid)
    configuration = root / "dovecot.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            root=root,
            login_user="dovenull" if own.pw_uid == 0 else own.pw_name,
            internal_user="dovecot" if own.pw_uid == 0 else own.pw_name,
            group="dovecot" if own.pw_uid == 0 else grp.getgrgid(own.pw_gid).gr_name,
            password=PASSWORD,
            uid=keeper.pw_uid,
            gid=keeper.pw_gid,
            plain=server.plain,
            tls=server.tls,
        )
        + more
    )
    with subprocess.Popen([program, "-F", "-c", configuration], stderr=subprocess.PIPE) as process:
        try:
            _wait_until_it_answers(server, process, root / "log")
            yield server
        finally:
            process.terminate()
            process.wait(10)


def _write_certificates(root: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(str(root / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(root / "server.key"))
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(str(root / "server.pem"), append=True)


def _write_token_key(root: Path, private: Path) -> None:
    """The key that tokens are signed with, and its public half where Dovecot looks for it: issuer, algorithm, key."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = serialization.Encoding.PEM
    private.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    public = root / "keys" / "default" / "ES256" / "default"
    public.parent.mkdir(parents=True)
    public.write_bytes(key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo))
    (root / "oauth2.conf").write_text(_TOKENS.format(root=root))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(server: Dovecot, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(200):
        try:
            imaplib.IMAP4("127.0.0.1", server.plain, timeout=5).logout()
        except (OSError, imaplib.IMAP4.error):
            if process.poll() is not None:
                break
            time.sleep(0.05)
        else:
            return
    said = log.read_text() if log.exists() else (process.stderr.read().decode() if process.stderr else "")
    raise RuntimeError(f"Dovecot does not answer: {said[-2000:]}")
