"""Which received file is which expected annex, and why. Pure. A file that no rule places is shown to a person: a wrong
match would hide a missing annex.

Files do not compete for an annex, since a later one is a re-send of it; so the best evidence of each file decides, in
the order of `_READERS`, and only then are files compared with each other: those that bear the same label
(`_displaced`), and those that tell nothing themselves (`_by_email`). No order of files or annexes changes the outcome.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from attachwatch.annexes.labels import kinds, numerals
from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels.cleaning import clean, plain
from attachwatch.annexes.labels.numerals import follows
from attachwatch.annexes.labels.ranges import is_joined
from attachwatch.annexes.labels.series import Reached, crosses, lead
from attachwatch.annexes.labels.steps import Label
from attachwatch.annexes.labels.tokens import Token, tokens
from attachwatch.annexes.labels.words import MARKINGS, TABLES
from attachwatch.annexes.matching import titles
from attachwatch.annexes.matching.byemail import named_by, own_lines, told_of
from attachwatch.annexes.matching.covering import COVERS, LETTERS, is_letter, is_spoken_of, telling
from attachwatch.annexes.matching.decoration import is_junk, is_named_by_a_program, is_ornament, last
from attachwatch.annexes.matching.lookup import (
    Expectation,
    announced_in,
    expectation,
    find,
    long_numbers,
    members,
    reached_by,
    written,
)
from attachwatch.model import Annex, EmailText, Match, Matching, Received

_PART = re.compile(  # `part 1 of 3`
    rf"(?<![^\W\d_])(?:{TABLES['one']['part'].replace(' ', '|')})[^\w\n]{{0,3}}_?(\d{{1,2}}|[ivx]{{1,4}})(?![^\W_])"
    r"([ _]?(?:of|von|de|sur|van)[ _]?\d{1,2}(?!\d))?",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?<![^\W_])(\d{1,3})[ _]?(?:of|von|de|sur|van|di)[ _]?(\d{1,3})(?![^\W_])", re.IGNORECASE)
_MOST_PLACES = 8  # of a name at which a label without its kind is looked for


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a file tells of itself: annexes, each with its reason; or, where there are none, why not."""

    annexes: tuple[tuple[int, str], ...] = ()
    why: str = ""
    by_label: bool = False


def match(expected: Sequence[Annex], received: Sequence[Received], emails: Mapping[int, EmailText]) -> Matching:
    """Place every received file. Matches stand in order of arrival; the last of an annex is what counts."""
    about = expectation(tuple(expected))
    decoration = [is_junk(file) or (is_ornament(file) and not _is_claimed(file, about)) for file in received]
    documents = [n for n, is_ignored in enumerate(decoration) if not is_ignored]
    placed, parts = dict[int, _Evidence](), set[int]()
    for n in documents:
        placed[n] = _evidence(received[n], about)
        if _PART.search(clean(last(received[n].name))):  # at once, while the name is kept clean
            parts.add(n)
    placed |= dict(_displaced(placed, received, about))
    placed |= dict(_by_email(placed, received, emails, about))
    matches = [
        Match(annex, number, reason, part=number in parts)
        for number in documents
        for annex, reason in placed[number].annexes
    ]
    unexpected = tuple(n for n in documents if not placed[n].annexes)
    return Matching(
        matches=tuple(sorted(matches, key=lambda m: (m.annex, m.received))),
        unexpected=unexpected,
        ignored=tuple(n for n, is_ignored in enumerate(decoration) if is_ignored),
        why={n: placed[n].why for n in unexpected if placed[n].why},
    )


# --- one file -------------------------------------------------------------------------------------------------


def _evidence(file: Received, about: Expectation) -> _Evidence:
    """By the name first, and by what it came in where the name tells nothing."""
    name = last(file.name)
    if exact := about.by_name.get(plain(name)):
        return _Evidence(tuple((n, "exact file name") for n in exact))
    if is_named_by_a_program(name):
        return _by_container(file, about)
    text = clean(name)
    if (within := _by_both(file, text, about)).annexes:
        return within
    why = ""
    for reader in _READERS:
        found = reader(text, about)
        if found.annexes or found.by_label:
            return found
        why = why or found.why
    if is_letter(text) and telling(text) & (COVERS | {"response"}):
        return _Evidence(why="a letter")
    found = _by_container(file, about)
    return found if found.annexes else replace(found, why=why or found.why)


def _by_numbers(text: str, about: Expectation) -> _Evidence:
    """`Document 1 - Ares(2023)2222222.pdf`, `HO-000121-000334.pdf`, where the list has documents by such numbers."""
    numbers = long_numbers(text) if about.by_numbers else frozenset[str]()
    found = [n for own, annexes in about.by_numbers.items() if own <= numbers for n in annexes]
    if len(found) != 1:
        return _Evidence()
    return _Evidence(((found[0], f"the number of {about.annexes[found[0]].label} in the file name"),))


def _by_labels(text: str, about: Expectation) -> _Evidence:
    """The first label that a kind word announces; no other evidence counts where it is not on the list."""
    announced = announced_in(text, about)
    found = _labelled(text, announced, about, "in the file name")
    if found.annexes or not announced:
        return found
    return replace(
        found, by_label=any((x.kind not in kinds.LOOSE or x.kind in about.trees) and not x.every for x in announced)
    )


def _labelled(text: str, found: Sequence[Label], about: Expectation, where: str) -> _Evidence:
    """The annexes of the first label that leads to one, and of those that a list joins to it."""
    why = ""
    annexes: dict[int, None] = {}
    for before, label in zip((None, *found), found, strict=False):
        if annexes and not (before and is_joined(tokens(text), before, label)):
            break
        if is_spoken_of(text, label):
            why = why or f"speaks of {_name(label)}"
            continue
        reached = reached_by(text, label, about)
        if len(reached) == 1 and len(reached[0]) > 1:
            why = why or f"two annexes fit equally: {_listed(reached[0], about)}"
            continue
        annexes |= dict.fromkeys(n for one in reached if len(one) == 1 for n in one)
        why = why or f"names {_name(label)}, which is not on the list"
    if not annexes:
        return _Evidence(why=why)
    return _Evidence(tuple((n, f"label {about.annexes[n].label} {where}") for n in annexes), by_label=True)


def _is_claimed(file: Received, about: Expectation) -> bool:
    """Whether what may be decoration has a name that the list gives, or says that it is an annex. One without a word,
    such as `1.gif`, says nothing."""
    name = last(file.name)
    if plain(name) in about.by_name:
        return True
    text = clean(name)
    says = any(x.kind not in kinds.LOOSE for x in announced_in(text, about))
    return not is_named_by_a_program(name) and (says or bool(_by_title(text, about).annexes))


def _by_bare_label(text: str, about: Expectation) -> _Evidence:
    """`D(iii).pdf`, `1 Policy.pdf`, `FOI 2023-04608 B.pdf`: a label at the start, if nothing but it or its title stands
    there; or one of two steps and more anywhere."""
    parts = tokens(text)
    start = _behind_marks(parts)
    for place in dict.fromkeys((0, start)):
        if found := _bare_at(parts, place, about):
            return found
    capitals = [place for place, token in enumerate(parts) if len(token.text) == 1 and token.text.isupper()]
    for place in capitals[:_MOST_PLACES]:
        if found := _bare_at(parts, place, about, 2):
            return found
    return _Evidence()


def _behind_marks(parts: Sequence[Token]) -> int:
    """Where the name begins, behind case reference, date and markings."""
    for place, token in enumerate(parts):
        is_mark = token.lower in MARKINGS or token.lower in titles.REFERENCES
        before = parts[place - 1].kind if place else "space"
        is_set_off = before in ("space", "close") or (before == "dash" and place + 1 == len(parts))  # `FOI-2024-117-A`
        if token.kind == "word" and not is_mark and is_set_off:
            return place
    return 0


def _bare_at(parts: Sequence[Token], place: int, about: Expectation, least: int = 1) -> _Evidence | None:
    label = labels.bare_at(parts, place)
    reached = lead(about.trees[""], label.steps) if label else Reached()
    if label is None or len(reached.annexes) != 1 or reached.taken < least:
        return None
    if about.trees[""].system != "mixed" and crosses(about.trees[""], label.steps):
        return None  # a running number
    (annex,) = reached.annexes
    behind = "".join(t.text for t in parts[label.steps[reached.taken - 1].end :])
    rest = telling(behind)
    title = about.titles.words.get(annex, frozenset())
    if _is_bare_list(parts, label):
        return _bare_list(label, about)
    is_letter = not place and not label.steps[0].ordinal.is_number and parts[place].text.isupper()
    set_off = is_letter and not title and behind.lstrip(" _")[:1] in ("-", ":", ".", ")")
    if reached.taken == 1 and rest and not rest & title and not set_off:
        return None
    if reached.taken > 1 and place and not (label.steps[1].bracketed or len(label.steps[1].ordinal.text) > 1):
        return None
    return _Evidence(((annex, f"label {about.annexes[annex].label} in the file name"),), by_label=True)


def _is_bare_list(parts: Sequence[Token], label: Label) -> bool:
    """`4b and 4c.pdf`, with nothing else in the name."""
    behind = "".join(t.text for t in parts[label.end :])
    return not label.start and not label.through and bool(label.also) and not telling(behind)


def _bare_list(label: Label, about: Expectation) -> _Evidence | None:
    """The annexes of labels that follow one another, each on the list; `A&E` is something else."""
    each = list(members(label))
    reached = [find(member, about).annexes for member in each]
    follow = all(follows(one.path, other.path) for one, other in pairwise(each))
    if not follow or any(len(r) != 1 for r in reached):
        return None
    return _Evidence(tuple((n, f"label {about.annexes[n].label} in the file name") for (n,) in reached), by_label=True)


def _by_count(text: str, about: Expectation) -> _Evidence:
    """`FOI 5512 - 1 of 5.pdf`, of a list that counts from 1 to 5, where the name tells nothing else."""
    found, root = _COUNTED.search(text), about.trees[""]
    if not found or set(root.below) != set(range(1, int(found[2]) + 1)) or titles.words_of(_COUNTED.sub(" ", text)):
        return _Evidence()
    place = root.below.get(int(found[1]))
    if place is None or len(place.annexes) != 1:
        return _Evidence()
    return _Evidence(((place.annexes[0], f"{found[0]!r} in the file name"),), by_label=True)


def _by_title(text: str, about: Expectation) -> _Evidence:
    if about.letters and is_letter(text):
        if len(about.letters) == 1:
            return _Evidence(((about.letters[0], "the letter that the list asks for"),))
        return _Evidence(why=f"two annexes fit equally: {_listed(about.letters, about)}")
    found = titles.find(text if "part" in about.trees else _PART.sub(" ", text), about.titles)
    if found.annex is not None:
        return _Evidence(((found.annex, f"title of {about.annexes[found.annex].label} in the file name"),))
    return _Evidence(why=f"two annexes fit equally: {_listed(found.between, about)}" if found.between else "")


_READERS: Sequence[Callable[[str, Expectation], _Evidence]] = (
    _by_numbers,
    _by_labels,
    _by_bare_label,
    _by_count,
    _by_title,
)


def _by_both(file: Received, text: str, about: Expectation) -> _Evidence:
    """`Annex D.zip` with `i - overview.pdf` in it: the one continues the other."""
    announced = announced_in(text, about)
    if any(find(label, about).annexes for label in announced):
        return _Evidence()
    inner = announced[0] if announced else labels.bare(text)
    for container in reversed(_containers(file)) if inner else ():
        for outer in labels.labels(clean(container), about.own):
            if outer.many or outer.through or outer.also or inner is None:
                continue
            tree = about.trees.get(outer.kind, about.trees[""])
            reached = lead(tree, (*outer.steps, *inner.steps))
            if not reached.annexes and inner.kind not in ("", outer.kind):
                step = labels.inner_step(inner.kind, inner.steps, start=inner.start, end=inner.end)
                reached = lead(tree, (*outer.steps, step)) if step else reached
            if reached.taken > len(outer.steps) and len(reached.annexes) == 1:
                (annex,) = reached.annexes
                why = f"label {about.annexes[annex].label} in the names of {container!r} and the file"
                return _Evidence(((annex, why),), by_label=True)
    return _Evidence()


def _containers(file: Received) -> list[str]:
    return [*file.containers, *file.name.split("/")[:-1]]


def _by_container(file: Received, about: Expectation) -> _Evidence:
    for container in reversed(_containers(file)):
        text = clean(container)
        found = _labelled(text, announced_in(text, about), about, f"in the name of {container!r}")
        if found.annexes:
            return found if len(found.annexes) == 1 else _Evidence()
    return _Evidence()


# --- files beside each other ------------------------------------------------------------------------------------


def _displaced(
    placed: Mapping[int, _Evidence], received: Sequence[Received], about: Expectation
) -> Iterator[tuple[int, _Evidence]]:
    """Two files under one label, of which one has the title of another annex that no file claims."""
    sharing: dict[int, list[int]] = {}
    for n, evidence in placed.items():
        if evidence.by_label and len(evidence.annexes) == 1:
            sharing.setdefault(evidence.annexes[0][0], []).append(n)
    for annex, files in sharing.items():
        if len(files) < 2:
            continue
        by_title = {n: _titled(received[n], about) for n in files}
        contrary = {n: other for n, other in by_title.items() if other is not None and other != annex}
        if len(contrary) == len(files):
            continue  # then no file fits the label better
        for n, other in contrary.items():
            if other not in sharing:
                names = about.annexes[other].label, about.annexes[annex].label
                why = "title of {} in the file name, and {} is another file".format(*names)
                yield n, _Evidence(((other, why),))


def _titled(file: Received, about: Expectation) -> int | None:
    return titles.find(_beside_label(clean(last(file.name)), about.own), about.titles).annex


def _beside_label(text: str, own: Set[str]) -> str:
    found = next(labels.labels(text, own), None)
    parts = tokens(text)
    return text if found is None else "".join(t.text for t in (*parts[: found.start], *parts[found.end :]))


# --- the email's own text -----------------------------------------------------------------------------------------


def _by_email(
    placed: Mapping[int, _Evidence],
    received: Sequence[Received],
    emails: Mapping[int, EmailText],
    about: Expectation,
) -> Iterator[tuple[int, _Evidence]]:
    """Files that tell nothing themselves, where their email names one annex and they are its only such file."""
    silent: dict[int, list[int]] = {}
    taken: dict[int, set[int]] = {}
    names: dict[int, dict[int, str]] = {}
    for n, evidence in placed.items():
        names.setdefault(received[n].email, {})[n] = last(received[n].name)
        taken.setdefault(received[n].email, set()).update(annex for annex, _ in evidence.annexes)
        if not evidence.annexes and not evidence.by_label:
            silent.setdefault(received[n].email, []).append(n)

    def is_cover(n: int) -> bool:  # asked last, and of as few as may be, since it takes longest
        return bool(telling(clean(last(received[n].name))) & (LETTERS | COVERS))

    for email, files in silent.items():
        lines = own_lines(emails.get(email))
        near = {n: a for n in files if (a := told_of(n, names[email], lines, about)) is not None}
        told = {n: a for n, a in near.items() if not is_cover(n)}
        for n, annex in told.items():
            yield n, _Evidence(((annex, f"label {about.annexes[annex].label} beside its name in the email's text"),))
        left = list(islice((n for n in files if n not in told and not is_cover(n)), 2))
        taken[email].update(told.values())
        if len(left) != 1:
            continue
        where, named = named_by(emails.get(email), names[email][left[0]], about)
        free = [a for a in named if a not in taken[email]]
        if len(free) == 1:
            yield left[0], _Evidence(((free[0], f"label {about.annexes[free[0]].label} in the email's {where}"),))


# --- words --------------------------------------------------------------------------------------------------------


def _name(label: Label) -> str:
    return f"{label.word} {numerals.shown(label.path)}" if label.path else label.word


def _listed(annexes: Sequence[int], about: Expectation) -> str:
    names = [written(about.annexes[n]) for n in annexes[:3]]
    return " and ".join(names) + (" and others" if len(annexes) > 3 else "")
