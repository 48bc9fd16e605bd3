"""The systemd unit: what it forbids, and that the program and its workers get on under it."""

import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from attachwatch.demo import story
from attachwatch.errors import UsageError
from attachwatch.service.unit import Run, Scope, enabling, unit
from tests.cli.test_watch import configure
from tests.program import run
from tests.servers import Mailbox

RUN = Run(("/opt/attachwatch/bin/python", "-m", "attachwatch"), "foi", (Path("/var/lib/foi"),))
SAMPLES = Path(__file__).parents[2] / "corrupt_samples"

_ANALYZE = shutil.which("systemd-analyze")
_NUMBERS = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")

# Takes from itself every system call but those named, as the unit's SystemCallFilter does (EPERM), and executable
# memory that can be written, as MemoryDenyWriteExecute does where the kernel has it; then becomes the program.
LAUNCHER = """
import ctypes, os, struct, sys
from attachwatch.inspection import confinement as c
steps = [(c._LOAD, 0, 0, 0)]
for number in map(int, sys.argv[1].split(",")):
    steps += [(c._EQUAL, 0, 1, number), (c._RETURN, 0, 0, c._ALLOW)]
steps.append((c._RETURN, 0, 0, c._DENY))
program = b"".join(struct.pack("=HBBI", *s) for s in steps)
held = ctypes.create_string_buffer(program, len(program))
c._prctl(65, 1)
assert c._prctl(c._PR_SET_NO_NEW_PRIVS, 1)
assert c._prctl(c._PR_SET_SECCOMP, 2, struct.pack("@HP", len(steps), ctypes.addressof(held)))
try:
    os.chroot("/")
except PermissionError:
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


def value(text: str, key: str) -> list[str]:
    return re.findall(rf"(?m)^{key}=(.*)$", text)


@pytest.mark.parametrize("scope", ["user", "system"])
def test_systemd_finds_it_well_shut_off(scope: Scope, tmp_path: Path) -> None:
    if _ANALYZE is None:
        pytest.skip("no systemd-analyze: apt-get install systemd")
    path = tmp_path / "attachwatch.service"
    path.write_text(unit(RUN, scope))
    command = [_ANALYZE, "security", "--offline=true", "--threshold=20", "--no-pager", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure, done.stderr
    assert float(exposure[1]) <= 2.0


def test_systemd_understands_every_line_and_every_path(tmp_path: Path) -> None:
    if _ANALYZE is None:
        pytest.skip("no systemd-analyze: apt-get install systemd")
    odd = tmp_path / 'a "b" 100% $HOME \\n c'
    program = tmp_path / "100% $HOME c" / "python"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    path = tmp_path / "attachwatch.service"
    path.write_text(unit(Run((str(program), "-m", str(odd)), None, (odd,)), "user"))
    command = [_ANALYZE, "verify", "--man=no", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "attachwatch.service" not in done.stderr + done.stdout
    program.unlink()
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert str(program) in done.stderr  # it has read the path as it was meant


def test_paths_are_no_specifiers_variables_or_further_words() -> None:
    odd = '/srv/a "b" 100% $HOME'
    text = unit(Run(("/srv/a 100% $HOME", odd), None, (Path(odd),), environment_file=Path(odd)), "user")
    quoted = r'/srv/a \"b\" 100%% $HOME"'
    assert value(text, "ExecStart") == [f'":/srv/a 100%% $HOME" "{quoted}']  # ":": no variables
    assert value(text, "ReadWritePaths") == [f'"{quoted}']
    assert value(text, "EnvironmentFile") == ['/srv/a "b" 100%% $HOME']


@pytest.mark.parametrize("bad", ["/srv/a\nExecStartPre=/bin/sh", "/srv/\x1b[2J", "/srv/\u2028x"])
def test_no_path_writes_a_line_of_its_own(bad: str) -> None:
    with pytest.raises(UsageError):
        unit(Run((bad,), None, ()), "user")
    with pytest.raises(UsageError):
        unit(Run(("/bin/true",), None, (Path(bad),)), "system")


def test_a_program_that_systemd_would_refuse_is_refused_here() -> None:
    with pytest.raises(UsageError, match="another folder"):
        unit(Run(('/opt/the "best"/python',), None, ()), "user")


def test_homes_are_shut_where_nothing_of_ours_is_in_them() -> None:
    at_home = Run(RUN.command, "foi", RUN.writable, readable=(Path("/home/foi/annexes.txt"),))
    assert value(unit(RUN, "system"), "ProtectHome") == ["yes"]
    assert value(unit(at_home, "system"), "ProtectHome") == ["read-only"]
    assert value(unit(RUN, "user"), "ProtectHome") == ["read-only"]  # the keyring's socket is in /run/user


def test_a_user_s_goes_on_when_they_log_out() -> None:
    assert "loginctl enable-linger" in enabling("user")
    assert all("--user" not in line for line in enabling("system"))


@pytest.fixture(scope="module")
def system_calls() -> set[int]:
    """The numbers of the system calls that the unit's filter leaves, as systemd itself knows its groups."""
    if _ANALYZE is None or not _NUMBERS.exists() or platform.machine() != "x86_64":
        pytest.skip("no systemd-analyze, or no numbers of system calls: apt-get install systemd linux-libc-dev")
    numbers = {m[1]: int(m[2]) for m in re.finditer(r"#define __NR_(\w+) (\d+)", _NUMBERS.read_text())}
    left: set[str] = members("@default")
    for line in value(unit(RUN, "user"), "SystemCallFilter"):
        names = set().union(*(members(word) for word in line.lstrip("~").split()))
        left = left - names | members("@default") if line.startswith("~") else left | names
    return {numbers[name] for name in left if name in numbers}


def members(name: str) -> set[str]:
    if not name.startswith("@"):
        return {name}
    assert _ANALYZE
    done = subprocess.run([_ANALYZE, "syscall-filter", name], capture_output=True, text=True, check=True, timeout=60)
    words = [line.strip() for line in done.stdout.splitlines()[1:]]
    return set().union(*(members(word) for word in words if word and not word.startswith("#")))


def run_under(filtered: set[int], *words: object) -> "subprocess.CompletedProcess[str]":
    """The program under the unit's filter."""
    names = ",".join(map(str, sorted(filtered)))
    command = [sys.executable, "-c", LAUNCHER, names, "-m", "attachwatch", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)


def lacking(log: str) -> list[str]:
    events = map(json.loads, log.splitlines())
    return [word for event in events if event["event"] == "readers.less-confined" for word in event["lacking"]]


def verdicts(document: str) -> list[tuple[str, str, str]]:
    return [(f["path"], f["verdict"], f["cause"]) for f in json.loads(document)["files"]]


def test_the_workers_confine_themselves_and_judge_alike_under_its_filter(system_calls: set[int]) -> None:
    words = ["verify", "-v", "--json", SAMPLES / "damaged"]
    free, shut = run(*words), run_under(system_calls, *words)
    assert shut.returncode == free.returncode == 1, shut.stderr
    assert verdicts(shut.stdout) == verdicts(free.stdout)
    assert lacking(shut.stderr) == lacking(free.stderr)
    if not lacking(free.stderr):  # and the test would see it
        assert lacking(run_under(system_calls - {444, 445, 446}, *words).stderr) == ["Landlock"]


def test_a_mailbox_is_watched_under_its_filter(system_calls: set[int], mailbox: Mailbox, tmp_path: Path) -> None:
    for message in story.first_response():
        mailbox.append(message)
    configuration = configure(mailbox, tmp_path)
    done = run_under(system_calls, "watch", "--once", "--config", configuration)
    assert done.returncode == 1, done.stderr
    (draft,) = json.loads(run("drafts", "--json", "--config", configuration).stdout)["drafts"]
    assert len(draft["items"]) == 6
