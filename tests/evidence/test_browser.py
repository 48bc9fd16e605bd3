"""A record's page in a browser: on any screen, by any eye."""

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from attachwatch.evidence.layout import document
from attachwatch.evidence.page import page
from attachwatch.evidence.record import Record
from tests.evidence.hostile import hostile
from tests.evidence.made import story


def saved(folder: Path, found: Record) -> str:
    path = folder / "report.html"
    path.write_text(page(document(found)), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("found", [story(), hostile("w" * 5000)], ids=["story", "long names"])
def test_no_screen_is_scrolled_sideways(chromium: Browser, tmp_path: Path, found: Record, width: int) -> None:
    view = chromium.new_page(viewport={"width": width, "height": 800})
    view.goto(saved(tmp_path, found))
    assert view.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing(chromium: Browser, tmp_path: Path, scheme: Literal["light", "dark"], width: int) -> None:
    context = chromium.new_context(
        bypass_csp=True, color_scheme=scheme, viewport={"width": width, "height": 800}
    )  # axe is a script
    view = context.new_page()
    view.goto(saved(tmp_path, story()))
    found = Axe().run(view)
    assert found.violations_count == 0, found.generate_report()


def test_nothing_that_strangers_write_runs_or_loads(chromium: Browser, tmp_path: Path) -> None:
    view = chromium.new_page()
    heard: list[str] = []
    view.on("dialog", lambda dialog: heard.append(dialog.message))
    view.on("console", lambda message: heard.append(message.text))
    view.on("request", lambda request: heard.append(request.url))
    view.on("requestfailed", lambda request: heard.append(request.url))
    address = saved(tmp_path, hostile("</style><script>alert(1)</script><img src=http://x.example/y onerror=alert(2)>"))
    view.goto(address)
    assert heard == [address]
