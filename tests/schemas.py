"""Whatever a test has `--json` print is held against its schema."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from attachwatch.cli.documents import schema

# By the first words of the command; the longest that fits counts. Several where one of them will do.
PRINTED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("verify",): ("verify", "archive"),
    ("watch",): ("status",),
    ("status",): ("status",),
    ("demo",): ("status",),
    ("cases",): ("cases",),
    ("cases", "list"): ("cases",),
    ("cases", "add"): ("configured",),
    ("cases", "edit"): ("configured",),
    ("cases", "rename"): ("configured", "decisions"),
    ("cases", "accept"): ("configured", "decisions"),
    ("cases", "close"): ("decisions",),
    ("cases", "reopen"): ("decisions",),
    ("cases", "dismiss"): ("decisions",),
    ("cases", "move"): ("decisions",),
    ("cases", "received"): ("decisions",),
    ("cases", "suspend"): ("decisions",),
    ("cases", "decisions"): ("decisions",),
    ("cases", "undo"): ("decisions",),
    ("drafts",): ("drafts",),
    ("drafts", "list"): ("drafts",),
    ("drafts", "show"): ("drafts",),
    ("drafts", "diff"): ("diff",),
    ("drafts", "edit"): ("drafts",),
    ("drafts", "restore"): ("drafts",),
    ("drafts", "approve"): ("drafts",),
    ("drafts", "discard"): ("drafts",),
    ("drafts", "export"): ("drafts",),
    ("review",): ("review",),
    ("report",): ("report",),
    ("signin",): ("signin",),
    ("doctor",): ("doctor",),
    ("init",): ("init",),
    ("service", "install"): ("service",),
    ("service", "print"): ("service",),
    ("store", "migrate"): ("migrated",),
}


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(name: str, document: Any) -> list[str]:
    """What of the document the schema does not allow."""
    return [f"{error.json_path}: {error.message}" for error in _validator(name).iter_errors(document)]


def _without_options(said: Sequence[str]) -> Iterator[str]:
    """The words, without what may be given to a group and holds for its commands."""
    for before, word in zip(("", *said), said, strict=False):
        if word not in ("--json", "--config") and before != "--config":
            yield word


def hold(words: Sequence[object], printed: str) -> None:
    """Fail where the command of these words printed JSON, and other JSON than its schema says."""
    said = [str(w) for w in words]
    if "jsonl" in said and "--cluster" not in said:
        for line in printed.splitlines():
            assert faults("verify-line", json.loads(line)) == []
    elif printed and ("--json" in said or "json" in said):
        named = tuple(_without_options(said))
        names = PRINTED.get(named[:2]) or PRINTED[named[:1]]
        found = {name: faults(name, json.loads(printed)) for name in names}
        assert [] in found.values(), found
