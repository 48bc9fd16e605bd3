"""`attachwatch verify --cluster`: a large collection, its results in a folder that a stopped run goes on with."""

import contextlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attachwatch.cli import shapes
from attachwatch.cli.output import console, number, print_json, shown, table, word
from attachwatch.errors import ExitStatus, UsageError
from attachwatch.service import archive, sources
from attachwatch.service.archive import Summary
from attachwatch.service.results import FORMS, Results
from attachwatch.service.sources import Source

if TYPE_CHECKING:
    from rich.progress import Progress

_EXTRA = ("dask", "distributed", "fsspec", "pyarrow")


def verify(
    address: str,
    paths: Sequence[str],
    listed: str | None,
    output: Path | None,
    form: str,
    chunk: int,
    timeout: float,
    *,
    as_json: bool,
) -> int:
    """Inspect what is not in the results yet, and tell what all of them amount to."""
    if output is None:
        raise UsageError("--cluster needs a folder for its results", "Name one with --output FOLDER.")
    if listed is not None and paths:
        raise UsageError("--from and paths are both given", "Put the paths into the list, or leave it out.")
    sources.check(paths)
    try:
        inspected, found = _run(address, Items(paths, listed), Results(output, FORMS[form], chunk), timeout)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise UsageError(
            f"--cluster needs the package {error.name}, which is not installed",
            "Install what belongs to it: pip install 'attachwatch[cluster]'",
        ) from None
    if as_json:
        print_json(shapes.archive_document(found, str(output), form, inspected))
    else:
        _print(found, output, inspected)
    if found.unread:
        return ExitStatus.FAILURE
    return ExitStatus.ATTENTION if found.attention_all else ExitStatus.OK


@dataclass(frozen=True, slots=True)
class Items:
    """What the user named, one by one, each time that it is called; `again` where that is possible more than once."""

    paths: Sequence[str]
    listed: str | None = None

    @property
    def again(self) -> bool:
        return self.listed != "-"

    def __call__(self) -> Iterator[str]:
        if self.listed is None:
            yield from self.paths
            return
        with sources.list_of_paths(self.listed) as file:
            yield from sources.in_list(file)


def _run(address: str, items: Items, results: Results, seconds: float) -> tuple[int, Summary]:
    """Return how many files were inspected, and what all results amount to. What came is kept whatever ends the run."""
    from attachwatch.service import cluster

    if not cluster.is_address(address):
        raise UsageError(
            f"--cluster {address}: no such place", "Give local:2 for two processes here, or tcp://HOST:8786."
        )
    hidden = Counter[str]()
    inspected = 0
    with results, _progress(items) as progress:
        files = sources.listed(items(), lambda _: hidden.update(["hidden"]))
        new = archive.taken(files, results.done, progress.skip)
        if first := next(new, None):
            with cluster.connected(address, seconds) as workers:
                click.echo(f"attachwatch: Dask's dashboard: {workers.dashboard}", err=True)
                try:
                    for _, rows in cluster.inspect_all(workers, chain([first], new)):
                        results.add(rows)
                        progress.advance()
                        inspected += 1
                finally:
                    results.flush()  # first of all, since the cluster's end takes a while
    if hidden:
        click.echo(f"attachwatch: {hidden.total()} hidden files or folders were skipped", err=True)
    return inspected, archive.summary(results.rows())


class _Progress:
    """How far a run is, and how fast; nobody looks."""

    def skip(self, source: Source) -> None:
        """A file needs no inspection."""

    def advance(self) -> None:
        """A file was inspected."""


class _Bar(_Progress):
    """The same on stderr. Of how many files is counted meanwhile, by going through the sources a second time."""

    def __init__(self, bar: "Progress", items: Items | None) -> None:
        self._bar = bar
        self._task = bar.add_task("inspecting", total=None, rate="")
        self._began = time.monotonic()
        self._inspected = self._skipped = 0
        self._counted: int | None = None
        if items:
            threading.Thread(target=self._count, args=(items,), daemon=True).start()

    def skip(self, source: Source) -> None:  # noqa: ARG002
        self._skipped += 1
        self._show()

    def advance(self) -> None:
        self._inspected += 1
        self._show()

    def _count(self, items: Items) -> None:
        with contextlib.suppress(Exception):  # of which the run itself tells
            self._counted = sum(1 for _ in sources.listed(items()))

    def _show(self) -> None:
        total = None if self._counted is None else max(self._inspected, self._counted - self._skipped)
        rate = f"{self._inspected / (time.monotonic() - self._began):.1f} a second"
        self._bar.update(self._task, completed=self._inspected, total=total, rate=rate)


@contextmanager
def _progress(items: Items) -> Iterator[_Progress]:
    """A bar where a person is looking."""
    if not sys.stderr.isatty():
        yield _Progress()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    rate = TextColumn("{task.fields[rate]}")
    columns = (TextColumn("inspecting"), BarColumn(), MofNCompleteColumn(), rate, TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        yield _Bar(bar, items if items.again else None)


def _print(found: Summary, output: Path, inspected: int) -> None:
    out = console()
    if found.attention:
        made = table("File", "Verdict", "Why")
        for row in found.attention:
            made.add_row(shown(row["path"]), word(row["verdict"]), shown(archive.why(row)))
        out.print(made)
        if more := found.attention_all - len(found.attention):
            out.print(f"and {number(more)} more, which have attention = true in the results")
    if found.causes:
        out.print("\nCauses: " + ", ".join(f"{number(n)} {cause}" for cause, n in found.causes.items()))
    said = ", ".join(f"{number(n)} {verdict}" for verdict, n in found.verdicts.items() if n)
    out.print(f"\n{number(found.files)} files: {said or 'none'}")
    out.print(f"{number(inspected)} were inspected now; the results are in {shown(str(output))}")
