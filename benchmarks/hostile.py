"""Files made to hurt, through the real sandbox: `python -m benchmarks.hostile [NAME...]`.

Prints what each is judged to be, how long it took with all tries, and the most memory that a worker held. An honest
file goes along with each, and must be judged as ever.
"""

import argparse
import tempfile
import time
from pathlib import Path

from attachwatch.demo import documents
from attachwatch.inspection.sandbox import Inspector
from attachwatch.inspection.workers import Outcome, Workers
from attachwatch.model import Verdict
from tests.inspection.hostile import HOSTILE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(HOSTILE))
    options = parser.parse_args()
    peaks: list[int] = []
    watch_peaks(peaks)
    worst_seconds, worst_peak = 0.0, 0
    with tempfile.TemporaryDirectory() as folder, Inspector(jobs=2) as inspector:
        honest = Path(folder) / "honest.pdf"
        honest.write_bytes(documents.report("Honest", 2))
        print(f"{'file':44}{'bytes':>12}{'seconds':>9}{'MiB':>6}  judged")
        for name in options.names:
            path = Path(folder) / "hostile.pdf"
            path.write_bytes(HOSTILE[name]())
            peaks.clear()
            started = time.monotonic()
            found = dict(inspector.inspect_all([("hostile", path), ("honest", honest)]))
            seconds, peak = time.monotonic() - started, max(peaks) >> 20
            worst_seconds, worst_peak = max(worst_seconds, seconds), max(worst_peak, peak)
            judged = f"{found['hostile'].verdict} {found['hostile'].cause or ''}"
            harmed = "" if found["honest"].verdict is Verdict.OK else "  HARMED ITS NEIGHBOUR"
            print(f"{name:44}{path.stat().st_size:>12,}{seconds:>9.1f}{peak:>6}  {judged}{harmed}", flush=True)
    print(f"{len(options.names)} files: at most {worst_seconds:.1f} s and {worst_peak} MiB")


def watch_peaks(peaks: list[int]) -> None:
    """Note the most memory that each worker held."""
    run = Workers.run

    def noting(self, jobs, at_once):  # type: ignore[no-untyped-def]
        for job, outcome in run(self, jobs, at_once):
            assert isinstance(outcome, Outcome)
            peaks.append(outcome.peak)
            yield job, outcome

    Workers.run = noting  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
