"""Matching over labelled cases: `python -m benchmarks.annexes match CASES.jsonl` prints a prediction a line."""

import argparse
import json
from datetime import date
from pathlib import Path

from attachwatch.annexes import expected, letter
from attachwatch.annexes.match import match
from attachwatch.mime.notices import without_links
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
    pairs: dict[str, list[int]] = {str(n): [] for n in range(len(annexes))}
    for m in found.matches:
        pairs[str(m.annex)].append(m.received)
    return {"id": case["id"], "match": pairs, "unexpected": list(found.unexpected)}


def _letter(case: dict) -> dict:  # type: ignore[type-arg]
    reading = letter.read(without_links(case["text"]), case["subject"], date.fromisoformat(case["sent"]))
    return {
        "id": case["id"],
        "annexes": [a.label for a in reading.promised],
        "withheld": [a.label for a in reading.withheld],
        "inside_letter": [a.label for a in reading.inside],
        "email_number": reading.note.number,
        "email_total": reading.note.total,
        "final": reading.note.final,
        "deadline": reading.deadline.isoformat() if reading.deadline else None,
        "references": list(reading.references),
    }


if __name__ == "__main__":
    main()
