"""`verify --explain`, `--pictures` and `--format html`: why each file was judged as it was."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from PIL import Image
from rich.console import Console

from attachwatch.cli.output import shown, word
from attachwatch.errors import UsageError
from attachwatch.inspection.sandbox import Picture
from attachwatch.model import Finding, ReaderReport
from attachwatch.service.explain import Explanation
from attachwatch.service.verify import Report

_MOST_WARNINGS = 3
_LEGEND = "t text, # binary, 0 zeros, ^ last object, $ end mark"


def print_explanations(console: Console, explanations: Sequence[Explanation]) -> None:
    for explanation in explanations:
        file, inspection = explanation.file, explanation.file.inspection
        console.print()
        console.print(shown(file.path), style="bold", soft_wrap=True)
        console.print("  verdict  ", word(inspection.verdict), f"  {inspection.size:,} bytes, {shown(inspection.type)}")
        for reader in inspection.readers:
            console.print(f"  {reader.name:<8} {shown(says(reader))}", soft_wrap=True)
        for finding in inspection.findings:
            console.print(f"  {shown(finding.code)}: {shown(finding.message)}", soft_wrap=True)
            if detail := evidence(finding):
                console.print(f"    {shown(detail)}", style="bright_black", soft_wrap=True)
        if explanation.map and explanation.map.size:
            console.print(f"  bytes    {explanation.map.line}")
            console.print(f"           {explanation.map.pointers}")
            block = "1 byte" if explanation.map.block == 1 else f"{explanation.map.block:,} bytes"
            console.print(f"           {_LEGEND}; a character is {block}", style="bright_black")
        for place in explanation.places:
            console.print(f"  at offset {place.offset:,} ({shown(place.finding.code)}):")
            for row in place.rows:
                console.print(f"  {row}", soft_wrap=True)


def says(reader: ReaderReport) -> str:
    """One reader's word in one line."""
    if reader.opened:
        pages = "1 page" if reader.pages == 1 else f"{reader.pages} pages"
        said = f"opens it: {pages}"
    else:
        said = "asks for a password" if reader.needs_password else "does not open it"
    if reader.rendered is not None:
        said += f", {reader.rendered} painted"
    if reader.white:
        said += f", blank: {', '.join(map(str, reader.white))}"
    words = [reader.error or "", *reader.warnings[:_MOST_WARNINGS]]
    return "; ".join([f"{reader.version} {said}", *filter(None, words)])


def evidence(finding: Finding) -> str:
    return ", ".join(f"{key} {value}" for key, value in finding.evidence.items() if value not in (None, [], ""))


def write_pictures(folder: Path, explanations: Sequence[Explanation]) -> int:
    """Write each page as a PNG under a name of ours; how many. Raises UsageError."""
    written = 0
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, explanation in enumerate(explanations, 1):
            for page, picture in explanation.pictures:
                (folder / f"{number:03}-{explanation.file.inspection.sha256[:12]}-page-{page}.png").write_bytes(
                    png(picture)
                )
                written += 1
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror}", "Name another folder with --pictures."
        ) from None
    return written


def png(picture: Picture) -> bytes:
    out = io.BytesIO()
    Image.frombytes("L", (picture.width, picture.height), picture.gray).save(out, "PNG")
    return out.getvalue()


def page(report: Report, explanations: Sequence[Explanation], summary: dict[str, Any]) -> str:
    """One web page that needs nothing beside it; whatever a file says is text in it."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("attachwatch.cli"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["shown"] = lambda value: shown(str(value))
    environment.filters["png"] = lambda picture: base64.b64encode(png(picture)).decode()
    return environment.get_template("verify.html").render(
        report=report, explanations=explanations, summary=summary, says=says, evidence=evidence, legend=_LEGEND
    )
