"""`attachwatch verify`: files, folders and saved emails, once."""

import csv
import math
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import structlog
from click.core import ParameterSource

from attachwatch.annexes import expected
from attachwatch.cli import options, shapes, tables
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


def _a_number(_ctx: click.Context, _parameter: click.Parameter, value: float) -> float:
    if math.isnan(value):  # which is in every range
        raise click.BadParameter("nan is no number of seconds")
    return value


@click.command(name="verify")
@click.argument("paths", nargs=-1, type=click.Path(), metavar="PATH...")
@click.option("--annexes", type=options.PATH, metavar="FILE", help="The expected annexes: text or CSV.")
@click.option("--letter", type=options.PATH, metavar="FILE", help="The authority's letter: PDF, email or text.")
@click.option("--draft", type=options.PATH, metavar="FILE", help="Write the reply that names what does not open.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv", "html", "parquet"]),
    default="table",
    show_default=True,
    help="parquet and jsonl alone with --cluster.",
)
@click.option("--explain", is_flag=True, help="Show why: each reader's word, a map of the bytes, the damaged places.")
@click.option("--pictures", type=options.PATH, metavar="DIR", help="Write the pages that can be shown there, as PNG.")
@click.option("--output", type=options.PATH, metavar="FILE", help="Write the result there instead of to stdout.")
@click.option("--jobs", type=click.IntRange(1, 64), default=2, show_default=True, help="Inspections side by side.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    callback=_a_number,
    default=8.0,
    show_default=True,
    help="Seconds for one file; twice that when tried again.",
)
@click.option(
    "--cluster", metavar="ADDRESS", help="A large collection on Dask: local:N, or a scheduler's tcp:// or tls://."
)
@click.option(
    "--from", "listed", metavar="LIST", help="With --cluster: a file of paths and URLs; - for standard input."
)
@click.option(
    "--chunk",
    type=click.IntRange(1, 1_000_000),
    default=1000,
    show_default=True,
    help="With --cluster: files in each file of --output FOLDER.",
)
@options.common
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[str, ...],
    annexes: Path | None,
    letter: Path | None,
    draft: Path | None,
    form: str,
    explain: bool,
    pictures: Path | None,
    output: Path | None,
    jobs: int,
    timeout: float,
    cluster: str | None,
    listed: str | None,
    chunk: int,
    as_json: bool,
    config_file: Path | None,  # noqa: ARG001 - every command takes it; this one needs none
) -> int:
    """Check files, folders (recursively), .eml and mbox files, and Maildirs."""
    if not paths and listed is None:
        raise click.MissingParameter(ctx=ctx, param_type="argument", param_hint="'PATH...'")
    _check_together(
        {n for n in ctx.params if ctx.get_parameter_source(n) is ParameterSource.COMMANDLINE}, form, cluster
    )
    if cluster is not None:
        from attachwatch.cli import archive

        form = form if form in ("jsonl", "parquet") else "jsonl"
        return archive.verify(cluster, paths, listed, output, form, chunk, timeout, as_json=as_json)
    case = Case(reference="", mailbox="", authority=(), annexes=_read_annexes(annexes), sign_off="Yours faithfully")
    form = "json" if as_json else form
    if explain and form not in ("table", "html"):
        raise UsageError("--explain is for people", f"Leave it out: --format {form} says all of it but the bytes.")
    with (
        tempfile.TemporaryDirectory(prefix="attachwatch-") as temporary,
        Inspector(jobs=jobs, seconds=timeout) as inspector,
        _written_to(output),
    ):
        blobs = Blobs(Path(temporary))
        read = service_letters.read(letter, inspector, blobs) if letter else None
        if read and annexes is None:
            read = replace(read, gives_list=True)
            case = replace(case, annexes=service_letters.expected(read.reading))
        with_annexes = annexes is not None or read is not None
        hidden: list[Path] = []
        letters: list[Message] = []
        subjects = service.collect([Path(p) for p in paths], blobs, hidden.append, letters.append)
        if hidden:
            click.echo(f"attachwatch: {len(hidden)} hidden files or folders were skipped", err=True)
        if lacking := inspector.confinement.lacking:
            log.info("readers.less-confined", lacking=lacking)  # bounds on memory and time hold all the same
        with _progress(len(subjects)) as done:
            live = _print_line if form == "jsonl" and not with_annexes else None
            report = service.verify(subjects, case, inspector, blobs, _both(done, live), letters=letters, letter=read)
        if form != "html":
            _print(report, form, with_annexes=with_annexes, lines_printed=live is not None)
        if explain or form == "html" or pictures is not None:
            _explain(report, form, inspector, pictures, in_words=explain)
    if draft is not None:
        _write_draft(report, draft)
    return _status(report, rows_shown=form == "table" and output is None)


def _check_together(given: set[str], form: str, cluster: str | None) -> None:
    """Raise UsageError for an option that goes with --cluster alone, or not with it."""
    named = {"listed": "--from", "form": f"--format {form}"}
    if cluster is None:
        wrong = [*(n for n in ("listed", "chunk") if n in given), *["form"] * (form == "parquet")]
        remedy = "Give --cluster, too, or leave it out."
    else:
        wrong = [n for n in ("annexes", "letter", "draft", "explain", "pictures", "jobs") if n in given]
        wrong += ["form"] * ("form" in given and form not in ("jsonl", "parquet"))
        remedy = "Leave it out: each file is looked at by itself, and the results are jsonl or parquet."
    if wrong:
        option = named.get(wrong[0], f"--{wrong[0]}")
        raise UsageError(f"{option} goes {'not' if cluster else 'only'} with --cluster", remedy)


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
def _written_to(output: Path | None) -> Iterator[None]:
    """Within, what is printed goes to `output`, which is made only once all went well."""
    if output is None:
        yield
        return
    former = sys.stdout
    try:
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            errors="backslashreplace",  # a file name need not be UTF-8
            dir=output.parent,
            prefix=f".{output.name}.",
            delete=False,
            newline="",
        ) as file:
            sys.stdout = file
            try:
                yield
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        Path(file.name).replace(output)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}", "Name another file with --output.") from None
    finally:
        sys.stdout = former


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
