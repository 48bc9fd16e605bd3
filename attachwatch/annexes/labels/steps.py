"""Steps: the ordinals of one label as they stand in a name, one behind the other. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from attachwatch.annexes.labels.numerals import Ordinal, in_order, is_word, ordinal, roman
from attachwatch.annexes.labels.tokens import Token
from attachwatch.annexes.labels.words import listed

_MOST = 8
_HIGHEST_SMALL = 40  # that is counted in small romans
_FIRST_LETTERS = frozenset("abcdefgh")
_FILLERS = listed("beside", "filler")
_ORDER_MARKS = listed("beside", "mark")


@dataclass(frozen=True, slots=True)
class Step:
    """An ordinal in a name. `firm` steps belong to the label by their dress (brackets, glue, a dot between); others
    merely follow it, and may be the beginning of the title. `start` and `end` count tokens."""

    ordinal: Ordinal
    firm: bool
    bracketed: bool
    start: int
    end: int
    dashed: bool = False  # glued by a dash: `D-i` is D(i), and `i-iii` may be a range
    apart: bool = False  # more than a blank or a sign stands before it: `D - i`


@dataclass(frozen=True, slots=True)
class Span:
    """A further member of a list, or, with `through`, a range of them."""

    steps: tuple[Step, ...]
    through: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Label:
    """A label as read off a name; `through` is the last of a range, `also` further members of a list."""

    kind: str  # a key of the kinds, or "" where no kind word stands before it
    word: str  # the kind word as written
    steps: tuple[Step, ...]
    many: bool = False  # the kind word was a plural
    every: bool = False  # "all annexes"
    through: tuple[Step, ...] = ()
    also: tuple[Span, ...] = ()
    start: int = 0  # tokens
    end: int = 0

    @property
    def path(self) -> tuple[Ordinal, ...]:
        return tuple(s.ordinal for s in self.steps)


def path(parts: Sequence[Token], place: int, *, many: bool = False) -> tuple[Step, ...] | None:
    """Steps as long as they follow one another; behind a plural, brackets and glue alone make a deeper step."""
    steps: list[Step] = []
    while len(steps) < _MOST and (step := _step(parts, place, first=not steps)):
        gap = "".join(t.text for t in parts[place : step.start + 1] if t.kind in ("dash", "space"))
        if steps and ((many and gap) or ("-" in gap and step.bracketed and (steps[-1].bracketed or many))):
            break
        steps.append(step)
        place = step.end
    return tuple(steps) or None


def after_kind(parts: Sequence[Token], place: int, *, many: bool) -> tuple[Step, ...] | None:
    """The path behind a kind word, past separators and words such as "no."."""
    while place < len(parts) and (parts[place].kind in ("space", "dash", "point", "other") or _is_filler(parts, place)):
        place += 1
    if many and parts[place : place + 1] and parts[place].kind == "open" and not _closes(parts, place + 2):
        place += 1  # "Annexes (A-D)"
    if place < len(parts) and (counted := in_order(parts[place].text)):
        return (Step(counted, True, bracketed=False, start=place, end=place + 1),)
    return path(parts, place, many=many)


def _closes(parts: Sequence[Token], place: int) -> bool:
    return place < len(parts) and parts[place].kind == "close"


def _is_filler(parts: Sequence[Token], place: int) -> bool:
    """Whether a word such as "no." stands before the number; but `Annex N` is one of a list."""
    is_own = parts[place].text == "N" and (place + 1 == len(parts) or parts[place + 1].kind == "space")
    counts = parts[place].lower == "a" and any(is_word(t.text) for t in parts[place + 2 : place + 3])  # Aguisín a trí
    return counts or (parts[place].lower in _FILLERS and not is_own)


def _goes_on(parts: Sequence[Token], place: int) -> bool:
    return place < len(parts) and parts[place].kind in ("word", "number")


def _is_small(parts: Sequence[Token], place: int) -> bool:
    """Whether one of the first letters stands there by itself."""
    return parts[place].text in _FIRST_LETTERS and not _goes_on(parts, place + 1)


def _is_small_roman(parts: Sequence[Token], place: int) -> bool:
    """Whether a small roman stands there, and no version: `v2`, `v 2`."""
    text = parts[place].text if place < len(parts) else ""
    behind = [t.kind for t in parts[place + 1 : place + 3] if t.kind != "space"][:1]
    return text.islower() and 0 < (roman(text) or 0) < _HIGHEST_SMALL and not (text == "v" and behind == ["number"])


def _step(parts: Sequence[Token], place: int, *, first: bool) -> Step | None:
    start = place
    while not first and place < len(parts) and (parts[place].kind == "space" or parts[place].text in (".", "-")):
        place += 1
    gap = place - start
    bracketed = place < len(parts) and parts[place].kind == "open"
    apart = gap in (2, 3) and parts[place - 1].kind == "space" and _is_small_roman(parts, place)  # `D - iii`, `D. iii`
    if gap > (3 if bracketed or apart else 1):
        return None
    place += bracketed
    if place >= len(parts) or parts[place].kind not in ("word", "number"):
        return None
    found = ordinal(parts[place].text)
    if found is None or (bracketed and (place + 1 >= len(parts) or parts[place + 1].kind != "close")):
        return None
    end = place + 1 + bracketed
    if parts[place].lower == "bis" and any(ordinal(t.text) for t in parts[end + 1 : end + 2]):
        return None  # "1 bis 3" goes from one to three
    if found.is_number and end < len(parts) and parts[end].lower in _ORDER_MARKS:
        end += 1  # "1st"
    glued = gap == 0 or parts[start].text in (".", "-")
    if glued and not bracketed and gap and _goes_on(parts, end) and not (found.is_number and _is_small(parts, end)):
        return None  # "A-level", "1.pdf2", but "2.1a"
    dashed = gap == 1 and parts[start].kind == "dash"
    return Step(
        found, firm=first or bracketed or glued, bracketed=bracketed, start=start, end=end, dashed=dashed, apart=apart
    )
