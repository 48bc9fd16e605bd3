"""One thing that was looked at, and what becomes of whatever a look raises."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import structlog

from attachwatch.errors import AttachwatchError, ExitStatus

log = structlog.get_logger()


class Outcome(StrEnum):
    """What a check came to."""

    OK = "ok"
    WARNING = "warning"  # it works, and a person should look
    FAILURE = "failure"  # it does not work


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor's: a thing, what is said of it, and what to do where it is not well."""

    name: str
    says: str
    remedy: str = ""
    status: ExitStatus = ExitStatus.OK

    @property
    def outcome(self) -> Outcome:
        if self.status is ExitStatus.OK:
            return Outcome.OK
        return Outcome.WARNING if self.status is ExitStatus.ATTENTION else Outcome.FAILURE


def warning(name: str, says: str, remedy: str) -> Check:
    return Check(name, says, remedy, ExitStatus.ATTENTION)


def failure(name: str, says: str, remedy: str) -> Check:
    return Check(name, says, remedy, ExitStatus.FAILURE)


def failed(name: str, error: AttachwatchError) -> Check:
    return Check(name, error.problem, error.remedy or "Mend that, and look again.", error.status)


def guarded(name: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """What `look` finds, and one failure more, of this name, where something ended it: no check ends the others."""
    try:
        yield from look()
    except AttachwatchError as error:
        yield failed(name, error)
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        yield failure(name, f"{error.strerror or error}{where}", "Check its permissions and the disk it is on.")
    except Exception as error:  # a fault of ours in one check must not hide what the others say
        log.debug("check.crashed", check=name, exc_info=True)
        yield failure(
            name, f"the check itself failed ({type(error).__name__})", "Please report it, with what --verbose logs."
        )
