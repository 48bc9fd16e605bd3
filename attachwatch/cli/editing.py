"""A draft's words in the user's own editor, or from a file. Whatever goes wrong, what was typed stays in a file."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import click

from attachwatch.errors import AttachwatchError, StoreError, UsageError
from attachwatch.model import Draft

_LARGEST = 1 << 20  # bytes of a text


@contextmanager
def in_editor(folder: Path, draft: Draft) -> Iterator[str]:
    """The words of `draft` after $VISUAL or $EDITOR. They stay in a file of `folder`, which the error names, where the
    editor or what is done with them fails."""
    if not sys.stdin.isatty() and not any(os.environ.get(name) for name in ("VISUAL", "EDITOR")):
        raise UsageError("there is no terminal to edit in", "Set $EDITOR, or give the words with --file.")
    path = _copied(folder, draft)
    try:
        _edit(path)
        yield _read(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", "The draft is left as it was.") from None
    except AttachwatchError as error:
        kept = f"What you typed is in {path}; `attachwatch drafts edit {draft.id} --file` takes it from there."
        raise type(error)(error.problem, f"{error.remedy} {kept}".strip()) from None
    path.unlink(missing_ok=True)


def from_file(name: str) -> str:
    """The text of a file, or of standard input where that is "-"."""
    try:
        if name == "-":
            return _text(sys.stdin.buffer.read(_LARGEST + 1))
        return _read(Path(name))
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}", "Name another file with --file.") from None


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return _text(file.read(_LARGEST + 1))


def _copied(folder: Path, draft: Draft) -> Path:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        for number in count(1):
            path = folder / (f"draft-{draft.id}.txt" if number == 1 else f"draft-{draft.id}-{number}.txt")
            try:
                path.touch(mode=0o600, exist_ok=False)
            except FileExistsError:
                continue  # of an edit that failed; nobody's words are written over
            path.write_text(draft.body, encoding="utf-8")
            return path
    except OSError as error:
        raise StoreError(
            f"no file to edit can be made in {folder}: {error.strerror}", "Check free space and permissions."
        ) from None
    raise AssertionError("numbers do not end")


def _edit(path: Path) -> None:
    try:
        click.edit(filename=str(path))
    except (click.ClickException, ValueError) as error:  # the latter, where $EDITOR is no command line
        said = error.format_message() if isinstance(error, click.ClickException) else f"$EDITOR: {error}"
        raise UsageError(f"the editor failed, and the draft is left as it was: {said}", "Check $EDITOR.") from None


def _text(data: bytes) -> str:
    if len(data) > _LARGEST:
        raise UsageError("the text is longer than any letter", "The draft is left as it was.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError("the text is not UTF-8", "Save it as UTF-8; the draft is left as it was.") from None
