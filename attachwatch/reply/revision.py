"""A person's edits and words that were made anew, as one text. Pure.

What only one side changed is taken as that side has it; where both changed the same lines, both stand there between
marks, and a person chooses. No edit is ever dropped.
"""

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from attachwatch.model import Draft, DraftState

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


def after(fresh: Draft, drafts: Sequence[Draft]) -> Draft:
    """`fresh` as it follows the `drafts` of its case: with what a person had made of the words that it takes the place
    of, and with a Message-ID that none of them has."""
    known = {_words_apart(d.message_id)[0] for d in drafts}
    own, _, domain = _words_apart(fresh.message_id)
    while own in known:
        own = f"attachwatch.{hashlib.sha256(own.encode()).hexdigest()[:32]}"
    fresh = replace(fresh, message_id=f"<{own}@{domain}>")
    last = next((d for d in reversed(drafts) if d.kind is fresh.kind), None)
    if last is None or not last.is_edited or last.state not in (DraftState.PENDING, DraftState.SUPERSEDED):
        return fresh
    return revised(fresh, merged(last.generated, last.body, fresh.body))


def revised(draft: Draft, body: str) -> Draft:
    """`draft` with `body` in the place of its own. Its Message-ID tells it from the same draft with other words, so
    that what was placed before an edit is never taken for it."""
    generated = draft.generated or draft.body
    own, _, domain = _words_apart(draft.message_id)
    mark = "" if body == generated else f".{hashlib.sha256(body.encode()).hexdigest()[:16]}"
    return replace(draft, body=body, generated=generated, message_id=f"<{own}{mark}@{domain}>")


def _words_apart(message_id: str) -> tuple[str, str, str]:
    """What tells a draft from others, what tells its words from others that it had, and the domain."""
    local, _, domain = message_id.removeprefix("<").removesuffix(">").partition("@")
    maker, _, rest = local.partition(".")
    own, _, words = rest.partition(".")
    return f"{maker}.{own}", words, domain


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
