"""Hostile names, texts and lists through the matcher: `python -m tests.annexes.fuzz [--seconds N] [--seed N]`.

None may take longer than its bound, raise what is not said, or be placed by signs that nobody sees. Prints the slowest
of each kind, and ends with 1 if one broke its bound.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from attachwatch.annexes import expected
from attachwatch.annexes.labels.cleaning import clean, plain
from attachwatch.annexes.labels.label import bare, labels, singles
from attachwatch.annexes.labels.tokens import tokens
from attachwatch.annexes.letters.references import references
from attachwatch.annexes.matching.byemail import named_by
from attachwatch.annexes.matching.decoration import is_junk, is_ornament
from attachwatch.annexes.matching.lookup import expectation
from attachwatch.annexes.matching.match import match
from attachwatch.annexes.matching.titles import find
from attachwatch.errors import AnnexListError
from attachwatch.model import EmailText, Received

_PIECES = (
    "annex ", "Annexes A, ", "D(i)", "(", ")", "((((", "[", "-", " - ", "i", "ix", "1", "99999", "1 to ", "a.",
    "1 bis ", "part 1 of ", "Part C ", "Volume 2, ", "Tab 3 ", "second annex ", "to ", "and ", ", ", "&", "&amp;",
    "&#x202e;", "%20", "%E2%80%AE", "=?utf-8?Q?A?=", "=?utf-8?b?a?=", "\u202e", "\u2066", "\u200b", "\u00ad",
    "\u0301", "\ufdfa", "\u2013", " ", "\t", "\n", "\n \n", "_", "..", ".pdf", ".pdf.pdf", "~1", " (1)", " - Copy",
    "Copy of ", "2024-", "12.03.2024 ", "FOI 24/", "x@y", "@", "http://", "/", "\\", "'", "\u0130", "\u00df", "will ",
    "attached ", "not ", "sent ", "but ", "scan1.pdf ", "disclaimer", "disclaimer_", "image", "0x",
    "Data Protection ", "minutes ", "march ", "\x00", "\ud800",
)  # fmt: skip
_SHOWN = 20  # of what went wrong
_UNSEEN = ("\u202e", "\u202d", "\u2066", "\u2069", "\u200b", "\u200f", "\u00ad", "\ufeff")
_LIST = [
    "Annex A",
    "Annex D(i) to D(ix)",
    "Volume 2, Tab 3",
    "Minutes of March 2024",
    "Ares(2024)1234567",
    "Annex 1 - DPIA",
]
_NAMES = [
    "Annex A.pdf",
    "AnnexDiii.pdf",
    "Annex D(iv) - x.pdf",
    "Vol2_Tab3.pdf",
    "minutes march 2024.pdf",
    "Annex 1.pdf",
]


@dataclass(frozen=True, slots=True)
class _Probe:
    """What is tried with a text of so many characters, and how long it may take, in seconds of the processor."""

    ask: Callable[[str], object]
    length: int
    bound: float


def _of_list(text: str) -> None:
    with suppress(AnnexListError):
        expected.from_text(text)


def _of_csv(text: str) -> None:
    with suppress(AnnexListError):
        expected.from_csv(text)


def probes() -> Mapping[str, _Probe]:
    """Everything that reads what others wrote."""
    annexes = expected.from_items(_LIST)
    about = expectation(annexes)
    names = [Received(0, name) for name in ("scan1.pdf", "scan2.pdf", "image001.png")]
    return {
        "a name, cleaned": _Probe(clean, 5_000, 0.1),
        "a name, cut": _Probe(lambda x: tokens(clean(x)), 5_000, 0.1),
        "a name's labels": _Probe(lambda x: (list(labels(clean(x))), bare(clean(x))), 5_000, 0.1),
        "a name's title": _Probe(lambda x: find(clean(x), about.titles), 5_000, 0.1),
        "a name as decoration": _Probe(lambda x: (is_junk(Received(0, x)), is_ornament(Received(0, x))), 5_000, 0.1),
        "a file": _Probe(lambda x: match(annexes, [Received(0, x), *names], {}), 5_000, 0.2),
        "a container": _Probe(lambda x: match(annexes, [Received(0, "i.pdf", (x,))], {}), 5_000, 0.2),
        "an email's files": _Probe(lambda x: match(annexes, names, {0: EmailText(x, x)}), 100_000, 1.0),
        "an email's own name": _Probe(lambda x: named_by(EmailText("", x), "scan1.pdf", about), 100_000, 1.0),
        "running text": _Probe(lambda x: list(singles(x)), 20_000, 1.0),
        "references": _Probe(lambda x: references(x, x), 100_000, 2.0),
        "a list": _Probe(_of_list, 100_000, 3.0),
        "a list in CSV": _Probe(_of_csv, 100_000, 3.0),
    }


def texts(choose: random.Random, length: int) -> str:
    """A few pieces over and over, since what is slow is slow in repetition; now and then with another end."""
    few = choose.choices(_PIECES, k=choose.randint(1, 4))
    text = (
        "".join(choose.choices(few, k=4) * (length // max(1, len("".join(few))) + 1)) if choose.random() < 0.8 else ""
    )
    text = text or "".join(choose.choices(_PIECES, k=length // 4))
    end = choose.choice(("", "", "!", "\x00", ".pdf", "A", " x"))
    return choose.choice(("", "Annex ", "FOI 2024/00123 ")) + text[: length - len(end)] + end


def misled(choose: random.Random) -> str | None:
    """A name that signs which nobody sees have placed elsewhere."""
    annexes = expected.from_items(_LIST)
    name = choose.choice(_NAMES)
    place = choose.randrange(len(name) + 1)
    dressed = name[:place] + "".join(choose.choices(_UNSEEN, k=choose.randint(1, 3))) + name[place:]
    one, other = (match(annexes, [Received(0, x)], {}) for x in (name, dressed))
    return None if (one.matches, plain(name)) == (other.matches, plain(dressed)) else ascii(dressed)


def run(seed: int, *, seconds: float) -> tuple[int, Mapping[str, tuple[float, str]], list[str]]:
    """How many texts were tried, the slowest of each probe with what it read, and everything that went wrong."""
    choose, until = random.Random(seed), time.monotonic() + seconds
    slowest: dict[str, tuple[float, str]] = {}
    wrong: list[str] = []
    tried = 0
    every = list(probes().items())
    while time.monotonic() < until:
        name, probe = every[tried % len(every)]
        text = texts(choose, probe.length)
        took, said = _timed(probe.ask, text)
        slowest[name] = max(slowest.get(name, (0.0, "")), (took, ascii(text[:60])))
        wrong += [f"{name}: {x}: {text[:200]!a}" for x in _broken(took, probe.bound, said)]
        wrong += filter(None, [misled(choose)])
        tried += 1
    return tried, slowest, wrong


def _timed(ask: Callable[[str], object], text: str) -> tuple[float, str]:
    began, said = time.process_time(), ""
    try:
        ask(text)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what we look for
        said = repr(error)
    return time.process_time() - began, said


def _broken(took: float, bound: float, said: str) -> Iterator[str]:
    if said:
        yield said
    if took > bound:
        yield f"{took:.2f} s, and {bound:.1f} s is its bound"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    options = parser.parse_args()
    tried, slowest, wrong = run(options.seed, seconds=options.seconds)
    print(f"seed {options.seed}: {tried} texts")  # noqa: T201
    for name, (took, text) in sorted(slowest.items(), key=lambda x: -x[1][0]):
        print(f"{took:8.3f} s  {name:22} {text}")  # noqa: T201
    print("\n".join(wrong[:_SHOWN]) or "none broke its bound")  # noqa: T201
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
