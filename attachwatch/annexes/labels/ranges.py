"""Ranges and lists behind a label: `to F`, `-(ix)`, `, G and H`. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from attachwatch.annexes.labels.steps import Label, Span, Step, path
from attachwatch.annexes.labels.tokens import Token, tokens
from attachwatch.annexes.labels.words import MARKINGS, listed

_UP_TO = listed("beside", "up_to")
_AND = listed("beside", "and")
_WITH = listed("beside", "with")
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
    if spread := _in_brackets(parts, label):
        return spread
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
    end = label.end
    while following and (joint == "list" or (joint == "" and label.many and not through)):
        also.append(Span(following))
        end = following[-1].end
        plain = plain or again
        joint, after, again = _joint(parts, end, label)
        following = path(parts, after, many=True)
        if following and joint in ("range", "dash") and _ascends(also[-1].steps[-1], following[0]):
            also[-1], end = replace(also[-1], through=following), following[-1].end  # "1, 2 and 4-6"
            joint, after, again = _joint(parts, end, label)
            following = path(parts, after, many=True)
    if len(also) == 1 and joint == "" and label.many and not _listed(parts, label.end, also[0].steps[0].start):
        return replace(label, through=also[0].steps, end=end)  # "Annexes A C", which was "A-C"
    if not also or not (plain or stands_alone(parts, end)):
        return replace(label, through=through)
    return replace(label, through=through, also=tuple(also), end=end)


def _in_brackets(parts: Sequence[Token], label: Label) -> Label | None:
    """`D(i-iii)`, `D (i to iii)`."""
    place = label.end
    while place < len(parts) and parts[place].kind == "space":
        place += 1
    if place >= len(parts) or parts[place].kind != "open":
        return None
    first = path(parts, place + 1, many=True)
    if not first:
        return None
    joint, after, _ = _joint(parts, first[-1].end, label)
    last = path(parts, after, many=True) if joint in ("dash", "range") else None
    if not last or len(first) != 1 or len(last) != 1 or not _ascends(first[0], last[0]):
        return None
    end = last[0].end
    is_marking = first[0].ordinal.text in MARKINGS and last[0].ordinal.text in MARKINGS  # "(O-S)"
    closes = end < len(parts) and parts[end].kind == "close" and _are_alike(parts, first[0], last[0]) and not is_marking
    return replace(label, steps=(*label.steps, *first), through=last, end=end + 1) if closes else None


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
        elif (
            token.text in (",", "&", "+", ";") or word in _AND or (word in _WITH and _is_kind_next(parts, place, label))
        ):
            joint = "list"
        elif token.announces == label.kind or (joint == "list" and not label.kind and token.announces):
            joint, again = joint or "list", True
        elif token.kind != "space" and not (token.text == "." and joint in ("range", "list")):
            break
        place += 1
    return joint, place, again


def _is_kind_next(parts: Sequence[Token], place: int, label: Label) -> bool:
    """`Annex B incl. Annex D`."""
    following = next((t for t in parts[place + 1 :] if t.kind not in ("space", "point")), None)
    return following is not None and following.announces == label.kind != ""


def is_joined(parts: Sequence[Token], one: Label, other: Label) -> bool:
    """Whether nothing but the joint of a list stands between two labels: `Annex A and Appendix B`."""
    between = [t for t in parts[one.end : other.start] if t.kind != "space"]
    return bool(between) and all(t.text in (",", "&", "+", ";") or t.lower in _AND for t in between)


def _is_dutch_to(parts: Sequence[Token], place: int) -> bool:
    """`t/m`, which a file name cannot hold as it is."""
    words = [t.lower for t in parts[place : place + 3]]
    return len(words) == 3 and words[0] == "t" and words[2] == "m"
