"""Matching over labelled cases: `python -m benchmarks.annexes match CASES.jsonl` prints a prediction a line, and
`python -m benchmarks.annexes speed` how long a large list and hostile names take."""

import argparse
import json
import time
from datetime import date
from pathlib import Path

from attachwatch.annexes import expected
from attachwatch.annexes.letters import letter
from attachwatch.annexes.matching.match import match
from attachwatch.mime.notices import without_links
from attachwatch.model import EmailText, Received


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["match", "letters", "speed"])
    parser.add_argument("cases", type=Path, nargs="?")
    options = parser.parse_args()
    if options.what == "speed":
        _speed()
        return
    if options.cases is None:
        parser.error("which cases?")
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


def _speed() -> None:
    """A thousand annexes and two thousand files: by label, by title alone, and by neither; then names of 5,000 odd
    characters."""
    words = ["board", "minutes", "policy", "register", "costs", "staff", "review", "contract", "audit", "plan"]
    titles = [f"{words[n % 10]} {words[n // 10 % 10]} {words[n // 100]} {n}" for n in range(1000)]
    emails = {n: EmailText("Your request", "Please find attached the next files.") for n in range(100)}
    names = {
        "by label": [f"Annex {n % 1000 + 1} {titles[n % 1000]} REDACTED ({n}).pdf" for n in range(2000)],
        "by title": [f"{titles[n % 1000]} REDACTED.pdf" for n in range(2000)],
        "by neither": [f"{words[n % 10]} {words[n // 7 % 10]} scan {n + 5000}.pdf" for n in range(2000)],
    }
    odd = [
        "annex ",
        "(",
        "D(i)",
        "-",
        "annexes a, ",
        "%20",
        "\u202eA",
        "1 to ",
        "part 1 of ",
        "ix",
        "a.",
        "&amp;",
        "1 bis ",
    ]
    names["5,000 characters"] = [(odd[n % 13] * 5000)[: 5000 - n % 7] for n in range(2000)]
    items = [f"Annex {n + 1} - {title}" for n, title in enumerate(titles)]
    for what, some in names.items():
        received = [Received(n // 20, name) for n, name in enumerate(some)]
        began = time.perf_counter()
        found = match(expected.from_items(items), received, emails)
        took = time.perf_counter() - began
        print(f"1,000 annexes x 2,000 files {what}: {took:.2f} s, {len(found.matches)} matches")


def _items(texts: list[str]) -> list[int]:
    """The item of the list that each annex comes from: a range is one item and several annexes."""
    owner: dict[tuple[str, str], int] = {}
    for n, text in enumerate(texts):
        for annex in expected.from_items([text]):
            owner.setdefault((annex.kind.casefold(), annex.label.casefold()), n)
    return list(owner.values())


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
