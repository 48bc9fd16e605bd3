"""`verify --explain` and `--pictures`: why each file was judged as it was."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from attachwatch.cli.output import shown, word
from attachwatch.errors import UsageError
from attachwatch.evidence.verified import LEGEND, png
from attachwatch.evidence.words import evidence, says
from attachwatch.service.explain import Explanation


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
            console.print(f"           {LEGEND}; a character is {block}", style="bright_black")
        for place in explanation.places:
            console.print(f"  at offset {place.offset:,} ({shown(place.finding.code)}):")
            for row in place.rows:
                console.print(f"  {row}", soft_wrap=True)


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
