"""What the tests of the pages share: readers that are warm, and a browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, expect

from attachwatch.config import FILE_NAME
from attachwatch.inspection.sandbox import Inspector
from tests.service.test_pipeline import CUT, HEALTHY, mail
from tests.web.reviewing import Running, configure, reviewing


@pytest.fixture(scope="session")
def inspector() -> Iterator[Inspector]:
    with Inspector(jobs=1) as inspector:
        yield inspector


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, inspector: Inspector) -> Path:
    """A case with a file that opens, one that does not, and a draft; to be copied."""
    folder = tmp_path_factory.mktemp("store")
    messages = [
        mail(body="Please find attached Annex A.", Annex_A=HEALTHY),
        mail(body="This is the final email.", Annex_B=CUT),
    ]
    with reviewing(configure(folder, annexes="Annex A\nAnnex B", messages=messages), inspector) as running:
        assert len(running.poll()) == 1
    return folder


@pytest.fixture
def running(tmp_path: Path, store: Path, inspector: Inspector) -> Iterator[Running]:
    """A review of the case in `store`, which the test may change."""
    folder = shutil.copytree(store, tmp_path / "review")
    with reviewing(folder / FILE_NAME, inspector) as running:
        yield running


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """A new window that has used a review's link. Whatever it complains of, any dialog, and whatever it asks another
    server for fails the test."""
    complaints: list[str] = []
    contexts = []

    expect.set_options(timeout=15_000)  # a machine may have more to do

    def note(said: ConsoleMessage) -> None:
        is_status = "the server responded with a status of" in said.text  # 404, or 409: the page says so itself
        if said.type in ("error", "warning") and not is_status:
            complaints.append(said.text)

    def dismiss(dialog: Dialog) -> None:
        complaints.append(dialog.message)
        dialog.dismiss()

    def opened(running: Running, **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}} | options)
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", dismiss)
        page.on("request", lambda asked: complaints.append(asked.url) if not _is_ours(asked.url, running) else None)
        page.goto(running.link)
        page.wait_for_url(f"{running.address}/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _is_ours(address: str, running: Running) -> bool:
    return address.startswith((f"{running.origin}/", f"http://localhost:{running.review.port}/"))
