"""What Ctrl-C, SIGTERM and SIGHUP do to a command: one line, and 128 and the signal's number as the status.

While a command is loaded they end it at once, since a library that is interrupted in its import may turn that into any
other failure. Once it runs there is something to tidy up, so they are raised as SystemExit.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

LINE = "attachwatch: stopped"
ALL = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stopped(SystemExit):
    """A signal came; `code` is the exit status."""


def behind(error: BaseException | None) -> Stopped | None:
    """The signal that `error` is, or that was on its way when tidying up failed for it, as a transaction's may."""
    while error is not None and not isinstance(error, Stopped):
        error = error.__context__
    return error


def at_once() -> None:
    """Have signals end this process where it stands. One that we were started to ignore, as by nohup, stays ignored."""
    _handle(ALL, _end)


def tidily(numbers: tuple[signal.Signals, ...] = ALL) -> None:
    """Have the signals `numbers` raise Stopped, once, and the others do what they do to any process."""
    _handle(tuple(n for n in ALL if n not in numbers), signal.SIG_DFL)
    _handle(numbers, _raise)


def _handle(
    numbers: tuple[signal.Signals, ...], handler: Callable[[int, FrameType | None], None] | signal.Handlers
) -> None:
    for number in numbers:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    os.write(2, f"{LINE}\n".encode())
    os._exit(128 + number)


def _raise(number: int, _frame: FrameType | None) -> NoReturn:
    for other in ALL:  # tidying up takes a moment, and is not to be interrupted
        signal.signal(other, signal.SIG_IGN)
    _raise_until_heard(128 + number)


def _raise_until_heard(status: int) -> NoReturn:
    """Raise Stopped; and again a moment later where it came up in a callback, of whose exceptions Python only tells."""
    former = sys.unraisablehook

    def hook(unheard: "sys.UnraisableHookArgs") -> None:
        if not isinstance(unheard.exc_value, Stopped):
            former(unheard)
            return
        sys.unraisablehook = former
        signal.signal(signal.SIGALRM, lambda *_: _raise_until_heard(status))
        signal.setitimer(signal.ITIMER_REAL, 0.01)

    sys.unraisablehook = hook
    raise Stopped(status)
