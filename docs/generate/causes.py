"""The causes and findings, by what attachwatch says of its own samples and asks for in its letters."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from attachwatch.inspection import claims
from attachwatch.inspection.sandbox import Inspector
from attachwatch.model import Cause, Finding, Inspection, Verdict
from attachwatch.reply.words import Words
from docs.generate.markdown import code, table

SAMPLES = Path(__file__).parents[2] / "corrupt_samples"


def page() -> str:
    """Every cause, and every other finding that a sample shows."""
    inspected = dict(_inspected())
    said = {f.code: (name, f) for name, i in reversed(inspected.items()) for f in i.findings}
    said |= {i.cause: (name, i.findings[0]) for name, i in reversed(inspected.items()) if i.cause}
    verdicts = {
        c: [v for v in Verdict if any((i.cause, i.verdict) == (c, v) for i in inspected.values())] for c in Cause
    }
    words = Words("en")
    causes = "\n".join(_cause(c, verdicts[c], said.get(c), words) for c in Cause)
    findings = [_finding(each, *said[each]) for each in sorted(said.keys() - set(Cause))]
    return (
        f"{_INTRODUCTION}\n## Causes\n\n{causes}\n{_OTHERS}\n{table(('code', 'says, for one', 'evidence'), findings)}"
    )


_INTRODUCTION = """\
# Causes and findings

As attachwatch words them: each sentence is what it says of one of the samples in `corrupt_samples/`, and what it asks
for is what an English letter asks for the first time. [Verdicts and causes](../explanation/verdicts-and-causes.md)
tells what each means, and when it is held against an authority.
"""
_OTHERS = """
## Other findings

Facts that are no cause by themselves. Those that depend on the machine or the mailbox and not on the file, such as
`unreadable` and `fetches-differ`, have no sample and stand in
[verdicts and causes](../explanation/verdicts-and-causes.md#other-findings).
"""


def _inspected() -> Iterator[tuple[str, Inspection]]:
    with (SAMPLES / "manifest.csv").open(newline="", encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    with Inspector(jobs=2) as inspector:
        found = dict(inspector.inspect_all((name, SAMPLES / name) for name in names))
    return ((name, claims.as_named(found[name], name, "")) for name in names)


def _cause(cause: Cause, verdicts: list[Verdict], said: tuple[str, Finding] | None, words: Words) -> str:
    rows: dict[str, str] = {}
    if verdicts:
        rows["verdict"] = ", ".join(code(v) for v in verdicts)
    elif said:
        rows["verdict"] = "none: a note on a file that is shown"
    else:
        rows["verdict"] = "`unchecked`; no file should make it, so there is no sample"
    if said:
        name, finding = said
        rows["says, for one"] = f"{finding.message} ({code(name)})"
        rows["evidence"] = _keys(finding.evidence)
    if any(v.accuses for v in verdicts):
        told = words.cause(cause)
        clauses = {"other": "", "label": ""}
        rows["the letter says"] = f"It {words.filled(told.what, clauses)}."
        rows["and asks"] = words.ask(told.ask, 1, 1)
    parts = (f"{name}\n:   {text}\n" for name, text in rows.items())
    return f"### {code(cause)} {{ #{cause} }}\n\n" + "\n".join(parts)


def _finding(each: str, name: str, finding: Finding) -> tuple[str, str, str]:
    return code(each), f"{finding.message} ({code(name)})", _keys(finding.evidence)


def _keys(evidence: Mapping[str, object]) -> str:
    return ", ".join(code(key) for key in evidence) or "none"
