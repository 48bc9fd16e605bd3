"""The property list that `attachwatch watch` runs under on macOS (launchd.plist(5)). Pure."""

import plistlib
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from attachwatch.service.unit import MARK, Run, Scope

LABEL = "org.attachwatch.watch"
NAME = f"{LABEL}.plist"


def property_list(run: Run, scope: Scope) -> str:
    """The whole file."""
    values: dict[str, Any] = {
        "Label": LABEL,
        "ProgramArguments": list(run.command),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Umask": 0o077,
    }
    if scope == "system" and run.user:
        values["UserName"] = run.user
    text = plistlib.dumps(values, sort_keys=False).decode()
    return text.replace("<plist ", f"<!-- {MARK}, which writes it anew. -->\n<plist ", 1)


def enabling(path: Path, scope: Scope) -> Sequence[str]:
    """The commands that set it going."""
    place = shlex.quote(str(path))
    return (
        f"sudo launchctl bootstrap system {place}" if scope == "system" else f"launchctl bootstrap gui/$UID {place}",
    )
