"""Which email of how many this one is: "email 2 of 4", "the third and last part". Pure.

Each word of a text becomes one letter that says what it is to us; what is looked for are runs of such letters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from attachwatch.annexes.labels import kinds, numerals
from attachwatch.annexes.letters import phrases
from attachwatch.model import SendingNote

_WORD = re.compile(
    r"e-?mails?|e-bost|n[\u00b0\u00ba]|[^\W\d_]+(?:'[^\W\d_]+)?|\d+(?:st|nd|rd|th|er|\u00e8me|e|\u00ba|"
    r"\u00aa)?(?![\w])|"
    r"\d\w*|[^\w\s]",
    re.IGNORECASE,
)
_TABLES = {
    "U": "count-email", "P": "count-part", "F": "count-of", "#": "count-number", "T": "count-this", "L": "count-last",
    "M": "count-more", "N": "count-none", "W": "count-wait", "V": "count-several", "R": "count-your",
}  # fmt: skip
_CLASS_OF = {word: c for c, table in _TABLES.items() for word in phrases.listed(table)} | {
    "/": "F", ".": "#", **dict.fromkeys(",;:", ",")
}  # fmt: skip
_ORDINALS = (
    "first erste ersten erster premier premi\u00e8re eerste primer primero primera primo prima chead cyntaf gyntaf",
    "second zweite zweiten zweiter deuxi\u00e8me seconde tweede segundo segunda secondo seconda dara ail",
    "third dritte dritten dritter troisi\u00e8me derde tercer tercero tercera terzo terza tr\u00ed\u00fa trydydd",
    "fourth vierte vierten vierter quatri\u00e8me vierde cuarto cuarta quarto quarta ceathr\u00fa pedwerydd pedwaredd",
    "fifth f\u00fcnfte f\u00fcnften f\u00fcnfter cinqui\u00e8me vijfde quinto quinta c\u00faigi\u00fa pumed",
    "sixth sechste sechsten sixi\u00e8me zesde sexto sexta sesto sesta s\u00e9\u00fa chweched",
    "seventh siebte siebten septi\u00e8me zevende s\u00e9ptimo settimo seacht\u00fa seithfed",
    "eighth achte achten huiti\u00e8me achtste octavo ottavo ocht\u00fa wythfed",
    "ninth neunte neunten neuvi\u00e8me negende noveno nono nao\u00fa nawfed",
    "tenth zehnte zehnten dixi\u00e8me tiende d\u00e9cimo decimo deichi\u00fa degfed",
)  # fmt: skip
_NUMBERS = (
    "een \u00e9\u00e9n uno una un aon",
    "twee dos due d\u00f3 dwy dau beirt",
    "drie tres tre tr\u00ed tair tri drei",
    "vier cuatro quattro ceathair pedwar",
    "vijf cinco cinque c\u00faig pump",
    "zes seis sei s\u00e9 chwech",
    "zeven siete sette seacht saith",
    "acht ocho otto ocht wyth",
    "negen nueve nove naoi naw",
    "tien diez dieci deich deg",
)  # fmt: skip
_VALUE_OF = {w: n for table in (_NUMBERS, _ORDINALS) for n, forms in enumerate(table, 1) for w in forms.split()}
_IS_ORDINAL = frozenset(w for forms in _ORDINALS for w in forms.split())
# D is a number, O an ordinal one, K an annex or the like, x any other word; a text is one sentence.
_COUNTED = tuple(
    re.compile(p)
    for p in (
        r"[UP]#{0,2}[DO]F{1,2}x?D(?!F{1,2}x?K)",  # email 2 of 4, part two of three
        r"[DO]L?x?[UP]?F{1,2}[xT]?[DO]x{0,2}[UP]",  # second of three interim responses, the first email of four
        r"T[xTUP]{0,3}O[LU]?x?[UP]?F{1,2}[xT]?D(?!K)",  # this is the first of four
    )
)
_ALONE = tuple(
    re.compile(p)
    for p in (
        r"U#{1,2}D",  # email number three
        r"T[xT]{0,2}[UP]D(?!x|F)",  # this is email three
        r"T[xT]{0,3}LF{1,2}[xT]?Dx?[UP]",  # this is the last of four emails
        r"T[xT]{0,2}OF{1,2}[xT]?V",  # this is the first of several
        r"T[xT]{0,3}O(?:[xF]L)?(?:F[xT]?)?x?[UP]",  # this is our third and final response
    )
)
_ALL = re.compile(r"[xW]Dx?[UP]")  # "in four batches"
_THIS_OF_ALL = re.compile(r"Dx?[UP],[xT]{0,2}T[xT]{0,3}O(?:#|$)")  # "in three emails; this is the second"
_REMAINING = re.compile(r"(?:MD|DM)[UP]")  # "the remaining two emails"
# A slash that is no "2/4": of a reference, or between two words.
_OTHER_SLASH = re.compile(r"/(?<!(?<![\w/.-])\d/)(?<!(?<![\w/.-])\d\d/)|/(?!\d{1,2}(?![\w/-]))")
_IN_SUBJECT = re.compile(r"[DO]F{1,2}D")
_LAST = re.compile(
    r"T(?!W)[xTO,DFU#]{0,6}L(?:F[xT]?)?[xDO]{0,2}[UP]|NM[xT]?[UP]|^L[UP]|L[xDO]{0,1}UT?$|O[UP],?x{0,2}L(?:#|$)|LF{1,2}[xT]{0,2}[DO]x?U"
)
_NOT_YET = re.compile(r"W[xT]{0,3}L[xD]?[UP]|R[xT]?L")
_CLOSES = re.compile(
    r"\b(?:completes|concludes) (?:our|the|this|my) (?:\w+ )?(?:response|reply|disclosure|release|production)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Run:
    """A sentence as letters, and what the numbers among them count to."""

    classes: str
    values: tuple[int | None, ...]

    def numbers(self, found: re.Match[str]) -> list[int]:
        return [v for v in self.values[found.start() : found.end()] if v is not None]


def sending(sentences: Sequence[str], subject: str) -> SendingNote:
    """What an email's own sentences and its subject say: which email of how many, and whether it is the last."""
    runs = [_run(s) for s in sentences]
    head = _run(subject)
    number, total = _series(runs, head)
    if number and total is None:
        total = next((number + sum(r.numbers(f)) for r in runs for f in _REMAINING.finditer(r.classes)), None)
    if number and total is None:
        total = max(
            (n for r in runs for f in _ALL.finditer(r.classes) for n in r.numbers(f) if n >= number), default=None
        )
    final = any(_LAST.search(r.classes) and not _NOT_YET.search(r.classes) for r in runs) or any(
        _CLOSES.search(s) for s in sentences
    )
    if final and number and total is None:
        total = number
    return SendingNote(number, total, final or (number is not None and number == total))


def _series(runs: Sequence[_Run], head: _Run) -> tuple[int | None, int | None]:
    for patterns in (_COUNTED, _ALONE):
        for run in (*runs, head):
            for pattern in patterns:
                for found in pattern.finditer(run.classes):
                    number, total = (*run.numbers(found), None, None)[:2]
                    if number and (total is None or number <= total):
                        return number, total
    for run in runs:
        for found in _THIS_OF_ALL.finditer(run.classes):
            total, number = run.numbers(found)
            if 0 < number <= total:
                return number, total
    for found in _IN_SUBJECT.finditer(head.classes):
        number, total = head.numbers(found)
        if 0 < number <= total <= 50:
            return number, total
    return None, None


def _run(sentence: str) -> _Run:
    read = [w.casefold() for w in _WORD.findall(_OTHER_SLASH.sub(" | ", sentence[:4_000]))]
    kept = [(c, v) for c, v in map(_classed, read) if c]
    return _Run("".join(c for c, _ in kept), tuple(v for _, v in kept))


def _classed(word: str) -> tuple[str, int | None]:
    elided = word.partition("'")[2]
    if elided in _CLASS_OF or elided in _VALUE_OF:  # "l'ultima"
        word = elided
    if (value := _VALUE_OF.get(word)) is not None:
        return ("O" if word in _IS_ORDINAL else "D"), value
    if known := _CLASS_OF.get(word):
        return known, None
    if digits := re.match(r"\d{1,3}(?!\d)", word):
        return ("D" if word == digits[0] else "O"), int(digits[0])
    if kinds.is_kind(word):
        return "K", None
    found = numerals.ordinal(word)
    if found is not None and found.arabic is not None:
        return "D", found.arabic
    return ("x" if word[0].isalnum() else ""), None
