"""Labels: `Annex D(iii)(a)` is a kind and a path of ordinals, D, iii, a, in whatever dress a name gives it. Pure.

Labels, and ranges of them, are read off the tokens of a cleaned name.
"""

from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from functools import lru_cache

from attachwatch.annexes.labels import kinds
from attachwatch.annexes.labels.numerals import Ordinal, in_order, ordinal, shown
from attachwatch.annexes.labels.ranges import with_range
from attachwatch.annexes.labels.steps import Label, Step, after_kind, path
from attachwatch.annexes.labels.tokens import Token, tokens
from attachwatch.annexes.labels.words import listed

_ARTICLES = listed("beside", "article")
_WITHIN = listed("beside", "within")
_ORDER_MARKS = listed("beside", "mark")
_ALL = listed("beside", "all")


def labels(text: str, own: Set[str] = frozenset()) -> Iterator[Label]:
    """Every label of a cleaned text that a kind word announces, in order; of the kinds that must be listed, `own`."""
    return iter(_labels(text, frozenset(own)))


@lru_cache(maxsize=8192)
def _labels(text: str, own: frozenset[str]) -> tuple[Label, ...]:
    parts = tokens(text)
    made: list[Label] = []
    place = 0
    while place < len(parts):
        kind = _kind(parts[place], own)
        found = _announced_at(parts, place, kind, own) if kind else None
        if found:
            made.append(found)
        place = max(found.end if found else 0, place + 1)
    return tuple(made)


def singles(text: str) -> Iterator[Label]:
    """Every label behind a kind word by itself, whatever list or range goes on behind it: for running text."""
    parts = tokens(text)
    place = 0
    while place < len(parts):
        kind, many = _kind(parts[place], kinds.SPOKEN), kinds.is_many(parts[place].lower)
        found = after_kind(parts, place + 1, many=many) if kind else None
        if found and many and (deeper := after_kind(parts, place + 1, many=False)) and _is_mixed(deeper):
            found = deeper
        if kind and found:
            yield Label(kind, parts[place].text, found, many, start=place, end=found[-1].end)
        place = found[-1].end if found else place + 1


def _is_mixed(steps: Sequence[Step]) -> bool:
    """Whether it is `A-1`, of a letter and a number, which is no range."""
    return len(steps) == 2 and steps[1].dashed and steps[0].ordinal.is_number != steps[1].ordinal.is_number


def bare(text: str) -> Label | None:
    """A label without a kind word at the very start of a cleaned text: `D(iii) Manual`, `1 - Policy`."""
    return bare_at(tokens(text), 0)


def bare_at(parts: Sequence[Token], place: int) -> Label | None:
    """A label without a kind word that begins at token `place`."""
    found = path(parts, place)
    return with_range(parts, Label("", "", found, start=place, end=found[-1].end)) if found else None


def _kind(token: Token, own: Set[str] = frozenset()) -> str | None:
    kind = token.announces
    return kind if kind not in kinds.LISTED or kind in own else None


def _announced_at(parts: Sequence[Token], place: int, kind: str, own: Set[str]) -> Label | None:
    """The label that the kind word at `place` announces, behind it or ("second annex", "all annexes") before it."""
    token = parts[place]
    many = kinds.is_many(token.lower)
    if found := after_kind(parts, place + 1, many=many):
        label = Label(kind, token.text, found, many, start=place, end=found[-1].end)
        return with_range(parts, label if many or kind == "part" else _with_inner(parts, label, own))
    before = place - 1
    while before >= 0 and (parts[before].kind == "space" or parts[before].lower in _ARTICLES):
        before -= 1
    if before >= 0 and many and parts[before].lower in _ALL:
        return Label(kind, token.text, (), many=True, every=True, start=before, end=place + 1)
    if before >= 1 and parts[before].lower in _ORDER_MARKS and parts[before - 1].kind == "number":
        counted = ordinal(parts[before - 1].text)
        before -= 1
    else:
        counted = in_order(parts[before].text) if before >= 0 else None
    if counted is None:
        return None
    step = Step(counted, firm=True, bracketed=False, start=before, end=place + 1)
    return Label(kind, token.text, (step,), start=before, end=place + 1)


def _with_inner(parts: Sequence[Token], label: Label, own: Set[str]) -> Label:
    """`Annex A part 2`, `Document 2 - Attachment 1`, `Attachment 1 to Document 2`: a label within another is a step of
    it, and a volume holds it wherever it is named. A part may be left over where the list has it not; an attachment may
    not."""
    place = label.end
    while place < len(parts) and parts[place].kind in ("space", "dash", "point", "open"):
        place += 1
    turned = place < len(parts) and parts[place].lower in _WITHIN
    place += 2 * turned
    inner = kinds.of_one(parts[place].lower) if place < len(parts) else None
    if inner is None or inner == label.kind or (inner in kinds.LISTED and inner not in own):
        return label
    turned = turned or inner in kinds.LISTED
    if inner in kinds.LOOSE and label.kind not in kinds.LISTED and (turned != (inner != "part")):
        return label
    begin = place + 1
    while begin < len(parts) and (parts[begin].kind == "space" or parts[begin].text == "."):
        begin += 1
    found = path(parts, begin)
    if not found:
        return label
    outer, within, name = (found, label.steps, label.kind) if turned else (label.steps, found, inner)
    step = inner_step(name, within, start=label.end, end=found[-1].end)
    if step is None:
        return label
    kind, word = (inner, parts[place].text) if turned else (label.kind, label.word)
    return replace(label, kind=kind, word=word, steps=(*outer, step), end=step.end)


def inner_step(kind: str, within: tuple[Step, ...], *, start: int, end: int) -> Step | None:
    """A label within another as a step of it: `Tab 3` of Volume 2."""
    first = within[0].ordinal
    if kind == "part":
        number = first.arabic or first.roman
        return Step(Ordinal(f"part {number}"), firm=False, bracketed=False, start=start, end=end) if number else None
    text = f"{kind} {shown([s.ordinal for s in within if s.firm])}"
    return Step(Ordinal(text), firm=kind not in kinds.LOOSE, bracketed=False, start=start, end=end)
