"""Mutated samples through the real worker: `python -m tests.inspection.fuzz [--seconds N] [--keep FOLDER]`.

A worker may end a file for its cost, and must not crash on one. What crashes it is kept, to become a sample in
`tests/inspection/found/`.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Cause
from corrupt_samples import generate

_TOKENS = (
    b"obj", b"endobj", b"stream", b"endstream", b"/Length 99999", b"/Kids[1 0 R]", b"<<", b">>", b"[", b"0 0 R", b"-1",
    b"4294967296", b"/Filter/FlateDecode", b"/Filter/JBIG2Decode", b"trailer", b"startxref\n0\n%%EOF",
)  # fmt: skip


def mutated(data: bytes, choose: random.Random) -> bytes:
    """`data` after one to eight accidents."""
    out = bytearray(data)
    for _ in range(choose.randint(1, 8)):
        place = choose.randrange(len(out) + 1)
        match choose.randrange(6):
            case 0 if out:
                out[min(place, len(out) - 1)] ^= 1 << choose.randrange(8)
            case 1:
                del out[place : place + choose.choice((1, 16, 512))]
            case 2:
                out[place:place] = choose.choice(_TOKENS)
            case 3:
                out[place:place] = out[: choose.choice((8, 256, 2048))]
            case 4:
                out[place : place + 64] = choose.randbytes(64)
            case _:
                out = out[: max(place, 1)] if choose.random() < 0.2 else out
    return bytes(out)


def mutants(seed: int) -> Iterator[bytes]:
    choose = random.Random(seed)
    samples = [data for _, data in generate.samples()]
    while True:
        yield mutated(choose.choice(samples), choose)


def run(seed: int, *, seconds: float, many: int, keep: Path) -> tuple[Counter[str], list[Path]]:
    """Inspect mutants until time or their number is up: how many of each verdict, and those that crashed a reader."""
    verdicts: Counter[str] = Counter()
    crashed: list[Path] = []
    until = time.monotonic() + seconds

    def files(folder: Path) -> Iterator[tuple[Path, Path]]:
        for number, data in zip(range(many), mutants(seed), strict=False):
            if time.monotonic() > until:
                return
            path = folder / f"{seed}-{number}.pdf"
            path.write_bytes(data)
            yield path, path

    with tempfile.TemporaryDirectory() as folder, Inspector(jobs=2, seconds=5) as inspector:
        for path, found in inspector.inspect_all(files(Path(folder))):
            verdicts[found.verdict] += 1
            if found.cause is Cause.READER_CRASHED:
                crashed.append(path.rename(keep / path.name))
            else:
                path.unlink()
    return verdicts, crashed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--keep", type=Path, default=Path())
    options = parser.parse_args()
    started = time.monotonic()
    verdicts, crashed = run(options.seed, seconds=options.seconds, many=10**9, keep=options.keep)
    took = time.monotonic() - started
    total = sum(verdicts.values())
    print(f"seed {options.seed}: {total} mutants, {total / took:.0f} a second, {dict(verdicts)}")  # noqa: T201
    print(f"crashed a reader: {[str(p) for p in crashed] or 'none'}")  # noqa: T201


if __name__ == "__main__":
    main()
