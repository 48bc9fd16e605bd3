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
from html import unescape
from urllib.parse import unquote

_LONGEST = 512  # characters of a name that are read

# Every kind by its words; plurals are those with a mark of many, which is what makes a range of what follows.
_KINDS = {
    "annex": "annex annexe annexure anx ann",
    "appendix": "appendix app appx appdx apdx",
    "attachment": "attachment att attach attch attmt",
    "schedule": "schedule sched sch",
    "enclosure": "enclosure encl enc",
    "exhibit": "exhibit exh exhb ex",
    "tab": "tab",
    "document": "document doc dok dokument documento c\u00e1ip\u00e9is dogfen",
    "item": "item eitem m\u00edr",
    "record": "record rec taifead",
    "anlage": "anlage anl",
    "anhang": "anhang anh",
    "beilage": "beilage blg beil",
    "pj": "pi\u00e8ce piece pj",
    "bijlage": "bijlage bijl",
    "anexo": "anexo",
    "allegato": "allegato all",
    "zalacznik": "za\u0142\u0105cznik zalacznik",
    "bilaga": "bilaga",
    "aguisin": "aguis\u00edn aguisin",
    "sceideal": "sceideal",
    "iarscribhinn": "iarscr\u00edbhinn iarscribhinn",
    "atodiad": "atodiad",
    "atodlen": "atodlen",
    "bilag": "bilag",
    "liite": "liite",
    "apendice": "ap\u00e9ndice apendice",
    "appendice": "appendice",
    "adjunto": "adjunto",
    "volume": "volume vol tome",
    "part": "part pt teil partie parte deel rhan cuid",
    "question": "question q frage",
}
_PLURALS = {
    "annex": "annexes annexures",
    "appendix": "appendices appendixes apps",
    "attachment": "attachments atts",
    "schedule": "schedules",
    "enclosure": "enclosures encls",
    "exhibit": "exhibits",
    "tab": "tabs",
    "document": "documents docs dokumente dokumenten documentos documenten documenti",
    "item": "items",
    "anlage": "anlagen",
    "anhang": "anh\u00e4nge",
    "beilage": "beilagen",
    "pj": "pi\u00e8ces pieces pjs",
    "bijlage": "bijlagen",
    "anexo": "anexos",
    "allegato": "allegati",
    "bilaga": "bilagor",
    "volume": "volumes vols tomes",
    "part": "parts pts teile parties",
    "question": "questions fragen",
    "record": "records taifid",
    "aguisin": "aguis\u00edn\u00ed aguisini",
    "atodiad": "atodiadau",
    "bilag": "bilagen",
    "adjunto": "adjuntos",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_MANY = {word: kind for kind, words in _PLURALS.items() for word in words.split()}
_MANY |= {f"{w}s": kind for w, kind in _KIND_OF.items() if len(w) > 1 and f"{w}s" not in _KIND_OF}
_GLUED = sorted((w for w in _KIND_OF if len(w) > 2), key=len, reverse=True)
_OFTEN_MISSPELT = ("annex", "annexe", "appendix", "attachment", "schedule", "enclosure", "exhibit")
_LONG = 5  # characters of a kind word that is known without a change of case: `annexdiii`, but not `tabi`
_INFLECTED = re.compile(r"(s|(?<=[ae])[dnr])$")  # "scheduled", "bilagan" are words, and not labels D and N
_FILLERS = {
    *("no", "nr", "num", "number", "nummer", "num\u00e9ro", "uimhir", "rhif", "n", "jointe", "jointes", "letter"),
    *("from", "da", "del"),
}
_ARTICLES = {"the", "les", "die", "de", "gli", "i", "los", "las", "our", "your"}
LOOSE = frozenset(["document", "item", "question", "record", "part"])  # names hold these without meaning a label
_WITHIN = {"to", "of", "zu", "zur", "zum", "\u00e0", "au", "bij", "in"}
_ORDER_MARKS = {"st", "nd", "rd", "th"}
_ALL = {"all", "alle", "toutes", "tous", "tutti", "todos", "combined", "complete", "s\u00e4mtliche"}
_UP_TO = {"to", "bis", "until", "through", "thru", "\u00e0", "tot", "tm", "al", "hasta"}
_AND = {"and", "und", "et", "en", "agus"}
# Single letters that join ordinals which are no small letters themselves, behind a plural: `Allegati 1 e 2`.
_SMALL = {"e": "list", "y": "list", "a": "range", "i": "range"}
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
_ORDER_WORDS = {
    w: n
    for words in (
        "first second third fourth fifth sixth seventh eighth ninth tenth",
        "erste zweite dritte vierte f\u00fcnfte sechste siebte achte neunte zehnte",
        "premi\u00e8re deuxi\u00e8me troisi\u00e8me quatri\u00e8me cinqui\u00e8me sixi\u00e8me",
    )
    for n, w in enumerate(words.split(), 1)
}
# Words that are written to a name and tell nothing of what it is.
MARKINGS = frozenset(
    [
        *("redacted", "redaction", "redactions", "unredacted", "final", "draft", "version", "copy", "corrected", "v"),
        *("official", "off", "sen", "sensitive", "os", "o", "s", "restricted", "confidential", "signed", "scan"),
        *("scanned", "rescanned", "revised", "amended", "updated", "replacement", "resend", "resent", "new", "pdf"),
        *(
            "combined",
            "attached",
            "geschw\u00e4rzt",
            "entwurf",
            "endg\u00fcltig",
            "caviard\u00e9",
            "gelakt",
            "definitief",
        ),
    ]
)
_ROMAN = re.compile(r"(?=[ivxlc])(xc|xl|l?x{0,3})(ix|iv|v?i{0,3})$|c$|d$|m$")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[()\[\]{}]|[-\u2013]|[.,&+/:;#~]|\s+|_+|.")
_EXTENSION = re.compile(
    r"(\.(pdf|docx?|xlsx?|pptx?|odt|ods|txt|rtf|csv|zip|msg|eml|tiff?|jpe?g|png|html?))+\s*$", re.IGNORECASE
)
_COPY_OF = re.compile(r"(copy of|kopie von|copie de)\s+", re.IGNORECASE)
_COPY = re.compile(r"(?<!\w)(copy|kopie|copie)( ?\(\d{1,3}\))?$|~\d{1,3}$", re.IGNORECASE)
_MOST_COPIES = 5
_LONGEST_MARK = 16  # characters


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
    dashed: bool = False  # glued by a dash: `D-i` is D(i), and `i-iii` may be a range


@dataclass(frozen=True, slots=True)
class Label:
    """A label as read off a name; `through` is the last of a range, `also` further members of a list."""

    kind: str  # a key of the kinds, or "" where no kind word stands before it
    word: str  # the kind word as written
    steps: tuple[Step, ...]
    many: bool = False  # the kind word was a plural
    every: bool = False  # "all annexes"
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


class _Plain(dict[int, str]):
    """Every dash as "-", every space as " ", and nothing of what only tells how to show a text."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        category = unicodedata.category(character)
        plain = "-" if category == "Pd" else " " if character.isspace() else "" if category == "Cf" else character
        if len(self) < _LONGEST:
            self[code] = plain
        return plain


_PLAIN = _Plain()


@lru_cache(maxsize=8192)
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
    text = unescape(text) if "&" in text and ";" in text else text
    text = unicodedata.normalize("NFKC", text)
    text = text.translate(_PLAIN)
    text = _EXTENSION.sub("", text[:_LONGEST].strip()).replace("P.J.", "PJ")
    if copy := _COPY_OF.match(text):
        text = text[copy.end() :]
    for _ in range(_MOST_COPIES):
        if copy := _COPY.search(text, max(0, len(text) - _LONGEST_MARK)):
            text = text[: copy.start()].rstrip(" -")
    return text.strip()


@lru_cache(maxsize=8192)
def tokens(text: str) -> tuple[Token, ...]:
    """Cut a cleaned name into tokens, kind words off what is glued to them."""
    made: list[Token] = []
    behind_kind = False
    for raw in _TOKEN.findall(text):
        made += _split(raw, behind_kind)
        if made[-1].kind in ("word", "number"):
            behind_kind = _kind(made[-1]) is not None
    return tuple(made)


def labels(text: str) -> Iterator[Label]:
    """Every label of a cleaned text that a kind word announces, in order."""
    parts = tokens(text)
    place = 0
    while place < len(parts):
        kind = _kind(parts[place])
        found = _announced_at(parts, place, kind) if kind else None
        if found:
            yield found
        place = max(found.end if found else 0, place + 1)


def singles(text: str) -> Iterator[Label]:
    """Every label behind a kind word by itself, whatever list or range goes on behind it: for running text."""
    parts = tokens(text)
    place = 0
    while place < len(parts):
        kind, many = _kind(parts[place]), parts[place].lower in _MANY
        found = _after_kind(parts, place + 1, many=many) if kind else None
        if found and many and (deeper := _after_kind(parts, place + 1, many=False)) and _is_mixed(deeper):
            found = deeper
        if kind and found:
            yield Label(kind, parts[place].text, found, many, start=place, end=found[-1].end)
        place = found[-1].end if found else place + 1


def _is_mixed(steps: Sequence[Step]) -> bool:
    """Whether it is `A-1`, of a letter and a number, which is no range."""
    return len(steps) == 2 and steps[1].dashed and steps[0].ordinal.is_number != steps[1].ordinal.is_number


def is_kind(word: str) -> bool:
    """Whether a word announces labels: `Annex`, `Anlagen`."""
    low = word.casefold().strip(".,;:()")
    return low in _KIND_OF or low in _MANY


def bare(text: str) -> Label | None:
    """A label without a kind word at the very start of a cleaned text: `D(iii) Manual`, `1 - Policy`."""
    return bare_at(tokens(text), 0)


def bare_at(parts: Sequence[Token], place: int) -> Label | None:
    """A label without a kind word that begins at token `place`."""
    found = _path(parts, place)
    return _with_range(parts, Label("", "", found, start=place, end=found[-1].end)) if found else None


def as_range(text: str, label: Label) -> Label | None:
    """Read `A-C`, `D i-iii` as a range, if it may be one: then both ends count with the same numerals."""
    if len(label.steps) < 2 or not label.steps[-1].dashed or not _stands_alone(tokens(text), label.end):
        return None
    ascends = _ascends(*label.steps[-2:])
    return replace(label, steps=label.steps[:-1], through=label.steps[-1:]) if ascends else None


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
    letter = ord(low[0]) - 96 if len(low) <= 2 and "a" <= low[:1] <= "z" else None
    if letter and len(low) == 2:  # AA comes after Z
        letter = 26 + letter if low[0] == low[1] else None
    return Ordinal(low, roman=roman, letter=letter) if roman or letter else None


def shown(path: Sequence[Ordinal]) -> str:
    """A path as people write it: `D(iii)(a)`, `A1`, `2a`."""
    text = ""
    for place, step in enumerate(path):
        word = step.text.upper() if place == 0 and step.letter and not step.is_number else step.text
        if step.is_number:
            word = str(step.arabic)
        if " " in step.text:
            text += f" {word}"
            continue
        glued = place == 1 and (step.is_number != path[0].is_number) and (step.is_number or bool(step.letter))
        glued = glued and not (step.roman and len(step.text) > 1) and step.text not in ("i", "v", "x")
        text += word if place == 0 or glued else f"({word})"
    return text


def _split(raw: str, behind_kind: bool) -> Iterator[Token]:
    if raw[0].isdecimal():
        yield Token(raw, "number")
    elif raw[0].isalpha():
        yield from _words(raw, behind_kind)
    elif raw[0].isspace() or raw[0] == "_":
        yield Token(raw, "space")
    else:
        yield Token(raw, _PUNCTUATION.get(raw[0], "other"))


def _words(raw: str, behind_kind: bool) -> Iterator[Token]:
    """`AnnexDvi` -> Annex, D, vi. Only where the rest is an ordinal, and is set off by its case or by a kind word."""
    low = raw.casefold()
    if low in _KIND_OF and low[:-1] in _KIND_OF and raw[-1].isupper() and not raw[:-1].isupper():
        yield Token(raw[:-1], "word")  # `AnnexE` is no French annex
        yield Token(raw[-1], "word")
        return
    if low not in _KIND_OF and low not in _MANY:
        for word in _GLUED:
            rest = raw[len(word) :]
            if low.startswith(word) and _is_path(rest) and _is_glued(raw, word):
                yield Token(raw[: len(word)], "word")
                yield from _words(rest, True)
                return
        set_off = raw[0].isupper() and raw[1:].islower() and not _roman(low)
        if (set_off or (behind_kind and ordinal(raw) is None)) and _is_small_roman(raw[1:]):
            yield Token(raw[0], "word")
            yield Token(raw[1:], "word")
            return
    yield Token(raw, "word")


def _is_glued(raw: str, word: str) -> bool:
    if raw[len(word)].isupper() and not raw.isupper():
        return True
    return len(word) >= _LONG and not _INFLECTED.search(raw.casefold())


def _is_path(rest: str) -> bool:
    return bool(rest) and (ordinal(rest) is not None or _is_small_roman(rest[1:]))


def _is_small_roman(text: str) -> bool:
    value = _roman(text.casefold())
    return value is not None and value < 40


def _kind(token: Token) -> str | None:
    return (_KIND_OF.get(token.lower) or _MANY.get(token.lower)) if token.kind == "word" else None


def _announced_at(parts: Sequence[Token], place: int, kind: str) -> Label | None:
    """The label that the kind word at `place` announces, behind it or ("second annex", "all annexes") before it."""
    token = parts[place]
    many = token.lower in _MANY
    if found := _after_kind(parts, place + 1, many=many):
        label = Label(kind, token.text, found, many, start=place, end=found[-1].end)
        return _with_range(parts, label if many or kind == "part" else _with_inner(parts, label))
    before = place - 1
    while before >= 0 and (parts[before].kind == "space" or parts[before].lower in _ARTICLES):
        before -= 1
    if before >= 0 and many and parts[before].lower in _ALL:
        return Label(kind, token.text, (), many=True, every=True, start=before, end=place + 1)
    if before >= 1 and parts[before].lower in _ORDER_MARKS and parts[before - 1].kind == "number":
        before -= 1
    elif before < 0 or parts[before].lower not in _ORDER_WORDS:
        return None
    value = _ORDER_WORDS.get(parts[before].lower)
    counted = ordinal(str(value) if value else parts[before].text)
    if counted is None:
        return None
    step = Step(counted, firm=True, bracketed=False, start=before, end=place + 1)
    return Label(kind, token.text, (step,), start=before, end=place + 1)


def _after_kind(parts: Sequence[Token], place: int, *, many: bool) -> tuple[Step, ...] | None:
    """The path behind a kind word, past separators and words such as "no."."""
    while place < len(parts) and (parts[place].kind in ("space", "dash", "point", "other") or _is_filler(parts, place)):
        place += 1
    if many and parts[place : place + 1] and parts[place].kind == "open" and not _closes(parts, place + 2):
        place += 1  # "Annexes (A-D)"
    if place < len(parts) and (counted := _ORDER_WORDS.get(parts[place].lower)):
        return (Step(Ordinal(parts[place].lower, arabic=counted), True, bracketed=False, start=place, end=place + 1),)
    return _path(parts, place, many=many)


def _closes(parts: Sequence[Token], place: int) -> bool:
    return place < len(parts) and parts[place].kind == "close"


def _with_inner(parts: Sequence[Token], label: Label) -> Label:
    """`Annex A part 2`, `Document 2 - Attachment 1`, `Attachment 1 to Document 2`: a label within another is a step of
    it. A part may be left over where the list has it not; an attachment may not."""
    place = label.end
    while place < len(parts) and parts[place].kind in ("space", "dash", "point", "open"):
        place += 1
    turned = place < len(parts) and parts[place].lower in _WITHIN
    place += 2 * turned
    inner = _KIND_OF.get(parts[place].lower) if place < len(parts) else None
    if inner is None or inner == label.kind or (inner in LOOSE and (turned != (inner != "part"))):
        return label
    begin = place + 1
    while begin < len(parts) and (parts[begin].kind == "space" or parts[begin].text == "."):
        begin += 1
    found = _path(parts, begin)
    if not found:
        return label
    outer, within, name = (found, label.steps, label.kind) if turned else (label.steps, found, inner)
    step = _inner_step(name, within, start=label.end, end=found[-1].end)
    if step is None:
        return label
    kind, word = (inner, parts[place].text) if turned else (label.kind, label.word)
    return replace(label, kind=kind, word=word, steps=(*outer, step), end=step.end)


def _inner_step(kind: str, within: tuple[Step, ...], *, start: int, end: int) -> Step | None:
    first = within[0].ordinal
    if kind == "part":
        number = first.arabic or first.roman
        return Step(Ordinal(f"part {number}"), firm=False, bracketed=False, start=start, end=end) if number else None
    text = f"{kind} {shown([s.ordinal for s in within if s.firm])}"
    return Step(Ordinal(text), firm=kind not in LOOSE, bracketed=False, start=start, end=end)


def _is_filler(parts: Sequence[Token], place: int) -> bool:
    """Whether a word such as "no." stands before the number; but `Annex N` is one of a list."""
    is_own = parts[place].text == "N" and (place + 1 == len(parts) or parts[place + 1].kind == "space")
    return parts[place].lower in _FILLERS and not is_own


def _path(parts: Sequence[Token], place: int, *, many: bool = False) -> tuple[Step, ...] | None:
    """Steps as long as they follow one another; behind a plural, brackets and glue alone make a deeper step."""
    steps: list[Step] = []
    while len(steps) < 8 and (step := _step(parts, place, first=not steps)):
        gap = "".join(t.text for t in parts[place : step.start + 1] if t.kind in ("dash", "space"))
        if steps and ((many and gap) or ("-" in gap and step.bracketed and (steps[-1].bracketed or many))):
            break
        steps.append(step)
        place = step.end
    return tuple(steps) or None


def _step(parts: Sequence[Token], place: int, *, first: bool) -> Step | None:
    start = place
    while not first and place < len(parts) and (parts[place].kind == "space" or parts[place].text in (".", "-")):
        place += 1
    gap = place - start
    bracketed = place < len(parts) and parts[place].kind == "open"
    if gap > (3 if bracketed else 1):
        return None
    place += bracketed
    if place >= len(parts) or parts[place].kind not in ("word", "number"):
        return None
    found = ordinal(parts[place].text)
    if found is None or (bracketed and (place + 1 >= len(parts) or parts[place + 1].kind != "close")):
        return None
    end = place + 1 + bracketed
    if parts[place].lower == "bis" and any(ordinal(t.text) for t in parts[end + 1 : end + 2]):
        return None  # "1 bis 3" goes from one to three
    if found.is_number and end < len(parts) and parts[end].lower in _ORDER_MARKS:
        end += 1  # "1st"
    glued = gap == 0 or parts[start].text in (".", "-")
    if glued and not bracketed and gap and end < len(parts) and parts[end].kind in ("word", "number"):
        return None  # "A-level", "1.pdf2"
    dashed = gap == 1 and parts[start].kind == "dash"
    return Step(found, firm=first or bracketed or glued, bracketed=bracketed, start=start, end=end, dashed=dashed)


def _misspelt(word: str) -> Iterator[str]:
    """A word with one letter within it left out, doubled, or changed for the next."""
    for n in range(1, len(word) - 1):
        yield word[:n] + word[n + 1 :]
        yield word[:n] + word[n] + word[n:]
        yield word[:n] + word[n + 1] + word[n] + word[n + 2 :]


_KIND_OF |= {
    slip: _KIND_OF[word]
    for word in _OFTEN_MISSPELT
    for slip in _misspelt(word)
    if slip not in _KIND_OF and slip not in _MANY
}


def _with_range(parts: Sequence[Token], label: Label) -> Label:
    """Add what follows a label: `to F`, `-(ix)`, `, G and H`. Behind a singular without brackets, a list or a dash
    counts only where nothing but the list stands there: `C - D Smith` is an annex by D Smith."""
    joint, after, again = _joint(parts, label.end, label)
    following = _path(parts, after, many=label.many)
    if following is None:
        return label
    plain = label.many or again or (label.steps[-1].bracketed and following[0].bracketed)
    through: tuple[Step, ...] = ()
    alone = len(following) == 1 and _ascends(label.steps[-1], following[0]) and _stands_alone(parts, following[-1].end)
    if joint == "range" or (joint == "dash" and (plain or alone)):
        through, label = following, replace(label, end=following[-1].end)
        joint, after, again = _joint(parts, label.end, label)
        following = _path(parts, after, many=True)
    also = []
    while following and (joint == "list" or (joint == "" and label.many and not through)):
        also.append(following)
        plain = plain or again
        joint, after, again = _joint(parts, following[-1].end, label)
        following = _path(parts, after, many=True)
    if len(also) == 1 and joint == "" and label.many and not _listed(parts, label.end, also[0][0].start):
        return replace(label, through=also[0], end=also[0][-1].end)  # "Annexes A C", which was "A-C"
    if not also or not (plain or _stands_alone(parts, also[-1][-1].end)):
        return replace(label, through=through)
    return replace(label, through=through, also=tuple(also), end=also[-1][-1].end)


def _ascends(first: Step, last: Step) -> bool:
    one, other = first.ordinal, last.ordinal
    both = [(one.arabic, other.arabic), (one.roman, other.roman), (one.letter, other.letter)]
    return any(a is not None and b is not None and a < b for a, b in both)


def _listed(parts: Sequence[Token], start: int, end: int) -> bool:
    return any(t.kind in ("word", "point") for t in parts[start:end])


def _stands_alone(parts: Sequence[Token], place: int) -> bool:
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
        elif _kind(token) == label.kind or (joint == "list" and _kind(token)):
            joint, again = joint or "list", True
        elif token.kind != "space" and not (token.text == "." and joint == "range"):
            break
        place += 1
    return joint, place, again


def _is_dutch_to(parts: Sequence[Token], place: int) -> bool:
    """`t/m`, which a file name cannot hold as it is."""
    words = [t.lower for t in parts[place : place + 3]]
    return len(words) == 3 and words[0] == "t" and words[2] == "m"


def _roman(low: str) -> int | None:
    if not low or not _ROMAN.match(low):
        return None
    values = [_ROMAN_VALUES[c] for c in low]
    return sum(-v if n + 1 < len(values) and v < values[n + 1] else v for n, v in enumerate(values))
