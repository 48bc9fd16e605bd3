"""Matching over labelled cases: `python -m benchmarks.annexes match CASES.jsonl` prints a prediction a line."""

import argparse
import json
from pathlib import Path

from attachwatch.annexes import expected, letter
from attachwatch.annexes.match import match
from attachwatch.model import EmailText, Received


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["match", "letters"])
    parser.add_argument("cases", type=Path)
    options = parser.parse_args()
    predict = _match if options.what == "match" else _letter
    for line in options.cases.read_text(encoding="utf-8").splitlines():
        if line.strip():
            print(json.dumps(predict(json.loads(line))))


def _match(case: dict) -> dict:  # type: ignore[type-arg]
    annexes = expected.from_items(case["expected"])
    received = [
        Received(r["email"], r["name"], tuple(r["inside"].split("/")) if r.get("inside") else ())
        for r in case["received"]
    ]
    emails = {int(k): EmailText(v.get("subject", ""), v.get("body", "")) for k, v in case.get("emails", {}).items()}
    found = match(annexes, received, emails)
    items = _items(case["expected"])
    pairs: dict[str, list[int]] = {str(n): [] for n in range(len(case["expected"]))}
    for m in found.matches:
        if m.received not in pairs[str(items[m.annex])]:
            pairs[str(items[m.annex])].append(m.received)
    return {"id": case["id"], "match": pairs, "unexpected": list(found.unexpected)}


def _items(texts: list[str]) -> list[int]:
    """The item of the list that each annex comes from: a range is one item and several annexes."""
    owner: dict[tuple[str, str], int] = {}
    for n, text in enumerate(texts):
        for annex in expected.from_items([text]):
            owner.setdefault((annex.kind.casefold(), annex.label.casefold()), n)
    return list(owner.values())


def _letter(case: dict) -> dict:  # type: ignore[type-arg]
    note = letter.sending_note(letter.own_text(case["text"]), case["subject"])
    return {"id": case["id"], "email_number": note.number, "email_total": note.total, "final": note.final}


if __name__ == "__main__":
    main()
