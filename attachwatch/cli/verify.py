"""`attachwatch verify`: files, folders and saved emails, once."""

import math
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from click.core import ParameterSource

from attachwatch.cli import options
from attachwatch.errors import UsageError
from attachwatch.inspection.workers import Workers


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
@options.common_and_verbose
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
    verbose: bool,
) -> int:
    """Check files, folders (recursively), .eml and mbox files, and Maildirs."""
    if not paths and listed is None:
        raise click.MissingParameter(ctx=ctx, param_type="argument", param_hint="'PATH...'")
    _check_together(
        {n for n in ctx.params if ctx.get_parameter_source(n) is ParameterSource.COMMANDLINE}, form, cluster
    )
    if cluster is not None:
        from attachwatch.cli import archive, logs

        logs.configure(verbose=verbose)
        form = form if form in ("jsonl", "parquet") else "jsonl"
        return archive.verify(cluster, paths, listed, output, form, chunk, timeout, as_json=as_json)
    form = "json" if as_json else form
    if explain and form not in ("table", "html"):
        raise UsageError("--explain is for people", f"Leave it out: --format {form} says all of it but the bytes.")
    with Workers() as workers, _written_to(output):
        from attachwatch.cli import checking, logs  # while their process loads what it needs
        from attachwatch.inspection.sandbox import Inspector

        logs.configure(verbose=verbose)
        places, table = [Path(p) for p in paths], form == "table" and output is None
        asked = checking.Asked(places, form, annexes, letter, draft, pictures, explain=explain, rows_shown=table)
        with Inspector(jobs=jobs, seconds=timeout, workers=workers) as inspector:
            report = checking.check(asked, inspector)
    return checking.conclude(asked, report)


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
