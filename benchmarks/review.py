"""The pages of `attachwatch review` for a large case, in a browser: `python -m benchmarks.review [--files 500]` prints
how much a browser loads of each page, how soon it shows it, and how long the server takes."""

import argparse
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, CDPSession, sync_playwright

from attachwatch import config
from attachwatch.config import Settings
from attachwatch.demo import damage, documents
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import Case
from attachwatch.service import setup
from attachwatch.service.pipeline import Pipeline
from attachwatch.web import server
from attachwatch.web.app import application
from attachwatch.web.gate import Keys
from attachwatch.web.pictures import Pictures
from attachwatch.web.review import Review
from attachwatch.web.state import State, key_of

_REFERENCE = "FOI2024/01234"
_AN_EMAIL = 20  # files
_RUNS = 5
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=500)
    files = parser.parse_args().files
    program = shutil.which("chromium")
    if program is None:
        parser.error("no chromium on PATH")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        _reviewing(_filled(Path(folder), files)) as review,
    ):
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        _measure(browser, review)
        browser.close()


def _measure(browser: Browser, review: Review) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    base = f"http://127.0.0.1:{review.port}{review.root}"
    first = context.new_page()
    first.goto(server.link(review))
    first.wait_for_url(f"{base}/")
    case = f"/cases/{key_of(_REFERENCE)}"
    pages = {"your cases": "/", "the case": case, "what is wrong": f"{case}?show=wrong", "the draft": "/drafts/1"}
    print(f"{'page':<16} {'loaded':>10} {'page alone':>10} {'as text':>10} {'server':>8} {'first paint':>12}")
    for name, path in pages.items():
        weights, paints, served = [], [], []
        for _ in range(_RUNS):
            page = context.new_page()
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            session.send("Network.setCacheDisabled", {"cacheDisabled": True})
            loaded = _listen(session)
            page.goto(base + path, wait_until="load")
            weights.append((sum(loaded.values()), max(loaded.values())))
            timing = page.evaluate("performance.getEntriesByType('navigation')[0].toJSON()")
            served.append(timing["responseStart"] - timing["requestStart"])
            text = timing["decodedBodySize"]
            while not (paint := page.evaluate(_PAINT)):
                page.wait_for_timeout(20)
            paints.append(paint)
            page.close()
        whole, alone = max(weights)
        print(
            f"{name:<16} {whole / 1000:>7,.0f} kB {alone / 1000:>7,.0f} kB {text / 1000:>7,.0f} kB "
            f"{max(served):>5,.0f} ms {max(paints):>9,.0f} ms"
        )
    started = time.perf_counter()
    review.state.ledger.record_poll("other", review.state.picture().polls[0].polled, None)
    review.state.picture()
    print(f"\nThe picture of all is derived in {1000 * (time.perf_counter() - started):,.0f} ms after a change.")


def _listen(session: CDPSession) -> dict[str, int]:
    """What was loaded so far, by request, in bytes on the wire."""
    loaded: dict[str, int] = {}

    def note(event: dict[str, Any]) -> None:
        loaded[event["requestId"]] = int(event["encodedDataLength"])

    session.on("Network.loadingFinished", note)
    return loaded


@contextmanager
def _reviewing(place: Path) -> Iterator[Review]:
    def read() -> tuple[Settings, tuple[Case, ...]]:
        settings = config.load(place)
        return settings, setup.cases(settings)

    settings, cases = read()
    with (
        server.listening(0) as listening,
        Ledger.open(settings.store.path) as ledger,
        setup.inspector(settings.limits) as inspector,
    ):
        started = time.perf_counter()
        Pipeline(settings, cases, ledger, inspector).poll(settings.mailbox[0])
        print(f"Read and inspected in {time.perf_counter() - started:.0f} s.\n")
        pictures = Pictures(inspector, ledger.blobs.path, settings.store.path / "cache" / "pictures")
        review = Review(State(ledger, read, place), pictures, Keys(), listening.getsockname()[1])
        running = uvicorn.Server(uvicorn.Config(application(review), **server.OPTIONS))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield review
        finally:
            running.should_exit = True
            thread.join()


def _filled(folder: Path, files: int) -> Path:
    """A mailbox in files, with one case; every tenth file does not open."""
    mail = folder / "mail.mbox"
    with mail.open("wb") as box:
        for first in range(0, files, _AN_EMAIL):
            numbers = range(first + 1, min(first + _AN_EMAIL, files) + 1)
            box.write(b"From authority Tue Oct  1 10:00:00 2024\n" + _email(numbers, is_last=numbers[-1] == files))
            box.write(b"\n\n")
        box.write(b"From somebody Tue Oct  1 10:00:00 2024\nSubject: the last one may still be being written\n\n.\n")
    place = folder / config.FILE_NAME
    place.write_text(
        f'[store]\npath = "store"\n[[mailbox]]\nname = "foi"\npath = "{mail.name}"\nusername = "me@newsroom.example"\n'
        f'[[case]]\nreference = "{_REFERENCE}"\nmailbox = "foi"\nauthority = ["interior.example"]\n'
        f'annexes = ["Annex 1 to {files}"]\n'
    )
    return place


def _email(numbers: range, *, is_last: bool) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = "foi@interior.example", "me@newsroom.example"
    message["Subject"], message["Message-ID"] = _REFERENCE, f"<{numbers[0]}@interior.example>"
    message["Date"] = "Tue, 01 Oct 2024 10:00:00 +0100"
    message.set_content("This is the final email." if is_last else "More is to come.")
    for number in numbers:
        data = documents.report(f"Training guide {number}", 1)
        if number % 10 == 0:
            data = damage.truncate(data, 0.7)
        name = f"Annex {number} OFF SEN Case Handling Training Guide v{number % 7} REDACTED.pdf"
        message.add_attachment(data, maintype="application", subtype="pdf", filename=name)
    return message.as_bytes()


if __name__ == "__main__":
    main()
