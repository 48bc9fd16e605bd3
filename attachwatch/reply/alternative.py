"""A letter of plain text as HTML, for those who read their mail so. Pure; nothing in it is fetched from anywhere."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby, pairwise

from attachwatch.reply.lines import goes_on, harmless, is_full, mark

_Block = list[str]  # the lines of a paragraph, or of one item of a list


def as_html(body: str) -> str:
    """`body` as a page: paragraphs, and lists that keep their numbers. Its words are shown as they are."""
    blocks = list(_blocks(harmless(body).split("\n")))
    parts = (_shown(kind, list(group)) for kind, group in groupby(blocks, key=lambda block: _kind(mark(block[0]))))
    return f'<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8"></head>\n<body>\n{"".join(parts)}</body>\n</html>\n'


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    held: _Block = []
    is_item = is_apart = False
    for line in lines:
        if not line.strip():
            is_apart = True
            continue
        belongs = is_item and line[0].isspace()
        if held and (mark(line) or (is_apart and not belongs) or (is_item and not belongs)):
            yield held
            held = []
        if not held:
            is_item = bool(mark(line))
        held.append(line)
        is_apart = False
    if held:
        yield held


def _kind(begins: str) -> str:
    return "" if not begins else "ol" if begins[0].isdecimal() else "ul"


def _shown(kind: str, blocks: Sequence[_Block]) -> str:
    if not kind:
        return "".join(f"<p>{_paragraph(block)}</p>\n" for block in blocks)
    return f"<{kind}>\n{''.join(map(_item, blocks))}</{kind}>\n"


def _paragraph(block: _Block) -> str:
    ends = [" " if goes_on(line, following) else "<br>\n" for line, following in pairwise(block)]
    return "".join(escape(line) + end for line, end in zip(block, [*ends, ""], strict=True))


def _item(block: _Block) -> str:
    """What begins it; where that is a number, it is a file's name, on a line of its own."""
    begins, (first, *rest) = mark(block[0]), block
    is_numbered = begins[0].isdecimal()
    lines = [first[len(begins) + 1 :], *(line.strip() for line in rest)]
    goes_on = [is_full(*pair) and not (is_numbered and place == 0) for place, pair in enumerate(pairwise(block))]
    ends = [" " if on else "<br>" for on in goes_on]
    said = "".join(escape(line) + end for line, end in zip(lines, [*ends, ""], strict=True))
    number = f' value="{int(begins[:-1])}"' if is_numbered else ""
    return f'<li{number} style="white-space: pre-wrap">{said}</li>\n'
