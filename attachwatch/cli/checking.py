"""What `attachwatch verify` does on this machine: checks files, folders and saved emails once, and prints it."""

import csv
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click
import structlog

from attachwatch.annexes import expected
from attachwatch.cli import shapes, tables
from attachwatch.cli.output import console, print_json, shown
from attachwatch.errors import AnnexListError, ExitStatus, UsageError
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.blobs import Blobs
from attachwatch.model import Annex, Case, Inspection, Message
from attachwatch.service import letters as service_letters
from attachwatch.service import verify as service
from attachwatch.service.verify import Report, VerifiedFile

log = structlog.get_logger()
_NOT_READ = ("unreadable", "not-a-file", "changed")  # findings of files that the machine did not give us whole


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be checked against what, and what is to be printed and written of it."""

    paths: Sequence[Path]
    form: str
    annexes: Path | None = None
    letter: Path | None = None
    draft: Path | None = None
    pictures: Path | None = None
    explain: bool = False
    rows_shown: bool = False  # in a table, to a person


def check(asked: Asked, inspector: Inspector) -> Report:
    """Check all, and print it."""
    case = Case("", "", (), annexes=_read_annexes(asked.annexes), sign_off="Yours faithfully")
    with tempfile.TemporaryDirectory(prefix="attachwatch-") as temporary:
        blobs = Blobs(Path(temporary))
        read = service_letters.read(asked.letter, inspector, blobs) if asked.letter else None
        if read and asked.annexes is None:
            read = replace(read, gives_list=True)
            case = replace(case, annexes=service_letters.expected(read.reading))
        with_annexes = asked.annexes is not None or read is not None
        hidden: list[Path] = []
        letters: list[Message] = []
        subjects = service.collect(asked.paths, blobs, hidden.append, letters.append)
        if hidden:
            click.echo(f"attachwatch: {len(hidden)} hidden files or folders were skipped", err=True)
        if lacking := inspector.confinement.lacking:
            log.info("readers.less-confined", lacking=lacking)  # bounds on memory and time hold all the same
        with _progress(len(subjects)) as done:
            live = _print_line if asked.form == "jsonl" and not with_annexes else None
            report = service.verify(subjects, case, inspector, blobs, _both(done, live), letters=letters, letter=read)
        if asked.form != "html":
            _print(report, asked.form, with_annexes=with_annexes, lines_printed=live is not None)
        if asked.explain or asked.form == "html" or asked.pictures is not None:
            _explain(report, asked.form, inspector, asked.pictures, in_words=asked.explain)
    return report


def conclude(asked: Asked, report: Report) -> int:
    """The exit status, once what is printed is where it should be."""
    if asked.draft is not None:
        _write_draft(report, asked.draft)
    return _status(report, rows_shown=asked.rows_shown)


def _explain(report: Report, form: str, inspector: Inspector, pictures: Path | None, *, in_words: bool) -> None:
    from attachwatch.cli import explain as reasons
    from attachwatch.service import explain as explanation

    painter = inspector if pictures is not None else None
    explanations = [explanation.explain(f, painter) for f in report.files if not f.ignored]
    for e in explanations:
        if e.changed:
            click.echo(f"attachwatch: {shown(e.file.path)}: left out: {shown(e.changed)}", err=True)
    if form == "html":
        from attachwatch.evidence import page, verified

        click.echo(page.page(verified.document(report, explanations, shapes.summary(report))))
    if in_words and form == "table":
        reasons.print_explanations(console(), explanations)
    if pictures is not None:
        count = reasons.write_pictures(pictures, explanations)
        click.echo(f"{count} pages in {shown(str(pictures))}", err=True)


def _read_annexes(path: Path | None) -> tuple[Annex, ...]:
    if path is None:
        return ()
    try:
        return expected.read(path.read_bytes(), path.name)
    except OSError as error:
        raise AnnexListError(
            f"the annex list {path} cannot be read: {error.strerror}", "Check the path given with --annexes."
        ) from None


@contextmanager
def _progress(total: int) -> Iterator[Callable[[VerifiedFile], None]]:
    """A bar on stderr, where a person is looking and the work is worth one."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("inspecting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task("files", total=total)
        yield lambda _: bar.advance(task)


def _both(
    first: Callable[[VerifiedFile], None], second: Callable[[VerifiedFile], None] | None
) -> Callable[[VerifiedFile], None]:
    def call(file: VerifiedFile) -> None:
        first(file)
        if second:
            second(file)

    return call


def _print_line(file: VerifiedFile, *, with_annex: bool = False) -> None:
    print_json(shapes.verified_file(file, with_annex=with_annex), indent=None)
    sys.stdout.flush()


def _print(report: Report, form: str, *, with_annexes: bool, lines_printed: bool) -> None:
    if form == "json":
        print_json(shapes.verify_document(report, with_annexes=with_annexes))
    elif form == "csv":
        _print_csv(report)
    elif form == "table":
        _print_table(report)
    elif not lines_printed:
        for file in report.files:
            _print_line(file, with_annex=with_annexes)


def _print_csv(report: Report) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(["path", "annex", "verdict", "cause", "pages", "size", "sha256", "type"])
    for file in report.files:
        i: Inspection = file.inspection
        cells = [file.path, ", ".join(file.labels), i.verdict, i.cause or "", i.pages, i.size, i.sha256, i.type]
        writer.writerow([_no_formula(c) if isinstance(c, str) else c for c in cells])
    for annex in report.missing:
        writer.writerow(["", _no_formula(annex.label), "missing", "", "", "", "", ""])


def _no_formula(cell: str) -> str:
    """A spreadsheet takes a cell that begins like this for a formula; a quote keeps it text."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _print_table(report: Report) -> None:
    out = console()
    out.print(tables.files_table(report))
    counts = shapes.summary(report)
    said = ", ".join(f"{n} {v}" for v, n in counts.items() if n and v != "files")
    out.print(f"\n{counts['files']} files: {said or 'none'}")
    for notice in report.notices:
        tables.print_notice(out, notice, Path(notice.message.key.mailbox).name)
    if report.standing.annexes:  # without a list, nothing can be missing from it
        tables.print_told(out, report.standing)
    if report.letter and report.letter.gives_list:
        tables.print_unexpected(out, (*report.letter.reading.withheld, *report.letter.reading.inside))
    if report.unnamed:
        named = ", ".join(shown(a.label) for a in report.unnamed)
        out.print(f"On your list, and not named by the letter: {named}", style="yellow")
    if report.letter and not report.letter.reading.annexes:
        out.print("The letter names no annexes.", style="yellow")


def _write_draft(report: Report, path: Path) -> None:
    if report.follow_up is None:
        click.echo("Nothing to complain of, so no draft was written.", err=True)
        return
    from attachwatch.reply.compose import compose_body

    try:
        path.write_text(compose_body(report.follow_up), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", "Name another file with --draft.") from None


def _status(report: Report, *, rows_shown: bool) -> int:
    unread = [f for f in report.files if any(x.code in _NOT_READ for x in f.inspection.findings)]
    for file in (f for f in unread if f.ignored or not rows_shown):  # the row says the same
        click.echo(f"attachwatch: {shown(file.path)}: {shown(file.inspection.findings[0].message)}", err=True)
    if unread:
        return ExitStatus.FAILURE
    return ExitStatus.ATTENTION if report.needs_attention else ExitStatus.OK
