"""Which annex a name gives the title of. Pure.

Titles and names are compared by the words that tell them from others: dates in one form, the initials of a title as
good as the title, no markings, no case references, no numbers that merely count the files.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from attachwatch.annexes.labels.cleaning import clean
from attachwatch.annexes.labels.numerals import in_order, is_word, ordinal
from attachwatch.annexes.labels.words import MARKINGS, TABLES, counted, listed

_STOP = MARKINGS | listed("title", "stop")
_JOINING = listed("title", "joining")
_MONTHS = counted(TABLES["title"]["months"])
_WORD = re.compile(r"[^\W\d_]+|\d+")
_DATE = re.compile(
    r"(?<!\d)(?:(?P<y>(?:19|20)\d\d)[-._/ ]?(?P<m>[01]\d)[-._/ ]?(?P<d>[0-3]\d)"
    r"|(?P<d2>[0-3]?\d)[-._/ ](?P<m2>[01]?\d)[-._/ ](?P<y2>(?:20)?\d\d)"
    r"|(?P<d3>[0-3]\d)(?P<m3>[01]\d)(?P<y3>(?:20)?\d\d))(?!\d)"
)
_MONTH_OF_YEAR = re.compile(
    r"(?<![\d.-])(?:(?P<y>(?:19|20)\d\d)[-._/](?P<m>0\d|1[0-2])|(?P<m2>0\d|1[0-2])[-._/](?P<y2>20\d\d))(?![\d.-]\d|\d)"
)
_REFERENCE = re.compile(  # of the case
    r"(?<![a-z])(foi|foia|eir|ir|ref|case|gz|az|dsar|sar)[a-z]{0,3}[-_. ]?\d{2,}([-_/.]\d+)*"
    r"|(?<!\d)\d{3,}[-/](19|20)\d\d(?!\d)|(?<!\d)(19|20)\d\d[-/]\d{3,}"
)
_ANNOUNCED = re.compile(r"(?<![a-z])(foi|foia|eir|ir|ref|case|gz|az|dsar|sar)[a-z]{0,3}[-_. ]?$")
REFERENCES = listed("title", "reference")
_TIME = re.compile(r"(?<!\d)([01]\d|2[0-3])[:h]([0-5]\d)(?!\d)")
_RUNNING = re.compile(r"^\s*[(\[]?\d{1,3}[)\]]?[\s._-]+")
_HEAD = re.compile(r"\W*([^\W\d_]+)\s+(of|de|des|der|du|von|van|der|di)\b", re.IGNORECASE)
_LONGEST_INITIALS = 8
_CUT = 24  # characters of a name whose end may have been cut off
_COVERED = 0.7  # of a title's words, where not all of them stand there


@dataclass(frozen=True, slots=True)
class Titles:
    """The titles of a list: the words of each, which titles a word is in, and which words its initials stand for."""

    words: Mapping[int, frozenset[str]]
    in_order: Sequence[str]
    having: Mapping[str, tuple[int, ...]]
    initials: Mapping[str, tuple[frozenset[str], ...]]
    heads: Mapping[int, str]  # "schedule" of "Schedule of records"


@dataclass(frozen=True, slots=True)
class Found:
    """Which annex a name gives the title of; none, and `between`, where several fit equally."""

    annex: int | None = None
    between: tuple[int, ...] = ()


def index(titles: Mapping[int, str]) -> Titles:
    """Prepare the titles of a list, by the index of their annex."""
    words = {n: found for n, text in titles.items() if (found := words_of(text))}
    having: dict[str, list[int]] = {}
    initials: dict[str, set[frozenset[str]]] = {}
    heads = {n: head[1].casefold() for n in words if (head := _HEAD.match(clean(titles[n])))}
    for n, found in words.items():
        for word in found:
            having.setdefault(word, []).append(n)
        for short, long in _initials(titles[n]):
            initials.setdefault(short, set()).add(found.intersection(long))
    return Titles(
        words=words,
        in_order=sorted(having),
        having={word: tuple(ns) for word, ns in having.items()},
        initials={short: tuple(longs) for short, longs in initials.items()},
        heads=heads,
    )


@lru_cache(maxsize=8192)
def words_of(text: str) -> frozenset[str]:
    """The words of a text that tell it from others, numbers among them."""
    plain = _TIME.sub(r"  \1\2", clean(text).casefold())
    plain = _MONTH_OF_YEAR.sub(_plain_month, _DATE.sub(_plain_date, plain))
    found = _WORD.findall(_REFERENCE.sub(" ", plain))
    kept = set()
    for before, word in zip(["", *found], found, strict=False):
        month = _MONTHS.get(word)
        if month:
            kept.add(f"month {month}")
        elif word.isdecimal():
            kept |= {str(int(word))} if len(word) <= 4 else set()
            if len(word) == 2 and before in _MONTHS:
                kept.add(f"20{word}")  # "Jan 23"
        elif counted := _counted(word):
            kept.add(counted)
        elif word not in _STOP and len(word) > 1:
            kept.add(word)
    return frozenset(kept)


def _counted(word: str) -> str | None:
    """A number in letters as a number: `first`, `two`."""
    found = in_order(word) or (ordinal(word) if is_word(word) else None)
    return str(found.arabic) if found else None


def find(text: str, titles: Titles) -> Found:
    """The annex whose title `text` gives: all of it, or so much that no other fits as well."""
    found = _found(text, titles)
    without = _RUNNING.sub("", text)
    return found if found.annex is not None or without == text else _found(without, titles)


def _found(text: str, titles: Titles) -> Found:
    words = _told(text, titles)
    shared = Counter[int]()
    for word in words:
        shared.update(titles.having.get(word, ()))
    least = 2 if max(shared.values(), default=0) > 1 else 1  # one word is a title only where there is no more
    rated = {
        n: rate for n, count in shared.items() if count >= least and (rate := _rate(words, titles.words[n], count))
    }
    if not rated and len(words) == 1 and len(shared) == 1 and titles.heads.get(next(iter(shared))) in words:
        return Found(next(iter(shared)))
    best = max(rated.values(), default=None)
    fitting = tuple(n for n, rate in rated.items() if rate == best)
    return Found(fitting[0]) if len(fitting) == 1 else Found(between=fitting)


def _rate(words: frozenset[str], title: frozenset[str], shared: int) -> tuple[int, int] | None:
    """How well a title fits; None where it does not. A single word is a title only where there is no other."""
    if shared == len(title):
        return (2, shared) if shared > 1 or words == title else None
    if shared == len(words):
        return (1, shared) if shared > 1 else None
    if shared < 2 or shared < _COVERED * len(title):
        return None
    numbers, own = _numbers(words), _numbers(title)
    return None if own - numbers else (0, shared)


def given(text: str, titles: Titles) -> int | None:
    """The annex whose title, of two words at least, is in a text as a whole; none where there are two."""
    words = words_of(text)
    near = Counter[int](n for word in words for n in titles.having.get(word, ()))
    whole = [n for n, count in near.items() if count == len(titles.words[n]) > 1]
    return whole[0] if len(whole) == 1 else None


def is_number(word: str) -> bool:
    """Whether a word of `words_of` is a number, or a month, which may be one."""
    return word.isdecimal() or word.startswith("month ")


def _numbers(words: frozenset[str]) -> frozenset[str]:
    return frozenset(w for w in words if is_number(w))


def _told(text: str, titles: Titles) -> frozenset[str]:
    """The words of a name, put as the titles put them: initials spelt out or made, a last word that was cut off."""
    words = set(words_of(text))
    cut = next(iter(_WORD.findall(text.casefold())[-1:]), "")
    if len(text) >= _CUT and cut in words and cut not in titles.having:
        place = bisect_left(titles.in_order, cut)
        months = {n for name, n in _MONTHS.items() if name.startswith(cut)}
        whole = {w for w in titles.in_order[place : place + 1] if w.startswith(cut)}
        whole |= {f"month {n}" for n in months if len(months) == 1}
        words = (words - {cut} if whole else words) | whole
    for word in tuple(words):
        longs = titles.initials.get(word, ())
        having = titles.having.get(word, ())
        if len(longs) == 1 and all(longs[0] <= titles.words[n] for n in having):
            words = (words - ({word} if not having else set())) | longs[0]
    for short, long in _initials(text):
        if short in titles.having:
            words = (words - set(long)) | {short}
    return frozenset(words)


@lru_cache(maxsize=8192)
def _initials(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Initials of three words and more that follow one another, with and without "of" and "and"."""
    every = tuple(w for w in _WORD.findall(clean(text).casefold()) if w.isalpha())[:40]
    without = tuple(w for w in every if w not in _JOINING)
    return tuple(
        (letters[start:end], words[start:end])
        for words in ((every, without) if without != every else (every,))
        for letters in ("".join(w[0] for w in words),)
        for start in range(len(words))
        for end in range(start + 3, min(len(words), start + _LONGEST_INITIALS) + 1)
    )


def _plain_month(found: re.Match[str]) -> str:
    year, month = found["y"] or found["y2"], int(found["m"] or found["m2"])
    return f" {list(_MONTHS)[month - 1]} {year} " if month else found[0]


def _plain_date(found: re.Match[str]) -> str:
    if len(found["y3"] or "2023") == 2 and _ANNOUNCED.search(found.string, 0, found.start()):
        return found[0]  # "FOI 050623"
    year, month, day = (found[x] or found[f"{x}2"] or found[f"{x}3"] for x in "ymd")
    if not 1 <= int(month) <= 12 or not 1 <= int(day) <= 31:
        return found[0]
    return f" {int(day)} {list(_MONTHS)[int(month) - 1]} {year if len(year) == 4 else '20' + year} "
