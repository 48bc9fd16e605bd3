"""Workers: one file can hang, crash or eat memory, and harms nobody but itself."""

import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest

from attachwatch.demo import documents
from attachwatch.inspection import sandbox
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Cause, Inspection, Verdict

HEALTHY = documents.report("Healthy", 2)


def with_content(content: bytes, resources: bytes = b"", objects: bytes = b"") -> bytes:
    """A PDF of one page with this content stream, compressed."""
    packed = zlib.compress(content)
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<%s>>>>" % resources
    stream = b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed)
    numbered = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream)
    body = b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, o) for n, o in enumerate(numbered, 1))
    return b"%PDF-1.4\n" + body + objects + b"trailer\n<</Root 1 0 R/Size 9>>\nstartxref\n0\n%%EOF\n"


PATTERN = with_content(
    b"/Pattern cs /P scn 0 0 600 800 re f",
    b"/Pattern<</P 5 0 R>>",
    b"5 0 obj\n<</Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 0.0001/YStep 0.0001"
    b"/Resources<<>>/Length 12>>\nstream\n0 0 1 1 re f\nendstream\nendobj\n",
)


def inspect(folder: Path, files: dict[str, bytes], **bounds: float) -> dict[str, Inspection]:
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with Inspector(**bounds) as inspector:  # type: ignore[arg-type]
        return dict(inspector.inspect_all((name, folder / name) for name in files))


def test_a_file_that_hangs_a_reader_is_stopped_and_the_others_are_judged(tmp_path: Path) -> None:
    started = time.monotonic()
    found = inspect(tmp_path, {"a.pdf": HEALTHY, "hang.pdf": PATTERN, "b.pdf": HEALTHY}, jobs=1, seconds=1.5)
    assert (found["a.pdf"].verdict, found["b.pdf"].verdict) == (Verdict.OK, Verdict.OK)
    assert (found["hang.pdf"].verdict, found["hang.pdf"].cause) == (Verdict.UNCHECKED, Cause.TOO_COSTLY)
    assert found["hang.pdf"].sha256
    assert time.monotonic() - started < 15  # 1.5 s, then 3 s alone, and what starting the workers takes


def test_a_file_that_is_slow_to_come_is_on_no_others_clock(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(HEALTHY)

    def files() -> Iterator[tuple[str, Path]]:
        yield "quick", tmp_path / "a.pdf"
        time.sleep(1.2)  # as a file does that is fetched from afar
        yield "slow", tmp_path / "a.pdf"

    with Inspector(jobs=2, seconds=1.0) as inspector:
        found = list(inspector.inspect_all(files()))
    assert found[0][0] == "quick"  # and not tried again, which is done at the end
    assert found[0][1].verdict is Verdict.OK


def test_a_file_that_eats_memory_is_no_broken_file(tmp_path: Path) -> None:
    bomb = with_content(b" " * (600 << 20))
    found = inspect(tmp_path, {"bomb.pdf": bomb, "b.pdf": HEALTHY}, jobs=1, memory_mib=256, seconds=20)
    assert found["bomb.pdf"].verdict is Verdict.UNCHECKED
    assert found["bomb.pdf"].cause in (Cause.TOO_COSTLY, Cause.READER_CRASHED)
    assert found["b.pdf"].verdict is Verdict.OK


def test_a_reader_that_dies_is_told_and_the_others_are_judged(tmp_path: Path) -> None:
    stopped = threading.Event()
    crasher = threading.Thread(target=_crash_workers, args=(stopped,))
    crasher.start()
    try:
        found = inspect(tmp_path, {"crash.pdf": PATTERN}, jobs=1, seconds=30)
    finally:
        stopped.set()
        crasher.join()
    assert (found["crash.pdf"].verdict, found["crash.pdf"].cause) == (Verdict.UNCHECKED, Cause.READER_CRASHED)
    assert found["crash.pdf"].sha256
    assert inspect(tmp_path, {"b.pdf": HEALTHY}, jobs=1)["b.pdf"].verdict is Verdict.OK


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    found = inspect(tmp_path, {"big.pdf": HEALTHY + bytes(2 << 20)}, largest_mib=1)
    assert (found["big.pdf"].verdict, found["big.pdf"].cause) == (Verdict.UNCHECKED, Cause.TOO_COSTLY)
    assert found["big.pdf"].size == len(HEALTHY) + (2 << 20)
    assert found["big.pdf"].sha256 == ""


@pytest.mark.parametrize(("times", "code"), [(1, None), (2, "changed")])
def test_a_file_that_is_written_while_it_is_read_is_read_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, code: str | None
) -> None:
    really, left = sandbox._copy, [times]

    def copy(file: BinaryIO, largest: int) -> tuple[int, str, int]:
        copied = really(file, largest)
        if left[0]:
            left[0] -= 1
            with (tmp_path / "a.pdf").open("ab") as other:
                other.write(b"\n")
        return copied

    monkeypatch.setattr(sandbox, "_copy", copy)
    found = inspect(tmp_path, {"a.pdf": HEALTHY}, jobs=1)["a.pdf"]
    codes = [f.code for f in found.findings]
    assert (found.verdict, codes) == ((Verdict.UNCHECKED, [code]) if code else (Verdict.OK, []))
    assert found.size == (0 if code else len(HEALTHY) + 1)


def test_what_is_no_file_is_said_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("nowhere")
    with Inspector(jobs=1) as inspector:
        found = dict(inspector.inspect_all((n, tmp_path / n) for n in ("pipe", "link", ".", "/dev/zero")))
    assert {n: i.findings[0].code for n, i in found.items()} == {
        "pipe": "not-a-file",
        "link": "unreadable",
        ".": "not-a-file",
        "/dev/zero": "not-a-file",
    }


def test_many_files_come_back_each_under_its_key_and_lazily(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(HEALTHY)
    asked: list[int] = []

    def files() -> Iterator[tuple[int, Path]]:
        for n in range(50):
            asked.append(n)
            yield n, tmp_path / "a.pdf"

    with Inspector(jobs=2) as inspector:
        results = inspector.inspect_all(files())
        next(results)
        assert len(asked) < 10
        assert len({key for key, _ in results}) == 49


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_worker_outlives_a_parent_that_is_ended(tmp_path: Path, how: signal.Signals) -> None:
    (tmp_path / "hang.pdf").write_bytes(PATTERN)
    program = (
        "import sys\nfrom pathlib import Path\nfrom attachwatch.inspection.sandbox import Inspector\n"
        "if __name__ == '__main__':\n    with Inspector(jobs=1) as i:\n        print(i.inspect(Path(sys.argv[1])))\n"
    )
    (tmp_path / "parent.py").write_text(program)
    command = [sys.executable, str(tmp_path / "parent.py"), str(tmp_path / "hang.pdf")]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as parent:
        time.sleep(2)
        session = parent.pid
        parent.send_signal(how)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and (alive := _alive(session)):
        time.sleep(0.1)
    for process in alive:  # a failing test leaves nothing running either
        os.kill(process, signal.SIGKILL)
    assert alive == []


def _alive(session: int) -> list[int]:
    """Processes of this session that still run."""
    rows = (line.split() for line in _processes("pid=,sess=,stat="))
    return [int(pid) for pid, sid, state in rows if int(sid) == session and not state.startswith("Z")]


def _crash_workers(stopped: threading.Event) -> None:
    """What a fault in an engine's machine code does, to every worker of this process that has run for a while."""
    while not stopped.wait(0.2):
        rows = [tuple(map(int, line.split())) for line in _processes("pid=,ppid=,times=")]
        servers = {pid for pid, parent, _ in rows if parent == os.getpid()}
        for pid, parent, busy in rows:
            if parent in servers and busy >= 1:
                os.kill(pid, signal.SIGSEGV)


def _processes(columns: str) -> list[str]:
    return subprocess.run(["ps", "-eo", columns], capture_output=True, text=True, check=True).stdout.splitlines()
