"""The whole program in this process, as `main` calls it: quicker than one of its own, where that is not the point."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from attachwatch.cli import program, stopping
from tests import schemas


@dataclass(frozen=True, slots=True)
class Done:
    """What is left of a run."""

    status: int
    stdout: str
    stderr: str


def call(capsys: pytest.CaptureFixture[str], *words: object) -> Done:
    """Run it; whatever JSON it prints is as its schema says."""
    capsys.readouterr()
    with pytest.MonkeyPatch.context() as patch, _signals_kept():
        patch.setattr(sys, "argv", ["attachwatch", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            program.run()
    said = capsys.readouterr()
    schemas.hold(words, said.out)
    return Done(int(ended.value.code or 0), said.out, said.err)


@contextmanager
def _signals_kept() -> Iterator[None]:
    former = {number: signal.getsignal(number) for number in stopping.ALL}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
