"""What inspecting a file costs, by its size, and what an archive would: `python -m benchmarks.cost [FOLDER]`.

Files up to 1 MB are those of FOLDER that open, as the shared corpus has them; larger ones are made: pages of pictures,
as scanners make them, since a corpus of small files says nothing of large ones. Printed are the CPU time of all
processes for a file (what three passes take more than one, by two), the rate, and the largest process.
"""

import argparse
import csv
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from attachwatch.demo import documents
from attachwatch.inspection.sandbox import Inspector

_JOBS = 2
# How much of an archive is in each class, by number. An assumption: put your own in its place.
_MIX = {"up to 100 kB": 0.45, "100 kB to 1 MB": 0.35, "1 to 10 MB": 0.18, "10 to 100 MB": 0.02}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/corpus"))
    options = parser.parse_args()
    with (options.folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        opens = [options.folder / row["file"] for row in csv.DictReader(file) if row["verdict"] == "ok"]
    with tempfile.TemporaryDirectory() as folder:
        classes = {
            "up to 100 kB": [p for p in opens if p.stat().st_size <= 100_000],
            "100 kB to 1 MB": [p for p in opens if 100_000 < p.stat().st_size <= 1_000_000],
            "1 to 10 MB": _made(Path(folder), 12, 3_000_000),
            "10 to 100 MB": _made(Path(folder), 4, 30_000_000),
        }
        costs = {name: _cost(name, paths) for name, paths in classes.items()}
    for files in (1_000_000, 100_000_000):
        seconds = files * sum(_MIX[name] * costs[name][0] for name in _MIX)
        size = files * sum(_MIX[name] * costs[name][1] for name in _MIX)
        print(f"{files:>11,} files of that mix: {seconds / 3600:,.0f} core hours, {size / 1e12:,.1f} TB")


def _made(folder: Path, number: int, size: int) -> list[Path]:
    paths = [folder / f"{size}-{n}.pdf" for n in range(number)]
    for path in paths:
        path.write_bytes(documents.with_noise(path.name, size))
    return paths


def _cost(name: str, paths: Sequence[Path]) -> tuple[float, float]:
    """CPU seconds and bytes a file."""
    (once, _, _), (thrice, took, verdicts) = _passes(paths, 1), _passes(paths, 3)
    used, size = (thrice - once) / 2 / len(paths), sum(p.stat().st_size for p in paths) / len(paths)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(
        f"{name:<16}{len(paths):>4} files of {size / 1e6:6.2f} MB: {used:.3f} s of CPU, {3 * len(paths) / took:6.1f} "
        f"a second ({_JOBS} workers, {os.cpu_count()} cores), up to {peak:.0f} MiB so far, {', '.join(verdicts)}"
    )
    return used, size


def _passes(paths: Sequence[Path], number: int) -> tuple[float, float, list[str]]:
    """CPU and wall seconds, and the verdicts; whatever processes it took are counted once they have ended."""
    cpu = _cpu()
    with Inspector(jobs=_JOBS) as inspector:
        inspector.inspect(paths[0])  # the first one waits for the processes
        began = time.perf_counter()
        found = [i for _ in range(number) for _, i in inspector.inspect_all((p, p) for p in paths)]
        took = time.perf_counter() - began
    return _cpu() - cpu, took, sorted({i.verdict.value for i in found})


def _cpu() -> float:
    of = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in of)


if __name__ == "__main__":
    main()
