"""The documents that `--json` prints, key by key, from their JSON Schemas."""

import json
from collections.abc import Mapping
from typing import Any

from attachwatch.cli.documents import DOCUMENTS, schema
from docs.generate.markdown import code, table

Schema = Mapping[str, Any]


def page() -> str:
    """Every document, and what it is made of."""
    made = {name: schema(name) for name in DOCUMENTS}
    types = {name: each for whole in made.values() for name, each in sorted(whole.get("$defs", {}).items())}
    documents = [_part(name, each, "###", _file(name)) for name, each in made.items()]
    parts = [_part(name, each, "###") for name, each in sorted(types.items())]
    return "\n".join([_INTRODUCTION, "## Documents\n", *documents, "## What they are made of\n", *parts])


def files() -> Mapping[str, str]:
    """The schemas themselves, by their place in the site."""
    return {f"reference/{_file(n)}": json.dumps(schema(n), indent=2, ensure_ascii=False) + "\n" for n in DOCUMENTS}


_INTRODUCTION = """\
# JSON

Whatever a command prints with `--json` is one document, and nothing else is on stdout. Its `version` changes when a key
goes or means something else; keys may be added. `attachwatch schema NAME` prints the JSON Schema (draft 2020-12) of the
release that you have; it names every key, so a program that checks what it reads should check against that one.
[For scripts](../how-to/scripts.md) has an example.
"""


def _file(name: str) -> str:
    return f"schemas/{name}.schema.json"


def _part(name: str, each: Schema, level: str, file: str = "") -> str:
    anchor = name if file else f"of-{name.lower()}"
    lines = [f"{level} {code(name)} {{ #{anchor} }}", ""]
    if says := each.get("description"):
        lines += [says, ""]
    if file:
        lines += [f"[The schema]({file}){{ download }}", ""]
    if "properties" in each:
        needed = set(each.get("required", ()))
        rows = [
            (code(key) + ("" if key in needed else " (may lack)"), _type(t)) for key, t in each["properties"].items()
        ]
        lines += [table(("key", "what it is"), rows)]
    else:
        lines += [_type(each), ""]
    return "\n".join(lines)


def _type(each: Schema) -> str:  # noqa: PLR0911 - one a kind
    if reference := each.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return f"[{code(name)}](#of-{name.lower()})"
    if options := each.get("anyOf"):
        return " or ".join(_type(o) for o in options)
    if "const" in each:
        return code(json.dumps(each["const"]))
    if "enum" in each:
        return ", ".join(code(json.dumps(v)) for v in each["enum"])
    kind = str(each.get("type", "anything"))
    if kind == "array":
        return f"list of {_type(each.get('items', {}))}"
    if kind == "object":
        return f"any keys, each {_type(each['additionalProperties'])}" if each.get("additionalProperties") else "object"
    return _KINDS.get(each.get("format", ""), _KINDS.get(kind, kind))


_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
    "date": "day (ISO 8601)",
    "date-time": "moment (ISO 8601, with its zone)",
}
