"""The list as a tree of ordinals: which numerals a place of it counts with, and which annex a path leads to. Pure.

Whether `i` is the first or the ninth is decided for each place by all ordinals that the list has there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from attachwatch.annexes.labels.numerals import Ordinal
from attachwatch.annexes.labels.numerals import ordinal as read
from attachwatch.annexes.labels.steps import Step

Key = int | str


@dataclass(slots=True)
class Place:
    """One level of the tree. `system` is "number", "roman", "letter", or "mixed" where the list has two kinds."""

    system: str = "number"
    below: dict[Key, "Place"] = field(default_factory=dict)
    annexes: list[int] = field(default_factory=list)  # several where kinds differ, and there alone

    def find(self, ordinal: Ordinal) -> "Place | None":
        key = _key(ordinal, self.system)
        return self.below.get(key) if key is not None else None

    def alone(self, taken: int) -> "Reached":
        """`Annex A` is `Annex A Schedule 2`, where the list has nothing else of A."""
        (inner,) = self.below.items() if len(self.below) == 1 else ((None, self),)
        return Reached(tuple(inner[1].annexes), taken) if " " in str(inner[0]) else Reached()


@dataclass(frozen=True, slots=True)
class Reached:
    """The annexes that steps lead to, and how many of them it takes."""

    annexes: tuple[int, ...] = ()
    taken: int = 0


def tree(paths: Iterable[tuple[int, Sequence[Ordinal]]]) -> Place:
    """Build the tree of these annexes (index and path)."""
    return _grown([(index, tuple(path)) for index, path in paths])


def lead(root: Place, steps: Sequence[Step]) -> Reached:
    """Follow `steps` as far as the list goes. Those that merely follow may be left over; one that belongs to the label
    by its dress may not."""
    place, reached = root, Reached()
    for number, step in enumerate(steps):
        following = place.find(step.ordinal) or _split(place, step.ordinal)
        if following is None:
            break
        place = following
        if place.annexes:
            reached = Reached(tuple(place.annexes), number + 1)
    else:
        reached = reached if place.annexes else place.alone(len(steps))
    left = steps[reached.taken : reached.taken + 1]
    if left and left[0].firm and not _is_copy_mark(steps, reached.taken) and not _is_exemption(steps[reached.taken :]):
        return Reached()
    return reached


def _is_exemption(steps: Sequence[Step]) -> bool:
    """`(b)(6)`: what American law lets an agency black out."""
    texts = [s.ordinal.text for s in steps[:2] if s.bracketed]
    return len(texts) == 2 and texts[0] == "b" and texts[1].isdecimal()


def crosses(root: Place, steps: Sequence[Step]) -> bool:
    """Whether a number is meant to be a letter of the list, or a letter a number: `Annex 1` for Annex A."""
    first = steps[0].ordinal
    return first.is_number if root.system == "letter" else not first.is_number and not first.roman


def _split(place: Place, ordinal: Ordinal) -> Place | None:
    """`Annex Xi`, where the list has X(i) and no eleventh."""
    if len(ordinal.text) < 2 or ordinal.roman is None:
        return None
    first, rest = read(ordinal.text[0]), read(ordinal.text[1:])
    inner = place.find(first) if first else None
    return inner.find(rest) if inner and rest else None


def _is_copy_mark(steps: Sequence[Step], taken: int) -> bool:
    """`Annex A (1)`: a number in brackets behind the whole label."""
    return taken == len(steps) - 1 and steps[taken].bracketed and steps[taken].ordinal.is_number


def _grown(paths: list[tuple[int, tuple[Ordinal, ...]]]) -> Place:
    place = Place(system=_system([path[0] for _, path in paths if path]))
    branches: dict[Key, list[tuple[int, tuple[Ordinal, ...]]]] = {}
    for index, path in paths:
        if not path:
            place.annexes.append(index)
            continue
        key = _key(path[0], place.system)
        if key is not None:
            branches.setdefault(key, []).append((index, path[1:]))
    for key, inner in branches.items():
        place.below[key] = _grown(inner)
    return place


def _system(ordinals: Sequence[Ordinal]) -> str:
    """The numerals of a place. Romans among numbers are numbers, too, unless the list has the same value in both."""
    words = [o for o in ordinals if not o.is_number]
    if not words:
        return "number"
    is_roman = all(o.roman for o in words) and (any(len(o.text) > 1 for o in words) or _counts_from_one(words))
    if len(words) < len(ordinals):
        clash = {o.roman for o in words} & {o.arabic for o in ordinals if o.is_number}
        return "roman" if is_roman and not clash else "mixed"
    return "roman" if is_roman else "letter"


def _counts_from_one(words: Sequence[Ordinal]) -> bool:
    values = {o.roman for o in words}
    return 1 in values and all(v is not None and v <= 30 for v in values)


def _key(ordinal: Ordinal, system: str) -> Key | None:
    """What the ordinal counts as in this system; in another system's numerals, too, where that is plain."""
    if system == "mixed":
        return ordinal.arabic if ordinal.is_number else ordinal.text
    if ordinal.is_number:
        return ordinal.arabic
    if system == "letter" and ordinal.letter:
        return ordinal.letter
    if system in ("roman", "number") and ordinal.roman and (ordinal.roman <= 30 or system == "roman"):
        return ordinal.roman
    return ordinal.letter or (ordinal.text if not ordinal.roman else ordinal.roman)
