"""Storing attachments in the store's own folder and in a bucket: `python -m benchmarks.attachments`.

The bucket is that of moto's server, in a process of its own on this machine: what is measured is our side and HTTP, not
a network. Prints seconds for 200 files of 200 kB, by one thread and by four, as mail is fetched; the same for reading
them back with nothing at hand; and the peak memory of a process that stores one file of 100 MB.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from attachwatch.config import StoreSettings
from attachwatch.ledger import places
from attachwatch.ledger.interface import Attachments

FILES, SIZE, LARGE = 200, 200_000, 100 << 20
BUCKET = "bench"


@contextmanager
def bucket() -> Iterator[StoreSettings]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    os.environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        import boto3

        client = boto3.client("s3", endpoint_url=endpoint)
        for _ in range(100):
            try:
                client.create_bucket(Bucket=BUCKET)
                break
            except Exception:  # noqa: BLE001 - not up yet
                time.sleep(0.2)
        yield StoreSettings(attachments=f"s3://{BUCKET}/foi", endpoint=endpoint)
    finally:
        server.terminate()
        server.wait()


def stored(attachments: Attachments, data: bytes) -> str:
    with attachments.writer() as writer:
        for start in range(0, len(data), 65_536):
            writer.write(data[start : start + 65_536])
        return writer.commit()[0]


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def throughput(settings: StoreSettings, root: Path, threads: int) -> None:
    files = [os.urandom(SIZE) for _ in range(FILES)]
    own = places.own_folder(root / f"own-{threads}")
    elsewhere = places.as_configured(settings)(root / f"elsewhere-{threads}")
    stored(elsewhere, b"so that all is loaded")
    with ThreadPoolExecutor(threads) as pool:
        here = seconds(lambda: list(pool.map(lambda data: stored(own, data), files)))
        hashes: list[str] = []
        there = seconds(lambda: hashes.extend(pool.map(lambda data: stored(elsewhere, data), files)))
        shutil.rmtree(root / f"elsewhere-{threads}")
        back = seconds(lambda: list(pool.map(elsewhere.path, hashes)))
        again = seconds(lambda: list(pool.map(elsewhere.path, hashes)))
    print(
        f"{threads} thread(s): {FILES} x {SIZE // 1000} kB: own folder {here:.2f} s, bucket {there:.2f} s "
        f"({there / here:.1f} times, {FILES / there:.0f} files/s); read back {back:.2f} s, at hand {again:.2f} s"
    )


def large(settings: StoreSettings, root: Path) -> None:
    """In a process of its own, whose peak is printed."""
    elsewhere = places.as_configured(settings)(root / "large")
    stored(elsewhere, b"so that all is loaded")
    before = peak_mib()
    piece = os.urandom(1 << 20)
    with elsewhere.writer() as writer:
        for _ in range(LARGE >> 20):
            writer.write(piece)
        began = time.perf_counter()
        writer.commit()
    took = time.perf_counter() - began
    print(f"100 MiB: {took:.1f} s, peak {peak_mib()} MiB, before it {before}")


def peak_mib() -> int:
    """Of this program alone; getrusage(2) counts what it was forked from."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) >> 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", metavar="ENDPOINT", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.large:
            large(StoreSettings(attachments=f"s3://{BUCKET}/foi", endpoint=arguments.large), Path(folder))
            return
        with bucket() as settings:
            for threads in (1, 4):
                throughput(settings, Path(folder), threads)
            subprocess.run([sys.executable, "-m", "benchmarks.attachments", "--large", settings.endpoint], check=True)


if __name__ == "__main__":
    main()
