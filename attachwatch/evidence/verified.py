"""`verify --format html`: files, why each was judged as it was, and its pages, as a document."""

import io
from collections.abc import Iterator, Mapping, Sequence

from PIL import Image

from attachwatch.evidence import words
from attachwatch.evidence.blocks import Block, Document, Heading, Items, Picture, Span, Table, Text, Words, cell
from attachwatch.evidence.layout import inspected
from attachwatch.inspection.sandbox import Picture as Painted
from attachwatch.service.explain import Explanation
from attachwatch.service.verify import Report

LEGEND = "t text, # binary, 0 zeros, ^ last object, $ end mark"


def document(report: Report, explanations: Sequence[Explanation], summary: Mapping[str, int]) -> Document:
    """`summary` counts the files, and each verdict among them."""
    blocks: list[Block] = [_files(report, explanations)]
    notices = [cell(words.absent(n, n.message.key.mailbox)) for n in report.notices]
    if notices:
        blocks.append(Items(tuple(notices)))
    for number, explanation in enumerate(explanations, 1):
        blocks += _explained(explanation, f"file-{number}")
    counts = ", ".join(f"{count:,} {word}" for word, count in summary.items() if count)
    return Document("What opens, and what does not", counts, tuple(blocks))


def _files(report: Report, explanations: Sequence[Explanation]) -> Table:
    rows = []
    for number, file in enumerate((e.file for e in explanations), 1):
        found = file.inspection
        pages = f"{found.pages:,}" if found.pages is not None else ""
        rows.append(
            (
                cell(Span(file.path, link=f"file-{number}")),
                cell(", ".join(file.labels)),
                cell(Span(found.verdict, found.verdict)),
                cell(pages),
                cell(words.why(found)),
            )
        )
    for annex in report.missing:
        name = annex.file or annex.title or ""
        rows.append((cell(name), cell(annex.label), cell(Span("missing", "missing")), (), ()))
    heads = ("File", "Annex", "Verdict", "Pages", "Why")
    return Table("The files, and what is missing", heads, (5, 1, 2, 1, 5), tuple(rows))


def _explained(explanation: Explanation, anchor: str) -> Iterator[Block]:
    file = explanation.file
    yield Heading(2, file.path, anchor)
    yield from inspected(file.inspection, [("Annex", ", ".join(file.labels)), ("Is it by", file.reason)])
    if explanation.map and explanation.map.size:
        yield Words(f"{explanation.map.line}\n{explanation.map.pointers}", "map of the bytes", is_code=True)
        yield Text(f"{LEGEND}; a character is {words.count(explanation.map.block, 'byte')}", "faint")
    for place in explanation.places:
        yield Heading(3, f"At offset {place.offset:,} ({place.finding.code})")
        yield Words("\n".join(place.rows), f"the bytes around offset {place.offset}", is_code=True)
    for page, picture in explanation.pictures:
        yield Picture(png(picture), f"page {page} as PDFium shows it", f"page {page}")


def png(picture: Painted) -> bytes:
    out = io.BytesIO()
    Image.frombytes("L", (picture.width, picture.height), picture.gray).save(out, "PNG")
    return out.getvalue()
