"""References of a case: `FOI2023/04608`, `IC-123456-A1B2`, `Az. IV A 3 - 05821/24`. Pure.

Two ways lead to one: a word announces it ("our ref", "Aktenzeichen", "FOI"), or its shape tells, letters with a year
and a running number. What is announced as something else (a phone number, an Act, a page) is none.
"""

import re
from collections.abc import Iterator

from attachwatch.annexes.letters.sentences import listed

_ADDRESSES = re.compile(r"https?://\S+|www\.\S+|(?<!\S)\S+@\S+")  # from its beginning only, since it has no other end
_WORD = re.compile(r"[A-Z][A-Za-z]{1,7}\((?:19|20)\d\d\)\d{3,9}\b|[^\W_](?:[\w/.\-#]*[^\W_])?|[^\w\s]", re.UNICODE)
_ANNOUNCES = listed(  # what follows is a reference, in pieces if need be
    "ref refs reference references refno;az aktenzeichen gz geschz gesch\u00e4ftszeichen gesch\u00e4ftszahl "
    "vorgangsnummer zeichen "
    "vorgang;r\u00e9f r\u00e9f\u00e9rence r\u00e9f\u00e9rences n/r\u00e9f v/r\u00e9f dossier;kenmerk zaaknummer "
    "dossiernummer referentie;"
    "expediente expte referencia;protocollo prot pratica riferimento rif;tagairt thagartha thag tag;cyfeirnod cyf"
)
_CASES = listed(  # one word of digits may follow
    "foi foia foip foipa rfi rti oia eir eirs ir ati atip gipa ifg uig woo wob cada "
    "request requests case complaint review appeal "
    "number tracking control matter application enquiry antrag anfrage demande verzoek solicitud richiesta "
    "acc\u00e8s iarratas cais gwybodaeth information faisn\u00e9ise informationsfreiheit registered logged recorded "
    "avis allocated assigned quote quoting geregistreerd registriert enregistr\u00e9e"
)
_GAP = listed(
    "no nr number num n for to this unique our your is was with and the under as a of id ref reference : . # "
    "\u00b0 ( - [ , ; numbers case file request tracking control mein unser ihr ons uw notre votre nummer "
    "response reply letter notice decision answer antwort bescheid schreiben r\u00e9ponse antwoord besluit respuesta "
    "risposta num\u00e9ro n\u00famero numero uimhir rhif release lautet lauten luidt es est \u00e8"
)
_LAWS = listed(  # what follows is the number of something else
    "act acts regulation regulations directive section sections s ss article articles art paragraph para page "
    "pages tel telephone phone fax mobile call room version iso bates gesetz verordnung richtlinie bgbl seite "
    "seiten telefon durchwahl raum loi d\u00e9cret r\u00e8glement t\u00e9l t\u00e9l\u00e9phone wet verordening "
    "pagina ley reglamento regolamento legge decreto tel\u00e9fono telefono acht deddf ffon ff\u00f4n "
    "fs eu ec eg usc cfr annex appendix attachment schedule exhibit anlage annexe "
    "bijlage anexo allegato aguis\u00edn atodiad account invoice"
)
_PREFIX = re.compile(r"^(?:R?FOIA?|EIR|IFG|ATIP?|I[CR])(?=[/-]?\d)", re.IGNORECASE)  # laws and reviews
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-](?:\d\d|\d{4})|(?:19|20)\d\d-\d\d-\d\d")
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|zip|msg|eml|csv|txt|jpe?g|png)$", re.IGNORECASE)
_WRAPPED = re.compile(r"(?<=[\w,] )\n|(?<=[a-z,])\n(?=[\w(])")  # a line that goes on with the next
_YEAR = r"(?:19|20)\d\d"
_NUMBERED_YEAR = re.compile(rf"{_YEAR}[/-]\d{{2,7}}|\d{{2,7}}[/-]{_YEAR}|\d{{3,7}}/\d\d")
_CASE_NUMBER = r"\d{9,14}"  # too long for a day, or for what a subject counts
_CAPITALS = re.compile(r"[A-Z0-9][A-Z0-9/.\-#]*[a-z]?|[A-Z][a-z]?/[A-Z][a-z]?")


def references(subject: str, text: str) -> tuple[str, ...]:
    """Every reference of an email, in the order of subject and text, each once."""
    found: dict[str, str] = {}
    for place, line in enumerate((subject, *_WRAPPED.sub(" ", text).split("\n"))):
        for reference in _of_line(_ADDRESSES.sub(" ", line[:4_000]), subject=place == 0):
            key = _key(reference)
            if len(found) < 50 and not any(k.endswith(key) or key.endswith(k) for k in found):
                found[key] = reference
    return tuple(found.values())


def _key(reference: str) -> str:
    return "".join(c for c in reference.casefold() if c.isalnum())


def _of_line(line: str, *, subject: bool) -> Iterator[str]:
    words = [(m[0], m.start()) for m in _WORD.finditer(line)]
    place = 0
    while place < len(words):
        word = words[place][0]
        before = _announced_by(words, place)
        if before in _ANNOUNCES and (taken := _pieces(words, place)):
            first, last = words[place], words[place + taken - 1]
            yield line[first[1] : last[1] + len(last[0])]
            place += taken
            continue
        if (before in _CASES or (subject and place == 0)) and _is_series(words, place):
            yield line[words[place][1] : words[place + 1][1] + len(words[place + 1][0])]
            place += 2
            continue
        if before not in _LAWS and _is_reference(word, announced=before in _CASES, subject=subject):
            yield word
        place += 1


def _announced_by(words: list[tuple[str, int]], place: int) -> str:
    """The word that says what the one at `place` is: the last one before it that is no mere filling."""
    passed = ""
    for back in range(place - 1, max(-1, place - 7), -1):
        word = words[back][0].casefold().rpartition("/")[2].replace(".-", "")  # "FOI/EIR", "Gesch.-Z."
        if word in _ANNOUNCES or (word in _CASES and word not in ("number", "case", "request")):
            return word
        if word in _LAWS or word not in _GAP:
            return passed or word  # "Access to Information Act request A-2024-00317"
        passed = passed or (word if word in ("case", "request") else "")
    return next((w.casefold() for w, _ in reversed(words[max(0, place - 6) : place]) if w.casefold() in _CASES), "")


def _pieces(words: list[tuple[str, int]], place: int) -> int:
    """How many words from `place` on are the reference: capitals and digits, up to the last with a digit."""
    taken = 0
    digits = 0
    for ahead in range(place, min(len(words), place + 8)):
        word, start = words[ahead]
        apart = ahead > place and start - (words[ahead - 1][1] + len(words[ahead - 1][0])) > 1
        if apart or (word not in "-/" and not _CAPITALS.fullmatch(word)) or word.casefold() in _CASES:
            break
        digits += sum(c.isdecimal() for c in word)
        if any(c.isdecimal() for c in word):
            taken = ahead - place + 1
    first = words[place][0]
    if digits < 3 or _DATE.fullmatch(first) or not first[0].isalnum():
        return 0
    return taken


def _is_series(words: list[tuple[str, int]], place: int) -> bool:
    """`LEX 20714`: the name of a register, in capitals, and a number."""
    name, number = (words[place][0], words[place + 1][0]) if place + 1 < len(words) else ("", "")
    return (
        name.isalpha()
        and name.isupper()
        and 1 < len(name) < 8
        and name.casefold() not in _CASES | _LAWS | _ANNOUNCES
        and (number[0].isdecimal() and sum(c.isdecimal() for c in number) > 3 and not re.fullmatch(_YEAR, number))
    )


def _is_reference(word: str, *, announced: bool, subject: bool) -> bool:
    digits = sum(c.isdecimal() for c in word)
    if digits < 3 or len(word) > 40 or _DATE.fullmatch(word) or _FILE.search(word) or _is_span(word):
        return False
    parts = re.split(r"[/.\-]", word)
    lettered = any(c.isalpha() for c in word)
    if announced or (subject and "(" in word):  # "Ares(2024)5023817"
        return lettered or len(parts) > 1 or (digits > 3 and not re.fullmatch(_YEAR, word))
    if not subject or _PREFIX.match(word):  # a contract or a paper may be numbered like a case
        return bool(_PREFIX.match(word))
    if not lettered or not any(c.isupper() for c in word):
        return bool(_NUMBERED_YEAR.fullmatch(word) or re.fullmatch(_CASE_NUMBER, word))
    if re.fullmatch(r"[A-Z]{1,6}-?\d{4,}", word):
        return True
    serial = [p for p in parts if sum(c.isdecimal() for c in p) > 1]
    has_year = any(re.search(rf"(?<!\d){_YEAR}(?!\d)|^\d\d$|[A-Z]\d\d$", p) for p in parts)
    return len(parts) > 1 and ((has_year and len(serial) > 1) or (len(parts) > 2 and digits > 4))


def _is_span(word: str) -> bool:
    """`2024/25`, `2019-2024`: years, not a number."""
    years = re.fullmatch(rf"({_YEAR})[/-]({_YEAR}|\d\d)", word)
    return bool(years) and int(years[2]) in (int(years[1][2:]) + 1, *range(int(years[1]), int(years[1]) + 30))  # type: ignore[index]
