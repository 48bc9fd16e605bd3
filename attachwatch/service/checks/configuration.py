"""The configuration's file, and what it names beside mailboxes and store: annex lists, templates, the notice."""

import os
import shutil
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shlex import quote

from attachwatch.config import CaseSettings, Settings
from attachwatch.reply.trial import check_templates
from attachwatch.service import setup
from attachwatch.service.checks.check import Check, guarded, warning


def file(path: Path) -> Iterator[Check]:
    """Who may write the configuration: whoever does has commands run in the user's name."""
    name, known = "configuration", path.stat()
    if hasattr(os, "getuid") and known.st_uid not in (os.getuid(), 0):
        yield warning(
            name,
            f"{path} belongs to another user, who may have commands run in your name",
            f"Make it yours: chown {os.getuid()} {quote(str(path))}",
        )
    elif known.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        yield warning(
            name,
            f"{path} may be written by others, who may have commands run in your name",
            f"Close it: chmod go-w {quote(str(path))}",
        )
    else:
        yield Check(name, f"{path} loads, and nobody else may write it")


def cases(settings: Settings) -> Iterator[Check]:
    """Each case's annex list and jurisdiction, read as `watch` reads them."""
    for case in settings.case:
        yield from guarded(f"case {case.reference}", partial(_case, settings, case))
    if not settings.case:
        yield Check("cases", "none is configured; `attachwatch cases` proposes those it finds, and adds them")


def _case(settings: Settings, case: CaseSettings) -> Iterator[Check]:
    alone = settings.model_copy(
        update={"case": (case,), "reply": settings.reply.model_copy(update={"templates": None})}
    )
    annexes = setup.cases(alone)[0].annexes
    source = f" in {case.annexes.name}" if isinstance(case.annexes, Path) else ""
    number = f"{len(annexes)} annex{'es' if len(annexes) != 1 else ''}" if annexes or source else "no annex list"
    if source and not annexes:
        yield warning(f"case {case.reference}", f"the annex list {case.annexes} is empty", "Write one annex a line.")
    else:
        yield Check(f"case {case.reference}", f"{number}{source}")


def templates(settings: Settings) -> Iterator[Check]:
    """The user's own templates, tried on invented cases."""
    folder = settings.reply.templates
    if folder is None:
        yield Check("templates", "those that come with attachwatch")
        return
    check_templates(folder, {case.language for case in settings.case})
    yield Check("templates", f"{folder} can be used in each language of a case")


def notice(settings: Settings) -> Iterator[Check]:
    """Whether the program that tells of new drafts is there; it is not run."""
    command = settings.notice.command
    if not command:
        return
    if shutil.which(command[0]) is None:
        yield warning("notice", f"there is no program {command[0]!r} that can be run", "Correct `command` in [notice].")
    else:
        yield Check("notice", f"{command[0]} is there")
