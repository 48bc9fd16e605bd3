"""Ranges and lists behind a label: `to F`, `-(ix)`, `, G and H`. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from attachwatch.annexes.steps import Label, Step, path
from attachwatch.annexes.tokens import Token, tokens
from attachwatch.annexes.words import MARKINGS, listed

_UP_TO = listed("beside", "up_to")
_AND = listed("beside", "and")
# Single letters that join ordinals which are no small letters themselves, behind a plural: `Allegati 1 e 2`.
_SMALL = {"e": "list", "y": "list", "a": "range", "i": "range"}


def as_range(text: str, label: Label) -> Label | None:
    """Read `A-C`, `D i-iii` as a range, if it may be one: then both ends count with the same numerals."""
    if len(label.steps) < 2 or not label.steps[-1].dashed or not stands_alone(tokens(text), label.end):
        return None
    ascends = _ascends(*label.steps[-2:])
    return replace(label, steps=label.steps[:-1], through=label.steps[-1:]) if ascends else None


def with_range(parts: Sequence[Token], label: Label) -> Label:
    """Add what follows a label: `to F`, `-(ix)`, `, G and H`. Behind a singular without brackets, a list or a dash
    counts only where nothing but the list stands there: `C - D Smith` is an annex by D Smith."""
    joint, after, again = _joint(parts, label.end, label)
    following = path(parts, after, many=label.many)
    if following is None:
        return label
    plain = label.many or again or (label.steps[-1].bracketed and following[0].bracketed)
    through: tuple[Step, ...] = ()
    if again and joint == "list" and not _are_alike(parts, label.steps[-1], following[0]):
        return label  # "Part C part 1"
    alone = (
        len(following) == 1
        and _ascends(label.steps[-1], following[0])
        and _are_alike(parts, label.steps[-1], following[0])  # and not "Annex D - i"
        and stands_alone(parts, following[-1].end)
    )
    if joint == "range" or (joint == "dash" and (plain or alone)):
        through, label = following, replace(label, end=following[-1].end)
        joint, after, again = _joint(parts, label.end, label)
        following = path(parts, after, many=True)
    also = []
    while following and (joint == "list" or (joint == "" and label.many and not through)):
        also.append(following)
        plain = plain or again
        joint, after, again = _joint(parts, following[-1].end, label)
        following = path(parts, after, many=True)
    if len(also) == 1 and joint == "" and label.many and not _listed(parts, label.end, also[0][0].start):
        return replace(label, through=also[0], end=also[0][-1].end)  # "Annexes A C", which was "A-C"
    if not also or not (plain or stands_alone(parts, also[-1][-1].end)):
        return replace(label, through=through)
    return replace(label, through=through, also=tuple(also), end=also[-1][-1].end)


def _are_alike(parts: Sequence[Token], first: Step, last: Step) -> bool:
    """Whether both are numbers, or letters of one size."""
    one, other = (next(t.text for t in parts[s.start : s.end] if t.kind in ("word", "number")) for s in (first, last))
    return one.isdecimal() == other.isdecimal() and one.islower() == other.islower()


def _ascends(first: Step, last: Step) -> bool:
    one, other = first.ordinal, last.ordinal
    both = [(one.arabic, other.arabic), (one.roman, other.roman), (one.letter, other.letter)]
    return any(a is not None and b is not None and a < b for a, b in both)


def _listed(parts: Sequence[Token], start: int, end: int) -> bool:
    return any(t.kind in ("word", "point") for t in parts[start:end])


def stands_alone(parts: Sequence[Token], place: int) -> bool:
    """Whether no word follows, but after a dash or a bracket."""
    following = next((t for t in parts[place:] if t.kind != "space"), None)
    return following is None or following.kind in ("dash", "open", "close") or following.lower in MARKINGS


def _joint(parts: Sequence[Token], place: int, label: Label) -> tuple[str, int, bool]:
    """What joins a label to another: "range", "dash", "list" or nothing; where that other one begins, and whether the
    kind word stands before it again."""
    joint, again = "", False
    is_small = label.steps[-1].ordinal.text.isalpha() and parts[label.steps[-1].end - 1].text.islower()
    while place < len(parts):
        token = parts[place]
        word = token.lower if token.kind == "word" else ""
        small = _SMALL.get(token.text) if label.many and not is_small and not joint and word else None
        if word in _UP_TO or (joint in ("", "dash") and _is_dutch_to(parts, place)):
            place += 2 * _is_dutch_to(parts, place)
            joint = "range"
        elif small:
            joint = "list" if label.kind == "atodiad" and word == "a" else small
        elif token.kind == "dash":
            joint = "dash"
        elif token.text in (",", "&", "+", ";") or word in _AND:
            joint = "list"
        elif token.announces == label.kind or (joint == "list" and token.announces):
            joint, again = joint or "list", True
        elif token.kind != "space" and not (token.text == "." and joint == "range"):
            break
        place += 1
    return joint, place, again


def _is_dutch_to(parts: Sequence[Token], place: int) -> bool:
    """`t/m`, which a file name cannot hold as it is."""
    words = [t.lower for t in parts[place : place + 3]]
    return len(words) == 3 and words[0] == "t" and words[2] == "m"
