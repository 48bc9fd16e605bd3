"""What is told of the pictures of large mailboxes, kept in the ledger for as long as it holds.

A picture is derived from nothing but what its key is made of, and the time. So what was told of it holds while the key
is the same, and until the instant that the picture itself names (`Overview.until`).
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import structlog
from pydantic import TypeAdapter

from attachwatch import __version__
from attachwatch.config import MailboxSettings, Settings
from attachwatch.errors import StoreError
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import Case

if TYPE_CHECKING:  # whoever finds what is kept is spared what it takes to derive it
    from attachwatch.service.overview import Overview

MANY = 2_000  # files of a mailbox, from which on it is kept: fewer are told of soon enough
RESTS = "rests"  # the name under which it is kept whether a poll that finds nothing new has anything to do
_YES, _NO = b"yes", b"no"
_CASES = TypeAdapter(tuple[Case, ...])

T = TypeVar("T")
Telling = Callable[[str, "Overview"], bytes]  # of a mailbox, by its name
log = structlog.get_logger()


@dataclass(frozen=True)
class Pictures:
    """The pictures of the mailboxes of one ledger, and by their names the `tellings` that are kept of them."""

    settings: Settings
    cases: tuple[Case, ...]
    ledger: Ledger
    tellings: Mapping[str, Telling] = field(default_factory=dict)

    def overview(self, mailbox: MailboxSettings) -> "Overview":
        """The picture of a mailbox, derived anew; what is told of it is kept where the mailbox is large."""
        from attachwatch.service.overview import overview

        key = self.key(mailbox)
        picture = overview(self.ledger, mailbox.name, self.cases, mailbox.trusted_authserv_id)
        if self._is_large(mailbox):
            self._keep(mailbox, key, picture)
        return picture

    def told(self, mailbox: MailboxSettings, name: str, read: Callable[[bytes], T]) -> T:
        """What is told of it under one of the names of `tellings`, as it was kept or else derived anew. `read` raises
        ValueError for what was spoilt since."""
        kept = self._kept(mailbox, name)
        if kept is not None:
            with suppress(ValueError):
                return read(kept)
        return read(self.tellings[name](mailbox.name, self.overview(mailbox)))

    def rests(self, mailbox: MailboxSettings) -> bool:
        """Whether it is known that a poll that found nothing new has nothing to do."""
        return self._is_large(mailbox) and self._kept(mailbox, RESTS) == _YES

    def prepare(self, mailbox: MailboxSettings) -> None:
        """See to it that what is told of a large mailbox is kept, so that nobody has to wait for it."""
        if self._is_large(mailbox) and self._kept(mailbox, RESTS) is None:
            self.overview(mailbox)

    def key(self, mailbox: MailboxSettings) -> str:
        """A hash of all that the picture of a mailbox is derived from, but for the time.

        It is asked for before anything else is: what changes meanwhile then makes another key.
        """
        return _hash(self._basis, _zone(), str(self.ledger.version()), mailbox.name)

    @cached_property
    def _basis(self) -> str:
        return _hash(_program(), self.settings.model_dump_json(), _CASES.dump_json(self.cases).decode())

    def _is_large(self, mailbox: MailboxSettings) -> bool:
        return self.ledger.files(mailbox.name) >= MANY

    def _kept(self, mailbox: MailboxSettings, name: str) -> bytes | None:
        return self.ledger.picture(mailbox.name, name, self.key(mailbox), datetime.now(UTC))

    def _keep(self, mailbox: MailboxSettings, key: str, picture: "Overview") -> None:
        told = {name: tell(mailbox.name, picture) for name, tell in self.tellings.items()}
        rests = {RESTS: _YES if picture.rests else _NO}
        try:
            self.ledger.keep_pictures(mailbox.name, key, picture.made, picture.until, told | rests)
        except StoreError as error:  # it can be told all the same
            log.warning("picture.not-kept", mailbox=mailbox.name, problem=str(error))


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@cache
def _program() -> str:
    """Which attachwatch derives, by the times and sizes of its files, too; and which days off it knows."""
    holidays = find_spec("holidays")
    own = Path(__file__).parents[1]
    files = [*own.rglob("*.py"), *own.rglob("*.toml"), Path((holidays and holidays.origin) or __file__)]
    states = ((str(p), s.st_size, s.st_mtime_ns) for p in sorted(files) for s in [p.stat()])
    return repr((__version__, sys.version, *states))


def _zone() -> str:
    """By which clock the user lives."""
    return repr((os.environ.get("TZ"), time.tzname, time.timezone, time.altzone, os.path.realpath("/etc/localtime")))
