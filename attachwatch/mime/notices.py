"""What a message announces and does not hold: files behind a link, and files that a mail filter took away. Pure.

A false notice keeps a missing file from being asked for, so what a link is about must be said beside it, or be plain
from where it leads.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from attachwatch.mime import links, phrases
from attachwatch.mime.links import Link
from attachwatch.mime.services import WEBSITES, is_one_of
from attachwatch.model import Finding

CLOUD_LINK = "cloud-link"  # a link to a service that others fetch files from
DOWNLOAD_LINK = "download-link"  # a link to anywhere else, of which the message says that files are there
GATEWAY_NOTICE = "gateway-notice"  # the words of a mail filter

_MOST_READ = 128 * 1024  # characters of a text
_MOST_NAMED = 50  # files or links in one finding
_FEW = 5  # words, with which a sentence does not say what its link is about
_LONGEST_SENTENCE = 1500  # characters; a longer one is read as several
_LONGEST_STUB = 3000  # characters of a file that says nothing but why it is there
_MARK = re.compile("\ue000(\\d{1,4})\ue001")
_LED_TO = re.compile("(?:[:.!>\u2013-]|here|below|link|hier|unter|ici)[ (]{0,3}\ue000", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or line, the links in it, whether it leads up to one, and whether it is below the closing words."""

    text: str
    links: tuple[int, ...]
    leads_up: bool
    in_signature: bool

    @property
    def words(self) -> int:
        return len(re.findall(r"[^\W\d_]{2,}", self.text))


def find(text: str) -> tuple[Finding, ...]:
    """What the own text of a message, without what it quotes, says to be elsewhere or taken away.

    Links to one service are one finding. Of a longer text only the beginning is read.
    """
    marked, found = links.replaced(_plain(text), lambda n, behind: f" \ue000{n}\ue001{behind} ")
    units = list(_units(marked))
    return (*_links(units, found), *_gateway(units))


def without_links(text: str) -> str:
    """`text` for whoever reads words: without the links that stand in angle brackets behind them."""
    return re.sub(r"[ \t]*<\s*https?://[^<>]{1,8192}>", "", text, flags=re.IGNORECASE)


def is_stub(text: str) -> bool:
    """Whether the text of a whole file is only the notice of a mail filter that took another away."""
    if not text.strip() or len(text) > _LONGEST_STUB or _decides(text):
        return False
    units = list(_units(_plain(text)))
    return says_a_filter_took_it(text) or any(_is_gateways(units, n) for n in range(len(units)))


def says_a_filter_took_it(text: str) -> bool:
    """Whether a short text says that a file was taken away, and by a mail filter rather than by a decision."""
    flat = " ".join(text.split())
    return bool(phrases.TAKEN_AWAY.search(flat) and phrases.BY_A_FILTER.search(flat)) and not _decides(flat)


def files_named(text: str) -> list[str]:
    """The names of files that stand in a text, as far as they can be told from the words around them."""
    names: dict[str, None] = {}
    for line in phrases.BETWEEN_NAMES.sub(r"\1\n", text).splitlines():
        found = [m[1] for m in phrases.QUOTED_NAME.finditer(line)]
        found = found or [m[1] for m in phrases.BRACKETED_NAME.finditer(line)]
        found = found or [m[1] for m in phrases.NAME_AFTER_WORD.finditer(line)]
        found = found or [m[1] for m in (phrases.NAME_OF_A_LINE.match(line),) if m and len(m[1].split()) <= 12]
        found = found or [m[1] for m in phrases.NAME_IN_A_WORD.finditer(line)]
        names |= dict.fromkeys(phrases.BEFORE_A_NAME.sub("", name.strip()) for name in found)
    return list(names)[:_MOST_NAMED]


def _decides(text: str) -> bool:
    return bool(phrases.DECISION.search(phrases.NAME_IN_A_WORD.sub(" ", text)))


# --- the text -------------------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    return re.sub("[\ue000\ue001]", " ", text[:_MOST_READ]).replace("\u2019", "'").replace("\u00a0", " ")


def _units(text: str) -> Iterator[_Unit]:
    """Sentences and lines in order. A line that is as long as mail is broken at goes on with the next."""
    in_signature = False
    for sentence in _sentences(text):
        in_signature = in_signature or bool(phrases.LETS_GO.search(sentence[:300]))
        numbers = tuple(int(n) for n in _MARK.findall(sentence))
        leads_up = bool(_LED_TO.search(sentence))
        yield _Unit(" ".join(_MARK.sub(" ", sentence).split()), numbers, leads_up, in_signature)


def _sentences(text: str) -> Iterator[str]:
    waiting = ""
    for line in (*text.splitlines(), ""):
        bare = line.strip()
        joined = f"{waiting} {bare}" if waiting else bare
        waiting = ""
        if bare and 55 <= len(_MARK.sub("", bare)) <= 80 and not bare.endswith((".", ":", "!", "?", ";", "\ue001")):
            waiting = joined
            if len(joined) < _LONGEST_SENTENCE:
                continue
            waiting = ""
        for sentence in re.split(r"(?<=[^\d\s][.!?])\s+(?=[^\s\ue000])", joined):
            yield from (sentence[n : n + _LONGEST_SENTENCE] for n in range(0, len(sentence), _LONGEST_SENTENCE))


def _about(units: Sequence[_Unit], place: int) -> str:
    """What is said around a link: its sentence, and what leads up to it where that says little."""
    said = [units[place].text]
    if place and phrases.REFERS_BACK.search(said[0]) and not phrases.FILES_NAMED.search(said[0]):
        said.insert(0, units[place - 1].text)
    elif units[place].words < _FEW:
        before = (u for u in reversed(units[max(0, place - 12) : place]) if not u.links or u.words >= _FEW)
        for unit in [u for _, u in zip(range(2), before, strict=False)]:
            said.insert(0, unit.text)
            if sum(len(s.split()) for s in said) >= 2 * _FEW:
                break
    return "\n".join(said)


# --- links ----------------------------------------------------------------------------------------------------------


def _links(units: Sequence[_Unit], found: Sequence[Link]) -> Iterator[Finding]:
    groups: dict[tuple[str, str], list[tuple[int, Link]]] = {}
    for place, unit in enumerate(units):
        for number in unit.links:
            link = found[number]
            about = " ".join(_about(units, place).split())
            behind = units[place + 1].text if place + 1 < len(units) else ""
            if _stands_for_files(link, unit, about, behind):
                service = link.service
                key = (CLOUD_LINK, service.name) if service else (DOWNLOAD_LINK, link.host)
                groups.setdefault(key, []).append((place, link))
    for (code, where), own in groups.items():
        yield _finding(code, where, own, units)


def _stands_for_files(link: Link, unit: _Unit, about: str, behind: str) -> bool:
    if phrases.UPLOAD.search(about) or phrases.NOT_OF_THEIRS.search(about) or is_one_of(link.host, WEBSITES):
        return False
    delivers = bool(phrases.DELIVERY.search(about))
    elsewhere = bool(phrases.ELSEWHERE.search(about))
    names_file = bool(files_named(unit.text))
    if link.service and link.leads_to_files and not link.is_bare:
        is_left_there = unit.leads_up or unit.words < _FEW or bool(phrases.LEFT_THERE.search(about))
        wanted = delivers or names_file or (is_left_there and not unit.in_signature)
        return wanted and (not elsewhere or names_file or bool(phrases.ANNEXED.search(about)))
    if unit.in_signature or elsewhere:
        return False
    if link.service and link.is_bare:
        return delivers or names_file
    is_website = link.host.startswith("www.") or link.path in ("", "/")
    meant = bool(phrases.FOR_YOU.search(about) or phrases.KEY.search(behind)) or (names_file and not is_website)
    return link.url.lower().startswith("https:") and delivers and meant


def _finding(code: str, where: str, own: Sequence[tuple[int, Link]], units: Sequence[_Unit]) -> Finding:
    names = [link.file for _, link in own if link.file]
    for place in dict.fromkeys(place for place, _ in own):
        names += files_named(_about(units, place))
        beside = (u.text for u in units[max(0, place - 4) : place + 5] if not u.links)
        names += [m[1] for text in beside if (m := phrases.NOTHING_BUT_A_NAME.match(text))]
    files = list(dict.fromkeys(names))[:_MOST_NAMED]
    around = (unit.text for place, _ in own for unit in (*units[place : place + 5], *units[max(0, place - 3) : place]))
    expiry = next((" ".join(m[0].split()) for text in around if (m := phrases.EXPIRY.search(text))), "")
    stands = f"A link to {where} stands" if len(own) == 1 else f"{len(own)} links to {where} stand"
    words = f"{stands} in place of {', '.join(files[:3]) if files else 'files'}"
    words += f" and {len(files) - 3} more" if len(files) > 3 else ""
    evidence = {
        "service" if code == CLOUD_LINK else "host": where,
        "links": list(dict.fromkeys(link.url for _, link in own))[:_MOST_NAMED],
        "files": files,
        "one_file_each": all(_is_to_one_file(link, units[place].text) for place, link in own),
        "expiry": expiry or None,
    }
    return Finding(code, f"{words}{f'; it says: {expiry}' if expiry else ''}.", evidence)


def _is_to_one_file(link: Link, said: str) -> bool:
    """Whether a link ends with the name of a file, or its line says nothing but that."""
    return bool(link.file or phrases.NOTHING_BUT_A_NAME.match(said))


# --- mail filters -----------------------------------------------------------------------------------------------------


def _gateway(units: Sequence[_Unit]) -> Iterator[Finding]:
    places = [n for n in range(len(units)) if _is_gateways(units, n)]
    if not places:
        return
    names: dict[str, None] = {}
    for place in places:
        for unit in units[place : place + 4]:
            names |= dict.fromkeys(files_named(unit.text))
    said = units[places[0]].text[:300]
    files = list(names)[:_MOST_NAMED]
    what = (
        ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "") if files else "an attachment"
    )
    yield Finding(GATEWAY_NOTICE, f"A mail filter took away {what}.", {"says": said, "files": files})


def _is_gateways(units: Sequence[_Unit], place: int) -> bool:
    text = units[place].text[:1000]
    is_banner, about = phrases.BANNER.search(text), phrases.ABOUT_ONE.search(text)
    if not is_banner and not about:
        return False
    around = " ".join(u.text for u in units[max(0, place - 1) : place + 2])[:3000]
    if phrases.BY_A_LINK.search(text) or _decides(around):
        return False
    if is_banner or about is None:
        return True
    by_a_filter = phrases.BY_A_FILTER.search(around) or (about["attachment"] and phrases.AS_FILTERS_DO.search(around))
    return bool(by_a_filter) and not phrases.OURS.search(around)
