"""The list, ready to be looked up in: by kind and path, by title, by file name. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from attachwatch.annexes.expected import expand, first_label
from attachwatch.annexes.labels import kinds
from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels.cleaning import clean, plain
from attachwatch.annexes.labels.numerals import Ordinal
from attachwatch.annexes.labels.ranges import as_range
from attachwatch.annexes.labels.series import Place, Reached, crosses, lead, tree
from attachwatch.annexes.labels.steps import Label, Step
from attachwatch.annexes.matching import titles
from attachwatch.annexes.matching.covering import is_letter
from attachwatch.model import Annex

_LONG_NUMBER = re.compile(r"(?<!\d)(?!(?:19|20)\d{6}(?!\d))\d{5,}")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of the whole list."""

    annexes: Sequence[Annex]
    trees: Mapping[str, Place]  # by kind; "" for all of them
    own: frozenset[str]  # kinds that announce a label since the list has them
    labelled: Mapping[int, str]  # the kind of each annex that has a label
    by_name: Mapping[str, Sequence[int]]  # exact file names
    by_numbers: Mapping[frozenset[str], Sequence[int]]  # items without a label that have long ones: `Ares(2023)1111111`
    titles: titles.Titles
    letters: Sequence[int]  # items that ask for the response letter


@lru_cache(maxsize=8)
def expectation(expected: tuple[Annex, ...]) -> Expectation:
    """Prepare a list."""
    found = {n: first_label(clean(written(annex))) for n, annex in enumerate(expected)}
    paths = {n: (f.kind, expand(f)[0]) for n, f in found.items() if f}
    of_kind: dict[str, list[tuple[int, tuple[Ordinal, ...]]]] = {"": []}
    for n, (kind, path) in paths.items():
        of_kind[""].append((n, path))
        of_kind.setdefault(kind, []).append((n, path)) if kind else None
    names = {n: annex.title or ("" if n in paths else annex.label) for n, annex in enumerate(expected)}
    by_name: dict[str, list[int]] = {}
    for n, annex in enumerate(expected):
        by_name.setdefault(plain(annex.file), []).append(n) if annex.file else None
    by_numbers: dict[frozenset[str], list[int]] = {}
    for n, annex in enumerate(expected):
        if n not in paths and (numbers := long_numbers(annex.label)):
            by_numbers.setdefault(numbers, []).append(n)
    return Expectation(
        annexes=expected,
        trees={kind: tree(own) for kind, own in of_kind.items()},
        own=frozenset(of_kind) & kinds.LISTED,
        labelled={n: kind for n, (kind, _) in paths.items()},
        by_name=by_name,
        by_numbers=by_numbers,
        titles=titles.index({n: name for n, name in names.items() if name}),
        letters=[n for n, name in names.items() if n not in paths and is_letter(name) and not _has_number(name)],
    )


def written(annex: Annex) -> str:
    """An annex by its kind and label."""
    return annex.label if not annex.kind or annex.label.startswith(annex.kind) else f"{annex.kind} {annex.label}"


def reached_by(text: str, label: Label, about: Expectation) -> list[tuple[int, ...]]:
    """The annexes that each member of a label leads to."""
    if label.every:
        own = [n for n, kind in about.labelled.items() if kind == label.kind]
        return [(n,) for n in own or about.labelled]
    reached = [r.annexes for member in members(label) if (r := find(member, about)).annexes]
    if not reached and (spread := as_range(text, label)):
        each = [find(member, about).annexes for member in members(spread)]
        reached = each if len(each) > 1 and all(each) else []
    return reached


def announced_in(text: str, about: Expectation) -> list[Label]:
    """The labels that kind words announce; a part is one only where the list has parts."""
    return [x for x in labels.labels(text, about.own) if x.kind != "part" or "part" in about.trees]


def members(label: Label) -> Iterator[Label]:
    """The labels that a range or list stands for, one by one; the label itself where it is neither."""
    if not label.through and not label.also:
        yield label
        return
    for path in expand(label):
        steps = tuple(Step(o, firm=True, bracketed=False, start=0, end=0) for o in path)
        yield Label(label.kind, label.word, steps)


def find(label: Label, about: Expectation) -> Reached:
    """Among those of the label's kind first; the kind counts only where the list has the same number under two."""
    root = about.trees[""]
    kin = about.trees.get(label.kind, Place())
    own, other = lead(kin, label.steps), lead(root, label.steps)
    if not own.annexes:
        return Reached() if label.steps and crosses(root, label.steps) else other
    if len(other.annexes) == 1 and own.annexes != other.annexes and crosses(kin, label.steps):
        return Reached((*own.annexes, *other.annexes), own.taken)  # the kind says one, the numeral another
    return own


def long_numbers(text: str) -> frozenset[str]:
    """The numbers that are long enough to be a document's own, and no date."""
    return frozenset(_LONG_NUMBER.findall(text))


def named_in(clause: str, about: Expectation) -> Iterator[int]:
    """The annexes that a text names by their labels."""
    for label in labels.labels(clause, about.own):
        for member in reached_by(clause, label, about):
            if len(member) == 1:
                yield member[0]


def _has_number(text: str) -> bool:
    return any(titles.is_number(w) for w in titles.words_of(text))
