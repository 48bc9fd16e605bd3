"""Takes from the calling process, for ever, what reading a document does not need: files, network, processes.

Landlock and seccomp by their system calls, since no library for them is kept well enough. What the kernel does not
have is left out and said, never an error: the bounds on memory and time hold everywhere.
"""

import contextlib
import ctypes
import errno
import os
import platform
import signal
import struct
import sys
from dataclasses import dataclass

if sys.platform != "win32":
    import resource

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_SECCOMP_MODE_FILTER = 2
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446  # the same on every architecture
_LANDLOCK_VERSION = 1
_OPEN_FILES = 32

# <linux/seccomp.h>, <linux/filter.h>
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | errno.EPERM
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_PROT_EXEC, _AT_EMPTY_PATH = 4, 0x1000
_X32 = 0x40000000  # the third calling convention of x86-64, which nothing here uses

# What is left, as "name, number on x86-64, on arm64": memory, time, handles that are open already, an end of one's own.
_PLAIN = """
    read 0 63, write 1 64, close 3 57, fstat 5 80, lseek 8 62, munmap 11 215, brk 12 214, rt_sigaction 13 134,
    rt_sigprocmask 14 135, rt_sigreturn 15 139, pread64 17 67, readv 19 65, writev 20 66, sched_yield 24 124,
    mremap 25 216, madvise 28 233, nanosleep 35 101, getpid 39 172, getppid 110 173, exit 60 93, uname 63 160,
    gettimeofday 96 169, getrusage 98 165, sysinfo 99 179, times 100 153, sigaltstack 131 132, gettid 186 178,
    futex 202 98, sched_getaffinity 204 123, set_tid_address 218 96, restart_syscall 219 128,
    clock_gettime 228 113, clock_getres 229 114, clock_nanosleep 230 115, exit_group 231 94, ppoll 271 73,
    set_robust_list 273 99, getrandom 318 278, membarrier 324 283, rseq 334 293, poll 7 -
"""
_WITH_ARGUMENTS_CHECKED = "mmap 9 222, mprotect 10 226, newfstatat 262 79, prlimit64 302 261, tgkill 234 131"


def _numbers(table: str, column: int) -> dict[str, int]:
    rows = (row.split() for row in table.split(","))
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


_ARCHITECTURES = {"x86_64": (0xC000003E, 1), "aarch64": (0xC00000B7, 2)}  # AUDIT_ARCH_*, and the column


@dataclass(frozen=True, slots=True)
class Confinement:
    """What holds a worker besides its bounds: the version of Landlock, or 0; and whether seccomp does."""

    landlock: int = 0
    seccomp: bool = False

    @property
    def lacking(self) -> tuple[str, ...]:
        """What this system does not offer."""
        return (*(() if self.landlock else ("Landlock",)), *(() if self.seccomp else ("seccomp",)))


def bound(memory: int, seconds: float) -> None:
    """Bound address space (bytes) and processor time of this process; let it write no file and dump no core."""
    if sys.platform == "win32":
        return
    cpu = int(seconds) + 1
    for limit, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_AS, memory),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS does not know all of them
            resource.setrlimit(limit, (value, value + 1 if limit == resource.RLIMIT_CPU else value))


def die_with(parent: int) -> None:
    """Let the kernel end this process when `parent` goes, whatever engine it is in by then."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def confine() -> Confinement:
    """Leave this process nothing but what it holds open; say what of that the kernel could do."""
    if sys.platform != "linux" or not _prctl(_PR_SET_NO_NEW_PRIVS, 1):
        return Confinement()
    _prctl(_PR_SET_DUMPABLE, 0)
    return Confinement(_landlock(), _seccomp())


def _landlock() -> int:
    """Deny every file, TCP port and signal to others; the version that did, 0 where the kernel has none."""
    version = _syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)
    if version < 1:
        return 0
    files = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network = 0b11 if version >= 4 else 0
    scope = 0b11 if version >= 6 else 0
    attributes = struct.pack("=QQQ", files, network, scope)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _syscall(_LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    if ruleset < 0:
        return 0
    done = _syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return version if done == 0 else 0


def _seccomp() -> bool:
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None or sys.maxsize < 1 << 32:
        return False
    program = b"".join(struct.pack("=HBBI", *step) for step in _filter(*architecture, os.getpid()))
    held = ctypes.create_string_buffer(program, len(program))
    given = struct.pack("@HP", len(program) // 8, ctypes.addressof(held))
    return _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, given)


def _filter(architecture: int, column: int, own: int) -> list[tuple[int, int, int, int]]:
    """The filter's steps, as (operation, steps to skip if so, if not, operand). All that is not named is denied."""
    numbers = _numbers(_WITH_ARGUMENTS_CHECKED, column)
    deny, allow = (_RETURN, 0, 0, _DENY), (_RETURN, 0, 0, _ALLOW)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, architecture), deny, (_LOAD, 0, 0, 0), (_AT_LEAST, 0, 1, _X32), deny]
    for name in ("mmap", "mprotect"):  # memory, but none that runs
        steps += _if(numbers[name], [_argument(2), (_ANY_BIT, 0, 1, _PROT_EXEC), deny, allow])
    steps += _if(numbers["newfstatat"], [_argument(3), (_ANY_BIT, 1, 0, _AT_EMPTY_PATH), deny, allow])  # of a handle
    nothing = [_argument(2), (_EQUAL, 1, 0, 0), deny, _argument(2, high=True), (_EQUAL, 1, 0, 0), deny, allow]
    steps += _if(numbers["prlimit64"], nothing)  # limits may be read
    steps += _if(numbers["tgkill"], [_argument(0), (_EQUAL, 1, 0, own), deny, allow])  # abort()
    for number in _numbers(_PLAIN, column).values():
        steps += _if(number, [allow])
    return [*steps, deny]


def _if(number: int, then: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    return [(_EQUAL, 0, len(then), number), *then]


def _argument(index: int, *, high: bool = False) -> tuple[int, int, int, int]:
    """Loads one half of an argument of the call (struct seccomp_data)."""
    return _LOAD, 0, 0, 16 + 8 * index + (4 if high else 0)


_libc = ctypes.CDLL(None, use_errno=True) if sys.platform != "win32" else None


def _prctl(option: int, *arguments: "int | bytes") -> bool:
    unused = [ctypes.c_long(0)] * (4 - len(arguments))  # which the kernel demands to be zero
    return _libc is not None and _libc.prctl(option, *_as_words(arguments), *unused) == 0


def _syscall(number: int, *arguments: "int | bytes | None") -> int:
    return int(_libc.syscall(ctypes.c_long(number), *_as_words(arguments))) if _libc is not None else -1


def _as_words(arguments: "tuple[int | bytes | None, ...]") -> list["ctypes.c_long | bytes | None"]:
    """Whole numbers as wide as a register, since a variadic call would take the lower half."""
    return [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
