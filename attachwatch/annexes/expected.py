"""The list of annexes that the user gave: text, CSV, or inline. Pure; the caller reads the file."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from attachwatch.annexes.labels import kinds, numerals
from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels.cleaning import clean
from attachwatch.annexes.labels.numerals import Ordinal
from attachwatch.annexes.labels.steps import Label, Step
from attachwatch.annexes.labels.tokens import tokens
from attachwatch.annexes.labels.words import listed
from attachwatch.errors import AnnexListError
from attachwatch.model import Annex

_FILE = re.compile(r"\.(pdf|docx?|xlsx?|pptx?|odt|ods|txt|rtf|csv|zip|msg|eml|tiff?|jpe?g|png)$", re.IGNORECASE)
_MOST = 10_000
_SHOWN = 60  # characters of a line in an error
_LONGEST_RANGE = 500
_MOST_DIGITS = 6  # of a number of pages
_UP_TO = listed("beside", "up_to")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    text: str
    title: str | None = None
    file: str | None = None
    pages: int | None = None


def read(data: bytes, name: str) -> tuple[Annex, ...]:
    """The annexes of a list file: CSV by its name or its first line, else one annex a line.

    Raises AnnexListError, which names the line, for what has no clear meaning.
    """
    text = _decoded(data, name)
    first = text.lstrip().split("\n", 1)[0].casefold()
    if name.lower().endswith(".csv") or re.match(r'sep=.$|"?label"?\s*[,;\t]', first.strip()):
        return from_csv(text, name)
    return from_text(text, name)


def from_text(text: str, name: str = "the annex list") -> tuple[Annex, ...]:
    """One annex a line; `#` begins a comment; `Annex D(i) to D(ix)` is nine of them."""
    lines = (re.sub(r"(^|\s)#.*$", "", line).strip() for line in text.splitlines())
    return _annexes([_Line(n, line) for n, line in enumerate(lines, 1) if line], name)


def from_items(items: Sequence[str]) -> tuple[Annex, ...]:
    """Items of an inline list."""
    return _annexes([_Line(n, item.strip()) for n, item in enumerate(items, 1) if item.strip()], "annexes")


def from_csv(text: str, name: str = "the annex list") -> tuple[Annex, ...]:
    """Columns label, title, file, pages, of which only label must be there; separated by comma, semicolon or tab."""
    text = text.lstrip("\ufeff")
    skipped = 0
    if said := re.match(r"sep=(.)\r?\n", text):  # as Excel begins
        text, skipped = text[said.end() :], 1
    separator = said[1] if said else max(",;\t", key=text.split("\n", 1)[0].count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return _annexes(list(_of_rows(rows, name, skipped)), name)
    except csv.Error as error:
        raise AnnexListError(
            f"{name}: line {rows.line_num + skipped + 1}: {error}",
            "Look for a quotation mark that is not closed there.",
        ) from None


def _of_rows(rows: "csv.DictReader[str]", name: str, skipped: int) -> Iterable[_Line]:
    rows.fieldnames = [(f or "").strip().casefold() for f in rows.fieldnames or []]
    if rows.fieldnames.count("label") != 1:
        there = "is no column" if "label" not in rows.fieldnames else "are two columns"
        raise AnnexListError(
            f"{name}: line {1 + skipped}: there {there} named label", "One must be; title, file, pages are optional."
        )
    for row in rows:
        number = rows.line_num + skipped
        cells = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str) and not isinstance(v, list)}
        if not any(cells.values()):
            continue
        if any(row.get(None) or ()):
            raise AnnexListError(
                f"{name}: line {number}: more columns than the first line names",
                "Put a cell that holds the separator between quotation marks.",
            )
        if not cells["label"]:
            raise AnnexListError(f"{name}: line {number}: the label is empty", "Give each line a label.")
        pages = cells.get("pages", "")
        if pages and not (pages.isdecimal() and len(pages) <= _MOST_DIGITS):
            raise AnnexListError(f"{name}: line {number}: pages is {pages[:40]!r}", "Write a number, or nothing.")
        title, file = cells.get("title") or None, cells.get("file") or None
        yield _Line(number, cells["label"], title, file, int(pages) if pages else None)


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\x00" in data:
        raise AnnexListError(f"{name} is not a text file", "Save the list as plain text or CSV.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _annexes(lines: Sequence[_Line], name: str) -> tuple[Annex, ...]:
    """What is said of an annex on several lines is put together, where it fits."""
    made: dict[tuple[str, str], Annex] = {}
    first: dict[tuple[str, str], int] = {}
    for line in lines:
        for annex in _of_line(line, name):
            kind = annex.kind.casefold()
            key = kinds.of(kind) or kind, annex.label.casefold()
            former = made.get(key, annex)
            if differing := _differing(former, annex):
                raise AnnexListError(
                    f"{name}: line {line.number}: {annex.label!r} stands there twice, with another {differing} "
                    f"on line {first[key]}",
                    "Keep one of them.",
                )
            made[key] = replace(
                former,
                title=former.title or annex.title,
                file=former.file or annex.file,
                pages=former.pages or annex.pages,
            )
            first.setdefault(key, line.number)
        if len(made) > _MOST:
            raise AnnexListError(
                f"{name}: line {line.number}: more than {_MOST:,} annexes up to here", "Split the list by case."
            )
    return _unique(list(made.values()))


def _differing(one: Annex, other: Annex) -> str | None:
    """What two lines say differently of one annex."""
    both = (("title", one.title, other.title), ("file", one.file, other.file), ("pages", one.pages, other.pages))
    return next((what for what, a, b in both if a and b and a != b), None)


def _of_line(line: _Line, name: str) -> Iterable[Annex]:
    text = clean(line.text)
    found = first_label(text)
    is_file = bool(_FILE.search(line.text))
    file = line.file or (line.text if is_file else None)
    if found is None:
        return [Annex(text or line.text, "", line.title, file, line.pages)]
    members = expand(found)
    ranges = bool(found.through) + sum(bool(span.through) for span in found.also)
    if len(members) < 1 + len(found.also) + ranges or _goes_on(text, found):
        raise AnnexListError(
            f"{name}: line {line.number}: {text[:_SHOWN]!r} is no range",
            "Write the first and the last in the same numerals, the lower one first, and not more than 500 of them.",
        )
    title = line.title or (_title(text, found) if len(members) == 1 else None)
    kind = kinds.singular(found.word).capitalize()
    return [Annex(numerals.shown(m), kind, title, file if len(members) == 1 else None, line.pages) for m in members]


def _goes_on(text: str, label: Label) -> bool:
    """Whether a number is the end of a range behind `label` that is no label itself: "Annex 1 to 1000"."""
    behind = [t for t in tokens(text)[label.end :] if t.kind != "space"]
    return len(behind) == 2 and behind[0].lower in _UP_TO and behind[1].kind == "number"


def first_label(text: str) -> Label | None:
    """The label that a line of a list begins with or holds: with a kind word anywhere, without one at the start."""
    every = labels.labels(text, kinds.LISTED)
    announced = next((x for x in every if not x.every and (x.kind not in kinds.LISTED or not x.start)), None)
    if announced:
        return _firm(text, announced)
    found = labels.bare(text)
    if found is None:
        return None
    rest = "".join(t.text for t in tokens(text)[found.end :])
    # "A guide to ..." is no label; "A", "D(iii) Manual", "A - Policy" and "1. Policy" are.
    set_off = not rest or rest.lstrip()[:1] in tuple("-:.)") or len(found.steps) > 1 or found.steps[0].ordinal.is_number
    return _firm(text, found) if set_off else None


def expand(label: Label) -> list[tuple[Ordinal, ...]]:
    """All paths that a label stands for: one, or those of its range or list."""
    first = label.path
    if not first:
        return []
    members = _spelled(first, label.through)
    for span in label.also:
        path = tuple(s.ordinal for s in span.steps)
        members += _spelled(first[: max(0, len(first) - len(path))] + path, span.through)
    return members


def _spelled(path: tuple[Ordinal, ...], through: Sequence[Step]) -> list[tuple[Ordinal, ...]]:
    counted = _count(path[-1], through[-1].ordinal) if through else []
    return [(*path[:-1], ordinal) for ordinal in counted] or [path]


def _firm(text: str, label: Label) -> Label:
    """A list means what it says: `Annex D iii` is D(iii), `Annex K 1 - Contract` K1; but `Annex A 12 pages` is A."""
    parts = tokens(text)
    for place, step in enumerate(label.steps[1:], 1):
        behind = next((t for t in parts[step.end :] if t.kind != "space"), None)
        doubtful = not step.firm and (step.ordinal.is_number or step.apart)
        if doubtful and behind is not None and behind.kind in ("word", "number"):
            steps = label.steps[:place]
            return replace(label, steps=steps, through=(), also=(), end=steps[-1].end)
    return label


def _count(first: Ordinal, last: Ordinal) -> list[Ordinal]:
    """All from one to the other; none where that is no range, or one without end."""
    write: Callable[[int], str]
    if first.arabic is not None and last.arabic is not None:
        span, write = range(first.arabic, last.arabic + 1), str
    elif first.roman and last.roman and (len(first.text) > 1 or len(last.text) > 1 or first.text == "i"):
        span, write = range(first.roman, min(last.roman, 99) + 1), numerals.in_roman
    elif first.letter and last.letter:
        span, write = range(first.letter, last.letter + 1), numerals.in_letters
    else:
        return []
    return [_of(write(n)) for n in span] if len(span) <= _LONGEST_RANGE else []


def _of(text: str) -> Ordinal:
    found = numerals.ordinal(text)
    return found or Ordinal(text)


def _title(text: str, label: Label) -> str | None:
    """What a line says beside its label."""
    parts = tokens(text)
    behind = "".join(t.text for t in parts[label.end :])
    before = "".join(t.text for t in parts[: label.start])
    for rest in (behind, before):
        title = rest.strip(" \t-:.,;_()[]")
        if len(title) > 2 and not re.fullmatch(r"of \d+", title):
            return title
    return None


def _unique(annexes: Sequence[Annex]) -> tuple[Annex, ...]:
    """Where the list has the same label under two kinds, the kind becomes part of it."""
    counts = Counter(a.label.casefold() for a in annexes)
    return tuple(
        replace(a, label=f"{a.kind} {a.label}") if counts[a.label.casefold()] > 1 and a.kind else a for a in annexes
    )
