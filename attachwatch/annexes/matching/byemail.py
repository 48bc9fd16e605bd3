"""What an email's own text says of the files that tell nothing themselves. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from attachwatch.annexes.labels import kinds
from attachwatch.annexes.labels.cleaning import clean, plain
from attachwatch.annexes.labels.words import TABLES, pattern
from attachwatch.annexes.letters.letter import own_text
from attachwatch.annexes.matching import titles
from attachwatch.annexes.matching.lookup import Expectation, named_in
from attachwatch.model import EmailText

_ELSEWHERE = pattern("email", "elsewhere")
_HERE = pattern("email", "here")
_DENIED = pattern("email", "denied")
_CLAUSE = re.compile(
    rf"(?<=[.!?;])\s+|\n\n|,?\s(?:{'|'.join(TABLES['email']['but'])})\s|\n(?=[-*\u2022])", re.IGNORECASE
)
_JOINED = re.compile(rf",?\s(?:{'|'.join(TABLES['email']['and'])})\s|,\s", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_SHORTEST_NAME = 4  # characters of a file name that are looked for in a text
_MOST_SENTENCES = 200
_MOST_PIECES = 20  # of a line
_MOST_LINES = 10  # that give one name
_MOST_FILES = 50  # of an email, whose names are looked for in the same line
_LONGEST_NAME = 300
_LONGEST_TEXT = 20_000  # characters of an email that are read


def own_lines(email: EmailText | None) -> list[str]:
    """The lines that its writer wrote."""
    text = own_text(email.body)[:_LONGEST_TEXT] if email else ""
    return [line for line in text.splitlines() if line.strip()][:_MOST_SENTENCES]


def told_of(number: int, names: Mapping[int, str], lines: Sequence[str], about: Expectation) -> int | None:
    """The annex that stands beside a file's own name, of the names in an email: `scan0007 - Annex B`."""
    mine = _finder(names[number])
    near = [line for line in lines if mine(line)][:_MOST_LINES]
    beside = {*names.values()} - {names[number]} if near and len(names) <= _MOST_FILES else ()
    others = [_finder(name) for name in beside]
    found = {annex for line in near for annex in _beside(mine, others, line, about)}
    return found.pop() if len(found) == 1 else None


_Finder = Callable[[str], bool]


@lru_cache(maxsize=8192)
def _finder(name: str) -> _Finder:
    """Whether a text gives a file's name, as it is or as web pages show it."""
    short, whole = plain(name), name[:_LONGEST_NAME]
    return lambda text: (
        bool(short) and (_is_within(whole, text) or (len(short) >= _SHORTEST_NAME and short in plain(text)))
    )


def _is_within(name: str, text: str) -> bool:
    """Whether a name stands in a text by itself. Most do not, which is told without a pattern of each."""
    if name.isascii() and text.isascii() and name.lower() not in text.lower():
        return False
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def _beside(mine: _Finder, others: Sequence[_Finder], line: str, about: Expectation) -> set[int]:
    """The annexes of a line, or of the statement in it that is of this file, where there are several: "scan3 is Annex A
    and scan4 is Annex B"."""
    line = _BLANKS.sub(" ", line)
    found = _named(line, about)
    for pieces in (_CLAUSE.split(line), _JOINED.split(line)) if len(found) > 1 else ():
        own = [x for x in pieces if mine(x)]
        told = [x for x in pieces if x not in own and _named(x, about)]
        if len(pieces) <= _MOST_PIECES and all(any(other(x) for other in others) for x in told):
            within = {annex for x in own for annex in _named(x, about)}
            found = within if len(within) == 1 else found
    return found


def _named(text: str, about: Expectation) -> set[int]:
    return set() if _DENIED.search(text) else set(named_in(clean(text), about))


def named_by(email: EmailText | None, name: str, about: Expectation) -> tuple[str, list[int]]:
    """The annexes that an email says it holds: by its subject, else by its text. What it says the file of this name is
    not does not count."""
    if email is None:
        return "", []
    mine = _finder(name)
    body, subject = own_text(email.body)[:_LONGEST_TEXT], email.subject[:_LONGEST_TEXT]
    for where, text in (("text", body), ("subject", subject)):
        clauses = [(c, is_here) for c, is_here in _clauses(text) if not _is_elsewhere(c, mine)]
        for some in ([c for c, is_here in clauses if is_here], [c for c, _ in clauses]):
            found = [n for clause in some for n in named_in(clean(clause), about)]
            if found:
                return where, list(dict.fromkeys(found))
    here = [c for c, is_here in _clauses(body) if is_here and not _is_elsewhere(c, mine)]
    titled = {a for clause in here if (a := titles.given(clause, about.titles)) is not None}
    return "text, by its title", list(titled)


def _clauses(text: str) -> Iterator[tuple[str, bool]]:
    """Sentences, and whether they say that something is attached; halves where the first is whole: "A is attached, and
    B will follow"."""
    for sentence in dict.fromkeys(_CLAUSE.split(_BLANKS.sub(_plain_blank, text))[:_MOST_SENTENCES]):
        begin = 0
        for joint in _JOINED.finditer(sentence):
            near = sentence[max(begin, joint.start() - _LONGEST_NAME) : joint.start()]
            if kinds.is_kind(_first_word(sentence[joint.end() : joint.end() + 40])) and _HERE.search(near):
                yield sentence[begin : joint.start()], True
                begin = joint.end()
        yield sentence[begin:], begin > 0 or _HERE.search(sentence) is not None


def _is_elsewhere(clause: str, mine: _Finder) -> bool:
    return _ELSEWHERE.search(clause) is not None or (_DENIED.search(clause) is not None and mine(clause))


def _plain_blank(found: re.Match[str]) -> str:
    """An empty line, a line's end, or a blank: one of them in place of any run, which bounds what is tried there."""
    ends = found[0].count("\n")
    return "\n\n" if ends > 1 else "\n" if ends else " "


def _first_word(text: str) -> str:
    found = re.match(r"\W*(?:the\s+)?([^\W\d_]+)", text)
    return found[1] if found else ""
