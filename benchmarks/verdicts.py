"""Verdicts over a labelled collection: `python -m benchmarks.verdicts [FOLDER] [--output FILE] [--jobs N]`.

FOLDER holds manifest.csv with the columns file, verdict and true_cause. Prints the confusion table and the files a
second; --output takes what `attachwatch verify --format jsonl` would print, for a scorer.
"""

import argparse
import csv
import json
import time
from collections import Counter
from pathlib import Path

from attachwatch.cli.shapes import verified_file
from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Verdict
from attachwatch.service.verify import VerifiedFile


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("../shared/corpus"))
    parser.add_argument("--output", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with (options.folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        wanted = {row["file"]: row["verdict"] or "not scored" for row in csv.DictReader(file)}
    started = time.perf_counter()
    table: Counter[tuple[str, str]] = Counter()
    lines = []
    with Inspector(jobs=options.jobs) as inspector:
        for name, found in inspector.inspect_all((name, options.folder / name) for name in wanted):
            inspection = judge.as_named(found, name, "")
            table[wanted[name], inspection.verdict] += 1
            lines.append(json.dumps(verified_file(VerifiedFile(name, name, inspection), with_annex=False)))
    seconds = time.perf_counter() - started
    verdicts = [v.value for v in Verdict]
    print(f"{'want / got':12}" + "".join(f"{v:>12}" for v in verdicts))
    for want in (*verdicts, "not scored"):
        print(f"{want:12}" + "".join(f"{table[want, v]:>12}" for v in verdicts))
    print(f"{len(wanted)} files in {seconds:.1f} s: {1000 * seconds / len(wanted):.1f} ms a file, {options.jobs} jobs")
    if options.output:
        options.output.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
