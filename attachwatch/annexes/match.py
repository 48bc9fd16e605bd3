"""Which received file is which expected annex, and why. Pure. A file that no rule places is shown to a person: a wrong
match would hide a missing annex.

Files do not compete for an annex, since a later one is a re-send of it; so the best evidence of each file decides, in
the order of `_READERS`, and only then are files compared with each other: those that bear the same label
(`_displaced`), and those that tell nothing themselves (`_by_email`). No order of files or annexes changes the outcome.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from attachwatch.annexes import kinds, numerals, ranges, titles
from attachwatch.annexes import label as labels
from attachwatch.annexes.cleaning import clean
from attachwatch.annexes.decoration import is_junk, is_named_by_a_program, is_ornament, last
from attachwatch.annexes.expected import expand, first_label
from attachwatch.annexes.letter import own_text
from attachwatch.annexes.numerals import Ordinal
from attachwatch.annexes.series import Place, Reached, crosses, lead, tree
from attachwatch.annexes.steps import Label, Step
from attachwatch.annexes.tokens import Token, tokens
from attachwatch.annexes.words import MARKINGS
from attachwatch.model import Annex, EmailText, Match, Matching, Received

_PART = re.compile(
    r"\b(?:part|pt|teil|partie|parte|deel|rhan|cuid)\W*(\d{1,2}|[ivx]{1,4})(?:\W*(?:of|von|de|sur|/)\W*(\d{1,2}))?\b",
    re.IGNORECASE,
)
_LETTERS = frozenset(
    [
        *("letter", "response", "reply", "decision", "outcome", "answer", "foi", "our", "your", "request", "refusal"),
        *("notice", "leaflet", "acknowledgement", "bescheid", "antwort", "schreiben", "anschreiben", "r\u00e9ponse"),
        *("lettre", "courrier", "besluit", "brief", "carta", "respuesta", "freagra", "litir", "ymateb", "llythyr"),
        *("risposta", "lettera"),
    ]
)
_COVERS = frozenset(["cover", "covering", "anschreiben", "begleitschreiben", "accompagnement", "leaflet", "notice"])
_ABOUT = frozenset(
    [
        *("re", "about", "regarding", "concerning", "see", "to", "zu", "zur", "\u00fcber", "concernant", "without"),
        *("no", "missing", "not", "vide", "siehe", "voir", "zie"),
    ]
)
_OF = frozenset(["of", "for", "on", "in", "from", "sur", "de", "des", "der", "von"])  # behind a letter or an index
_INDEXES = frozenset(["index", "list", "schedule", "summary", "table", "contents", "verzeichnis", "liste", "inventory"])
_ARTICLES = frozenset(["the", "your", "our", "der", "die", "l", "la", "les"])

# --- what a text says of an annex that is not in the email -----------------------------------------------------
_ELSEWHERE = re.compile(
    r"\b(will (\w+ )?(follow|be (sent|provided|released|posted))|(to|shall) follow|under separate cover|by post|"
    r"follows? (separately|later|shortly|in)|(is|are|was|were|been|being|be) (\w+ )?(refused|posted|delayed)|"
    r"(was|were) (\w+ )?sent|sent (to you )?(on|in|last|by)|(already|previously|earlier) \w+|"
    r"not (attached|enclosed|included|held|open)|withh[eo]ld|exempt|(do|does|did|could) not|cannot|unable|"
    r"asked|requested|still (missing|outstanding)|"
    r"folgt|folgen|nachgereicht|suivra|suivront|volgt|volgen|seguir\w+)\b",
    re.IGNORECASE,
)
_HERE = re.compile(
    r"\b(attach(?!ment)\w*|enclos(?!ure)\w*|find|herewith|here is|here are|this is|resen[dt]\w*|sending|anbei|"
    r"beigef\u00fcgt|angeh\u00e4ngt|ci-joint\w*|bijgevoegd\w*|bijgaand\w*|adjunt[ao]s?|allegat[aeio])\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"(?<=[.!?;])\s+|\n{2,}|,?\s+(?:but|while|whereas|as|because|since|aber|mais|maar)\s+|\n\s*(?=[-*\u2022])",
    re.IGNORECASE,
)
_JOINED = re.compile(r",?\s+(?:and|und|et|en)\s+|,\s+", re.IGNORECASE)
_SHORTEST_NAME = 4  # characters of a file name that are looked for in a text
_NO_WORD = re.compile(r"[\W_]+")
_MOST_PLACES = 8  # of a name at which a label without its kind is looked for
_MOST_SENTENCES = 200
_LONGEST_NAME = 300
_LONGEST_TEXT = 20_000  # characters of an email that are read


@dataclass(frozen=True, slots=True)
class _Expectation:
    """What is known of the whole list."""

    annexes: Sequence[Annex]
    trees: Mapping[str, Place]  # by kind; "" for all of them
    labelled: Mapping[int, str]  # the kind of each annex that has a label
    by_name: Mapping[str, int]  # exact file names
    titles: titles.Titles
    letters: Sequence[int]  # items that ask for the response letter


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What a file tells of itself: annexes, each with its reason; or, where there are none, why not."""

    annexes: tuple[tuple[int, str], ...] = ()
    why: str = ""
    by_label: bool = False


def match(expected: Sequence[Annex], received: Sequence[Received], emails: Mapping[int, EmailText]) -> Matching:
    """Place every received file. Matches stand in order of arrival; the last of an annex is what counts."""
    about = _expectation(tuple(expected))
    decoration = [is_junk(file) or (is_ornament(file) and not _is_claimed(file, about)) for file in received]
    documents = [n for n, is_ignored in enumerate(decoration) if not is_ignored]
    placed = {n: _evidence(received[n], about) for n in documents}
    placed |= dict(_displaced(placed, received, about))
    placed |= dict(_by_email(placed, received, emails, about))
    parts = {n for n in documents if _PART.search(clean(last(received[n].name)))}
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


# --- the list -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def _expectation(expected: tuple[Annex, ...]) -> _Expectation:
    found = {n: first_label(clean(_written(annex))) for n, annex in enumerate(expected)}
    paths = {n: (f.kind, expand(f)[0]) for n, f in found.items() if f}
    kinds: dict[str, list[tuple[int, tuple[Ordinal, ...]]]] = {"": []}
    for n, (kind, path) in paths.items():
        kinds[""].append((n, path))
        kinds.setdefault(kind, []).append((n, path)) if kind else None
    names = {n: annex.title or ("" if n in paths else annex.label) for n, annex in enumerate(expected)}
    return _Expectation(
        annexes=expected,
        trees={kind: tree(own) for kind, own in kinds.items()},
        labelled={n: kind for n, (kind, _) in paths.items()},
        by_name={_plain(a.file): n for n, a in enumerate(expected) if a.file},
        titles=titles.index({n: name for n, name in names.items() if name}),
        letters=[n for n, name in names.items() if n not in paths and _is_letter(name) and not _has_number(name)],
    )


def _written(annex: Annex) -> str:
    return annex.label if not annex.kind or annex.label.startswith(annex.kind) else f"{annex.kind} {annex.label}"


# --- one file -------------------------------------------------------------------------------------------------


def _evidence(file: Received, about: _Expectation) -> _Evidence:
    """By the name first, and by what it came in where the name tells nothing."""
    name = last(file.name)
    if (exact := about.by_name.get(_plain(name))) is not None:
        return _Evidence(((exact, "exact file name"),))
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
    if _is_letter(text) and _words(text) & (_COVERS | {"response"}):
        return _Evidence(why="a letter")
    found = _by_container(file, about)
    return found if found.annexes else replace(found, why=why or found.why)


def _by_labels(text: str, about: _Expectation) -> _Evidence:
    """The first label that a kind word announces; no other evidence counts where it is not on the list."""
    announced = _announced(text, about)
    found = _labelled(text, announced, about, "in the file name")
    if found.annexes or not announced:
        return found
    return replace(
        found, by_label=any((x.kind not in kinds.LOOSE or x.kind in about.trees) and not x.every for x in announced)
    )


def _labelled(text: str, found: Sequence[Label], about: _Expectation, where: str) -> _Evidence:
    why = ""
    for label in found:
        if _is_spoken_of(text, label):
            why = why or f"speaks of {_name(label)}"
            continue
        reached = _reached(text, label, about)
        if len(reached) == 1 and len(reached[0]) > 1:
            why = why or f"two annexes fit equally: {_listed(reached[0], about)}"
            continue
        annexes = dict.fromkeys(n for one in reached if len(one) == 1 for n in one)
        if annexes:
            return _Evidence(tuple((n, f"label {about.annexes[n].label} {where}") for n in annexes), by_label=True)
        why = why or f"names {_name(label)}, which is not on the list"
    return _Evidence(why=why)


def _reached(text: str, label: Label, about: _Expectation) -> list[tuple[int, ...]]:
    """The annexes that each member of a label leads to."""
    if label.every:
        own = [n for n, kind in about.labelled.items() if kind == label.kind]
        return [(n,) for n in own or about.labelled]
    reached = [r.annexes for member in _members(label) if (r := _find(member, about)).annexes]
    if not reached and (spread := ranges.as_range(text, label)):
        members = [_find(member, about).annexes for member in _members(spread)]
        reached = members if len(members) > 1 and all(members) else []
    return reached


def _announced(text: str, about: _Expectation) -> list[Label]:
    return [x for x in labels.labels(text) if x.kind != "part" or "part" in about.trees]


def _is_claimed(file: Received, about: _Expectation) -> bool:
    """Whether what may be decoration has a name that the list gives, or says that it is an annex. One without a word,
    such as `1.gif`, says nothing."""
    name = last(file.name)
    if _plain(name) in about.by_name:
        return True
    text = clean(name)
    says = any(x.kind not in kinds.LOOSE for x in _announced(text, about))
    return not is_named_by_a_program(name) and (says or bool(_by_title(text, about).annexes))


def _is_spoken_of(text: str, label: Label) -> bool:
    """A letter that speaks of an annex is not the annex: `Response letter re Annex A`, `Policy (see Annex B)`."""
    before = [t.lower for t in tokens(text)[: label.start] if t.kind == "word" and t.lower not in _ARTICLES]
    if not before:
        return False
    if before[-1] in _ABOUT or (before[-1] in _OF and (_LETTERS | _COVERS | _INDEXES) & set(before)):
        return True
    joined = label.many or before[-1] in ("and", "with", "incl", "including", "plus", "und", "mit", "et", "avec")
    return not joined and bool(_COVERS & set(before))


def _members(label: Label) -> Iterator[Label]:
    """The labels that a range or list stands for, one by one; the label itself where it is neither."""
    if not label.through and not label.also:
        yield label
        return
    for path in expand(label):
        steps = tuple(Step(o, firm=True, bracketed=False, start=0, end=0) for o in path)
        yield Label(label.kind, label.word, steps)


def _find(label: Label, about: _Expectation) -> Reached:
    """Among those of the label's kind first; the kind counts only where the list has the same number under two."""
    root = about.trees[""]
    kin = about.trees.get(label.kind, Place())
    own, other = lead(kin, label.steps), lead(root, label.steps)
    if not own.annexes:
        return Reached() if label.steps and crosses(root, label.steps) else other
    if len(other.annexes) == 1 and own.annexes != other.annexes and crosses(kin, label.steps):
        return Reached((*own.annexes, *other.annexes), own.taken)  # the kind says one, the numeral another
    return own


def _by_bare_label(text: str, about: _Expectation) -> _Evidence:
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
        if token.kind == "word" and not is_mark and (not place or parts[place - 1].kind in ("space", "close")):
            return place
    return 0


def _bare_at(parts: Sequence[Token], place: int, about: _Expectation, least: int = 1) -> _Evidence | None:
    label = labels.bare_at(parts, place)
    reached = lead(about.trees[""], label.steps) if label else Reached()
    if label is None or len(reached.annexes) != 1 or reached.taken < least:
        return None
    if about.trees[""].system != "mixed" and crosses(about.trees[""], label.steps):
        return None  # a running number
    (annex,) = reached.annexes
    behind = "".join(t.text for t in parts[label.steps[reached.taken - 1].end :])
    rest = _words(behind)
    title = about.titles.words.get(annex, frozenset())
    is_letter = not place and not label.steps[0].ordinal.is_number and parts[place].text.isupper()
    set_off = is_letter and not title and behind.lstrip(" _")[:1] in ("-", ":", ".", ")")
    if reached.taken == 1 and rest and not rest & title and not set_off:
        return None
    if reached.taken > 1 and place and not (label.steps[1].bracketed or len(label.steps[1].ordinal.text) > 1):
        return None
    return _Evidence(((annex, f"label {about.annexes[annex].label} in the file name"),), by_label=True)


def _by_title(text: str, about: _Expectation) -> _Evidence:
    if about.letters and _is_letter(text):
        if len(about.letters) == 1:
            return _Evidence(((about.letters[0], "the letter that the list asks for"),))
        return _Evidence(why=f"two annexes fit equally: {_listed(about.letters, about)}")
    found = titles.find(text, about.titles)
    if found.annex is not None:
        return _Evidence(((found.annex, f"title of {about.annexes[found.annex].label} in the file name"),))
    return _Evidence(why=f"two annexes fit equally: {_listed(found.between, about)}" if found.between else "")


_READERS: Sequence[Callable[[str, _Expectation], _Evidence]] = (_by_labels, _by_bare_label, _by_title)


def _by_both(file: Received, text: str, about: _Expectation) -> _Evidence:
    """`Annex D.zip` with `i - overview.pdf` in it: the one continues the other."""
    announced = _announced(text, about)
    if any(_find(label, about).annexes for label in announced):
        return _Evidence()
    inner = announced[0] if announced else labels.bare(text)
    for container in reversed(_containers(file)) if inner else ():
        for outer in labels.labels(clean(container)):
            if outer.many or outer.through or outer.also or inner is None:
                continue
            reached = lead(about.trees.get(outer.kind, about.trees[""]), (*outer.steps, *inner.steps))
            if reached.taken > len(outer.steps) and len(reached.annexes) == 1:
                (annex,) = reached.annexes
                why = f"label {about.annexes[annex].label} in the names of {container!r} and the file"
                return _Evidence(((annex, why),), by_label=True)
    return _Evidence()


def _containers(file: Received) -> list[str]:
    return [*file.containers, *file.name.split("/")[:-1]]


def _by_container(file: Received, about: _Expectation) -> _Evidence:
    for container in reversed(_containers(file)):
        text = clean(container)
        found = _labelled(text, list(labels.labels(text)), about, f"in the name of {container!r}")
        if found.annexes:
            return found if len(found.annexes) == 1 else _Evidence()
    return _Evidence()


# --- files beside each other ------------------------------------------------------------------------------------


def _displaced(
    placed: Mapping[int, _Evidence], received: Sequence[Received], about: _Expectation
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


def _titled(file: Received, about: _Expectation) -> int | None:
    return titles.find(_beside_label(clean(last(file.name))), about.titles).annex


def _beside_label(text: str) -> str:
    found = next(labels.labels(text), None)
    parts = tokens(text)
    return text if found is None else "".join(t.text for t in (*parts[: found.start], *parts[found.end :]))


# --- the email's own text -----------------------------------------------------------------------------------------


def _by_email(
    placed: Mapping[int, _Evidence],
    received: Sequence[Received],
    emails: Mapping[int, EmailText],
    about: _Expectation,
) -> Iterator[tuple[int, _Evidence]]:
    """Files that tell nothing themselves, where their email names one annex and they are its only such file."""
    silent: dict[int, list[int]] = {}
    taken: dict[int, set[int]] = {}
    for n, evidence in placed.items():
        taken.setdefault(received[n].email, set()).update(annex for annex, _ in evidence.annexes)
        text = clean(last(received[n].name))
        if not evidence.annexes and not evidence.by_label and not _words(text) & (_LETTERS | _COVERS):
            silent.setdefault(received[n].email, []).append(n)
    for email, files in silent.items():
        lines = _lines(emails.get(email))
        told = {n: a for n in files if (a := _told_of(received[n], lines, about)) is not None}
        for n, annex in told.items():
            yield n, _Evidence(((annex, f"label {about.annexes[annex].label} beside its name in the email's text"),))
        left = [n for n in files if n not in told]
        taken[email].update(told.values())
        if len(left) != 1:
            continue
        where, named = _named_by(emails.get(email), about)
        free = [a for a in named if a not in taken[email]]
        if len(free) == 1:
            yield left[0], _Evidence(((free[0], f"label {about.annexes[free[0]].label} in the email's {where}"),))


def _lines(email: EmailText | None) -> list[str]:
    text = own_text(email.body)[:_LONGEST_TEXT] if email else ""
    return [line for line in text.splitlines() if line.strip()][:_MOST_SENTENCES]


def _told_of(file: Received, lines: Sequence[str], about: _Expectation) -> int | None:
    """The annex that stands beside the file's own name: `scan0007 - Annex B`."""
    name = _plain(last(file.name))
    whole = re.compile(rf"(?<!\w){re.escape(last(file.name)[:_LONGEST_NAME])}(?!\w)", re.IGNORECASE)
    if not name:
        return None
    beside = [x for x in lines if whole.search(x) or (len(name) >= _SHORTEST_NAME and name in _plain(x))]
    found = {n for line in beside for n in _named_in(clean(line), about)}
    return found.pop() if len(found) == 1 else None


def _named_by(email: EmailText | None, about: _Expectation) -> tuple[str, list[int]]:
    """The annexes that an email says it holds: by its subject, else by its text."""
    if email is None:
        return "", []
    for where, text in (("text", own_text(email.body)), ("subject", email.subject)):
        clauses = [(c, is_here) for c, is_here in _clauses(text[:_LONGEST_TEXT]) if not _ELSEWHERE.search(c)]
        for some in ([c for c, is_here in clauses if is_here], [c for c, _ in clauses]):
            found = [n for clause in some for n in _named_in(clean(clause), about)]
            if found:
                return where, list(dict.fromkeys(found))
    here = [c for c, is_here in _clauses(own_text(email.body)[:_LONGEST_TEXT]) if is_here and not _ELSEWHERE.search(c)]
    titled = {a for clause in here if (a := titles.given(clause, about.titles)) is not None}
    return "text, by its title", list(titled)


def _named_in(clause: str, about: _Expectation) -> Iterator[int]:
    for label in labels.labels(clause):
        for member in _reached(clause, label, about):
            if len(member) == 1:
                yield member[0]


def _clauses(text: str) -> Iterator[tuple[str, bool]]:
    """Sentences, and whether they say that something is attached; halves where the first is whole: "A is attached, and
    B will follow"."""
    for sentence in dict.fromkeys(_CLAUSE.split(text)[:_MOST_SENTENCES]):
        begin = 0
        for joint in _JOINED.finditer(sentence):
            near = sentence[max(begin, joint.start() - _LONGEST_NAME) : joint.start()]
            if kinds.is_kind(_first_word(sentence[joint.end() : joint.end() + 40])) and _HERE.search(near):
                yield sentence[begin : joint.start()], True
                begin = joint.end()
        yield sentence[begin:], begin > 0 or _HERE.search(sentence) is not None


# --- words --------------------------------------------------------------------------------------------------------


def _first_word(text: str) -> str:
    found = re.match(r"\W*(?:the\s+)?([^\W\d_]+)", text)
    return found[1] if found else ""


def _name(label: Label) -> str:
    return f"{label.word} {numerals.shown(label.path)}" if label.path else label.word


def _listed(annexes: Sequence[int], about: _Expectation) -> str:
    names = [_written(about.annexes[n]) for n in annexes[:3]]
    return " and ".join(names) + (" and others" if len(annexes) > 3 else "")


def _is_letter(text: str) -> bool:
    """Whether a name says nothing but that it is the letter: `FOI 04608 - Final Response`."""
    words = frozenset(w for w in _words(text) if not titles.is_number(w))
    return bool(words & (_LETTERS - {"foi", "our", "your", "request"})) and words <= _LETTERS | _COVERS


def _has_number(text: str) -> bool:
    return any(titles.is_number(w) for w in titles.words_of(text))


@lru_cache(maxsize=8192)
def _plain(name: str) -> str:
    """A name by its letters and digits, as web pages show it: `D(iii)` and `D iii` are the same."""
    return _NO_WORD.sub("", clean(name).casefold())


def _words(text: str) -> frozenset[str]:
    return frozenset(w for w in titles.words_of(text) if not kinds.is_kind(w))
