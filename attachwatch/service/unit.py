"""The systemd unit that `attachwatch watch` runs under. Pure.

Everything is forbidden that reading a mailbox and confining workers does not need. Of what might be forbidden, left
free are: forking (each file has a process), Landlock's three system calls and prctl(2) (workers confine themselves by
them; where they were denied, the workers would go on without), and prlimit(2), by which workers are bounded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from attachwatch.errors import UsageError

Scope = Literal["user", "system"]

NAME = "attachwatch.service"
MARK = "Written by `attachwatch service`"

_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
_SANDBOX = """
# Nothing more than a mailbox reader needs.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
PrivateDevices=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
RemoveIPC=yes
KeyringMode=private
UMask=0077
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
# The workers confine themselves by Landlock, whose calls not every version of systemd counts among a service's.
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallFilter=landlock_create_ruleset landlock_add_rule landlock_restrict_self
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What is to run: the program with its arguments, as whom, and where it may write."""

    command: tuple[str, ...]
    user: str | None  # None: whose manager it is
    writable: tuple[Path, ...]  # folders
    readable: tuple[Path, ...] = ()  # what else it opens
    environment_file: Path | None = None


def unit(run: Run, scope: Scope) -> str:
    """The whole file; raise UsageError for a path that systemd has no way to write."""
    if forbidden := set(run.command[0]) & set("\"'\\"):
        raise UsageError(
            f"systemd runs no program whose path has {min(forbidden)} in it: {run.command[0]}",
            "Install attachwatch in another folder.",
        )
    mandatory = [f"ExecStart={_words((':' + run.command[0], *run.command[1:]))}"]  # ":": no variables in it
    if run.environment_file:
        mandatory.append(f"EnvironmentFile={_plain(run.environment_file)}")
    if scope == "system" and run.user:
        mandatory.append(f"User={_plain(run.user)}")
    return "\n".join(
        (
            f"# {MARK}, which writes it anew; changes of your own belong in a drop-in: systemctl edit {NAME}",
            "[Unit]",
            "Description=Watch a mailbox for attachments that do not open",
            *(("Wants=network-online.target", "After=network-online.target") if scope == "system" else ()),
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            "Type=notify",
            "NotifyAccess=main",
            *mandatory,
            "ExecReload=kill -HUP $MAINPID",
            "Restart=on-failure",
            "RestartSec=30",
            "# Status 2: the configuration cannot be used. Trying again would not help.",
            "RestartPreventExitStatus=2",
            "WatchdogSec=120",
            "TimeoutStopSec=60",
            f"ReadWritePaths={_words(map(str, run.writable))}",
            *_SANDBOX.format(home="read-only" if _needs_homes(run, scope) else "yes").rstrip().splitlines(),
            # A user's manager can do the rest only in a namespace of users; the system's needs none for it.
            *(("PrivateUsers=yes",) if scope == "user" else ()),
            "",
            "[Install]",
            f"WantedBy={'multi-user' if scope == 'system' else 'default'}.target",
            "",
        )
    )


def enabling(scope: Scope) -> Sequence[str]:
    """The commands that set it going."""
    manager = "systemctl --user" if scope == "user" else "sudo systemctl"
    lasting = ("loginctl enable-linger",) if scope == "user" else ()  # also while nobody is logged in
    return f"{manager} daemon-reload", f"{manager} enable --now {NAME}", *lasting


def _needs_homes(run: Run, scope: Scope) -> bool:
    """A user's keyring is spoken to by a socket in /run/user, which counts as one."""
    at_home = (path.is_relative_to(home) for path in run.writable + run.readable for home in _HOMES)
    return scope == "user" or any(at_home)


def _words(words: Iterable[str]) -> str:
    """systemd.syntax(7): in quotation marks, with "%" doubled."""
    return " ".join('"' + _plain(word).replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)


def _plain(value: Path | str) -> str:
    """One value to the end of the line, whose "%" is no specifier."""
    text = str(value)
    if not text.isprintable():
        raise UsageError(f"{text!r} cannot stand in a unit of systemd", "Choose a path without control characters.")
    return text.replace("%", "%%")
