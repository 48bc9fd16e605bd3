"""The keys of the configuration: types, bounds and defaults by its models, sentences by the example."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from attachwatch.config import Settings
from docs.generate.markdown import code, table

EXAMPLE = Path(__file__).parents[2] / "config" / "attachwatch.example.toml"
_TABLE = re.compile(r"(?:# )?\[+(\w+)\]+")
_KEY = re.compile(r"(?:# )?(\w+) = (?:\"[^\"]*\"|\[.*?\]|[^#])*(?:# *(.*))?")
_GOES_ON = re.compile(r" +# *(.*)")
_UNITS = {"w": 604800, "d": 86400, "h": 3600, "m": 60, "s": 1}
_TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path", date: "day"}
_BOUNDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def page() -> str:
    """Every table with every key."""
    parts = [_part(name, field) for name, field in Settings.model_fields.items()]
    return "# Configuration\n\n" + _INTRODUCTION + "\n" + "\n".join(parts)


def example() -> str:
    """The example, whole."""
    head = "# An example configuration\n\n`config/attachwatch.example.toml`, with every key.\n"
    return f"{head}\n```toml\n{EXAMPLE.read_text(encoding='utf-8')}```\n"


_INTRODUCTION = """\
One TOML file, found through `--config FILE`, then `ATTACHWATCH_CONFIG`, then `attachwatch.toml` in the working folder,
then the user's configuration folder. [The example](example.md) shows every key in its place; `attachwatch init` writes
the first file, and `attachwatch doctor` tries it. A key that is unknown, misspelt or of the wrong type is one line that
names file, key and remedy, with exit status 2.

Paths are relative to the folder that the file is in. Durations are written `"90s"`, `"5m"`, `"2h"`, `"2d"`, also
`"1h30m"`; days without quotation marks, `2023-10-18`. Secrets never stand in the file:
[passwords and tokens](signing-in.md) tells where they come from. `watch` reads it anew at SIGHUP, but `[store]`,
`[limits]` and `[daemon]` at its start only.
"""


def sentences(example: str) -> Mapping[tuple[str, str], str]:
    """What the example says of each key, by table and key."""
    found: dict[tuple[str, str], str] = {}
    place, key = "", ""
    for line in example.splitlines():
        if match := _TABLE.match(line):
            place, key = match[1], ""
        elif match := _KEY.match(line):
            key = "" if (place, match[1]) in found else match[1]
            if key:
                found[place, key] = match[2] or ""
        elif key and (match := _GOES_ON.match(line)):
            found[place, key] += f" {match[1]}"
        else:
            key = ""
    return {k: text.removesuffix("; or") for k, text in found.items() if text}


def model(field: FieldInfo) -> type[BaseModel]:
    """What a table of the configuration is, or each of them where there are several."""
    return next(m for m in _within(field.annotation) if isinstance(m, type) and issubclass(m, BaseModel))


def _part(name: str, field: FieldInfo) -> str:
    title = f"[[{name}]]" if get_origin(field.annotation) is tuple else f"[{name}]"
    says = sentences(EXAMPLE.read_text(encoding="utf-8"))
    rows = [
        (code(key), _type(one.annotation, one.metadata), _default(one), says.get((name, key), ""))
        for key, one in model(field).model_fields.items()
    ]
    head = ("key", "what it takes", "default", "what it says")
    return f"## {code(title)} {{ #{name} }}\n\n{model(field).__doc__}\n\n{table(head, rows)}"


def _within(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from _within(part)


def _type(annotation: Any, metadata: list[Any]) -> str:
    bounds = [f"{says} {getattr(m, bound)}" for m in metadata for bound, says in _BOUNDS.items() if hasattr(m, bound)]
    if date in _within(annotation):
        bounds = []
    return ", ".join([_kind(annotation), *bounds])


def _kind(annotation: Any) -> str:
    origin, parts = get_origin(annotation), get_args(annotation)
    if annotation is timedelta:
        return "duration"
    if origin is Annotated:
        return _kind(parts[0])
    if origin is Literal:
        return " or ".join(code(f'"{p}"') for p in parts)
    if origin in (Union, UnionType):
        return " or ".join(_kind(p) for p in parts if p is not NoneType)
    if origin is tuple:
        return f"list of {_kind(parts[0])}"
    return _TYPES[annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**must be given**"
    value = field.default
    return "" if value in (None, "", ()) else code(_as_toml(value))


def _as_toml(value: object) -> str:
    if isinstance(value, timedelta):
        seconds = int(value.total_seconds())
        unit = next(u for u, size in _UNITS.items() if seconds % size == 0)
        return f'"{seconds // _UNITS[unit]}{unit}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_as_toml, value))}]"
    return f'"{value}"' if isinstance(value, (str, Path)) else f"{value:g}" if isinstance(value, float) else str(value)
