"""Whether a text is the authority's letter to the requester, and no letter among what it hands over. Pure.

A disclosed letter greets somebody, too, may be stamped with the case's reference on every page, and may lie beside the
response under a name that tells nothing. So the first page must speak to the reader of the reader's own request and be
of a recent date, and two of three must hold: it greets, it names the case, its file's name is a letter's.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from attachwatch.cases.filing import names, other_reference

_FIRST_PAGE = 4_000  # characters, as a dense one has
_RECENT = timedelta(days=60)  # before the email: what is handed over is older than the request, this is younger
_A_FEW = r"(?:\S{1,40} ){0,5}?"

_GREETS = re.compile(
    r"^[ \t]*(?:dear|hello|good (?:morning|afternoon)|sehr geehrte[rs]?|guten tag|hallo|liebe[rs]?|madame|monsieur|"
    r"ch[e\u00e8]re?s?|bonjour|geachte|beste|estimad[oa]s?|muy se\u00f1or|distinguid[oa]s?|gentil[ei]|egregio?|"
    r"spett\.?(?:le|\.mo)?|a chara|a dhuine|annwyl)\b",
    re.IGNORECASE | re.MULTILINE,
)
_YOUR_REQUEST = re.compile(
    rf"\byour {_A_FEW}(?:requests?|applications?|letters?|e-?mails?|correspondence|enquir\w+|complaint|appeal|"
    r"review)\b|"
    r"\byou (?:(?:have|had|also|recently) )*(?:asked|requested|sought|wrote|applied|submitted|made)\b|"
    rf"\bihr(?:e[nmrs]?)? {_A_FEW}\w*(?:antrags?|antr\u00e4ge|anfragen?|schreibens?|e-?mails?|widerspruchs?|"
    r"begehrens?)\b|"
    rf"\bsie {_A_FEW}(?:beantragt|gebeten|angefragt|begehrt|ersucht)\w*|"
    rf"\bvotre {_A_FEW}(?:demande|courrier|courriel|lettre|requ\u00eate|saisine|recours)\b|"
    r"\bvous (?:(?:nous|m')? ?avez) \w+|"
    rf"\buw {_A_FEW}\w*-?(?:verzoek|aanvraag|brief|e-?mail|bezwaar\w*)\b|\bu (?:verzoekt|vraagt|heeft)\b|"
    rf"\bsu {_A_FEW}(?:solicitud|escrito|petici\u00f3n|correo|carta|reclamaci\u00f3n)\b|"
    rf"\b(?:sua|vostra|suo|vostro) {_A_FEW}(?:richiesta|istanza|domanda|lettera|e-?mail|ricorso)\b|"
    r"\b(?:d'|do |bhur n-?)(?:iarratas|litir|r\u00edomhphost)|\biarratas uait\b|"
    r"\beich (?:cais|llythyr|e-bost|ymholiad|gohebiaeth)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a file beside its text: whose references, those of other cases, and when its email came."""

    references: Sequence[str]
    others: Sequence[str]
    received: date
    named_letter: bool  # by its name alone


def first_page(text: str) -> str:
    """What is looked at to tell a letter."""
    return unicodedata.normalize("NFKC", text[:_FIRST_PAGE]).replace("\u2019", "'")


def speaks_of_request(page: str) -> bool:
    """Whether a first page tells its reader of the reader's request; else it is the response to none."""
    return bool(_YOUR_REQUEST.search(" ".join(page.split())))


def is_response(page: str, about: About, dates: Iterable[date]) -> bool:
    """Whether a first page, which names these `dates`, is that of the authority's letter on the case."""
    if not _is_of_now(page, about.received, dates):
        return False
    names_case = any(names(r, page) for r in about.references)
    if not names_case and (
        any(names(r, page) for r in about.others) or other_reference(page, about.references, about.references)
    ):
        return False
    return sum((bool(_GREETS.search(page)), names_case, about.named_letter)) >= 2


def is_response_to_some_case(page: str, about: About, dates: Iterable[date]) -> bool:
    """As `is_response`, where it is not known yet which case that is; any reference in it may tell."""
    return _is_of_now(page, about.received, dates) and (about.named_letter or bool(_GREETS.search(page)))


def _is_of_now(page: str, received: date, dates: Iterable[date]) -> bool:
    days = list(dates)
    is_recent = not days or any(-_RECENT <= day - received <= _RECENT for day in days)
    return is_recent and speaks_of_request(page)
