"""A large collection, file by file: what is one row of its results, what is done already, and what all rows amount to.

A batch of files is one small `verify`. Who does it, and where, is not known here.
"""

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from attachwatch.annexes.labels import cleaning, numerals
from attachwatch.annexes.labels.label import labels
from attachwatch.annexes.matching.lookup import members
from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.blobs import Blobs
from attachwatch.model import Case, Cause, Finding, Inspection, Message, Verdict
from attachwatch.service import sources, verify
from attachwatch.service.sources import Source

Row = dict[str, Any]  # as `cli.documents.ArchivedFile` says; plain values, since they cross between machines

LARGEST_MIB = 100  # of one file, as `Inspector` has it
_MOST_LABELS = 20
_CASE = Case(reference="", mailbox="", authority=(), annexes=(), sign_off="")
_NOT_READ = frozenset({"unreadable", "changed"})  # what another run may find otherwise


# --- a batch of files -------------------------------------------------------------------------------------------


def rows(batch: Iterable[Source], inspector: Inspector, folder: Path) -> list[tuple[Source, list[Row]]]:
    """What is found in each file and in what is packed in it; of emails in a file, one row for all of them comes first.

    `folder` takes what is fetched and unpacked, and is as it was afterwards. Nothing is raised for the sake of one file
    that cannot be read.
    """
    unpacked = folder / "unpacked"
    blobs = Blobs(unpacked)
    found: dict[Source, list[Row]] = {}
    paths: dict[Source, Path] = {}
    with ExitStack() as stack:
        for number, source in enumerate(batch):
            found[source] = []
            try:
                paths[source] = stack.enter_context(_at_hand(source, folder / f"{number}"))
            except _NoVerdictError as error:
                found[source].append(error.row)
        for source, own in _verified(paths, inspector, blobs):
            found[source] += own
        for inner in unpacked.iterdir():
            if inner.name != "incoming":  # which is empty, and takes its time to be made anew for each batch
                shutil.rmtree(inner)
    return list(found.items())


class _NoVerdictError(Exception):
    """A file is not there to be inspected; holds the row that says why."""

    def __init__(self, row: Row) -> None:
        super().__init__()
        self.row = row


@contextmanager
def _at_hand(source: Source, folder: Path) -> Iterator[Path]:
    if source.problem:
        raise _NoVerdictError(_unread(source, source.problem.lower()))
    with ExitStack() as stack:
        try:
            path = stack.enter_context(sources.at_hand(source, folder, LARGEST_MIB << 20))
        except sources.TooLargeError:
            why = f"It is larger than the limit of {LARGEST_MIB} MiB, so it was not inspected."
            unchecked = judge.unchecked("", source.size, Finding(Cause.TOO_COSTLY, why))
            raise _NoVerdictError(_row(source, unchecked)) from None
        except sources.UnreadError as error:
            raise _NoVerdictError(_unread(source, str(error))) from None
        if not os.path.lexists(path):  # since it was listed
            raise _NoVerdictError(_unread(source, "no such file or folder"))
        yield path


def _verified(paths: Mapping[Source, Path], inspector: Inspector, blobs: Blobs) -> Iterator[tuple[Source, list[Row]]]:
    """All of them in one `verify`, which has nothing to match them with, so that each is judged by itself."""
    bare: list[Message] = []
    subjects: list[verify.Subject] = []
    owners: list[Source] = []
    for source, path in paths.items():
        subjects += verify.collect([path], blobs, letter=bare.append)
        owners += [source] * (len(subjects) - len(owners))
    report = verify.verify(subjects, _CASE, inspector, blobs, letters=bare)
    own: dict[Source, list[Row]] = {source: [] for source in paths}
    for file in report.files:
        source = owners[int(file.part.partition("/")[0])]
        shown = source.path + file.path[len(str(paths[source])) :]
        own[source].append(_row(source, file.inspection, shown, file.name, attention=file.needs_attention))
    notices: dict[str, list[Finding]] = {}
    for notice in report.notices:
        notices.setdefault(notice.message.key.mailbox, []).append(notice.finding)
    for source, path in paths.items():
        if verify.is_mail(path) and all(row["path"] != source.path for row in own[source]):
            told = notices.get(str(path), [])
            own[source].insert(0, _row(source, _of_mail(path, source.size, told), attention=bool(told)))
        yield source, own[source]


def _of_mail(path: Path, size: int, told: Sequence[Finding]) -> Inspection:
    """Emails in a file could be read; what they tell of and do not hold is found in them."""
    sha256, kind = "", "application/x-maildir"
    if path.is_file():
        with path.open("rb") as file:
            sha256, kind = hashlib.file_digest(file, "sha256").hexdigest(), "application/mbox"
        kind = "message/rfc822" if path.suffix.lower().startswith(".eml") else kind
    return Inspection(sha256, size, kind, Verdict.OK, findings=tuple(told), rules=judge.RULES)


def _unread(source: Source, reason: str) -> Row:
    return _row(source, judge.unchecked("", 0, Finding("unreadable", f"It cannot be read: {reason}.")))


def set_aside(source: Source) -> Row:
    """Of a file at which workers died, which says nothing against it."""
    why = Finding(Cause.READER_CRASHED, "Workers died each time that it was being inspected, so it was set aside.")
    return _row(source, judge.unchecked("", source.size, why), attention=True)


def failed(source: Source, error: BaseException) -> Row:
    """Of a file that our own program failed at; another run tries it again."""
    why = Finding(Cause.READER_CRASHED, f"Its inspection failed: {type(error).__name__}.")
    return _row(source._replace(stamp=""), judge.unchecked("", source.size, why), attention=True)


def _row(source: Source, found: Inspection, path: str = "", name: str = "", *, attention: bool | None = None) -> Row:
    name = name or source.path.rpartition("/")[2]
    was_read = not any(f.code in _NOT_READ for f in found.findings)
    return {
        "path": path or source.path,
        "source": source.path,
        "name": name,
        "sha256": found.sha256,
        "size": found.size,
        "type": found.type,
        "verdict": found.verdict.value,
        "cause": found.cause.value if found.cause else None,
        "pages": found.pages,
        "labels": named_labels(name),
        "findings": [{"code": str(f.code), "message": f.message, "evidence": dict(f.evidence)} for f in found.findings],
        "attention": found.cause is not None if attention is None else attention,
        "seconds": round(found.seconds, 4),
        "rules": judge.RULES,
        "stamp": source.stamp if was_read else "",
    }


def named_labels(name: str) -> list[str]:
    """The labels that kind words announce in a file's name, such as D(iii)."""
    read = (x for x in labels(cleaning.clean(name)) if x.kind != "part" and not x.every)
    shown = (numerals.shown(one.path) for x in read for one in members(x) if one.path)
    return list(dict.fromkeys(islice(shown, _MOST_LABELS)))


# --- many -------------------------------------------------------------------------------------------------------


def batches(files: Iterable[Source], most: int, most_bytes: int) -> Iterator[tuple[Source, ...]]:
    """In their order, up to `most` at a time, and no more once they have `most_bytes` together."""
    batch: list[Source] = []
    size = 0
    for source in files:
        batch.append(source)
        size += source.size
        if len(batch) >= most or size >= most_bytes:
            yield tuple(batch)
            batch, size = [], 0
    if batch:
        yield tuple(batch)


@dataclass(slots=True)
class Done:
    """Which files have results, in which chunk, and how they were then; 300 bytes a file, whatever it is called."""

    _known: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)

    def add(self, row: Row, chunk: int) -> None:
        """A row that chunk number `chunk` holds."""
        self._known[key(row)] = _digest(row["stamp"], row["rules"]), chunk

    def take(self, source: Source) -> bool:
        """Whether it is to be inspected: it has no results of today's rules, or changed since, and is not taken yet."""
        own, mark = _digest(source.path), _digest(source.stamp, judge.RULES)
        former, chunk = self._known.get(own, (b"", 0))
        if chunk < 0 or (source.stamp and former == mark):
            return False
        self._known[own] = mark, -1 - chunk
        return True

    def replaced(self, rows: Iterable[Row]) -> dict[int, set[bytes]]:
        """Those of the files that these rows are of which have former results: their keys, by the chunk of these."""
        found: dict[int, set[bytes]] = {}
        for own in {key(row) for row in rows}:
            _, chunk = self._known.get(own, (b"", 0))
            if chunk < -1:
                found.setdefault(-1 - chunk, set()).add(own)
        return found


def key(row: Row) -> bytes:
    """What the file that a row is of is known by."""
    return _digest(row["source"])


def _digest(text: str, *more: object) -> bytes:
    """The same for a name that is not UTF-8 as for what Parquet holds in its place."""
    said = "|".join((text, *map(str, more)))
    return hashlib.blake2b(said.encode("utf-8", "backslashreplace"), digest_size=12).digest()


@dataclass(frozen=True, slots=True)
class Summary:
    """What all rows amount to; `attention` are the first of those that need a person's."""

    files: int
    verdicts: Mapping[str, int]
    causes: Mapping[str, int]
    unread: int
    attention: tuple[Row, ...]
    attention_all: int


def summary(all_rows: Iterable[Row], most: int = 20) -> Summary:
    verdicts, causes = Counter[str](), Counter[str]()
    first: list[Row] = []
    attention = not_read = 0
    for row in all_rows:
        verdicts[row["verdict"]] += 1
        if row["cause"]:
            causes[row["cause"]] += 1
        not_read += any(f["code"] in (*_NOT_READ, "not-a-file") for f in row["findings"])
        attention += row["attention"]
        if row["attention"] and len(first) < most:
            first.append(row)
    return Summary(
        files=verdicts.total(),
        verdicts={v.value: verdicts[v.value] for v in Verdict},
        causes=dict(causes.most_common()),
        unread=not_read,
        attention=tuple(first),
        attention_all=attention,
    )


def why(row: Row) -> str:
    """One sentence: the cause's finding, or the first one."""
    chosen = [f for f in row["findings"] if f["code"] == row["cause"]] or row["findings"]
    return str(chosen[0]["message"]) if chosen else ""


def taken(files: Iterable[Source], done: Done, skipped: Callable[[Source], None] = lambda _: None) -> Iterator[Source]:
    """Those that are to be inspected; `skipped` hears of the others."""
    for source in files:
        if done.take(source):
            yield source
        else:
            skipped(source)
