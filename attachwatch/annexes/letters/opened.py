"""What an authority says of its own files: that they opened there. Pure but for reading its words.

A clause must say so of files and of those who write, as something that happened. A sentence that goes on otherwise,
wishes, and whatever is about the reader are none.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from attachwatch.annexes.letters.letter import own_text
from attachwatch.annexes.letters.sentences import plain, units

_PARTS = re.compile(r"\s+-+\s+|[;:]\s+")  # of a sentence, each of which can be quoted alone
_COMMA = re.compile(r"[,()]")


@dataclass(frozen=True, slots=True)
class _Language:
    opens: re.Pattern[str]
    here: re.Pattern[str]
    did: re.Pattern[str]
    files: re.Pattern[str]
    unreal: re.Pattern[str]
    fails: re.Pattern[str]
    well: re.Pattern[str]
    joins: re.Pattern[str]

    def says_so(self, part: str) -> bool:
        said = self.well.sub("well", part)
        if self.fails.search(said):
            return False
        clauses = [clause for clause in self.joins.split(said) if clause.strip()]
        return any(self._clause_says_so(piece) for c in clauses for piece in (c, *_COMMA.split(c)))

    def _clause_says_so(self, clause: str) -> bool:
        if self.unreal.search(clause):
            return False
        opens = self.opens.search(clause)
        is_of_files = self.files.search(clause) or (opens and not clause[: opens.start()].strip())
        return bool(is_of_files and (self.did.search(clause) or (opens and self.here.search(clause))))


def opened_for_them(text: str) -> str:
    """The first of an email's own words that say so, for quoting; empty where none do."""
    sentences = (u.text for u in units(plain(own_text(text))) if not u.text.rstrip("\"')").endswith("?"))
    return next((part for s in sentences for part in _PARTS.split(s) if _is_said(part)), "")


def _is_said(part: str) -> bool:
    return any(language.says_so(part) for language in _languages())


@cache
def _languages() -> Sequence[_Language]:
    tables = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return [_language(table) for table in tables.values()]


def _language(table: dict[str, list[str]]) -> _Language:
    return _Language(**{name: re.compile(_word(pieces), re.IGNORECASE) for name, pieces in table.items()})


def _word(pieces: Iterable[str]) -> str:
    return rf"(?<![\w'])(?:{'|'.join(pieces)})(?!\w)"
