"""The annexes that a letter names, and what it says of each. Pure.

In a sentence, what counts stands behind a label where a verb follows it ("Annex B is exempt"), and before it elsewhere
("we attach Annex B"). A list is read under the line that opens it, a table by its first column.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from attachwatch.annexes.expected import expand
from attachwatch.annexes.labels import kinds, numerals
from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels.numerals import Ordinal
from attachwatch.annexes.labels.steps import Label
from attachwatch.annexes.labels.tokens import Token, tokens
from attachwatch.annexes.letters import fates, phrases
from attachwatch.annexes.letters.running import NO_KINDS, Group, groups_in, text_of
from attachwatch.annexes.letters.sentences import Shape, Unit
from attachwatch.model import Fate, NamedAnnex
from attachwatch.patterns import Pattern

_MOST = 2_000  # annexes of one letter
_UP_TO = Pattern(  # between two ordinals, in words that mean something else in other places
    r"(?<=[\s(])([A-Z]|\d{1,3}[a-z]?|[IVX]{1,5}|[A-Z]?\([a-z]{1,5}\)|[A-Z]\d{1,3}|[A-Z]\([a-z]{1,5}\))"
    rf" {phrases.source('range-words')}"
    r" (?=(?:Ann?ex[eo]?|Anlage|Bijlage|Allegato|Aguis\u00edn|Atodiad)?\s?(?:[A-Z]|\d{1,3}[a-z]?|[IVX]{1,5}|"
    r"[A-Z]\([a-z]{1,5}\)|\([a-z]{1,5}\)|[A-Z]\d{1,3})(?![\w']))"
)
_OPENED = Pattern(r"\b([^\W\d_]{4,}) \((?=(?:[A-Z]|\d{1,2})(?:,| (?:and|to|und|bis|et|en|y|e) ))")
_GLUE = Pattern(r"\b([A-Z])-(\d{1,2})\b")  # "A-1" is no range
_WRITTEN: tuple[tuple[Pattern, str | Callable[[re.Match[str]], str]], ...] = (
    (Pattern(r"\b(?:i\.e|e\.g|z\.B|d\.h)\b\.?,?", re.IGNORECASE), "namely"),
    (Pattern(r"\./(?=[A-Z\d])"), ""),  # "Beilage ./1"
    (Pattern(r"\bn\.o\.?\s*(?=[\dA-Z])"), "n "),  # as NFKC leaves the Spanish number sign
    (_GLUE, r"\1\2"),
    (_OPENED, r"\1 "),
    (_UP_TO, r"\1 to "),
    (  # "Documents released in full: 1, 3"
        Pattern(r"((?:\b[^\W\d_]+ ?){2,6}): ?(?=(?:\d{1,3}|[A-Z])(?:[,;.-]| (?:and|to|und|bis|et|e|y|en) |$))"),
        lambda found: f"{found[1]}: {next(filter(kinds.is_kind, found[1].casefold().split()), '')} ",
    ),
)
_AFTER = Pattern(
    rf"^(?:\s*\([^()]{{0,120}}\))?\s*[,)]?\s*(?:{phrases.source('relative')} )?(?:\w+ly )?"
    rf"{phrases.source('verb')}|^\s*[-:]\s",
    re.IGNORECASE,
)
_ASIDE = Pattern(rf"^\s*,[^,;]{{0,200}},(?=\s*{phrases.source('verb')})", re.IGNORECASE)  # ", which was lost, is"
_BORDER = Pattern(rf";|,?\s*{phrases.source('border')}(?!-)|,(?=\s*{phrases.source('except')})|,", re.IGNORECASE)
_OF_ANOTHER = Pattern(  # "Annex A to the 2019 contract"
    rf"^\s*(?:{phrases.source('of')}\s+(?:{phrases.source('of-article')} )?|de l')(?P<what>.{{3,60}})",
    re.IGNORECASE,
)
_THIS_LETTER = Pattern(rf"^(?:\w+ ){{0,2}}{phrases.source('this-letter')}", re.IGNORECASE)
_PLACED, _DESCRIBES, _ASKED, _PRONOUN, _OBJECT, _LIKEWISE, _OF_THE_EMAIL = map(
    phrases.pattern, ("placed", "describes", "asked", "pronoun", "object", "likewise", "of-the-email")
)
_OPENS_LIST, _ROW_REFUSED, _NO, _ROW_PARTLY, _FINAL_CELL = map(
    phrases.pattern, ("opens-list", "row-refused", "row-no", "row-partly", "column-title")
)
_CONTAINS = Pattern(rf"\W*(?:{phrases.source('contains')})?\W*", re.IGNORECASE)  # "Annex A: documents 1 to 45"
_ENCLOSURES = Pattern(rf"^{phrases.source('enclosures')}\.?\s*(?:\(\d+\))?\s*(?::|$)", re.IGNORECASE)
_QUESTION = phrases.pattern("question")
_HEAD = Pattern(rf"^#|^\W*(?:{phrases.source('column-number')}|{phrases.source('question')})", re.IGNORECASE)


def named(units: Sequence[Unit]) -> tuple[NamedAnnex, ...]:
    """Every annex, in the order of its first mention; what is said last, or with most weight, counts."""
    said: list[tuple[NamedAnnex, bool]] = []
    opened: Fate | None = None  # the fate that the line above a list gives to its items
    head: Sequence[str] = ()
    last: Sequence[NamedAnnex] = ()
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
                found = found if units[place + 1].shape is not Shape.ROW else []
            else:
                found = _of_unit(unit, opened)
            if found and last and _LIKEWISE.match(unit.text):
                found = [(replace(a, fate=last[-1].fate), True) for a, _ in found]
            found = found or _of_pronoun(unit, last)
        said += found
        last = [a for a, _ in found] or _still_meant(unit, last)
        if unit.shape not in (Shape.ITEM, Shape.ROW):
            opened = _opens(unit, units[place + 1 : place + 2])
    return _settled(_of_files(said))


def _of_files(said: Sequence[tuple[NamedAnnex, bool]]) -> Sequence[tuple[NamedAnnex, bool]]:
    """Parts are parts of the answer where a letter calls its annexes something else."""
    others = [pair for pair in said if pair[0].kind not in ("", "part")]
    return [pair for pair in said if pair[0].kind != "part"] if others else said


def _of_pronoun(unit: Unit, last: Sequence[NamedAnnex]) -> list[tuple[NamedAnnex, bool]]:
    """What a sentence says of the annexes of the one before it: "It will be sent by post", "we attach both again"."""
    is_subject = _PRONOUN.match(unit.text) and not _OF_THE_EMAIL.match(unit.text)
    told = fates.fate(unit.text) if is_subject or _OBJECT.search(unit.text) else None
    if told in (None, Fate.INSIDE) or (told is Fate.SENT and not fates.is_attached(unit.text)):
        return []
    return [(replace(a, fate=told, sentence=unit.text), True) for a in last]


def _still_meant(unit: Unit, last: Sequence[NamedAnnex]) -> Sequence[NamedAnnex]:
    """The annexes that a pronoun means behind a sentence that says nothing of any, or repeats the reader's words."""
    if unit.shape is not Shape.SENTENCE:
        return ()
    if _ASKED.search(unit.text):
        groups = groups_in(tokens(_straight(unit.text)))
        return [_named(label, path, unit.text) for g in groups for label in g.members for path in expand(label)]
    return () if unit.opens or fates.fate(unit.text) else last


def _named(label: Label, path: Sequence[Ordinal], sentence: str) -> NamedAnnex:
    return NamedAnnex(_shown(path), label.kind, None, Fate.SENT, sentence)


def _opens(unit: Unit, below: Sequence[Unit]) -> Fate | None:
    """What a line says of the items below it."""
    if _ENCLOSURES.match(unit.text):
        return Fate.SENT
    if unit.text.endswith(":") and _OPENS_LIST.search(unit.text):
        return fates.fate(unit.text)
    if unit.shape is Shape.LINE and below and below[0].shape is Shape.ITEM and not _PRONOUN.match(unit.text):
        told = fates.fate(unit.text)
        return told if told in (Fate.REFUSED, Fate.ELSEWHERE, Fate.PENDING) else None
    return None


def _settled(said: Sequence[tuple[NamedAnnex, bool]]) -> tuple[NamedAnnex, ...]:
    """One for each label: what was said outright counts, of that the last but for a mere mention of the past."""
    kept: dict[tuple[str, str], tuple[NamedAnnex, bool]] = {}
    for annex, outright in said:
        key = ("", annex.label.casefold())
        former = kept.get(key)
        if former and former[0].kind != annex.kind and (former[0].fate is Fate.INSIDE) != (annex.fate is Fate.INSIDE):
            key = (annex.kind, annex.label.casefold())  # the notice's Schedule 1, beside the files' Document 1
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
    if new.fate is Fate.SENT and former.fate is Fate.REFUSED:
        by_pronoun = next(labels.singles(new.sentence), None) is None
        return fates.is_now(new.sentence) or (by_pronoun and fates.is_attached(new.sentence))
    return new.fate is Fate.SENT and former.fate in (Fate.EARLIER, Fate.INSIDE) and fates.says_so(new.sentence)


# --- sentences ----------------------------------------------------------------------------------------------------


def _of_unit(unit: Unit, opened: Fate | None) -> list[tuple[NamedAnnex, bool]]:
    text = _straight(unit.text)
    parts = tokens(text)
    groups = _without_mentions(parts, list(groups_in(parts)))
    if not groups or (opened and unit.number and all(m.kind == "part" for g in groups for m in g.members)):
        return _numbered(unit, opened)
    found: list[tuple[NamedAnnex, bool]] = []
    inherited: Fate | None = None
    for n, group in enumerate(groups):
        before = text_of(parts[groups[n - 1].end if n else 0 : group.start])
        after = text_of(parts[group.end : groups[n + 1].start if n + 1 < len(groups) else len(parts)])
        if (_is_anothers(after) and not fates.hands_over(before)) or (
            not n and _ASKED.search(before) and not fates.says_so(before)
        ):
            continue
        before, after = (
            _share(before, first=n == 0, behind=True).rpartition(";")[2],
            _share(after, first=n + 1 == len(groups), behind=False).partition(";")[0],
        )
        told = Fate.INSIDE if fates.is_inside(after, f"{before} {after}") else _told(before, after)
        outright = told is not None and not _DESCRIBES.match(after.lstrip())
        told = told or inherited or opened or Fate.SENT
        inherited = None if fates.excepts(before) else told
        title = _title(after) if len(group.members) == 1 else None
        for label in group.members:
            for path in expand(label):
                name = _shown(path)
                found.append((NamedAnnex(name, label.kind, title, told, unit.text), outright or opened is not None))
    if len(groups) > 1 and not fates.excepts(text):
        found = _backwards(found)
    return found


def _straight(text: str) -> str:
    """`text` with its labels as they are written mostly."""
    for pattern, by in _WRITTEN:
        text = pattern.sub(by, text)
    return text


def _without_mentions(parts: Sequence[Token], groups: Sequence[Group]) -> list[Group]:
    """The annexes of which a sentence speaks: not those that it compares them with, or that their titles hold."""
    kept: list[Group] = []
    others = [g for g in groups if g.members[0].kind != "part"]  # "with part 3": parts of the answer
    for group in others or groups:
        between = text_of(parts[kept[-1].end : group.start]) if kept else ""
        is_another_kind = bool(kept) and kept[-1].members[0].kind != group.members[0].kind
        if not kept or not (fates.is_mention(between) or (is_another_kind and _CONTAINS.fullmatch(between))):
            kept.append(group)
    return kept


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
    if fates.is_none_of(before):
        return Fate.REFUSED
    if _DESCRIBES.match(after.lstrip()) and fates.outright(_BORDER.split(after)[0]) in (Fate.ELSEWHERE, Fate.EARLIER):
        after = after[len(_BORDER.split(after)[0]) :]  # "Annex B contains the published guidance"
    ahead = _nearest(before, last=True)
    behind = _nearest(_ASIDE.sub("", after), last=False) or _nearest(after, last=False)
    if _is_placed(before) or any(map(_gives_after_all, _BORDER.split(after)[1:])):
        return Fate.SENT
    if _AFTER.match(after):
        told = behind or ahead
        return Fate.SENT if told is Fate.REFUSED and fates.is_in_part(before) else told
    if behind is Fate.INSIDE or (ahead is Fate.SENT and behind is not None and not fates.hands_over(before)):
        return behind
    if ahead is Fate.SENT and fates.outright(f"{_BORDER.split(before)[-1]} {_BORDER.split(after)[0]}") is Fate.EARLIER:
        return Fate.EARLIER  # "we released Annex A to you on 3 March"
    return ahead or behind


def _is_placed(before: str) -> bool:
    """Whether a label stands behind such words as "attached as", whatever was said of the matter."""
    tail = " ".join(before.split()[-3:])
    return bool(_PLACED.search(tail)) and fates.of_clause(tail) is Fate.SENT


def _gives_after_all(clause: str) -> bool:
    """Whether a clause takes back what the one before it said: "is illegible, but we attach it"."""
    return bool(_OBJECT.search(clause) or fates.is_now(clause)) and fates.of_clause(clause) is Fate.SENT


def _nearest(text: str, *, last: bool) -> Fate | None:
    """What the clause next to a label says, or else the whole text beside it."""
    clauses = _BORDER.split(text)
    return fates.of_clause(clauses[-1 if last else 0]) or fates.fate(text)


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
    is_said = any(a.label.casefold() == _shown(first.path).casefold() for a, _ in said)
    if below and below[0].shape is Shape.LINE:  # its title on the next line
        alone = first.end >= len(tokens(unit.text)) and next(labels.singles(below[0].text), None) is None
        return alone and is_said and unit.opens
    if not below or below[0].shape not in (Shape.ROW, Shape.SENTENCE) or fates.fate(unit.text) not in (None, Fate.SENT):
        return False
    if not below[0].opens:
        return True
    in_list = bool(above) and above[0].shape is Shape.ITEM and not unit.opens
    return not in_list and is_said


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
    if not _names_kind(unit.cells[0]) or (head and _QUESTION.match(head[0])):
        others = [c for c in unit.cells[1:] if _names_kind(c) and (_ordinal(c) or (label is None and _begins(c)))]
        if others:
            return [pair for cell in others for pair in _of_unit(replace(unit, text=cell), Fate.SENT)]
        if any(_names_kind(cell) for cell in head[1:]) or (head and _QUESTION.match(head[0])):
            return []
    row = " | ".join(unit.cells[1:])
    if label is None or (not head and not (_ROW_REFUSED.search(row) or fates.fate(row) or _ROW_PARTLY.search(row))):
        return []
    says_no = any(_NO.fullmatch(re.split(r"[(,;:.-]", cell, maxsplit=1)[0].strip()) for cell in unit.cells[1:])
    refused = (bool(_ROW_REFUSED.search(row)) or says_no) and not _ROW_PARTLY.search(unit.cells[-1])
    places = [n for n, cell in enumerate(head) if n and _FINAL_CELL.search(cell)]
    title = unit.cells[places[0]] if places and places[0] < len(unit.cells) else None
    posted = fates.fate(unit.cells[-1])
    told = Fate.REFUSED if refused else posted if posted in (Fate.ELSEWHERE, Fate.PENDING, Fate.EARLIER) else Fate.SENT
    return [(NamedAnnex(label, "", title, told, unit.text), True)]


def _begins(cell: str) -> bool:
    """Whether a cell begins with a label, whatever it says behind it."""
    first = next(labels.singles(cell), None)
    return first is not None and first.start == 0


def _names_kind(cell: str) -> bool:
    """Whether a cell begins with the word for an annex."""
    words = cell.split(None, 1)
    return bool(words) and kinds.is_kind(words[0].strip(".:").casefold()) and words[0].casefold() not in NO_KINDS


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
