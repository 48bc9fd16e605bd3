"""What a shell may complete: references, labels and numbers, as far as configuration and ledger can be read."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from attachwatch.cli import options
from attachwatch.errors import AttachwatchError
from attachwatch.model import Case

if TYPE_CHECKING:  # every command is imported with what completes it, and few complete anything
    from attachwatch.config import Settings
    from attachwatch.service.desk import Desk

_HARMLESS = re.compile(r"[\w ()\[\]./:@-]+")  # in any shell; some of the words are a stranger's
_Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


@contextmanager
def at_desk(config_file: Path | None) -> Iterator["Desk"]:
    """Where a person decides, with the ledger open."""
    from attachwatch.service import setup
    from attachwatch.service.desk import Desk

    settings = options.settings(config_file)
    with options.open_ledger(settings) as ledger:
        yield Desk(settings, setup.cases(settings), ledger)


def _completing(known: Callable[[click.Context], Iterable[str]]) -> _Complete:
    """Completion by what is known; none where that cannot be read."""

    def complete(ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        try:
            words = dict.fromkeys(known(ctx))
        except AttachwatchError:
            return []
        return [
            CompletionItem(w) for w in words if w.casefold().startswith(begun.casefold()) and _HARMLESS.fullmatch(w)
        ]

    return complete


def _settings(ctx: click.Context) -> "Settings":
    return options.settings(ctx.params.get("config_file"))


def _cases(ctx: click.Context) -> tuple[Case, ...]:
    from attachwatch.service import setup

    return setup.cases(_settings(ctx))


def _labels(ctx: click.Context) -> Iterator[str]:
    wanted = ctx.params.get("case")
    return (a.label for c in _cases(ctx) if not wanted or wanted in c.all_references for a in c.annexes)


def _waiting(ctx: click.Context) -> list[str]:
    """Messages that wait, and cases that they propose."""
    with at_desk(ctx.params.get("config_file")) as desk:
        pictures = desk.overviews().values()
    return [p.reference for o in pictures for p in o.proposed] + [str(h.message.id) for o in pictures for h in o.held]


def _decisions(ctx: click.Context) -> list[str]:
    with options.open_ledger(_settings(ctx)) as ledger:
        return [str(d.id) for d in ledger.decisions()]


def _drafts(ctx: click.Context) -> list[str]:
    with options.open_ledger(_settings(ctx)) as ledger:
        return [str(d.id) for d in ledger.drafts()]


references = _completing(lambda ctx: (r for c in _cases(ctx) for r in c.all_references))
mailboxes = _completing(lambda ctx: (m.name for m in _settings(ctx).mailbox))
labels = _completing(_labels)
waiting = _completing(_waiting)
decisions = _completing(_decisions)
drafts = _completing(_drafts)
