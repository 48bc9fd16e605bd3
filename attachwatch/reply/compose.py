"""Where a case stands -> the words of the reply. Pure but for reading its own templates; sends nothing.

Everything that comes from a message is data here: it is shown with control characters replaced, and never taken for
a template or a header.
"""

import hashlib
import textwrap
import tomllib
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined

from attachwatch.model import (
    Annex,
    Attachment,
    Cause,
    Draft,
    DraftItem,
    Finding,
    FollowUp,
    Inspection,
    MissingItem,
    Problem,
    Verdict,
)
from attachwatch.reply.envelope import Envelope, envelope

_WIDTH = 76
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def compose(follow_up: FollowUp, account: str, reply_to: Sequence[str], now: datetime) -> Draft:
    """Write the draft for `follow_up`.

    `account` is the user's own address; `reply_to` the authority's addresses that the reply goes to.
    """
    items = tuple(_item(p) for p in follow_up.problems)
    missing = tuple(MissingItem(a.label, a.title) for a in follow_up.missing)
    body = compose_body(follow_up)
    head: Envelope = envelope(follow_up.answers, follow_up.case, account, reply_to)
    return Draft(
        case=follow_up.case.reference,
        round=follow_up.round,
        basis=follow_up.basis,
        message_id=_message_id(follow_up, items, missing, head.sender),
        sender=head.sender,
        to=head.to,
        cc=head.cc,
        subject=head.subject,
        in_reply_to=head.in_reply_to,
        references=head.references,
        items=items,
        missing=missing,
        body=body,
        created=now,
        kind=follow_up.kind,
        generated=body,
    )


def printable(text: str) -> str:
    """`text` with every control, format and unassigned character (Unicode category C) shown as U+FFFD."""
    return "".join("\ufffd" if unicodedata.category(c).startswith("C") else c for c in text)


def _item(problem: Problem) -> DraftItem:
    attachment, inspection = problem.file.attachment, problem.file.inspection
    return DraftItem(
        problem.labels, attachment.name, inspection.verdict, inspection.cause, attachment.size, attachment.sha256
    )


def _message_id(follow_up: FollowUp, items: object, missing: object, sender: str) -> str:
    """The same for the same draft, so that a second APPEND can be recognised (RFC 5322 section 3.6.4)."""
    said = repr((follow_up.case.reference, follow_up.round, follow_up.basis, items, missing)).encode()
    domain = sender.rpartition("@")[2]
    return f"<attachwatch.{hashlib.sha256(said).hexdigest()[:32]}@{domain or 'localhost'}>"


def compose_body(follow_up: FollowUp) -> str:
    """The words alone."""
    language = follow_up.case.language
    answers = follow_up.answers.header
    name = printable(answers.sender.name).strip() if answers.sender else ""
    text = (
        _environment(language)
        .get_template("follow_up.txt")
        .render(
            salutation=name[:80] or "Sir or Madam",
            reference=follow_up.case.reference,
            round=follow_up.round,
            emails=len(follow_up.emails),
            dates=_dates(follow_up),
            cured=[_named(follow_up, label) for label in follow_up.cured],
            items=[
                {
                    "name": _name(p.file.attachment),
                    "label": _unsaid_label(follow_up, p),
                    "what": _what(p, language),
                    "unchanged": p.unchanged,
                }
                for p in follow_up.problems
            ],
            extent=_extent(follow_up.problems),
            asks=_asks(follow_up.problems, language),
            missing=[_missing(a) for a in follow_up.missing],
            opened=follow_up.opened,
            sign_off=follow_up.case.sign_off,
        )
    )
    return text.strip() + "\n"


def _name(file: Attachment) -> str:
    return "(a file without a name)" if file.is_nameless else printable(file.name)


def _extent(problems: Sequence[Problem]) -> str:
    damaged = [p.file.inspection.verdict is Verdict.DAMAGED for p in problems]
    return "part" if all(damaged) else "some" if any(damaged) else "whole"


def _named(follow_up: FollowUp, label: str) -> str:
    kinds = {a.label: a.kind for a in follow_up.case.annexes}
    kind = kinds.get(label, "")
    return printable(label if not kind or label.startswith(kind) else f"{kind} {label}")


def _unsaid_label(follow_up: FollowUp, problem: Problem) -> str:
    """Which annex a file is, where its name does not say so."""
    name = "".join(filter(str.isalnum, problem.file.attachment.name.casefold()))
    unsaid = [x for x in problem.labels if "".join(filter(str.isalnum, x.casefold())) not in name]
    return _in_prose([_named(follow_up, label) for label in unsaid])


def _missing(annex: Annex) -> str:
    label = annex.label if not annex.kind or annex.label.startswith(annex.kind) else f"{annex.kind} {annex.label}"
    return printable(f"{label} ({annex.title})" if annex.title and annex.title != label else label)


def _dates(follow_up: FollowUp) -> str:
    messages = follow_up.emails or (follow_up.answers,)
    days = sorted({(m.header.date or m.received).date() for m in messages})
    first, last = (f"{d.day} {d:%B %Y}" for d in (days[0], days[-1]))
    if len(days) == 1:
        return first
    return f"{first} and {last}" if len(days) == 2 else f"{first} to {last}"


def _what(problem: Problem, language: str) -> str:
    inspection = problem.file.inspection
    cause = next((f for f in inspection.findings if f.code == inspection.cause), None)
    text = _cause(inspection, language)["what"]
    return text.format(
        size=f"{inspection.size:,}",
        other=_clause(cause, "instead", ": it is {}"),
        label=_clause(cause, "label", " and carries the sensitivity label \u201c{}\u201d"),
        pages=_clause(cause, "pages", " (pages {})"),
    )


def _clause(cause: Finding | None, key: str, form: str) -> str:
    value = cause.evidence.get(key) if cause else None
    if not value:
        return ""
    shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return form.format(printable(shown)[:200])


def _asks(problems: Sequence[Problem], language: str) -> list[dict[str, str]]:
    """Each request once, with the numbers of the files that it is for."""
    groups: dict[str, list[int]] = {}
    for number, problem in enumerate(problems, 1):
        groups.setdefault(_cause(problem.file.inspection, language)["ask"], []).append(number)
    return [
        {"text": ask, "numbers": ("number " if len(n) == 1 else "numbers ") + _in_prose(list(map(str, n)))}
        for ask, n in groups.items()
    ]


def _cause(inspection: Inspection, language: str) -> dict[str, str]:
    """The words for a cause. That a mail filter took the file away is worth more than what the rest of it is not."""
    known = _causes(language)
    cause = Cause.GATEWAY_NOTICE if inspection.is_filters_notice else inspection.cause
    return known.get(cause or "", known["default"])


@cache
def _causes(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads(_read(language, "causes.toml"))


@cache
def _environment(language: str) -> Environment:
    # Plain text, so nothing is escaped; no value is ever taken for a template.
    environment = Environment(  # noqa: S701
        loader=FunctionLoader(lambda name: _read(language, name)), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters |= {
        "in_words": lambda n: _WORDS[n] if n < len(_WORDS) else str(n),
        "in_prose": _in_prose,
        "wrapped": _wrapped,
        "bullet": lambda mark, text: f"{mark} {_wrapped(text[0].upper() + text[1:], 2)}",
    }
    return environment


def _read(language: str, name: str) -> str:
    return files("attachwatch.reply").joinpath("templates", language, name).read_text(encoding="utf-8")


def _in_prose(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def _wrapped(text: str, indent: int) -> str:
    lines = textwrap.wrap(text, _WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * indent).join(lines)
