"""Labels in running text, with the ranges and lists that go on behind them: "Annexes A, C and E to G". Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels.steps import Label, Step
from attachwatch.annexes.labels.tokens import Token
from attachwatch.annexes.letters import phrases

NO_KINDS = frozenset(["question", "item"])  # what letters mostly mean otherwise
_NO_WORDS = frozenset(
    ["attach", "all", "ex", "app", "apps", "att", "atts", "enc", "exh", "rec", "q", "tab", "doc", "docs", "n"]
)
_ALSO_LETTERED = frozenset(["app", "apps", "exh", "tab", "doc", "docs"])  # "Tab A", where both are in capitals
_JOINTS = dict.fromkeys(phrases.listed("range"), "range") | dict.fromkeys(phrases.listed("list"), "list")
_COUNTS = re.compile(rf"\s?{phrases.source('counted')}", re.IGNORECASE)
_PRONOUN_I = re.compile(rf"^\s{phrases.source('i')}")


@dataclass(frozen=True, slots=True)
class Group:
    """Labels that stand together, and the text around them in which their fate must be told."""

    members: tuple[Label, ...]
    start: int  # tokens
    end: int


def groups_in(parts: Sequence[Token]) -> Iterator[Group]:
    """Labels by kind words, with the ranges and lists that go on behind them."""
    held: list[Label] = []
    start = end = 0
    for label, stop in _labels(parts):
        between = text_of(parts[end : label.start]).strip()
        joint = _JOINTS.get(between.casefold().strip(" ,"), "list" if between == "," else "")
        if held and joint == "range" and label.kind == held[-1].kind and not held[-1].through:
            held[-1] = replace(held[-1], through=label.steps)
        elif held and joint == "list" and (label.kind == "part") == (held[-1].kind == "part"):
            held.append(label)
        else:
            if held:
                yield Group(tuple(held), start, end)
            held, start = [label], label.start
        held += [replace(m, kind=label.kind, word=label.word) for m in stop.more]
        end = stop.end
    if held:
        yield Group(tuple(held), start, end)


@dataclass(frozen=True, slots=True)
class _Rest:
    more: tuple[Label, ...]
    end: int


def _labels(parts: Sequence[Token]) -> Iterator[tuple[Label, _Rest]]:
    text = text_of(parts)
    passed = 0
    for label in labels.singles(text):
        if label.start < passed or not _is_meant(parts, label):
            continue
        steps = _firm(label.steps)
        first = Label(label.kind, label.word, steps, start=label.start, end=steps[-1].end)
        first, rest = _rest(parts, first)
        passed = rest.end
        yield first, rest


def _rest(parts: Sequence[Token], label: Label) -> tuple[Label, _Rest]:
    """What goes on behind a label: `to F`, `, C and E to G`, `-(ix)`."""
    members, end = [label], label.end
    while len(members) < 200:
        joint, place = _joint(parts, end)
        steps = _steps(parts, place) if joint else None
        if steps is None or not _fits(label.steps, steps) or _is_word(parts, steps):
            break
        if joint in ("range", "dash") and not members[-1].through:
            members[-1] = replace(members[-1], through=steps)
        elif joint == "list":
            whole = steps if _is_top(label.steps, steps) else (*label.steps[: len(label.steps) - len(steps)], *steps)
            members.append(Label(label.kind, label.word, whole))
        else:
            break
        end = steps[-1].end
    return replace(members[0], end=end), _Rest(tuple(members[1:]), end)


def _joint(parts: Sequence[Token], place: int) -> tuple[str, int]:
    joint = ""
    place += _counts_with_bracket(parts, place)
    while place < len(parts):
        token = parts[place]
        found = _JOINTS.get(token.text) or ("dash" if token.kind == "dash" else "")  # "e" is one, "E" an annex
        if token.kind == "space":
            place += 1
            continue
        if not found or (joint and found != "list"):
            break
        joint = found
        place += 1
    return joint, place


def _counts_with_bracket(parts: Sequence[Token], place: int) -> bool:
    """Whether a bracket closes there that none opened, as in "B1) to B4)"."""
    before = text_of(parts[:place])
    closes = text_of(parts[place : place + 1]) == ")" and before.count("(") == before.count(")")
    return closes and ")" in text_of(parts[place + 1 : place + 8])


def _steps(parts: Sequence[Token], place: int) -> tuple[Step, ...] | None:
    found = labels.bare(text_of(parts[place : place + 12]))
    if found is None:
        return None
    steps = _firm(found.steps)
    return tuple(replace(s, start=s.start + place, end=s.end + place) for s in steps)


def _firm(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that belong to a label in running text: `D(iii)`, `2a`, `D iii`; not `A 12 pages`, `B a`."""
    kept = [steps[0]]
    for step in steps[1:]:
        if step.dashed and step.ordinal.is_number and kept[-1].ordinal.is_number:
            break  # "10-12"
        if not step.firm and (step.ordinal.is_number or len(step.ordinal.text) < 2):
            break
        kept.append(step)
    return tuple(kept)


def _fits(first: Sequence[Step], other: Sequence[Step]) -> bool:
    """Whether `other` counts as `first` does, so that it may be the next of a list."""
    last, head = first[-1].ordinal, other[0].ordinal
    if len(other) >= len(first):
        return first[0].ordinal.is_number == head.is_number or len(other) > 1
    return (
        last.is_number == head.is_number
        if other[0].bracketed
        else head.is_number in (first[0].ordinal.is_number, last.is_number)
    )


def _is_top(first: Sequence[Step], other: Sequence[Step]) -> bool:
    """Whether `other` is a label of its own, as in `2(a) and 4`, and no deeper step, as in `D(i), (ii)` or `2a, b`."""
    if len(other) >= len(first):
        return True
    return not other[0].bracketed and first[0].ordinal.is_number == other[0].ordinal.is_number


def _is_word(parts: Sequence[Token], steps: Sequence[Step]) -> bool:
    """Whether what might be an ordinal is a word of the sentence: "a copy", "I have", "1 page", "3 March"."""
    token = parts[steps[0].start]
    behind = text_of(parts[steps[-1].end : steps[-1].end + 6])
    if len(steps) > 1 or steps[0].bracketed:
        return False
    if token.kind == "word" and not token.text.isupper():
        return True
    if token.text == "I" and _PRONOUN_I.match(behind):
        return True
    if token.kind == "number":
        return bool(_COUNTS.match(behind))
    return False


def _is_meant(parts: Sequence[Token], label: Label) -> bool:
    """Whether a kind word and what follows it are a label in running text."""
    word, first = label.word, label.steps[0]
    between = text_of(parts[label.start + 1 : first.start]).strip()
    is_apart = between in (":", ";", "/", "&", "+") or (between == "," and not label.many)
    token = parts[first.start + first.bracketed]
    counts_so = token.kind == "number" or (word.casefold() in _ALSO_LETTERED and token.text.isupper())
    is_short = word.casefold() in _NO_WORDS and not (word[0].isupper() and counts_so)
    if label.kind in NO_KINDS or is_apart or (between == "." and len(word) > 4) or is_short:
        return False
    behind = text_of(parts[first.end : first.end + 4])
    if label.kind == "part" and (
        not first.ordinal.is_number
        or re.match(r" of \w", behind)
        or text_of(parts[: label.start]).casefold().endswith("under ")
    ):
        return False
    if first.bracketed and first.ordinal.is_number and label.many and not behind.strip(" :"):
        return False  # "Enclosures (3)" counts them
    if first.ordinal.arabic is not None:
        return not _COUNTS.match(behind) if token.kind == "number" else word[0].isupper() or label.many
    return _is_letter(token, first, label, behind)


def _is_letter(token: Token, first: Step, label: Label, behind: str) -> bool:
    """Whether a letter or a roman numeral behind a kind word is meant as such."""
    text = token.text
    if first.bracketed:
        return not (first.start == label.start + 1 and text.casefold() in ("s", "e", "n", "es"))  # "annex(es)"
    if text.isupper():
        is_word = (text == "I" and _PRONOUN_I.match(behind)) or (
            text == "A" and re.match(r"\s[a-z]{3,}", behind) and label.kind in ("document", "record")
        )
        return not is_word
    if len(text) > 1:
        return first.ordinal.roman is not None and text not in ("di", "mi", "dix", "mil", "vi", "il", "li")
    return label.word[0].islower() and text not in "aeiouysndl" and not behind.startswith("'")


def text_of(parts: Sequence[Token]) -> str:
    """The text that tokens were cut from."""
    return "".join(t.text for t in parts)
