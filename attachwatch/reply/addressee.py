"""Who is greeted: a person or a team by name, and nobody by what is plainly the name of an office. Pure."""

import re
import tomllib
import unicodedata
from importlib.resources import files

_LONGEST, _MOST_WORDS = 80, 7  # characters and words of a name that is one
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|\bvia\b.*| [-\u2013|] .*", re.IGNORECASE)  # "(Home Office)", "via Egress"
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019.-][^\W\d_]+)*\.?")
_OFFICES = tomllib.loads(files("attachwatch.reply").joinpath("offices.toml").read_text(encoding="utf-8"))
_WORDS, _ENDS, _TEAMS = frozenset(_OFFICES["words"]), tuple(_OFFICES["ends"]), frozenset(_OFFICES["teams"])
_NOBODY = re.compile(r"not\W*reply|no\W*reply|unmonitored|nicht\W*antworten|ne\W*pas\W*r.pondre", re.IGNORECASE)


def salutation(name: str) -> str:
    """Whom a letter greets: the person or the team that `name`, as an email shows it, is of; empty where it is of
    neither, as an office, an address or a ticket system."""
    if len(name) > 4 * _LONGEST or _NOBODY.search(name):
        return ""
    said = _ASIDE.sub("", " ".join(name.split())).strip(" ,;'\"")
    said = _in_order(re.sub(r"^the\s+", "", said, flags=re.IGNORECASE))
    words = said.split()
    if len(said) > _LONGEST or not 0 < len(words) <= _MOST_WORDS:
        return ""
    known = {_plain(word) for word in words}
    if known & _TEAMS:
        return said if len(known) > 1 and all(_WORD.fullmatch(w) or w in ("&", "/") for w in words) else ""
    if not all(map(_WORD.fullmatch, words)) or known & _WORDS or any(k.endswith(_ENDS) for k in known):
        return ""
    is_short_for_an_office = len(words) == 1 and (said.isupper() or said.islower())
    return "" if is_short_for_an_office else said


def _in_order(name: str) -> str:
    """ "SMITH, John" as one speaks to him; capitals stay, since McDonald is no Mcdonald."""
    last, _, first = name.partition(",")
    return name if not first.strip() or "," in first else f"{first.strip()} {last.strip()}"


def _plain(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold().strip(".")
