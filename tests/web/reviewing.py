"""A review as it runs, with mail in files or in a real mailbox, and a browser to look at it."""

import os
import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from attachwatch import config
from attachwatch.config import Settings
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import Case, Draft
from attachwatch.service import setup
from attachwatch.service.pipeline import Pipeline
from attachwatch.web import server
from attachwatch.web.app import application
from attachwatch.web.gate import Keys
from attachwatch.web.pictures import Pictures
from attachwatch.web.review import Review
from attachwatch.web.state import State

REFERENCE = "FOI2024/01234"
A_WHILE_AGO = 1_700_000_000.0  # what was written just now is left for the next poll
AUTHORITY = "interior.example"


@dataclass
class Running:
    """A review that answers, and the pipeline that fills what it shows."""

    review: Review
    pipeline: Pipeline

    @property
    def address(self) -> str:
        """Of the pages."""
        return f"{self.origin}{self.review.root}"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.review.port}"

    @property
    def link(self) -> str:
        return server.link(self.review)

    @property
    def ledger(self) -> Ledger:
        return self.pipeline.ledger

    @property
    def mail(self) -> Path:
        """Where its mail lies, if that is in files."""
        return self.review.state.configuration.parent / "mail"

    def poll(self) -> list[Draft]:
        return self.pipeline.poll(self.pipeline.settings.mailbox[0])

    @contextmanager
    def client(self, *, signed_in: bool = True) -> Iterator[httpx.Client]:
        with httpx.Client(base_url=self.address, trust_env=False, timeout=30) as client:
            if signed_in:
                assert client.get(self.link).status_code == 200
            yield client


@contextmanager
def reviewing(place: Path, inspector: Inspector) -> Iterator[Running]:
    """Serve the pages of the configuration at `place`, in a thread, on a free port."""

    def read() -> tuple[Settings, tuple[Case, ...]]:
        settings = config.load(place)
        return settings, setup.cases(settings)

    settings, cases = read()
    with server.listening(0) as listening, Ledger.open(settings.store.path) as ledger:
        pictures = Pictures(inspector, ledger.blobs.path, settings.store.path / "cache" / "pictures")
        review = Review(State(ledger, read, place), pictures, Keys(), listening.getsockname()[1])
        with _serving(review, listening):
            yield Running(review, Pipeline(settings, cases, ledger, inspector))


@contextmanager
def _serving(review: Review, on: object) -> Iterator[None]:
    running = uvicorn.Server(uvicorn.Config(application(review), **server.OPTIONS))
    thread = threading.Thread(target=running.run, kwargs={"sockets": [on]})
    thread.start()
    try:
        while not running.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield
    finally:
        running.should_exit = True
        thread.join(20)


def configure(folder: Path, mailbox: str = "", annexes: str = "", messages: Sequence[bytes] = ()) -> Path:
    """A configuration of one case, whose mail is `messages` in files where no `mailbox` is given; its place."""
    if not mailbox:
        mail = folder / "mail"
        mail.mkdir()
        for message in messages:
            deliver(mail, message)
        mailbox = '[[mailbox]]\npath = "mail"\nusername = "requests@newsroom.example"'
    (folder / "annexes.txt").write_text(annexes, encoding="utf-8")
    place = folder / config.FILE_NAME
    place.write_text(
        f'[store]\npath = "store"\n{mailbox}\nname = "foi"\n[[case]]\nreference = "{REFERENCE}"\nmailbox = "foi"\n'
        f'authority = ["{AUTHORITY}"]\nannexes = "annexes.txt"\nsign_off = "Yours sincerely"\n',
        encoding="utf-8",
    )
    return place


def deliver(folder: Path, message: bytes) -> None:
    """Put a message into the mail of a case, as another program did a while ago."""
    file = folder / f"{len(list(folder.iterdir())):03}.eml"
    file.write_bytes(message)
    os.utime(file, (A_WHILE_AGO, A_WHILE_AGO))


def token(page: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found, "no form"
    return found[1]


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page)
    assert found, "no form"
    return found[1]
