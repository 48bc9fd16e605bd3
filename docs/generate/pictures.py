"""Takes the pictures in docs/pictures/ anew, all of one run of the demo: `python -m docs.generate.pictures`."""

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.text import Text

from attachwatch.demo.story import REFERENCE

PICTURES = Path(__file__).parents[1] / "pictures"
ATTACHWATCH = (sys.executable, "-m", "attachwatch")
COLUMNS = 118
LINES = 44  # of the demo: the first table and the reply
SIDES = {"width": 1200, "height": 900}
COLOURS = 64  # of a page that has few


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder) / "demo"
        _terminal("demo", run("demo", "--folder", str(demo)), LINES)
        os.environ["ATTACHWATCH_CONFIG"] = str(demo / "attachwatch.toml")
        _terminal("case", _from("Email", run("status", REFERENCE, accepts=(0, 1))), title=f"status {REFERENCE}")
        run("report", REFERENCE, "--output", str(demo / "record.html"))
        with _review() as link, _browser() as page:
            page.goto(link)
            page.get_by_role("link", name=REFERENCE).first.click()
            _save("cases", page)
            page.get_by_role("link", name="Read the reply").first.click()
            page.get_by_text("What each reader said").first.click()
            page.mouse.move(0, 0)
            _save("review", page)
            page.goto((demo / "record.html").as_uri())
            _save("record", page)


def run(*words: str, accepts: tuple[int, ...] = (0,)) -> str:
    """What the command prints on a terminal of our width."""
    environment = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)}
    done = subprocess.run((*ATTACHWATCH, *words), capture_output=True, text=True, check=False, env=environment)
    if done.returncode not in accepts:
        raise SystemExit(done.stderr)
    return done.stdout


def _from(word: str, shown: str) -> str:
    """What is shown from the line on that begins with `word`."""
    lines = shown.splitlines()
    first = next(i for i, line in enumerate(lines) if Text.from_ansi(line).plain.startswith(word))
    return "\n".join(lines[first:])


def _terminal(name: str, shown: str, lines: int | None = None, title: str = "") -> None:
    console = Console(record=True, width=COLUMNS, file=io.StringIO())
    console.print(Text.from_ansi("\n".join(shown.splitlines()[:lines])))
    svg = console.export_svg(title=f"attachwatch {title or name}", unique_id=name)
    without_fonts = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # nothing is fetched to look at it
    (PICTURES / f"{name}.svg").write_text(without_fonts, encoding="utf-8")


@contextmanager
def _review() -> Iterator[str]:
    """The link to the pages of `attachwatch review`, as long as they are there."""
    with subprocess.Popen((*ATTACHWATCH, "review", "--no-browser"), stdout=subprocess.PIPE, text=True) as review:
        try:
            yield next(line.strip() for line in review.stdout or () if "http" in line)
        finally:
            review.terminate()


@contextmanager
def _browser() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser.new_page(viewport=SIDES, color_scheme="light")  # type: ignore[arg-type]
        browser.close()


def _save(name: str, page: Page) -> None:
    page.wait_for_load_state("networkidle")  # first pages are painted when they are asked for
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(PICTURES / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
