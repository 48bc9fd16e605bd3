"""Takes docs/review.png, the page of a reply, from the demo itself: `python docs/review_screenshot.py`."""

import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

SIDES = {"width": 1200, "height": 900}
COLOURS = 64  # of a page that has few


def main() -> None:
    attachwatch = [sys.executable, "-m", "attachwatch"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*attachwatch, "demo", "--folder", f"{folder}/demo"], stdout=subprocess.DEVNULL, check=True)
        command = [*attachwatch, "review", "--no-browser", "--config", f"{folder}/demo/attachwatch.toml"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as review:
            try:
                shown = _shown(next(line.strip() for line in review.stdout or () if "http" in line))
            finally:
                review.terminate()
    image = Image.open(io.BytesIO(shown)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(Path(__file__).with_name("review.png"), optimize=True)


def _shown(link: str) -> bytes:
    """The page of the newest reply, with what the readers said of its first file, as a PNG."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=SIDES, color_scheme="light")  # type: ignore[arg-type]
        page.goto(link)
        page.get_by_role("link", name="Read the reply").click()
        page.get_by_text("What each reader said").first.click()
        page.mouse.move(0, 0)
        shown = page.screenshot()
        browser.close()
    return shown


if __name__ == "__main__":
    main()
