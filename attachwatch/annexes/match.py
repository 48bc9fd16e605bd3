"""Which received file is which expected annex, and why. Pure. A file that no rule places is shown to a person: a wrong
match would hide a missing annex.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from attachwatch.annexes import label as labels
from attachwatch.annexes.decoration import is_junk, is_named_by_a_program, is_ornament, last
from attachwatch.annexes.expected import expand, first_label
from attachwatch.annexes.label import Label, Ordinal
from attachwatch.annexes.letter import own_text
from attachwatch.annexes.series import Place, keys, lead, tree
from attachwatch.model import Annex, EmailText, Match, Matching, Received

_PART = re.compile(r"\b(?:part|teil|partie|parte)\W*(\d{1,2})(?:\W*(?:of|von|de|sur|/)\W*(\d{1,2}))?\b", re.IGNORECASE)
_LETTER_WORDS = re.compile(r"\b(letter|response|reply|decision|notice|see|re|leaflet|cover)\b", re.IGNORECASE)
_LOOSE_KINDS = ("document", "item", "question", "record")  # words that names hold without meaning a label
_LATER = re.compile(r"\b(will follow|to follow|follows separately|will be sent|under separate cover)\b", re.IGNORECASE)
_STOP = frozenset(
    [
        *("the", "of", "and", "for", "a", "an", "to", "in", "on", "by", "with", "off", "sen", "official", "sensitive"),
        *("redacted", "final", "version", "pdf", "copy", "corrected", "updated", "foi"),
        *("der", "die", "das", "und", "de", "la", "le", "les"),
    ]
)


@dataclass(frozen=True, slots=True)
class _Expectation:
    """What is known of the whole list."""

    annexes: Sequence[Annex]
    trees: Mapping[str, Place]  # by kind; "" for all of them where no label is under two kinds
    by_name: Mapping[str, int]  # exact file names
    titles: Mapping[int, frozenset[str]]


def match(expected: Sequence[Annex], received: Sequence[Received], emails: Mapping[int, EmailText]) -> Matching:
    """Place every received file. Matches stand in order of arrival; the last of an annex is what counts."""
    about = _expectation(tuple(expected))
    decoration = [is_junk(file) or (is_ornament(file) and not _is_claimed(file, about)) for file in received]
    documents = [n for n, is_ignored in enumerate(decoration) if not is_ignored]
    placed: dict[int, list[tuple[int, str]]] = {n: _by_itself(received[n], about) for n in documents}
    placed |= dict(_by_email(documents, placed, received, emails, about))
    parts = {n for n in documents if _PART.search(labels.clean(last(received[n].name)))}
    matches = [
        Match(annex, number, reason, part=number in parts) for number in documents for annex, reason in placed[number]
    ]
    return Matching(
        matches=tuple(sorted(matches, key=lambda m: (m.annex, m.received))),
        unexpected=tuple(n for n in documents if not placed[n]),
        ignored=tuple(n for n, is_ignored in enumerate(decoration) if is_ignored),
    )


# --- the list -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _expectation(expected: tuple[Annex, ...]) -> _Expectation:
    found = {n: first_label(labels.clean(_written(annex))) for n, annex in enumerate(expected)}
    paths = {n: (f.kind, expand(f)[0]) for n, f in found.items() if f}
    kinds: dict[str, list[tuple[int, tuple[Ordinal, ...]]]] = {"": []}
    for n, (kind, path) in paths.items():
        kinds[""].append((n, path))
        kinds.setdefault(kind, []).append((n, path))
    trees = {kind: tree(own) for kind, own in kinds.items()}
    counts = Counter(key for kind, own in trees.items() if kind for key in keys(own))
    # The kind word counts only where the list has the same number under two of them.
    twice = any(c > 1 for c in counts.values())
    return _Expectation(
        annexes=expected,
        trees={kind: own for kind, own in trees.items() if twice or not kind},
        by_name={_plain(a.file): n for n, a in enumerate(expected) if a.file},
        titles={n: words for n, a in enumerate(expected) if (words := _title_words(a, found[n]))},
    )


def _written(annex: Annex) -> str:
    return annex.label if not annex.kind or annex.label.startswith(annex.kind) else f"{annex.kind} {annex.label}"


def _title_words(annex: Annex, label: Label | None) -> frozenset[str]:
    return _words(annex.title or ("" if label else annex.label))


# --- one file -------------------------------------------------------------------------------------------------


def _by_itself(file: Received, about: _Expectation) -> list[tuple[int, str]]:
    """By the name first, and by what it came in where the name tells nothing."""
    name = last(file.name)
    if (exact := about.by_name.get(_plain(name))) is not None:
        return [(exact, "exact file name")]
    if is_named_by_a_program(name):
        return _by_container(file, about)
    text = labels.clean(name)
    announced = _announced(text, about)
    if found := _by_labels(text, announced, about, "in the file name"):
        return found
    if _says_what_it_is(announced):
        return []  # and that is on no list
    return _by_bare_label(text, about) or _by_title(text, about) or _by_container(file, about)


def _announced(text: str, about: _Expectation) -> list[Label]:
    return [x for x in labels.labels(text) if x.kind != "part" or "part" in about.trees]


def _says_what_it_is(announced: Sequence[Label]) -> bool:
    return any(x.kind not in _LOOSE_KINDS for x in announced)


def _is_claimed(file: Received, about: _Expectation) -> bool:
    """Whether what may be decoration has a name that the list gives, or says that it is an annex. One without a word,
    such as `1.gif`, says nothing."""
    name = last(file.name)
    if _plain(name) in about.by_name:
        return True
    text = labels.clean(name)
    return not is_named_by_a_program(name) and (
        _says_what_it_is(_announced(text, about)) or bool(_by_title(text, about))
    )


def _by_container(file: Received, about: _Expectation) -> list[tuple[int, str]]:
    for container in reversed([*file.containers, *file.name.split("/")[:-1]]):
        text = labels.clean(container)
        found = _by_labels(text, list(labels.labels(text)), about, f"in the name of {container!r}")
        if found:
            return found if len(found) == 1 else []
    return []


def _by_labels(text: str, found: Sequence[Label], about: _Expectation, where: str) -> list[tuple[int, str]]:
    for label in found:
        before = "".join(t.text for t in labels.tokens(text)[: label.start])
        if _LETTER_WORDS.search(before) and not label.many:
            continue  # a letter that speaks of an annex is not the annex
        reached = [n for path in _members(label) if (n := _find(label, path, about)) is not None]
        if reached:
            return [(n, f"label {about.annexes[n].label} {where}") for n in dict.fromkeys(reached)]
    return []


def _members(label: Label) -> Iterator[Label]:
    """The labels that a range or list stands for, one by one; the label itself where it is neither."""
    if not label.through and not label.also:
        yield label
        return
    for path in expand(label):
        steps = tuple(labels.Step(o, firm=True, bracketed=False, start=0, end=0) for o in path)
        yield Label(label.kind, label.word, steps)


def _find(label: Label, member: Label, about: _Expectation) -> int | None:
    place = about.trees.get(label.kind) or (about.trees[""] if len(about.trees) == 1 else None)
    return lead(place, member.steps)[0] if place else None


def _by_bare_label(text: str, about: _Expectation) -> list[tuple[int, str]]:
    """`D(iii).pdf`, `1 Policy.pdf`: a label at the very start, if nothing but it or its title stands there."""
    label = labels.bare(text)
    if label is None or len(about.trees) > 1:
        return []
    annex, taken = lead(about.trees[""], label.steps)
    if annex is None:
        return []
    rest = _words("".join(t.text for t in labels.tokens(text)[label.steps[taken - 1].end :]))
    fits = bool(rest & about.titles.get(annex, frozenset()))
    return [(annex, f"label {about.annexes[annex].label} in the file name")] if not rest or fits or taken > 1 else []


def _by_title(text: str, about: _Expectation) -> list[tuple[int, str]]:
    """The annex whose whole title stands there, or which alone shares most of the words; none where two fit."""
    words = _words(text)
    if not words:
        return []
    whole = [n for n, title in about.titles.items() if title <= words or (len(words) > 1 and words <= title)]
    best = max((len(about.titles[n] & words) for n in whole), default=0)
    fitting = [n for n in whole if len(about.titles[n] & words) == best]
    if len(fitting) != 1 or (best == 1 and words != about.titles[fitting[0]]):
        return []
    return [(fitting[0], f"title of {about.annexes[fitting[0]].label} in the file name")]


# --- the email's own text -----------------------------------------------------------------------------------------


def _by_email(
    documents: Iterable[int],
    placed: Mapping[int, Sequence[tuple[int, str]]],
    received: Sequence[Received],
    emails: Mapping[int, EmailText],
    about: _Expectation,
) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Files that tell nothing themselves, where their email names one annex and they are its only such file."""
    silent: dict[int, list[int]] = {}
    taken: dict[int, set[int]] = {}
    for n in documents:
        taken.setdefault(received[n].email, set()).update(annex for annex, _ in placed[n])
        name = labels.clean(last(received[n].name))
        if not placed[n] and not _LETTER_WORDS.search(name) and not next(labels.labels(name), None):
            silent.setdefault(received[n].email, []).append(n)
    for email, files in silent.items():
        if len(files) > 1:
            continue
        named = [a for a in _named_by(emails.get(email), about) if a not in taken[email]]
        if len(named) == 1:
            yield files[0], [(named[0], f"label {about.annexes[named[0]].label} in the email's text")]


def _named_by(email: EmailText | None, about: _Expectation) -> list[int]:
    if email is None:
        return []
    for text in (own_text(email.body), email.subject):
        sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n{2,}", text) if not _LATER.search(s)]
        found = [
            n
            for sentence in sentences
            for label in labels.labels(labels.clean(sentence))
            for member in _members(label)
            if (n := _find(label, member, about)) is not None
        ]
        if found:
            return list(dict.fromkeys(found))
    return []


# --- words --------------------------------------------------------------------------------------------------------


def _plain(name: str) -> str:
    """A name by its letters and digits, as web pages show it: `D(iii)` and `D iii` are the same."""
    return "".join(c for c in labels.clean(name).casefold() if c.isalnum())


def _words(text: str) -> frozenset[str]:
    """The words of a title that tell it from others, numbers among them."""
    found = re.findall(r"[^\W\d_]+|\d+", labels.clean(text).casefold())
    return frozenset(
        w for w in found if w not in _STOP and not re.fullmatch(r"v|\d{5,}", w) and (len(w) > 1 or w.isdigit())
    )
