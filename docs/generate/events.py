"""The log events, gathered from the source: what is logged, how loudly, with which keys.

`events.toml` says what each means.
"""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from docs.generate.markdown import code, table

PACKAGE = Path(__file__).parents[2] / "attachwatch"
LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    level: str
    keys: tuple[str, ...]


def page() -> str:
    """Every event with its sentence."""
    found: dict[str, list[Event]] = {}
    for event in gathered():
        found.setdefault(event.name, []).append(event)
    says = sentences()
    rows = [(code(name), _levels(found[name]), _keys(found[name]), says[name]) for name in sorted(found)]
    return f"{_INTRODUCTION}\n{table(('event', 'level', 'keys', 'what happened'), rows)}"


_INTRODUCTION = """\
# Log events

Logs go to stderr, one line each: JSON where no terminal reads them, with `event`, `level`, `timestamp` (UTC) and the
keys below. `watch` logs from `info` on, other commands from `warning` on, and `--verbose` all. Names and subjects,
which come from strangers, have their control characters escaped. No password or token is ever among them.
"""


def sentences() -> Mapping[str, str]:
    """What each event means, by its name."""
    return dict(tomllib.loads(Path(__file__).with_name("events.toml").read_text(encoding="utf-8")))


def gathered() -> Iterator[Event]:
    """Every call of the package's loggers, in the order of the files."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "log." in text else ():
            if isinstance(node, ast.Call) and (event := _event(node)):
                yield event


def _event(call: ast.Call) -> Event | None:
    match call:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="log"), attr=level), args=[ast.Constant(value=str(name)), *_]
        ) if level in LEVELS:
            return Event(name, level, tuple(k.arg for k in call.keywords if k.arg and k.arg != "exc_info"))
    return None


def _levels(events: list[Event]) -> str:
    return ", ".join(level for level in LEVELS if level in {e.level for e in events})


def _keys(events: list[Event]) -> str:
    return ", ".join(code(key) for key in dict.fromkeys(k for e in events for k in e.keys))
