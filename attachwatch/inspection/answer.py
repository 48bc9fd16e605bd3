"""How a worker's facts cross to the parent: one JSON object a line, checked strictly, since a worker may be taken over.

A line holds one fact under its name. What is no fact, says more than it should, or holds control characters is
refused, and the worker is taken for crashed.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from functools import cache
from typing import Any

from attachwatch.inspection.filetype import FileType
from attachwatch.inspection.structure import Structure
from attachwatch.model import Finding, ReaderReport

Fact = FileType | Structure | ReaderReport | Finding
_NAMES: dict[type, str] = {FileType: "type", Structure: "structure", ReaderReport: "reader", Finding: "finding"}
LONGEST = 1 << 20  # bytes of all lines together; more is no honest answer


class AnswerError(ValueError):
    """A line that no honest worker writes."""


def lines(facts: Iterable[Fact]) -> Iterator[bytes]:
    """What a worker writes: each fact at once, so that those before a crash survive it."""
    for fact in facts:
        yield json.dumps({_NAMES[type(fact)]: asdict(fact)}).encode() + b"\n"
    yield b'{"end": true}\n'


def read(answer: bytes) -> tuple[list[Fact], bool]:
    """The facts of an answer, and whether it came to its end. Raises AnswerError."""
    facts: list[Fact] = []
    for text in answer.split(b"\n")[:-1]:  # what stands behind the last line end was cut off
        line = _line(text)
        if line.end:
            return facts, True
        held = [fact for name in _NAMES.values() if (fact := getattr(line, name)) is not None]
        if len(held) != 1:
            raise AnswerError("a line holds one fact")
        facts += held
    return facts, False


@cache
def _model() -> Any:
    """What a line may be. Made by who reads, so that the zygote is spared what it takes to check."""
    from pydantic import BaseModel, ConfigDict

    class Line(BaseModel):
        model_config = ConfigDict(strict=True, extra="forbid")

        type: FileType | None = None
        structure: Structure | None = None
        reader: ReaderReport | None = None
        finding: Finding | None = None
        end: bool | None = None

    return Line


def _line(text: bytes) -> Any:
    try:
        line = _model().model_validate_json(text)
    except ValueError as error:  # of which pydantic's ValidationError is one
        raise AnswerError(f"a line is no fact: {type(error).__name__}") from None
    if b"\\u" in text and not _is_clean(json.loads(text)):
        raise AnswerError("a line holds control characters")
    return line


def _is_clean(value: object) -> bool:
    if isinstance(value, str):
        return not any(unicodedata.category(c) in ("Cc", "Cs") for c in value)
    if isinstance(value, dict):
        return all(_is_clean(k) and _is_clean(v) for k, v in value.items())
    return all(map(_is_clean, value)) if isinstance(value, list) else True
