"""Kinds of annexes by the words that announce a label: `Annex`, `Anl.`, `Bijlagen`. Pure."""

import re
from collections.abc import Iterator

from attachwatch.annexes.labels.words import by_word, listed

_ONE = by_word("one")
_MANY = by_word("many")  # plurals make a range of what follows
_MANY = {f"{w}s": kind for w, kind in _ONE.items() if len(w) > 1 and f"{w}s" not in _ONE} | _MANY
LOOSE = listed("kinds", "loose")
LISTED = listed("kinds", "listed")
SPOKEN = listed("kinds", "spoken")
ASKED = listed("kinds", "asked")
_LONG = 5  # characters of a kind word that is known without a change of case: `annexdiii`, but not `tabi`
_INFLECTED = re.compile(r"(s|(?<=[ae])[dnr])$")  # "scheduled", "bilagan" are words, and not labels D and N


def _misspelt(word: str) -> Iterator[str]:
    """A word with one letter within it left out, doubled, or changed for the next."""
    for n in range(1, len(word) - 1):
        yield word[:n] + word[n + 1 :]
        yield word[:n] + word[n] + word[n:]
        yield word[:n] + word[n + 1] + word[n] + word[n + 2 :]


_GLUED = sorted((w for w in _ONE if len(w) > 2), key=len, reverse=True)
_ONE |= {
    slip: _ONE[word]
    for word in sorted(listed("kinds", "misspelt"))
    for slip in _misspelt(word)
    if slip not in _ONE and slip not in _MANY
}


def of_one(word: str) -> str | None:
    """The kind that a word in small letters announces one label of."""
    return _ONE.get(word)


def of(word: str) -> str | None:
    """The kind that a word in small letters announces labels of."""
    return _ONE.get(word) or _MANY.get(word)


def is_many(word: str) -> bool:
    """Whether it announces several."""
    return word in _MANY


def singular(word: str) -> str:
    """`Annex` for `Annexes`: of the words of its kind, the one that begins most like it."""
    low = word.casefold()
    if low not in _MANY:
        return word
    ones = (one for one, kind in by_word("one").items() if kind == _MANY[low])
    return max(ones, key=lambda one: (low == f"{one}es", _shared(one, low)))


def _shared(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def is_kind(word: str) -> bool:
    """Whether a word announces labels, whatever the list: `Annex`, `Anlagen`."""
    kind = of(word.casefold().strip(".,;:()"))
    return kind is not None and kind not in LISTED


def glued(raw: str) -> Iterator[tuple[str, str]]:
    """Every way to cut a word into a kind and what may be glued to it: `AnnexDvi`, `annexd`, but not `Tablet`."""
    low = raw.casefold()
    for word in _GLUED:
        if low.startswith(word) and len(word) < len(raw) and _is_glued(raw, word):
            yield raw[: len(word)], raw[len(word) :]


def _is_glued(raw: str, word: str) -> bool:
    if raw[len(word)].isupper() and not raw.isupper():
        return True
    return len(word) >= _LONG and not _INFLECTED.search(raw.casefold())
