"""Verdicts over a labelled collection: `python -m benchmarks.verdicts [FOLDER] [--output FILE] [--jobs N] [MORE]`.

FOLDER holds manifest.csv with the columns file, verdict and true_cause. Prints the confusion table and the time a
file; --output takes what `attachwatch verify --format jsonl` would print, for a scorer. Beside that:

--peer      the wall time of `attachwatch verify` over the files that open, against `xargs -P2 -n1 qpdf --check`
--confined  what confinement costs a file, and how many inspections it changes
--growth    the time for 1, 10 and 100 MB of the same kind
--parent    the memory of who asks, over 10,000 files
--ablation  what is lost when one rule or question is left out
"""

import argparse
import csv
import io
import json
import logging
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf

from attachwatch.cli.shapes import verified_file
from attachwatch.demo import documents
from attachwatch.inspection import claims, content, judge
from attachwatch.inspection.examination import examine, gather
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Inspection, Verdict
from attachwatch.service.verify import VerifiedFile

_REPEATED = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/corpus"))
    parser.add_argument("--output", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    for more in ("peer", "confined", "growth", "parent", "ablation"):
        parser.add_argument(f"--{more}", action="store_true")
    options = parser.parse_args()
    with (options.folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        wanted = {row["file"]: row["verdict"] or "not scored" for row in csv.DictReader(file)}
    _verdicts(options.folder, wanted, options.jobs, options.output)
    opens = [options.folder / name for name, verdict in wanted.items() if verdict == "ok"]
    if options.peer:
        _peer(opens)
    if options.confined:
        _confined([options.folder / name for name in wanted])
    if options.growth:
        _growth()
    if options.parent:
        _parent(opens)
    if options.ablation:
        _ablation(options.folder, wanted)


def _verdicts(folder: Path, wanted: dict[str, str], jobs: int, output: Path | None) -> None:
    started = time.perf_counter()
    table: Counter[tuple[str, str]] = Counter()
    lines = []
    with Inspector(jobs=jobs) as inspector:
        for name, found in inspector.inspect_all((name, folder / name) for name in wanted):
            inspection = claims.as_named(found, name, "")
            table[wanted[name], inspection.verdict] += 1
            lines.append(json.dumps(verified_file(VerifiedFile(name, name, inspection), with_annex=False)))
    seconds = time.perf_counter() - started
    verdicts = [v.value for v in Verdict]
    print(f"{'want / got':12}" + "".join(f"{v:>12}" for v in verdicts))
    for want in (*verdicts, "not scored"):
        print(f"{want:12}" + "".join(f"{table[want, v]:>12}" for v in verdicts))
    print(f"{len(wanted)} files in {seconds:.1f} s: {1000 * seconds / len(wanted):.1f} ms a file, {jobs} jobs")
    if output:
        output.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _peer(opens: Sequence[Path]) -> None:
    """Both in turn, so that what else the machine does falls on both; medians."""
    if not shutil.which("qpdf"):
        print("qpdf is not installed")
        return
    names = b"\0".join(str(p).encode() for p in opens)
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as temporary:
        for path in opens:
            shutil.copy(path, temporary)
        command = [sys.executable, "-m", "attachwatch", "verify", temporary, "--jobs", "2", "--format", "jsonl"]
        for _ in range(_REPEATED):
            theirs.append(_wall(["xargs", "-0", "-P2", "-n1", "qpdf", "--check"], names))
            ours.append(_wall(command))
    median, peer = statistics.median(ours), statistics.median(theirs)
    print(f"{len(opens)} files that open: verify {median:.2f} s, qpdf --check {peer:.2f} s, ratio {median / peer:.2f}")


def _wall(command: list[str], given: bytes = b"") -> float:
    started = time.perf_counter()
    subprocess.run(command, input=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return time.perf_counter() - started


def _confined(paths: Sequence[Path]) -> None:
    logging.disable(logging.CRITICAL)
    for path in paths[:20]:
        examine(path.read_bytes())  # warm, as the zygote is
    differ, free, confined = [], [], []
    with Inspector(jobs=1) as inspector:
        inspector.inspect(paths[0])
        for path in paths:  # both in turn, so that what else the machine does falls on both
            begun = time.perf_counter()
            without = examine(path.read_bytes())
            between = time.perf_counter()
            within = inspector.inspect(path)
            confined.append(1000 * (time.perf_counter() - between))
            free.append(1000 * (between - begun))
            if _bare(without) != _bare(within):
                differ.append(str(path))
    costs = [c - f for c, f in zip(confined, free, strict=True)]
    print(f"one job: {statistics.mean(confined):.1f} ms a file confined, {statistics.mean(free):.1f} in this process: ")
    print(f"confinement costs {statistics.median(costs):.1f} ms a file, median; mean {statistics.mean(costs):.1f}")
    print(f"inspections that differ: {differ or 'none'}")


def _bare(inspection: Inspection) -> Inspection:
    return replace(inspection, seconds=0, readers=tuple(replace(r, seconds=0) for r in inspection.readers))


def _growth() -> None:
    makers: dict[str, Callable[[int], bytes]] = {
        "pages of text": lambda mb: _text(100, mb * 1_000_000),
        "a picture": lambda mb: documents.with_noise("Growth", mb * 1_000_000),
    }
    with tempfile.TemporaryDirectory() as folder, Inspector(jobs=1, seconds=60, memory_mib=2048) as inspector:
        for what, make in makers.items():
            took = []
            for mb in (1, 10, 100):
                path = Path(folder) / "file.pdf"
                path.write_bytes(make(mb))
                inspector.inspect(path)
                started = time.perf_counter()
                found = inspector.inspect(path)
                took.append(time.perf_counter() - started)
                print(f"{what}: {path.stat().st_size / 1e6:.1f} MB in {took[-1]:.2f} s, {found.verdict}")
            print(f"{what}: ten times the size takes {took[1] / took[0]:.1f} and {took[2] / took[1]:.1f} times as long")


def _text(pages: int, size: int) -> bytes:
    """So many pages that together have so many bytes of content."""
    with pikepdf.open(io.BytesIO(documents.report("Growth", pages))) as pdf:
        for page in pdf.pages:
            content = page.Contents.read_bytes()
            page.Contents = pdf.make_stream(content * (size // pages // len(content)))
        out = io.BytesIO()
        pdf.save(out, compress_streams=False)
    return out.getvalue()


def _parent(opens: Sequence[Path]) -> None:
    peaks = []
    with Inspector(jobs=2) as inspector:
        files = ((n, opens[n % len(opens)]) for n in range(10_000))
        for n, _ in enumerate(inspector.inspect_all(files), 1):
            if n % 2500 == 0:
                peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
    print(f"memory of who asks after 2,500, 5,000, 7,500 and 10,000 files: {peaks} MiB")


def _ablation(folder: Path, wanted: dict[str, str]) -> None:
    """Leaves out one rule or question at a time, in this very process."""
    logging.disable(logging.CRITICAL)
    data = {name: (folder / name).read_bytes() for name in wanted}
    whole = {name: list(gather(held)) for name, held in data.items()}
    base = _scores(wanted, whole)
    print(f"{'left out':34}{'damaged found':>15}{'broken found':>14}{'other right':>13}{'accused':>9}")
    print(f"{'nothing':34}" + _row(base))
    for rule in judge.VERDICT_RULES:
        kept = tuple(r for r in judge.VERDICT_RULES if r is not rule)
        print(f"verdict {rule.__name__:26}" + _row(_with(judge, "VERDICT_RULES", kept, wanted, whole)))
    for question in content.QUESTIONS:
        kept_questions = tuple(q for q in content.QUESTIONS if q is not question)
        found = _with_content(kept_questions, data)
        print(f"content {question.__name__:26}" + _row(_scores(wanted, found)))


def _with(module: Any, name: str, value: object, wanted: dict[str, str], facts: dict[str, list[Any]]) -> Counter[str]:
    former = getattr(module, name)
    setattr(module, name, value)
    try:
        return _scores(wanted, facts)
    finally:
        setattr(module, name, former)


def _with_content(questions: tuple[Any, ...], data: dict[str, bytes]) -> dict[str, list[Any]]:
    former = content.QUESTIONS
    content.QUESTIONS = questions
    try:
        return {name: list(gather(held)) for name, held in data.items()}
    finally:
        content.QUESTIONS = former


def _scores(wanted: dict[str, str], facts: dict[str, list[Any]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, held in facts.items():
        evidence = judge.evidence(held)
        assert evidence is not None
        got = claims.as_named(judge.conclude(evidence, "", 0, 0), name, "").verdict
        want = wanted[name]
        counts["damaged"] += want == "damaged" and got in ("damaged", "broken")
        counts["broken"] += want == got == "broken"
        counts["other"] += want == got and want in ("placeholder", "locked")
        counts["accused"] += want == "ok" and got.accuses
    return counts


def _row(counts: Counter[str]) -> str:
    return f"{counts['damaged']:>15}{counts['broken']:>14}{counts['other']:>13}{counts['accused']:>9}"


if __name__ == "__main__":
    main()
