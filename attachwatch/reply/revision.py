"""A person's edits and words that were made anew, as one text. Pure.

What only one side changed is taken as that side has it; where both changed the same lines, both stand there between
marks, and a person chooses. No edit is ever dropped.
"""

import difflib
from collections.abc import Iterator, Sequence

YOURS = "[[ Please choose: these words are yours ... ]]"
FRESH = "[[ ... and these are new, because more has come; keep what you like of both ... ]]"
END = "[[ ... and delete these three lines in double brackets. ]]"

_Chunk = tuple[Sequence[str], Sequence[str], Sequence[str]]  # the same place in base, edited and fresh


def merged(base: str, edited: str, fresh: str) -> str:
    """`fresh` with the changes that a person made of `base` in `edited`."""
    chunks = _chunks(_lines(base), _lines(edited), _lines(fresh))
    return "\n".join(line for chunk in chunks for line in _merged(*chunk))


def conflicts(body: str) -> int:
    """In how many places of `body` a person has still to choose, be it that one mark alone was left."""
    lines = [line.strip() for line in body.splitlines()]
    return max(map(lines.count, (YOURS, FRESH, END)))


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _merged(base: Sequence[str], edited: Sequence[str], fresh: Sequence[str]) -> Sequence[str]:
    if edited in (base, fresh):
        return fresh
    return edited if fresh == base else (YOURS, *edited, FRESH, *fresh, END)


def _chunks(base: list[str], edited: list[str], fresh: list[str]) -> Iterator[_Chunk]:
    """The three texts cut side by side, wherever all of them have the same line."""
    in_edited, in_fresh = _places(base, edited), _places(base, fresh)
    b = e = f = 0
    for place in sorted(in_edited.keys() & in_fresh.keys()):
        here, there = in_edited[place], in_fresh[place]
        if (place, here, there) != (b, e, f):
            yield base[b:place], edited[e:here], fresh[f:there]
        b, e, f = place + 1, here + 1, there + 1
        yield base[place:b], edited[here:e], fresh[there:f]
    yield base[b:], edited[e:], fresh[f:]


def _places(base: list[str], other: list[str]) -> dict[int, int]:
    """Where the lines of `base` stand in `other`, as far as they do, in the same order."""
    blocks = difflib.SequenceMatcher(None, base, other).get_matching_blocks()
    return {block.a + n: block.b + n for block in blocks for n in range(block.size)}
