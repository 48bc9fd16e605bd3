"""Labels: `Annex D(iii)(a)` is a kind and a path of ordinals, D, iii, a, in whatever dress a name gives it. Pure.

A name is cut into tokens once; labels and ranges of labels are read off the tokens. What an ordinal counts (is `i` the
first or the ninth?) is not decided here but by the list that it stands in: see `series`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from email.header import decode_header
from functools import lru_cache
from urllib.parse import unquote

_LONGEST = 512  # characters of a name that are read

# Every kind by its words; plurals are those with a mark of many, which is what makes a range of what follows.
_KINDS = {
    "annex": "annex annexe annexure anx",
    "appendix": "appendix app appx",
    "attachment": "attachment att attach",
    "schedule": "schedule sched",
    "enclosure": "enclosure encl enc",
    "exhibit": "exhibit exh ex",
    "tab": "tab",
    "document": "document doc dok dokument documento",
    "item": "item",
    "record": "record rec",
    "anlage": "anlage anl",
    "anhang": "anhang",
    "beilage": "beilage",
    "pj": "pi\u00e8ce piece pj",
    "bijlage": "bijlage bijl",
    "anexo": "anexo",
    "allegato": "allegato all",
    "zalacznik": "za\u0142\u0105cznik zalacznik",
    "bilaga": "bilaga",
    "aguisin": "aguis\u00edn aguisin",
    "sceideal": "sceideal",
    "atodiad": "atodiad",
    "part": "part teil partie",
    "question": "question q",
}
_PLURALS = {
    "annex": "annexes annexures",
    "appendix": "appendices appendixes apps",
    "attachment": "attachments atts",
    "schedule": "schedules",
    "enclosure": "enclosures encls",
    "exhibit": "exhibits",
    "tab": "tabs",
    "document": "documents docs dokumente documentos documenten documenti",
    "item": "items",
    "record": "records",
    "anlage": "anlagen",
    "anhang": "anh\u00e4nge",
    "beilage": "beilagen",
    "pj": "pi\u00e8ces pieces pjs",
    "bijlage": "bijlagen",
    "anexo": "anexos",
    "allegato": "allegati",
    "bilaga": "bilagor",
    "aguisin": "aguis\u00edn\u00ed",
    "atodiad": "atodiadau",
    "part": "parts",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_MANY = {word: kind for kind, words in _PLURALS.items() for word in words.split()}
_GLUED = sorted((w for w in _KIND_OF if len(w) > 2), key=len, reverse=True)
_FILLERS = {"no", "nr", "num", "number", "n", "jointe", "jointes", "letter", "of"}
_UP_TO = {"to", "bis", "until", "through", "thru", "\u00e0", "tot"}
_AND = {"and", "und", "et", "en", "y"}
_PUNCTUATION = {
    **dict.fromkeys("([{", "open"), **dict.fromkeys(")]}", "close"), **dict.fromkeys(".,&+/:;", "point"), "-": "dash",
}  # fmt: skip
_NUMBER_WORDS = {
    w: n
    for words in (
        "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
        "eins zwei drei vier f\u00fcnf sechs sieben acht neun zehn elf zw\u00f6lf",
        "un deux trois quatre cinq six sept huit neuf dix onze douze",
    )
    for n, w in enumerate(words.split(), 1)
}
_ROMAN = re.compile(r"(?=[ivxlc])(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})$|c$|d$|m$")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[()\[\]{}]|[-\u2013]|[.,&+/:;#~]|\s+|_+|.")
_EXTENSION = re.compile(
    r"(\.(pdf|docx?|xlsx?|pptx?|odt|ods|txt|rtf|csv|zip|msg|eml|tiff?|jpe?g|png|html?))+\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Ordinal:
    """One step of a path, with every way of counting that it may have."""

    text: str
    arabic: int | None = None
    roman: int | None = None
    letter: int | None = None

    @property
    def is_number(self) -> bool:
        return self.arabic is not None


@dataclass(frozen=True, slots=True)
class Step:
    """An ordinal in a name. `firm` steps belong to the label by their dress (brackets, glue, a dot between); others
    merely follow it, and may be the beginning of the title. `start` and `end` count tokens."""

    ordinal: Ordinal
    firm: bool
    bracketed: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Label:
    """A label as read off a name; `through` is the last of a range, `also` further members of a list."""

    kind: str  # a key of the kinds, or "" where no kind word stands before it
    word: str  # the kind word as written
    steps: tuple[Step, ...]
    many: bool = False  # the kind word was a plural
    through: tuple[Step, ...] = ()
    also: tuple[tuple[Step, ...], ...] = ()
    start: int = 0  # tokens
    end: int = 0

    @property
    def path(self) -> tuple[Ordinal, ...]:
        return tuple(s.ordinal for s in self.steps)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    kind: str  # word, number, open, close, dash, point, space, other

    @property
    def lower(self) -> str:
        return self.text.casefold()


def clean(name: str) -> str:
    """A name as a person would read it: decoded, in plain characters, without extension and copy marks."""
    text = name[: 4 * _LONGEST]
    if text.startswith("=?"):
        try:
            text = "".join(
                d.decode(c or "utf-8", "replace") if isinstance(d, bytes) else d for d, c in decode_header(text)
            )
        except (ValueError, LookupError):
            text = name
    if re.search(r"%[0-9A-Fa-f]{2}", text):
        text = unquote(text)
    text = unicodedata.normalize("NFKC", text)
    text = "".join(
        "-" if unicodedata.category(c) == "Pd" else " " if c.isspace() else "" if unicodedata.category(c) == "Cf" else c
        for c in text
    )
    text = _EXTENSION.sub("", text.strip())
    return re.sub(r"(?i)^\s*copy of\s+|(\s*-\s*copy(\s*\(\d+\))?|~\d+)\s*$", "", text)[:_LONGEST].strip()


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[Token, ...]:
    """Cut a cleaned name into tokens, kind words off what is glued to them."""
    return tuple(t for raw in _TOKEN.findall(text) for t in _split(raw))


def labels(text: str) -> Iterator[Label]:
    """Every label of a cleaned text that a kind word announces, in order."""
    parts = tokens(text)
    place = 0
    while place < len(parts):
        token = parts[place]
        kind = _KIND_OF.get(token.lower) or _MANY.get(token.lower)
        many = token.lower in _MANY
        found = _after_kind(parts, place + 1, many=many) if kind and token.kind == "word" else None
        if kind is None or found is None:
            place += 1
            continue
        yield _with_range(parts, Label(kind, token.text, found, many, start=place, end=found[-1].end))
        place = found[-1].end


def is_kind(word: str) -> bool:
    """Whether a word announces labels: `Annex`, `Anlagen`."""
    low = word.casefold().strip(".,;:()")
    return low in _KIND_OF or low in _MANY


def joins(word: str) -> bool:
    """Whether a word stands between the labels of a range or a list."""
    low = word.casefold()
    return low in _UP_TO or low in _AND or low.endswith(",")


def bare(text: str) -> Label | None:
    """A label without a kind word at the very start of a cleaned text: `D(iii) Manual`, `1 - Policy`."""
    parts = tokens(text)
    found = _path(parts, 0)
    return _with_range(parts, Label("", "", found, start=0, end=found[-1].end)) if found else None


def ordinal(text: str) -> Ordinal | None:
    """Read one ordinal: `3`, `iii`, `c`, `three`; None for any other word."""
    low = text.casefold()
    if low.isdecimal():
        return Ordinal(low, arabic=int(low)) if len(low) <= 3 else None
    if low in _NUMBER_WORDS:
        return Ordinal(low, arabic=_NUMBER_WORDS[low])
    if low in ("bis", "ter", "quater"):
        return Ordinal(low)
    roman = _roman(low)
    letter = ord(low) - 96 if len(low) == 1 and "a" <= low <= "z" else None
    return Ordinal(low, roman=roman, letter=letter) if roman or letter else None


def shown(path: Sequence[Ordinal]) -> str:
    """A path as people write it: `D(iii)(a)`, `A1`, `2a`."""
    text = ""
    for place, step in enumerate(path):
        word = step.text.upper() if place == 0 and step.letter and not step.is_number else step.text
        if step.is_number:
            word = str(step.arabic)
        glued = place == 1 and (step.is_number != path[0].is_number) and (step.is_number or bool(step.letter))
        glued = glued and not (step.roman and len(step.text) > 1) and step.text not in ("i", "v", "x")
        text += word if place == 0 or glued else f"({word})"
    return text


def _split(raw: str) -> Iterator[Token]:
    if raw[0].isdecimal():
        yield Token(raw, "number")
    elif raw[0].isalpha():
        yield from _words(raw)
    elif raw[0].isspace() or raw[0] == "_":
        yield Token(raw, "space")
    else:
        yield Token(raw, _PUNCTUATION.get(raw[0], "other"))


def _words(raw: str) -> Iterator[Token]:
    """`AnnexDvi` -> Annex, D, vi. Only where the rest is an ordinal and is set off by its case."""
    low = raw.casefold()
    if low not in _KIND_OF and low not in _MANY:
        for word in _GLUED:
            rest = raw[len(word) :]
            if low.startswith(word) and rest and rest[0].isupper() and _is_path(rest):
                yield Token(raw[: len(word)], "word")
                yield from _words(rest)
                return
        if len(raw) > 1 and raw[0].isupper() and raw[1:].islower() and _roman(raw[1:]) and not _roman(low):
            yield Token(raw[0], "word")
            yield Token(raw[1:], "word")
            return
    yield Token(raw, "word")


def _is_path(rest: str) -> bool:
    return ordinal(rest) is not None or (rest[1:].islower() and _roman(rest[1:]) is not None)


def _after_kind(parts: Sequence[Token], place: int, *, many: bool) -> tuple[Step, ...] | None:
    """The path behind a kind word, past separators and words such as "no."."""
    while place < len(parts) and (parts[place].kind in ("space", "dash", "point", "other") or _is_filler(parts, place)):
        place += 1
    return _path(parts, place, many=many)


def _is_filler(parts: Sequence[Token], place: int) -> bool:
    """Whether a word such as "no." stands before the number; but `Annex N` is one of a list."""
    is_own = parts[place].text == "N" and (place + 1 == len(parts) or parts[place + 1].kind == "space")
    return parts[place].lower in _FILLERS - {"of"} and not is_own


def _path(parts: Sequence[Token], place: int, *, many: bool = False) -> tuple[Step, ...] | None:
    """Steps as long as they follow one another; behind a plural, brackets and glue alone make a deeper step."""
    steps: list[Step] = []
    while len(steps) < 8 and (step := _step(parts, place, first=not steps)):
        gap = "".join(t.text for t in parts[place : step.start + 1] if t.kind in ("dash", "space"))
        if steps and ((many and gap) or ("-" in gap and step.bracketed)):
            break
        steps.append(step)
        place = step.end
    return tuple(steps) or None


def _step(parts: Sequence[Token], place: int, *, first: bool) -> Step | None:
    start = place
    gap = 0
    while place < len(parts) and parts[place].kind in ("space", "dash", "point") and not first:
        if parts[place].text not in (".", "-") and parts[place].kind != "space":
            return None
        gap += 1
        place += 1
    if place >= len(parts) or gap > 1:
        return None
    bracketed = parts[place].kind == "open"
    place += bracketed
    if place >= len(parts) or parts[place].kind not in ("word", "number"):
        return None
    found = ordinal(parts[place].text)
    if found is None or (bracketed and (place + 1 >= len(parts) or parts[place + 1].kind != "close")):
        return None
    end = place + 1 + bracketed
    glued = gap == 0 or parts[start].text in (".", "-")
    if glued and not bracketed and gap and end < len(parts) and parts[end].kind in ("word", "number"):
        return None  # "A-level", "1.pdf2"
    return Step(found, firm=first or bracketed or glued, bracketed=bracketed, start=start, end=end)


def _with_range(parts: Sequence[Token], label: Label) -> Label:
    """Add what follows a label: `to F`, `-(ix)`, and behind a plural also `-C`, ` C`, `, G and H`."""
    joint, after = _joint(parts, label.end)
    following = _path(parts, after, many=label.many)
    if following is None:
        return label
    bracketed = label.steps[-1].bracketed and following[0].bracketed
    if joint == "range" or (joint == "dash" and (label.many or bracketed)) or (joint == "" and label.many):
        return replace(label, through=following, end=following[-1].end)
    also = []
    while label.many and joint == "list" and following:
        also.append(following)
        joint, after = _joint(parts, following[-1].end)
        following = _path(parts, after, many=True)
    return replace(label, also=tuple(also), end=also[-1][-1].end if also else label.end)


def _joint(parts: Sequence[Token], place: int) -> tuple[str, int]:
    """What joins a label to another: "range", "dash", "list" or nothing; and where that other one begins."""
    joint = ""
    while place < len(parts):
        token = parts[place]
        if token.kind == "word" and token.lower in _UP_TO:
            joint = "range"
        elif token.kind == "dash":
            joint = "dash"
        elif token.text in (",", "&", "+") or (token.kind == "word" and token.lower in _AND):
            joint = "list"
        elif token.kind != "space" and not (joint and (_KIND_OF.get(token.lower) or _MANY.get(token.lower))):
            break
        place += 1
    return joint, place


def _roman(low: str) -> int | None:
    if not low or not _ROMAN.match(low):
        return None
    values = [_ROMAN_VALUES[c] for c in low]
    return sum(-v if n + 1 < len(values) and v < values[n + 1] else v for n, v in enumerate(values))
