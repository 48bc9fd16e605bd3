"""Gaps in what came: D(iv) and D(vi) came, and D(v) did not. Pure. A question for a person, and never a claim: a series
may have a gap since its numbers stand for something else.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, pairwise

from attachwatch.annexes.expected import expand, first_label
from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels import numerals
from attachwatch.annexes.labels.cleaning import clean
from attachwatch.annexes.labels.numerals import Ordinal
from attachwatch.annexes.labels.series import Key, Place, tree
from attachwatch.annexes.labels.steps import Label
from attachwatch.model import Annex

_MOST = 5_000  # paths of a kind that are looked at
_NO_SERIES = ("part", "question")
_Path = tuple[Ordinal, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What is neither there nor on a list, between two that are. Labels, with the kind word before the first."""

    before: str
    after: str
    absent: tuple[str, ...]

    @property
    def question(self) -> str:
        one = len(self.absent) == 1
        shown = self.absent[0] if one else f"{self.absent[0]} to {self.absent[-1]}"
        came = f"{self.before} and {self.after} came, {shown} did not, and {'is' if one else 'are'} on no list"
        return f"{came}: {'was there one?' if one else 'were there any?'}"


def gaps(came: Iterable[Annex | str], listed: Iterable[Annex] = ()) -> tuple[Gap, ...]:
    """The gaps between what `came`, which are annexes of the list and names of files that are on none.

    What is `listed` and did not come is no gap, since it is missing.
    """
    series: dict[str, dict[_Path, bool]] = {}  # by kind: whether the path came, or is listed alone
    words: dict[str, str] = {}
    for item, has_come in chain(((x, False) for x in listed), ((x, True) for x in came)):
        label = _label(item)
        if label is None:
            continue
        words.setdefault(label.kind, label.word.capitalize())
        of_kind = series.setdefault(label.kind, {})
        if len(of_kind) < _MOST:
            of_kind |= dict.fromkeys(expand(label), has_come)
    return tuple(gap for kind, paths in series.items() for gap in _of_series(paths, words[kind]))


def _label(item: Annex | str) -> Label | None:
    """The label of an annex, or the one that a file's name announces or begins with."""
    if isinstance(item, Annex):
        is_whole = not item.kind or item.label.startswith(item.kind)
        return first_label(clean(item.label if is_whole else f"{item.kind} {item.label}"))
    text = clean(item)
    announced = list(labels.labels(text))
    return next((x for x in announced if x.kind not in _NO_SERIES), None) if announced else first_label(text)


def _of_series(paths: Mapping[_Path, bool], word: str) -> Iterator[Gap]:
    root = tree(enumerate(paths))
    there = {id(place) for path, has_come in paths.items() if has_come for place in _along(root, path)}
    yield from _below(root, (), there, word)


def _along(place: Place | None, path: _Path) -> Iterator[Place]:
    for ordinal in path:
        place = place and place.find(ordinal)
        if place is not None:
            yield place


def _below(place: Place, above: _Path, there: AbstractSet[int], word: str) -> Iterator[Gap]:
    for steps in _holes(place, there):
        shown = [numerals.shown((*above, _ordinal(key, place.system))) for key in steps]
        yield Gap(f"{word} {shown[0]}".strip(), shown[-1], tuple(shown[1:-1]))
    for key, inner in place.below.items():
        if inner.below:
            yield from _below(inner, (*above, _ordinal(key, place.system)), there, word)


def _holes(place: Place, there: AbstractSet[int]) -> list[range]:
    """What lies between two that came, with both; none where as much is absent as came, since that is no series."""
    keys = sorted(k for k in place.below if isinstance(k, int))
    came = {k for k in keys if id(place.below[k]) in there}
    pairs = ((a, b) for a, b in pairwise(keys) if a in came and b in came)
    found = [range(a, b + 1) for a, b in pairs if 1 < b - a <= len(came)]
    return found if sum(len(steps) - 2 for steps in found) < len(came) else []


def _ordinal(key: Key, system: str) -> Ordinal:
    """How a series of this system writes what counts as `key`."""
    text = str(key)
    if isinstance(key, int) and system == "roman" and key < 100:
        text = numerals.in_roman(key)
    elif isinstance(key, int) and system == "letter" and key <= 26:
        text = chr(96 + key)
    return numerals.ordinal(text) or Ordinal(text)
