"""Tells the user of a new draft, where they want that: by a command of their own, or on the desktop.

A notice is given once the draft is durable, and never a second time: one that fails, or is cut off by the end of the
process, is lost, since the draft itself waits in the queue. Nothing from a mail is in it.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

import structlog

from attachwatch.config import NoticeSettings
from attachwatch.model import Draft, DraftKind

_SECONDS = 10.0  # that a command may take
_KEPT = (  # of the environment: what a program needs to find its files, its language and the screen; no password
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "LANG", "LANGUAGE", "TZ", "DISPLAY", "WAYLAND_DISPLAY",
    "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CURRENT_DESKTOP", "SYSTEMROOT", "USERPROFILE",
)  # fmt: skip
_WORDS = {
    DraftKind.REPORT: "a reply on what does not open",
    DraftKind.REMINDER: "a reminder",
    DraftKind.THANKS: "a letter of thanks",
}
_APPLESCRIPT = ("on run argv", 'display notification (item 1 of argv) with title "attachwatch"', "end run")
log = structlog.get_logger()


def tell(settings: NoticeSettings, drafts: Iterable[Draft]) -> None:
    """Tell of each of `drafts` that was made; what goes wrong is logged, and stops nothing. After a command that hangs
    no other is begun, so that many drafts do not hold the poll up for long."""
    for draft in drafts:
        if not all(_run(command, draft.id) for command in _commands(settings, draft)):
            return


def _commands(settings: NoticeSettings, draft: Draft) -> Iterator[Sequence[str]]:
    if settings.command:
        yield (*settings.command, str(draft.id), draft.case, draft.kind.value)
    if settings.desktop:
        text = f"{draft.case}: {_WORDS[draft.kind]} waits for your review (draft {draft.id})."
        if command := _desktop(text):
            yield command
        else:
            log.warning("notice.impossible", draft=draft.id, problem="neither notify-send nor osascript is installed")


def _desktop(text: str) -> Sequence[str]:
    if program := shutil.which("notify-send"):
        return (program, "--app-name=attachwatch", "--", "attachwatch", text)
    if program := shutil.which("osascript"):
        return (program, *(part for line in _APPLESCRIPT for part in ("-e", line)), text)
    return ()


def _run(command: Sequence[str], number: int) -> bool:
    """Run it for the draft of this number; False where it had to be ended."""
    environment = {k: v for k, v in os.environ.items() if k in _KEPT or k.startswith("LC_")}
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        log.warning("notice.failed", draft=number, problem=f"it cannot be started: {error}")
        return True
    try:
        status = process.wait(_SECONDS)
    except subprocess.TimeoutExpired:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.warning("notice.failed", draft=number, problem=f"it took over {_SECONDS:g} s and was ended")
        return False
    if status:
        log.warning("notice.failed", draft=number, problem=f"it ended with {status}")
    else:
        log.info("notice.given", draft=number)
    return True
