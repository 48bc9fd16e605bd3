"""The list as a tree of ordinals: which numerals a place of it counts with, and which annex a path leads to. Pure.

Whether `i` is the first or the ninth is decided for each place by all ordinals that the list has there.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from attachwatch.annexes.label import Ordinal, Step

Key = int | str


@dataclass(slots=True)
class Place:
    """One level of the tree. `system` is "number", "roman", "letter", or "mixed" where the list has two kinds."""

    system: str = "number"
    below: dict[Key, "Place"] = field(default_factory=dict)
    annex: int | None = None

    def find(self, ordinal: Ordinal) -> "Place | None":
        key = _key(ordinal, self.system)
        return self.below.get(key) if key is not None else None


def tree(paths: Iterable[tuple[int, Sequence[Ordinal]]]) -> Place:
    """Build the tree of these annexes (index and path)."""
    return _grown([(index, tuple(path)) for index, path in paths])


def keys(place: Place, above: tuple[Key, ...] = ()) -> Iterator[tuple[Key, ...]]:
    """The path of every annex in the tree, by what its ordinals count as."""
    if place.annex is not None:
        yield above
    for key, inner in place.below.items():
        yield from keys(inner, (*above, key))


def lead(root: Place, steps: Sequence[Step]) -> tuple[int | None, int]:
    """The annex that `steps` lead to, and how many of them it takes; None where the list has no such label.

    Steps that merely follow may be left over; one that belongs to the label by its dress may not.
    """
    place, reached, taken = root, None, 0
    for number, step in enumerate(steps):
        following = place.find(step.ordinal)
        if following is None:
            break
        place = following
        if place.annex is not None:
            reached, taken = place.annex, number + 1
    left = steps[taken : taken + 1]
    if reached is None or (left and left[0].firm and not _is_copy_mark(steps, taken)):
        return None, 0
    return reached, taken


def _is_copy_mark(steps: Sequence[Step], taken: int) -> bool:
    """`Annex A (1)`: a number in brackets behind the whole label."""
    return taken == len(steps) - 1 and steps[taken].bracketed and steps[taken].ordinal.is_number


def _grown(paths: list[tuple[int, tuple[Ordinal, ...]]]) -> Place:
    place = Place(system=_system([path[0] for _, path in paths if path]))
    branches: dict[Key, list[tuple[int, tuple[Ordinal, ...]]]] = {}
    for index, path in paths:
        if not path:
            place.annex = index
            continue
        key = _key(path[0], place.system)
        if key is not None:
            branches.setdefault(key, []).append((index, path[1:]))
    for key, inner in branches.items():
        place.below[key] = _grown(inner)
    return place


def _system(ordinals: Sequence[Ordinal]) -> str:
    words = [o for o in ordinals if not o.is_number]
    if words and len(words) < len(ordinals):
        return "mixed"
    if not words:
        return "number"
    if all(o.roman for o in words) and (any(len(o.text) > 1 for o in words) or _counts_from_one(words)):
        return "roman"
    return "letter"


def _counts_from_one(words: Sequence[Ordinal]) -> bool:
    values = {o.roman for o in words}
    return 1 in values and all(v is not None and v <= 30 for v in values)


def _key(ordinal: Ordinal, system: str) -> Key | None:
    """What the ordinal counts as in this system; in another system's numerals, too, where that is plain."""
    if system == "mixed":
        return ordinal.arabic if ordinal.is_number else f"{ordinal.text}"
    if ordinal.is_number:
        return ordinal.arabic
    if system == "letter" and ordinal.letter:
        return ordinal.letter
    if system in ("roman", "number") and ordinal.roman and (ordinal.roman <= 30 or system == "roman"):
        return ordinal.roman
    return ordinal.letter or (f"{ordinal.text}" if not ordinal.roman else ordinal.roman)
