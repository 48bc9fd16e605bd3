"""A large collection on Dask beside this machine's own `verify`: `python -m benchmarks.cluster FOLDER [--files N]`.

Makes N distinct PDFs in FOLDER, of the labelled collection ../shared/corpus, or of corrupt_samples where that is not
there, and times `verify --jobs 2 --format jsonl` and `verify --cluster local:2` over them; both rates and their ratio.
What was made and what was measured stays in FOLDER, and is not done again; `--again` measures anew.

--kill SECONDS  instead, a worker is killed every so often, until all is done; then whether every file is there once
--only WHICH    one of "jobs" and "cluster"
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

_COMMAND = (sys.executable, "-m", "attachwatch", "verify")
_BINARY = re.compile(rb"%([\x80-\xff]{4})[\r\n]")
_ID = re.compile(rb"/ID\s*\[\s*<([0-9A-Fa-f]{32})>")
_TOLD_EVERY = 10.0  # seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--kill", type=float)
    parser.add_argument("--only", choices=["jobs", "cluster"])
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    collection = options.folder / f"{options.files}"
    _make(collection, options.files)
    if options.kill:
        _killed(collection, options.folder, options.kill)
        return
    rates = {}
    for which in [options.only] if options.only else ["jobs", "cluster"]:
        rates[which] = _measured(which, collection, options)
    if len(rates) == 2:
        print(f"ratio: {rates['cluster'] / rates['jobs']:.3f}", flush=True)


# --- the files --------------------------------------------------------------------------------------------------


def _make(folder: Path, count: int) -> None:
    """So many files, 1,000 in a folder, no two with the same bytes."""
    kinds = list(_originals())
    print(f"{count} files of {len(kinds)} different ones", flush=True)
    for number in range(count):
        name, data = kinds[number % len(kinds)]
        path = folder / f"{number // 1000:03}" / f"{number:06} {name}"
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}")
        beside.write_bytes(_distinct(data, number))
        beside.replace(path)


def _originals() -> Iterator[tuple[str, bytes]]:
    shared = Path("../shared/corpus")
    for path in sorted((shared if shared.is_dir() else Path("corrupt_samples")).rglob("*.pdf")):
        yield path.name, path.read_bytes()


def _distinct(data: bytes, number: int) -> bytes:
    """The same document in other bytes that no reader shows and that move nothing: the comment of four bytes behind the
    header, or else the identifier, of which encryption depends; a file without both has a comment behind it."""
    if found := _BINARY.search(data, 0, 64):
        four = bytes(0x80 | number >> shift & 0x7F for shift in (0, 7, 14, 21))
        return data[: found.start(1)] + four + data[found.end(1) :]
    if b"/Encrypt" not in data and (found := _ID.search(data)):
        return data[: found.start(1)] + f"{number:032x}".encode() + data[found.end(1) :]
    return data + f"%{number:032x}\n".encode()


# --- how fast ---------------------------------------------------------------------------------------------------


def _measured(which: str, collection: Path, options: argparse.Namespace) -> float:
    """Files a second, as measured now or, of as many files, before."""
    kept = options.folder / f"{which}-{options.files}.json"
    if kept.exists() and not options.again:
        rate: float = json.loads(kept.read_text())["rate"]
        print(f"{which}: {rate:.1f} files a second, measured before", flush=True)
        return rate
    lines, results = options.folder / f"{which}.jsonl", options.folder / f"{which}-results"
    shutil.rmtree(results, ignore_errors=True)
    words = {
        "jobs": ("--jobs", "2", "--format", "jsonl"),
        "cluster": ("--cluster", "local:2", "--output", str(results), "--json"),
    }[which]
    before, started = os.times(), time.perf_counter()
    with lines.open("wb") as out, subprocess.Popen([*_COMMAND, str(collection), *words], stdout=out) as process:
        _tell(which, process, lambda: _lines_of(lines) if which == "jobs" else len(_done(results)), started)
    seconds, after = time.perf_counter() - started, os.times()
    if process.returncode not in (0, 1):
        raise SystemExit(f"{which} ended with {process.returncode}")
    rows = _rows(lines) if which == "jobs" else _done(results)
    verdicts = Counter(row["verdict"] for row in rows)
    rate = options.files / seconds
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"{which}: {options.files} files in {seconds:.1f} s: {rate:.1f} a second; CPU {cpu:.1f} s", flush=True)
    print(f"  {len(rows)} rows: {dict(verdicts.most_common())}", flush=True)
    kept.write_text(json.dumps({"rate": rate, "seconds": seconds, "cpu": cpu, "verdicts": verdicts}))
    return rate


def _tell(which: str, process: "subprocess.Popen[bytes]", count: Callable[[], int], started: float) -> None:
    while True:
        try:
            process.wait(_TOLD_EVERY)
        except subprocess.TimeoutExpired:
            rows, seconds = count(), time.perf_counter() - started
            print(f"  {which}: {rows} rows after {seconds:.0f} s, {rows / seconds:.1f} a second", flush=True)
        else:
            return


def _lines_of(path: Path) -> int:
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open("rb") as file:
        return [json.loads(line) for line in file]


def _done(results: Path) -> list[dict[str, Any]]:
    return [row for chunk in sorted(results.glob("part-*.jsonl")) for row in _rows(chunk)]


# --- how sure ---------------------------------------------------------------------------------------------------


def _killed(collection: Path, folder: Path, every: float) -> None:
    results = folder / "killed-results"
    shutil.rmtree(results, ignore_errors=True)
    words = (str(collection), "--cluster", "local:2", "--output", str(results), "--json")
    started, ended, kills = time.perf_counter(), threading.Event(), list[int]()
    with subprocess.Popen([*_COMMAND, *words], stdout=subprocess.DEVNULL) as process:
        killer = threading.Thread(target=_kill, args=(process.pid, every, ended, kills))
        killer.start()
        _tell("killed", process, lambda: len(_done(results)), started)
        ended.set()
        killer.join()
    rows = Counter(row["source"] for row in _done(results) if row["path"] == row["source"])
    there = {str(path.absolute()) for path in collection.rglob("*") if path.is_file()}
    verdicts = Counter(row["verdict"] for row in _done(results))
    aside = [row["path"] for row in _done(results) if row["cause"] == "reader-crashed"]
    print(f"{len(kills)} workers killed in {time.perf_counter() - started:.0f} s; exit status {process.returncode}")
    print(
        f"{len(there)} files: {len(there - set(rows))} without a result, {sum(n > 1 for n in rows.values())} with two"
    )
    print(f"set aside: {aside or 'none'}; {dict(verdicts.most_common())}")


def _kill(program: int, every: float, ended: threading.Event, kills: list[int]) -> None:
    while not ended.wait(every):
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(program).children(recursive=True)
            workers = [p for p in family if "spawn_main" in " ".join(p.cmdline())]
            if workers:
                chosen = random.choice(workers)
                chosen.kill()
                kills.append(chosen.pid)


if __name__ == "__main__":
    main()
