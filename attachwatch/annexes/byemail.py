"""What an email's own text says of the files that tell nothing themselves. Pure."""

import re
from collections.abc import Iterator, Sequence

from attachwatch.annexes import kinds, titles
from attachwatch.annexes.cleaning import clean, plain
from attachwatch.annexes.decoration import last
from attachwatch.annexes.letter import own_text
from attachwatch.annexes.lookup import Expectation, named_in
from attachwatch.annexes.words import TABLES, pattern
from attachwatch.model import EmailText, Received

_ELSEWHERE = pattern("email", "elsewhere")
_HERE = pattern("email", "here")
_CLAUSE = re.compile(
    rf"(?<=[.!?;])\s+|\n\n|,?\s(?:{'|'.join(TABLES['email']['but'])})\s|\n(?=[-*\u2022])", re.IGNORECASE
)
_JOINED = re.compile(rf",?\s(?:{'|'.join(TABLES['email']['and'])})\s|,\s", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_SHORTEST_NAME = 4  # characters of a file name that are looked for in a text
_MOST_SENTENCES = 200
_LONGEST_NAME = 300
_LONGEST_TEXT = 20_000  # characters of an email that are read


def own_lines(email: EmailText | None) -> list[str]:
    """The lines that its writer wrote."""
    text = own_text(email.body)[:_LONGEST_TEXT] if email else ""
    return [line for line in text.splitlines() if line.strip()][:_MOST_SENTENCES]


def told_of(file: Received, lines: Sequence[str], about: Expectation) -> int | None:
    """The annex that stands beside the file's own name: `scan0007 - Annex B`."""
    name = plain(last(file.name))
    whole = re.compile(rf"(?<!\w){re.escape(last(file.name)[:_LONGEST_NAME])}(?!\w)", re.IGNORECASE)
    if not name:
        return None
    beside = [x for x in lines if whole.search(x) or (len(name) >= _SHORTEST_NAME and name in plain(x))]
    found = {n for line in beside for n in named_in(clean(line), about)}
    return found.pop() if len(found) == 1 else None


def named_by(email: EmailText | None, about: Expectation) -> tuple[str, list[int]]:
    """The annexes that an email says it holds: by its subject, else by its text."""
    if email is None:
        return "", []
    for where, text in (("text", own_text(email.body)), ("subject", email.subject)):
        clauses = [(c, is_here) for c, is_here in _clauses(text[:_LONGEST_TEXT]) if not _ELSEWHERE.search(c)]
        for some in ([c for c, is_here in clauses if is_here], [c for c, _ in clauses]):
            found = [n for clause in some for n in named_in(clean(clause), about)]
            if found:
                return where, list(dict.fromkeys(found))
    here = [c for c, is_here in _clauses(own_text(email.body)[:_LONGEST_TEXT]) if is_here and not _ELSEWHERE.search(c)]
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


def _plain_blank(found: re.Match[str]) -> str:
    """An empty line, a line's end, or a blank: one of them in place of any run, which bounds what is tried there."""
    ends = found[0].count("\n")
    return "\n\n" if ends > 1 else "\n" if ends else " "


def _first_word(text: str) -> str:
    found = re.match(r"\W*(?:the\s+)?([^\W\d_]+)", text)
    return found[1] if found else ""
