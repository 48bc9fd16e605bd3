"""Draws docs/demo.svg from the demo itself: `python docs/screenshot.py`."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 118
LINES = 44  # the first table and the reply


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "attachwatch", "demo", "--folder", f"{folder}/demo"]
        environment = os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)}
        shown = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"))  # noqa: SIM115
    console.print(Text.from_ansi("\n".join(shown.splitlines()[:LINES])))
    svg = console.export_svg(title="attachwatch demo", unique_id="demo")
    without_fonts = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # nothing is fetched to look at it
    Path(__file__).with_name("demo.svg").write_text(without_fonts, encoding="utf-8")


if __name__ == "__main__":
    main()
