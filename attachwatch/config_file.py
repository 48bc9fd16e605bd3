"""Changes to the configuration file. What is not changed stays as it was written, comments and all; what the file would
then say is checked first, and put in its place at once and whole."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from attachwatch import config
from attachwatch.errors import AttachwatchError, ConfigurationError

Check = Callable[[Path], object]  # raises where what stands in a file cannot be used


def add_case(path: Path, values: Mapping[str, Any], check: Check = config.load) -> None:
    """Add a [[case]] at the end of the file."""
    text = _read(path)
    block = tomlkit.dumps({"case": _tables(values)})
    gap = "" if not text or text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"
    replace(path, text, f"{text}{gap}{block}", check)


def change_case(path: Path, reference: str, changes: Mapping[str, Any], check: Check = config.load) -> None:
    """Give keys of the case with this reference other values; None takes a key out."""
    text = _read(path)
    try:
        document = tomlkit.parse(text)
        (table,) = [c for c in document["case"] if c.get("reference") == reference]
    except (TOMLKitError, KeyError, ValueError):
        raise ConfigurationError(
            f"{path}: there is no one [[case]] with the reference {reference!r} that could be changed",
            "Change it with an editor: attachwatch cases edit without options.",
        ) from None
    _change(table, changes)
    replace(path, text, tomlkit.dumps(document), check)


def change_store(path: Path, changes: Mapping[str, Any], check: Check = config.load) -> None:
    """Give keys of [store] other values; None takes a key out. The table is made where there is none."""
    text = _read(path)
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}", "See https://toml.io for the form.") from None
    if "store" not in document:
        document["store"] = tomlkit.table()
    _change(document["store"], changes)
    replace(path, text, tomlkit.dumps(document), check)


def replace(path: Path, before: str, after: str, check: Check = config.load) -> None:
    """Put `after` in the place of `before`, with its mode, unless `check` or somebody's change in the meantime forbids.

    Raises ConfigurationError and its kin; the file is then as it was.
    """
    real = path.resolve()  # a symbolic link stays one
    beside = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        _write(beside, after, real.stat())
        try:
            check(beside)
        except AttachwatchError as error:
            said = error.problem.replace(str(beside), str(path))
            raise type(error)(f"{said.rstrip('.')}; {path} was left as it was", error.remedy) from None
        if _read(path) != before:
            raise ConfigurationError(f"{path} was changed by another program meanwhile", "Try again.")
        beside.replace(real)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be written: {error.strerror}", "Check its permissions.") from None
    finally:
        with suppress(OSError):
            beside.unlink()


def _change(table: Any, changes: Mapping[str, Any]) -> None:
    for key, value in changes.items():
        if value is not None:
            table[key] = value
        elif key in table:
            del table[key]


def _tables(values: Mapping[str, Any]) -> tomlkit.items.AoT:
    tables, table = tomlkit.aot(), tomlkit.table()
    for key, value in values.items():
        table[key] = value
    tables.append(table)
    return tables


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}", "Check its permissions.") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}", "See https://toml.io for the form.") from None


def _write(beside: Path, text: str, like: os.stat_result) -> None:
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
        if (like.st_uid, like.st_gid) != (os.geteuid(), os.getegid()):
            with suppress(PermissionError):  # then it is of who changed it
                os.fchown(file.fileno(), like.st_uid, like.st_gid)
        os.fchmod(file.fileno(), like.st_mode & 0o777)
