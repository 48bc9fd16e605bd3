"""The annexes that a letter names, and what it says of each. Pure.

In a sentence, what counts stands behind a label where a verb follows it ("Annex B is exempt"), and before it elsewhere
("we attach Annex B"). A list is read under the line that opens it, a table by its first column.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from attachwatch.annexes import fates, kinds, numerals
from attachwatch.annexes import label as labels
from attachwatch.annexes.expected import expand
from attachwatch.annexes.numerals import Ordinal
from attachwatch.annexes.sentences import Shape, Unit
from attachwatch.annexes.steps import Label, Step
from attachwatch.annexes.tokens import Token, tokens
from attachwatch.model import Fate, NamedAnnex

_MOST = 2_000  # annexes of one letter
_NO_KINDS = frozenset(["question", "item"])  # what letters mostly mean otherwise
_NO_WORDS = frozenset(
    ["attach", "all", "ex", "app", "apps", "att", "atts", "enc", "exh", "rec", "q", "tab", "doc", "docs", "n"]
)
_ALSO_LETTERED = frozenset(["app", "apps", "exh", "tab", "doc", "docs"])  # "Tab A", where both are in capitals
_UP_TO = re.compile(  # between two ordinals, in words that mean something else in other places
    r"(?<=[\s(])([A-Z]|\d{1,3}[a-z]?|[IVX]{1,5}|[A-Z]?\([a-z]{1,5}\)|[A-Z]\d{1,3}|[A-Z]\([a-z]{1,5}\))"
    r" (?:t/m|tot en met|through|up to|up to and including|go(?: dt\u00ed)?|i|al?|hasta(?: el| la)?|fino a|"
    r"jusqu'\u00e0|\u00e0|to)"
    r" (?=(?:Ann?ex[eo]?|Anlage|Bijlage|Allegato|Aguis\u00edn|Atodiad)?\s?(?:[A-Z]|\d{1,3}[a-z]?|[IVX]{1,5}|"
    r"[A-Z]\([a-z]{1,5}\)|\([a-z]{1,5}\)|[A-Z]\d{1,3})(?![\w']))"
)
_OPENED = re.compile(r"\b([^\W\d_]{4,}) \((?=(?:[A-Z]|\d{1,2})(?:,| (?:and|to|und|bis|et|en|y|e) ))")
_GLUE = re.compile(r"\b([A-Z])-(\d{1,2})\b")  # "A-1" is no range
_JOINTS = {
    **dict.fromkeys(["to", "bis", "until", "through", "thru", "tot"], "range"),
    **dict.fromkeys(
        [
            "and",
            "und",
            "et",
            "en",
            "y",
            "or",
            "nor",
            "oder",
            "ou",
            "of",
            "o",
            "e",
            "ed",
            "agus",
            "a",
            "ac",
            "&",
            ",",
            "sowie",
        ],
        "list",
    ),
}
_AFTER = re.compile(
    r"^(?:\s*\([^()]{0,120}\))?\s*,?\s*(?:which |that |die |das |der |qui |que |die |dat |che )?(?:\w+ly )?(?:is|"
    r"are|was|were|has|have|had|will|would|can|cannot|can't|could|should|shall|may|must|do|"
    r"does|did|sets?|explains?|contains?|gives?|describes?|lists?|consists?|remains?|follows?|comprises?|forms?|"
    r"outlines?|details?|provides?|wird|werden|wurde|wurden|ist|sind|kann|k\u00f6nnen|liegt|liegen|folgt|folgen|"
    r"enth\u00e4lt|est|sont|a|ont|sera|seront|ne|peut|peuvent|figure|is|zijn|wordt|worden|kan|kunnen|volgt|volgen|"
    r"es|son|se|no|ha|han|fue|"
    r"fueron|ser\u00e1|contiene|\u00e8|sono|non|sar\u00e0|saranno|viene|vengono|segue|t\u00e1|n\u00edl|n\u00ed|"
    r"beidh|yn|wedi|ei|mae|nid)\b|^\s*[-:]\s",
    re.IGNORECASE,
)
_BORDER = re.compile(
    r";|,?\s*\b(?:and|but|while|whereas|although|however|und|aber|w\u00e4hrend|jedoch|et|mais|tandis que|en|maar|"
    r"terwijl|y|pero|mientras|e|ma|mentre|"
    r"agus|ach|ond|tra|a)\b|,(?=\s*(?:except|with|other|apart|save|but|not|au\u00dfer|mit|sauf|\u00e0 l'|behalve|"
    r"met|salvo|excepto|tranne|ad|seachas|heblaw|ac eithrio))|,",
    re.IGNORECASE,
)
_OF_ANOTHER = re.compile(  # "Annex A to the 2019 contract"
    r"^\s*(?:of|to(?! (?:be|follow|come|you|us)\b)|der|des|zum|zur|zu den|du|de la|de l'|\u00e0 la|van|bij|del|de|"
    r"della|al|alla)\s+(?:the |das |"
    r"dem |den |die |het |de |el |il |our |your |that |its )?(?P<what>.{3,60})",
    re.IGNORECASE,
)
_THIS_LETTER = re.compile(
    r"^(?:\w+ ){0,2}(?:letter|e-?mail|message|response|reply|decision|notice|answer|disclosure|release|"
    r"schedule(?! \d)|list|table|bundle|request|"
    r"schreib\w*|bescheid\w*|brief\w*|e-mail|antwort|lettre|pr\u00e9sente|courrier|d\u00e9cision|r\u00e9ponse|"
    r"besluit|antwoord|carta|resoluci\u00f3n|respuesta|presente|lettera|risposta)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\byou (?:have |had |also |\w+ly )?(?:ask|request|mention|refer|wr[io]te|written|sought|said|say|"
    r"quot|cit|name|report|told|tell|send|sent|attach|enclos|suppl|provid|want)\w*|\byour (?:request|e-?mail|"
    r"letter|message) (?:for|of|about|asked|asks|mention\w*|refer\w*|nam\w+|quot\w+)\b|"
    r"\bsie (?:haben |hatten )?(?:\w+ ){0,6}(?:beantrag|gebeten|angefragt|erbeten)\w*|\bvous (?:avez|"
    r"aviez) (?:demand|sollicit)\w*|\bu (?:\w+ ){0,3}(?:gevraagd|verzocht|vroeg)\b|\bsolicit(?:\u00f3|aba|ado)\b|"
    r"\bha richiesto\b|\bd'iarr t\u00fa\b|\bgofynnoch\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"^(?:(?:it|they|both|each|the latter|es|sie|beide|elle|il|elles|ils|celle-ci|het|\u00e9ste?|ambos|esso|essa)\b|"
    r"(?:this|these|that|diese|dies|deze|dit|esta|este|questo|questa) (?:annex|document|attachment|latter|is|are|"
    r"was|were|"
    r"will|has|have|had|can|cannot|wird|werden|wurde|ist|sind|wordt|worden|es|ser\u00e1|\u00e8|sar\u00e0)\b)",
    re.IGNORECASE,
)
_OF_THE_EMAIL = re.compile(  # "This is the last email."
    r"^(?:this|that|these|dies\w*|ceci|c'est|dit|deze|est[aeo]|quest[ao])\b.{0,60}\b(?:e-?mails?|messages?|mails?|"
    r"nachricht\w*|courriels?|envois?|bericht\w*|correos?|mensajes?|messaggi\w*|letter|part|instal?lment|release)\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(  # what a number in front of it counts
    r"\s?(?:st|nd|rd|th|%|pages?|mb|kb|documents?|e-?mails?|annex|january|february|march|april|may|june|july|august|"
    r"september|october|november|december|of \d)\b",
    re.IGNORECASE,
)
_PRONOUN_I = re.compile(
    r"^\s(?:have|am|will|would|can|could|had|should|may|must|did|do|enclose|attach|hope|send|refer|wrote|need|"
    r"decided?|consider|find|am|also|cannot|note|understand|think|believe|was|[a-z]+ed)\b"
)
_OPENS_LIST = re.compile(
    r"\b(?:annex|appendi|attach|enclos|document|file|record|follow|unterlage|dokument|anlage|datei|pi\u00e8ce|"
    r"fichier|bijlage|stuk|document|adjunt|anexo|allegat|document|doicim|dogfen|schedule|exhibit)\w*|^enc[ls]?\b|"
    r"^pj\b",
    re.IGNORECASE,
)
_ENCLOSURES = re.compile(
    r"^(?:enc(?:l(?:osures?)?|s)?|attachments?|annexe?s|appendices|documents(?: attached| enclosed)?|anlagen?|"
    r"anh\u00e4nge|pi\u00e8ces? jointes?|p\.?j|annexes|bijlagen?|adjuntos?|anexos|documentos adjuntos|allegati|"
    r"ceangalt\u00e1in|iat\u00e1in|aguis\u00edn\u00ed|atodiadau|amgae\u00ebdigion)\.?\s*(?:\(\d+\))?\s*(?::|$)",
    re.IGNORECASE,
)
_ROW_REFUSED = re.compile(
    r"\brefus|\bwithh[eo]ld|\bexempt|\bden(?:y|ied)\b|\bnot (?:released|disclosed|provided|relevant)|\b(?:wif|dif|"
    r"nr)\b|\bduplicate\b|\bout of scope|\boutside (?:the )?scope|"
    r"\babgelehnt|\bversagt|\bverweiger|\bnicht |\bnon communic|\brefus\u00e9|\bgeweigerd|\bniet |\bdenegad|"
    r"\bnegat|\bdiniegat|\bdi\u00faltaith|\bgwrthod",
    re.IGNORECASE,
)
_NO = re.compile(r"(?:no|n|nein|non|nee|n\u00ed|na)\b(?! \d|\.)", re.IGNORECASE)
_ROW_PARTLY = re.compile(
    r"\bpart|\bredact|\bteil|\bgedeelt|\bdeels|\bparcial|\bparzial|\bpartiel|\bgeschw\u00e4rzt|\bgelakt|"
    r"\brip\b|\bpg\b|\bi bp\u00e1irt|\brhannol",
    re.IGNORECASE,
)
_HEAD = re.compile(
    r"^(?:\W*)(?:doc|no\b|nr|n[\u00b0\u00ba]|#|item|record|num|annex|attachment|anlage|bijlage|dok|lfd|ref|"
    r"uimh|rhif|appendix|tab|exhibit|file)",
    re.IGNORECASE,
)
_FINAL_CELL = re.compile(
    r"title|descri|subject|document|content|bezeichnung|beschreibung|titel|inhalt|omschrijving|onderwerp|"
    r"intitul|objet|t\u00edtulo|asunto|descri|oggetto|titolo|teideal|teitl|name",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Group:
    """Labels that stand together, and the text around them in which their fate must be told."""

    members: tuple[Label, ...]
    start: int  # tokens
    end: int


def named(units: Sequence[Unit]) -> tuple[NamedAnnex, ...]:
    """Every annex, in the order of its first mention; what is said last, or with most weight, counts."""
    said: list[tuple[NamedAnnex, bool]] = []
    opened: Fate | None = None  # the fate that the line above a list gives to its items
    head: Sequence[str] = ()
    last: list[NamedAnnex] = []
    for place, unit in enumerate(units):
        if len(said) > _MOST:
            break
        if unit.shape is Shape.ROW:
            if not head and _HEAD.match(unit.cells[0]) and not _ordinal(unit.cells[0]):
                head = unit.cells
                continue
            found = _of_row(unit, head)
        else:
            head = ()
            if opened is None and _is_heading(unit, units[place - 1 : place], units[place + 1 : place + 2], said):
                found = [(replace(a, fate=Fate.INSIDE), True) for a, _ in _of_unit(unit, None)]
                found = found if units[place + 1].shape is Shape.SENTENCE else []
            else:
                found = _of_unit(unit, opened)
            if not found and last and _PRONOUN.match(unit.text) and not _OF_THE_EMAIL.match(unit.text):
                told = fates.fate(unit.text)
                found = [
                    (replace(a, fate=told, sentence=unit.text), True) for a in last if told not in (None, Fate.SENT)
                ]
                if told is Fate.SENT and fates.is_attached(unit.text):
                    found = [(replace(a, fate=told, sentence=unit.text), True) for a in last]
                found = found if told is not Fate.INSIDE else []
        said += found
        last = [a for a, _ in found]
        if unit.shape not in (Shape.ITEM, Shape.ROW):
            opened = _opens(unit)
    return _settled(said)


def _opens(unit: Unit) -> Fate | None:
    if _ENCLOSURES.match(unit.text):
        return Fate.SENT
    if unit.text.endswith(":") and _OPENS_LIST.search(unit.text):
        return fates.fate(unit.text)
    return None


def _settled(said: Sequence[tuple[NamedAnnex, bool]]) -> tuple[NamedAnnex, ...]:
    """One for each label: what was said outright counts, of that the last but for a mere mention of the past."""
    kept: dict[tuple[str, str], tuple[NamedAnnex, bool]] = {}
    for annex, outright in said:
        key = ("", annex.label.casefold())
        former = kept.get(key)
        if former is None:
            kept[key] = annex, outright
            continue
        was, firmly = former
        stays = (firmly and not outright) or (outright == firmly and not _outweighs(annex, was))
        new = was if stays else annex
        kept[key] = replace(new, title=was.title or annex.title), outright or firmly
    return tuple(a for a, _ in kept.values())


def _outweighs(new: NamedAnnex, former: NamedAnnex) -> bool:
    if new.fate is former.fate:
        return False
    if former.fate is Fate.SENT:
        return new.fate is not Fate.EARLIER and not (new.fate is Fate.INSIDE and fates.is_attached(former.sentence))
    return new.fate is Fate.SENT and former.fate in (Fate.EARLIER, Fate.INSIDE) and fates.says_so(new.sentence)


# --- sentences ----------------------------------------------------------------------------------------------------


def _of_unit(unit: Unit, opened: Fate | None) -> list[tuple[NamedAnnex, bool]]:
    text = _UP_TO.sub(r"\1 to ", _OPENED.sub(r"\1 ", _GLUE.sub(r"\1\2", unit.text)))
    parts = tokens(text)
    groups = list(_groups(parts))
    if not groups:
        return _numbered(unit, opened)
    found: list[tuple[NamedAnnex, bool]] = []
    inherited: Fate | None = None
    for n, group in enumerate(groups):
        before = _text(parts[groups[n - 1].end if n else 0 : group.start])
        after = _text(parts[group.end : groups[n + 1].start if n + 1 < len(groups) else len(parts)])
        if (_is_anothers(after) and not fates.hands_over(before)) or (
            not n and _ASKED.search(before) and not fates.says_so(before)
        ):
            continue
        before, after = (
            _share(before, first=n == 0, behind=True),
            _share(after, first=n + 1 == len(groups), behind=False),
        )
        told = Fate.INSIDE if fates.is_inside(after, f"{before} {after}") else _told(before, after)
        outright = told is not None
        told = told or inherited or opened or Fate.SENT
        inherited = told
        title = _title(after) if len(group.members) == 1 else None
        for label in group.members:
            for path in expand(label):
                name = _shown(path)
                found.append((NamedAnnex(name, label.kind, title, told, unit.text), outright or opened is not None))
    if len(groups) > 1 and not fates.excepts(text):
        found = _backwards(found)
    return found


def _backwards(found: list[tuple[NamedAnnex, bool]]) -> list[tuple[NamedAnnex, bool]]:
    """Annexes at the head of an enumeration have the fate that is told at its end."""
    told = next((a.fate for a, outright in found if outright), None)
    result = []
    seen = False
    for annex, outright in found:
        seen = seen or outright
        result.append((annex, outright) if seen or told is None else (replace(annex, fate=told), True))
    return result


def _told(before: str, after: str) -> Fate | None:
    if _AFTER.match(after):
        told = fates.fate(after) or fates.fate(before)
        return Fate.SENT if told is Fate.REFUSED and fates.is_in_part(before) else told
    behind = fates.fate(after)
    return behind if behind is Fate.INSIDE else fates.fate(before) or behind


def _share(text: str, *, first: bool, behind: bool) -> str:
    """What of the text between two groups belongs to the one behind it, or to the one before it."""
    if first:
        return text
    borders = list(_BORDER.finditer(text))
    if not borders:
        return text
    return text[borders[-1].start() :] if behind else text[: borders[-1].start()]


def _is_anothers(after: str) -> bool:
    """Whether the annex belongs to another document than this letter."""
    found = _OF_ANOTHER.match(after)
    return bool(found) and not re.match(r"\s*\S+\s+this\b", after) and not _THIS_LETTER.match(found["what"])  # type: ignore[index]


def _is_heading(
    unit: Unit, above: Sequence[Unit], below: Sequence[Unit], said: Sequence[tuple[NamedAnnex, bool]]
) -> bool:
    """Whether a line is the heading of pages of the letter: text or a table goes on below it, and it is in no list."""
    first = next(labels.singles(unit.text), None)
    if unit.shape not in (Shape.LINE, Shape.ITEM) or first is None or first.start > 0 or len(unit.text) > 120:
        return False
    if not below or below[0].shape not in (Shape.ROW, Shape.SENTENCE) or fates.fate(unit.text) not in (None, Fate.SENT):
        return False
    if not below[0].opens:
        return True
    in_list = bool(above) and above[0].shape is Shape.ITEM and not unit.opens
    return not in_list and any(a.label.casefold() == _shown(first.path).casefold() for a, _ in said)


def _groups(parts: Sequence[Token]) -> Iterator[_Group]:
    """Labels by kind words, with the ranges and lists that go on behind them."""
    held: list[Label] = []
    start = end = 0
    for label, stop in _labels(parts):
        between = _text(parts[end : label.start]).strip()
        joint = _JOINTS.get(between.casefold().strip(" ,"), "list" if between == "," else "")
        if held and joint == "range" and label.kind == held[-1].kind and not held[-1].through:
            held[-1] = replace(held[-1], through=label.steps)
        elif held and joint == "list":
            held.append(label)
        else:
            if held:
                yield _Group(tuple(held), start, end)
            held, start = [label], label.start
        held += [replace(m, kind=label.kind, word=label.word) for m in stop.more]
        end = stop.end
    if held:
        yield _Group(tuple(held), start, end)


@dataclass(frozen=True, slots=True)
class _Rest:
    more: tuple[Label, ...]
    end: int


def _labels(parts: Sequence[Token]) -> Iterator[tuple[Label, _Rest]]:
    text = _text(parts)
    passed = 0
    for label in labels.singles(text):
        if label.start < passed or not _is_meant(parts, label):
            continue
        steps = _firm(label.steps)
        first = Label(label.kind, label.word, steps, start=label.start, end=steps[-1].end)
        first, rest = _rest(parts, first)
        passed = rest.end
        yield first, rest


def _rest(parts: Sequence[Token], label: Label) -> tuple[Label, _Rest]:
    """What goes on behind a label: `to F`, `, C and E to G`, `-(ix)`."""
    members, end = [label], label.end
    while len(members) < 200:
        joint, place = _joint(parts, end)
        steps = _steps(parts, place) if joint else None
        if steps is None or not _fits(label.steps, steps) or _is_word(parts, steps):
            break
        if joint in ("range", "dash") and not members[-1].through:
            members[-1] = replace(members[-1], through=steps)
        elif joint == "list":
            whole = steps if _is_top(label.steps, steps) else (*label.steps[: len(label.steps) - len(steps)], *steps)
            members.append(Label(label.kind, label.word, whole))
        else:
            break
        end = steps[-1].end
    return replace(members[0], end=end), _Rest(tuple(members[1:]), end)


def _joint(parts: Sequence[Token], place: int) -> tuple[str, int]:
    joint = ""
    while place < len(parts):
        token = parts[place]
        found = _JOINTS.get(token.text) or ("dash" if token.kind == "dash" else "")  # "e" is one, "E" an annex
        if token.kind == "space":
            place += 1
            continue
        if not found or (joint and found != "list"):
            break
        joint = found
        place += 1
    return joint, place


def _steps(parts: Sequence[Token], place: int) -> tuple[Step, ...] | None:
    found = labels.bare(_text(parts[place : place + 12]))
    if found is None:
        return None
    steps = _firm(found.steps)
    return tuple(replace(s, start=s.start + place, end=s.end + place) for s in steps)


def _firm(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that belong to a label in running text: `D(iii)`, `2a`, `D iii`; not `A 12 pages`, `B a`."""
    kept = [steps[0]]
    for step in steps[1:]:
        if not step.firm and (step.ordinal.is_number or len(step.ordinal.text) < 2):
            break
        kept.append(step)
    return tuple(kept)


def _fits(first: Sequence[Step], other: Sequence[Step]) -> bool:
    """Whether `other` counts as `first` does, so that it may be the next of a list."""
    last, head = first[-1].ordinal, other[0].ordinal
    if len(other) >= len(first):
        return first[0].ordinal.is_number == head.is_number or len(other) > 1
    return (
        last.is_number == head.is_number
        if other[0].bracketed
        else head.is_number in (first[0].ordinal.is_number, last.is_number)
    )


def _is_top(first: Sequence[Step], other: Sequence[Step]) -> bool:
    """Whether `other` is a label of its own, as in `2(a) and 4`, and no deeper step, as in `D(i), (ii)` or `2a, b`."""
    if len(other) >= len(first):
        return True
    return not other[0].bracketed and first[0].ordinal.is_number == other[0].ordinal.is_number


def _is_word(parts: Sequence[Token], steps: Sequence[Step]) -> bool:
    """Whether what might be an ordinal is a word of the sentence: "a copy", "I have", "1 page", "3 March"."""
    token = parts[steps[0].start]
    behind = _text(parts[steps[-1].end : steps[-1].end + 6])
    if len(steps) > 1 or steps[0].bracketed:
        return False
    if token.kind == "word" and not token.text.isupper():
        return True
    if token.text == "I" and _PRONOUN_I.match(behind):
        return True
    if token.kind == "number":
        return bool(_COUNTS.match(behind))
    return False


def _is_meant(parts: Sequence[Token], label: Label) -> bool:
    """Whether a kind word and what follows it are a label in running text."""
    word, first = label.word, label.steps[0]
    between = _text(parts[label.start + 1 : first.start]).strip()
    is_apart = between in (":", ";", "/", "&", "+") or (between == "," and not label.many)
    token = parts[first.start + first.bracketed]
    counts_so = first.ordinal.is_number or (word.casefold() in _ALSO_LETTERED and token.text.isupper())
    is_short = word.casefold() in _NO_WORDS and not (word[0].isupper() and counts_so)
    if label.kind in _NO_KINDS or is_apart or (between == "." and len(word) > 4) or is_short:
        return False
    behind = _text(parts[first.end : first.end + 4])
    if label.kind == "part" and (
        not first.ordinal.is_number
        or re.match(r" of \w", behind)
        or _text(parts[: label.start]).casefold().endswith("under ")
    ):
        return False
    if first.bracketed and first.ordinal.is_number and label.many and not behind.strip(" :"):
        return False  # "Enclosures (3)" counts them
    if first.ordinal.arabic is not None:
        return not _COUNTS.match(behind) if token.kind == "number" else word[0].isupper() or label.many
    return _is_letter(token, first, label, behind)


def _is_letter(token: Token, first: Step, label: Label, behind: str) -> bool:
    """Whether a letter or a roman numeral behind a kind word is meant as such."""
    text = token.text
    if first.bracketed:
        return not (first.start == label.start + 1 and text.casefold() in ("s", "e", "n", "es"))  # "annex(es)"
    if text.isupper():
        is_word = (text == "I" and _PRONOUN_I.match(behind)) or (
            text == "A" and re.match(r"\s[a-z]{3,}", behind) and label.kind in ("document", "record")
        )
        return not is_word
    if len(text) > 1:
        return first.ordinal.roman is not None and text not in ("di", "mi", "dix", "mil", "vi", "il", "li")
    return label.word[0].islower() and text not in "aeiouysndl" and not behind.startswith("'")


# --- lists and tables ---------------------------------------------------------------------------------------------


def _numbered(unit: Unit, opened: Fate | None) -> list[tuple[NamedAnnex, bool]]:
    """An item of a list that a line such as "Enclosures:" opened, by its number."""
    number = unit.number
    if opened is None or number is None or len(unit.body) > 200:
        return []
    told = fates.fate(unit.body)
    told = told if told in (Fate.REFUSED, Fate.ELSEWHERE, Fate.PENDING) else opened
    label = number.upper() if len(number) == 1 and number.isupper() else number
    return [(NamedAnnex(label, "", unit.body.strip(" .;,") or None, told, unit.text), True)]


def _of_row(unit: Unit, head: Sequence[str]) -> list[tuple[NamedAnnex, bool]]:
    """A row of a schedule: the first cell is the label, unless another names an annex; any says what was decided."""
    label = _ordinal(unit.cells[0])
    if label is not None and not _names_kind(unit.cells[0]):
        others = [cell for cell in unit.cells[1:] if _names_kind(cell) and _ordinal(cell)]
        if others:
            return [pair for cell in others for pair in _of_unit(replace(unit, text=cell), Fate.SENT)]
        if any(_names_kind(cell) for cell in head[1:]):
            return []
    row = " | ".join(unit.cells[1:])
    if label is None or (not head and not (_ROW_REFUSED.search(row) or fates.fate(row) or _ROW_PARTLY.search(row))):
        return []
    says_no = any(_NO.match(cell) for cell in unit.cells[1:])
    refused = (bool(_ROW_REFUSED.search(row)) or says_no) and not _ROW_PARTLY.search(unit.cells[-1])
    places = [n for n, cell in enumerate(head) if n and _FINAL_CELL.search(cell)]
    title = unit.cells[places[0]] if places and places[0] < len(unit.cells) else None
    posted = fates.fate(unit.cells[-1])
    told = Fate.REFUSED if refused else posted if posted in (Fate.ELSEWHERE, Fate.PENDING, Fate.EARLIER) else Fate.SENT
    return [(NamedAnnex(label, "", title, told, unit.text), True)]


def _names_kind(cell: str) -> bool:
    """Whether a cell begins with the word for an annex."""
    words = cell.split(None, 1)
    return bool(words) and kinds.is_kind(words[0].strip(".:").casefold()) and words[0].casefold() not in _NO_KINDS


def _ordinal(cell: str) -> str | None:
    """The label that a cell is, with or without its kind."""
    found = next(labels.singles(cell), None) or labels.bare(cell)
    if found is None or len(cell) > 40 or len(tokens(cell)) > found.end + 1:
        return None
    return _shown(found.path)


def _title(after: str) -> str | None:
    found = re.match(r"\s*(?:\(([^()]{3,120})\)|[-:]\s*([^.;|]{3,120}))", after)
    title = (found[1] or found[2]).strip(" .,;-") if found else ""
    return title or None


def _shown(path: Sequence[Ordinal]) -> str:
    """The label as the letter's own numerals have it, with the first of them in capitals."""
    first = path[0].text
    name = numerals.shown(path)
    return first.upper() + name[len(first) :] if first.isalpha() and not path[0].is_number else name


def _text(parts: Sequence[Token]) -> str:
    return "".join(t.text for t in parts)
