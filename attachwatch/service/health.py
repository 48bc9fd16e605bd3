"""How the daemon is, as a file that anyone may read while it runs: JSON, always whole."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

WRITTEN_EVERY = 10.0  # seconds, at the latest
_STALE = timedelta(minutes=1)


class Doing(StrEnum):
    """What a mailbox's schedule does."""

    POLLING = "polling"
    WAITING = "waiting"  # for the next poll
    BACKING_OFF = "backing-off"  # since the last one failed


class Idle(StrEnum):
    """Whether the server tells of new mail."""

    OFF = "off"
    ON = "on"
    CONNECTING = "connecting"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True)
class Counts:
    """What happened since the start."""

    polls: int = 0  # that ended, well or not
    failed: int = 0  # of these
    crashed: int = 0  # of these: by a fault of ours
    cut: int = 0  # ran into the deadline
    overlapped: int = 0  # were due while the one before still ran
    missed: int = 0  # were due while nothing ran


@dataclass(frozen=True, slots=True)
class MailboxHealth:
    name: str
    doing: Doing
    idle: Idle
    last_started: datetime | None
    last_success: datetime | None
    next_poll: datetime | None
    failures: int  # in a row
    trouble: str | None  # the kind of the last failure, while it lasts
    problem: str | None  # its words
    counts: Counts


@dataclass(frozen=True, slots=True)
class Health:
    pid: int
    started: datetime
    updated: datetime
    ended: bool
    mailboxes: tuple[MailboxHealth, ...]

    @property
    def is_alive(self) -> bool:
        """Whether the daemon that wrote this is there, as far as a file can tell."""
        return not self.ended and datetime.now(UTC) - self.updated < _STALE

    @property
    def summary(self) -> str:
        """One line for `systemctl status`."""
        failing = [m.name for m in self.mailboxes if m.failures]
        said = f"watching {len(self.mailboxes)} mailbox{'es' if len(self.mailboxes) != 1 else ''}"
        return f"{said}; failing: {', '.join(failing)}" if failing else said


_HEALTH = TypeAdapter(Health)


def write(path: Path, health: Health) -> None:
    """Put `health` in the place of what was there, at once and whole; raise OSError where that cannot be."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_HEALTH.dump_json(health, indent=2) + b"\n")
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise


def read(path: Path) -> Health | None:
    """What was written last; None where nothing was, or something else."""
    try:
        return _HEALTH.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def as_json(health: Health | None) -> object:
    return health and {"alive": health.is_alive} | _HEALTH.dump_python(health, mode="json")
