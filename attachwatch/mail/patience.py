"""How long to wait after a failure: longer each time, never all at once, and never less than the server asks for. Pure.

The libraries for this (tenacity, stamina) call a function again and again; here a schedule calls, and asks only when.
"""

import random
import re
from enum import StrEnum

from attachwatch.errors import CertificateError, ConfigurationError, FolderError, ServerError, SignInError

LONGEST = 15 * 60.0  # seconds
_LONGEST_ASKED = 24 * 3600.0  # what a server may ask for; it may err
_SUGGESTED = re.compile(r"Suggested Backoff Time:\s*(\d{1,15})\d*\s*milliseconds", re.IGNORECASE)  # Exchange
_BUSY = re.compile(  # RFC 5530; THROTTLED and OVERQUOTA are Gmail's
    r"\[(?:LIMIT|UNAVAILABLE|INUSE|THROTTLED|OVERQUOTA)\b|\bthrottled\b|too many (?:simultaneous )?connections",
    re.IGNORECASE,
)


class Trouble(StrEnum):
    """What kind of failure it was, as far as waiting is concerned."""

    LINE = "line"  # the line broke, or the server is not there
    BUSY = "busy"  # the server asks to be left alone
    SIGN_IN = "sign-in"  # the password is wrong; trying on may lock the account
    SET_UP = "set-up"  # a person must mend something
    OURS = "ours"  # the store, the readers, or a bug


_FIRST = {Trouble.LINE: 2.0, Trouble.BUSY: 60.0, Trouble.SIGN_IN: 600.0, Trouble.SET_UP: 60.0, Trouble.OURS: 10.0}


def trouble(error: BaseException) -> Trouble:
    if isinstance(error, SignInError):
        return Trouble.SIGN_IN
    if isinstance(error, CertificateError | FolderError | ConfigurationError):
        return Trouble.SET_UP
    if not isinstance(error, ServerError):
        return Trouble.OURS
    said = str(error)
    return Trouble.BUSY if _BUSY.search(said) or _SUGGESTED.search(said) else Trouble.LINE


def asked_for(said: str) -> float:
    """The seconds that a server asks us to wait; 0 where it names none."""
    found = _SUGGESTED.search(said)
    return min(int(found[1]) / 1000, _LONGEST_ASKED) if found else 0.0


def wait(failures: int, error: BaseException, chance: float | None = None) -> float:
    """Seconds until the next try, after `failures` failures in a row of which `error` is the last.

    Between half and all of what doubles each time, so that mailboxes of one server do not come back together.
    """
    chance = random.random() if chance is None else chance  # noqa: S311 - no secret
    doubled = min(LONGEST, _FIRST[trouble(error)] * 2.0 ** min(failures - 1, 20))
    return max(doubled * (1 + chance) / 2, asked_for(str(error)) * (1 + chance / 10))
