"""Names that say that a file is the letter, and names that speak of an annex without being it. Pure."""

from attachwatch.annexes.labels import kinds
from attachwatch.annexes.labels.steps import Label
from attachwatch.annexes.labels.tokens import tokens
from attachwatch.annexes.labels.words import listed
from attachwatch.annexes.matching import titles

LETTERS = listed("file", "letter")
COVERS = listed("file", "cover")
_LETTER_OF = listed("file", "letter_of")
_INDEXES = listed("file", "index")
_ABOUT = listed("file", "about")
_OF = listed("file", "of")
_WITH = listed("file", "with")
_WITHIN = listed("beside", "within")
_ARTICLES = listed("file", "article")


def is_letter(text: str) -> bool:
    """Whether a name says nothing but that it is the letter: `FOI 04608 - Final Response`."""
    told = frozenset(w for w in telling(text) if not titles.is_number(w))
    return bool(told & (LETTERS - _LETTER_OF)) and told <= LETTERS | COVERS


def telling(text: str) -> frozenset[str]:
    """The words of a name that tell it from others, without those that announce a label."""
    return frozenset(w for w in titles.words_of(text) if not kinds.is_kind(w))


def is_spoken_of(text: str, label: Label) -> bool:
    """A letter that speaks of an annex is not the annex: `Response letter re Annex A`, `Policy (see Annex B)`."""
    parts = [t for t in tokens(text)[: label.start] if t.kind != "space" and t.lower not in _ARTICLES]
    before = [t.lower for t in parts if t.kind == "word"]
    if not before or (label.kind in kinds.ASKED and before[-1] in _WITHIN):
        return False
    of = before[-1] in _OF and parts[-1].kind != "dash" and parts[-1].kind != "number"  # and not "1 of 3 - Annex B"
    if before[-1] in _ABOUT or (of and (LETTERS | COVERS | _INDEXES) & set(before)):
        return True
    joined = label.many or before[-1] in _WITH
    return not joined and bool(COVERS & set(before))
