"""The first configuration file, with the comments that explain it; put in its place whole or not at all."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from attachwatch.config_file import Check
from attachwatch.errors import AttachwatchError, ConfigurationError, UsageError

_HEAD = (
    "The configuration of attachwatch, made by `attachwatch init`. It is yours to change: its documentation and",
    "config/attachwatch.example.toml tell of every key. Paths are relative to the folder that this file is in.",
    "Passwords never stand here.",
)
_COLUMN = 34  # where comments begin

# The words of config/attachwatch.example.toml, or their beginning; a test holds them against it.
_COMMENTS = {
    ("store", "path"): "attachments, ledger and lock; made with mode 0700",
    ("mailbox", "port"): '993 for tls = "implicit", 143 for "starttls", if left out',
    ("mailbox", "tls"): "implicit | starttls | none (none: only for a server on this machine)",
    ("mailbox", "ca_file"): "if the server's certificate is of an authority of your own",
    ("mailbox", "password_env"): "the environment variable that holds the password",
    ("mailbox", "password_command"): "a command that prints it",
    ("mailbox", "auth"): "password | xoauth2 | oauthbearer",
    ("mailbox", "sign_in"): "microsoft365 | google",
    ("mailbox", "client_id"): "of the program that you registered there",
    ("mailbox", "tenant"): "Microsoft: if your organisation lets in only its own",
    ("mailbox", "client_secret_env"): "Google: read by `attachwatch signin` alone",
    ("mailbox", "folders"): "watched; only ever read",
    ("case", "authority"): "domains, with their subdomains, and addresses",
    ("case", "annexes"): 'what you expect; or here: ["Annex A", "Annex D(i) to D(ix)"]',
    ("case", "quiet_period"): 'draft when the authority says "final email", or after this silence',
    ("case", "language"): 'of the drafts: "en", "de" or "fr"; with a country, "en-IE", for its dates',
    ("case", "jurisdiction"): 'by whose law and holidays days are counted: ISO 3166, as "GB-SCT", "US", "DE-BE"',
}


def text(store: Path, mailbox: Mapping[str, Any], case: Mapping[str, Any]) -> str:
    """The whole file."""
    document = tomlkit.document()
    for line in _HEAD:
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    document.add("store", _table("store", {"path": str(store)}))
    document.add("mailbox", _one("mailbox", mailbox))
    document.add("case", _one("case", case))
    return tomlkit.dumps(document)


def create(path: Path, content: str, check: Check, *, force: bool) -> None:
    """Put `content` at `path` with mode 0600; raise UsageError where something is there and `force` is not.

    Raises what `check` has against it; nothing is written then.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            check(beside)
        except AttachwatchError as error:
            said = error.problem.replace(str(beside), str(path))
            raise type(error)(f"{said.rstrip('.')}; nothing was written", error.remedy) from None
        if force:
            beside.replace(path)
        else:
            path.hardlink_to(beside)  # which fails where something is there, whoever was quicker
    except FileExistsError:
        raise exists(path) from None
    except OSError as error:
        raise ConfigurationError(
            f"{path}: cannot be written: {error.strerror}", "Name another with --config."
        ) from None
    finally:
        with suppress(OSError):
            beside.unlink()


def exists(path: Path) -> UsageError:
    return UsageError(
        f"{path} is there already", "Name another file with --config FILE, or have it written over with --force."
    )


def _one(kind: str, values: Mapping[str, Any]) -> AoT:
    tables = tomlkit.aot()
    tables.append(_table(kind, values))
    return tables


def _table(kind: str, values: Mapping[str, Any]) -> Table:
    table = tomlkit.table()
    for key, value in values.items():
        item = tomlkit.item(value)
        if comment := _COMMENTS.get((kind, key)):
            item.comment(comment)
            item.trivia.comment_ws = " " * max(1, _COLUMN - len(f"{key} = {item.as_string()}"))
        table.add(key, item)
    if kind == "mailbox" and not {"password_env", "password_command", "auth"} & set(values):
        table.add(tomlkit.comment(f"The password is in the system's keyring: keyring set attachwatch {_line(values)}"))
    if kind == "case" and "annexes" not in values:
        table.add(tomlkit.comment(f'annexes = "annexes.txt"        # {_COMMENTS["case", "annexes"]}'))
    table.add(tomlkit.nl())
    return table


def _line(values: Mapping[str, Any]) -> str:
    name = str(values["username"])
    return name if name.isprintable() else ascii(name)
