"""What `status` tells of each mailbox, as it is kept in the ledger: its page, and its share of the document."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from attachwatch.cli.output import as_json
from attachwatch.cli.page import Block
from attachwatch.cli.shapes import VERSION

if TYPE_CHECKING:
    from attachwatch.service.overview import Overview
    from attachwatch.service.pictures import Telling

PAGE: Final = "status"
DOCUMENT: Final = "status --json"
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # none of which JSON has but in place of a line's end


@dataclass(frozen=True, slots=True)
class CaseTold:
    """One case, and whether it or anything beside the cases of its mailbox needs the user."""

    references: tuple[str, ...]
    needs_attention: bool
    page: tuple[Block, ...] = ()
    text: str = ""  # in the document's list of cases


@dataclass(frozen=True, slots=True)
class MailboxTold:
    """The cases of a mailbox, what waits beside them, and whether anything needs the user."""

    needs_attention: bool
    cases: tuple[CaseTold, ...]
    page: tuple[Block, ...] = ()
    lists: Mapping[str, tuple[str, ...]] | None = None  # in the document, by key

    def only(self, reference: str) -> "MailboxTold":
        cases = tuple(c for c in self.cases if reference in c.references)
        return replace(self, cases=cases, needs_attention=any(c.needs_attention for c in cases))


_TOLD = TypeAdapter(MailboxTold)


def read(content: bytes) -> MailboxTold:
    """Raises ValueError for what was not written here."""
    told = _TOLD.validate_json(content)
    if any(_CONTROL.search(c.text) for c in told.cases):
        raise ValueError("a control character")
    return told


def document(told: Sequence[MailboxTold], **more: object) -> str:
    """The document of several mailboxes, as `shapes.status_document` has it, and `more` behind it."""
    keys = dict.fromkeys(key for t in told for key in t.lists or ())
    lists = {"cases": [c.text for t in told for c in t.cases]}
    lists |= {key: [item for t in told for item in (t.lists or {}).get(key, ())] for key in keys}
    parts = [f'"version": {VERSION}', *(f'"{key}": {_list(items)}' for key, items in lists.items())]
    parts += [f'"{key}": {indented(value, 2)}' for key, value in more.items()]
    return "{\n  " + ",\n  ".join(parts) + "\n}"


def _list(items: Sequence[str]) -> str:
    return "[\n    " + ",\n    ".join(items) + "\n  ]" if items else "[]"


def indented(value: object, blanks: int) -> str:
    return as_json(value, indent=2).replace("\n", "\n" + " " * blanks)


def _page(name: str, picture: "Overview") -> bytes:
    from attachwatch.cli import telling

    return _TOLD.dump_json(telling.page(name, picture))


def _share(name: str, picture: "Overview") -> bytes:
    from attachwatch.cli import telling

    return _TOLD.dump_json(telling.share(name, picture))


TELLINGS: Mapping[str, "Telling"] = {PAGE: _page, DOCUMENT: _share}
