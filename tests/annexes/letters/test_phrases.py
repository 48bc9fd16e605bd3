"""How the phrases of phrases.toml are written, and what they find."""

import re
import time
import tomllib
from pathlib import Path

import pytest

from attachwatch.annexes.letters import phrases

TABLES = tomllib.loads((Path(phrases.__file__).with_name("phrases.toml")).read_text(encoding="utf-8"))
LANGUAGES = {"en", "de", "fr", "nl", "es", "it", "ga", "cy"}


def _finds(phrase: str, text: str) -> bool:
    return re.search(rf"(?<!\w)(?:{phrases.phrase_pattern(phrase)})", text, re.IGNORECASE) is not None


@pytest.mark.parametrize(
    ("phrase", "found", "not_found"),
    [
        ("refus*", "a Refusal", "unrefused"),
        ("*ons", "nous transmettrons", "nous on"),
        ("send|sent", "was sent", "sentence"),
        ("under the? scope", "under scope", "under a scope"),
        ("on page #", "on page 12", "on page twelve"),
        ("not _ sent", "not yet been sent", "not that we know of sent"),
        ("sent ... on", "sent to you by us on", "sent" + " x" * 40 + " on"),
        ("once !more", "once we know", "once more"),
        ("not.", "they are not", "not they"),
        ("e-mail", "an email, an e-mail, an e mail", "a mail"),
    ],
)
def test_the_notation(phrase: str, found: str, not_found: str) -> None:
    assert _finds(phrase, found)
    assert not _finds(phrase, not_found)


def test_every_phrase_is_of_a_known_language_and_can_be_found() -> None:
    for table, languages in TABLES.items():
        assert set(languages) <= LANGUAGES, table
        phrases.pattern(table)
        assert all(p.strip() == p and p for forms in languages.values() for p in forms), table


@pytest.mark.parametrize("text", ["not the ", "will be then also ", "sent on ", "x", "we will _ ", "a, b, "])
def test_no_text_takes_long(text: str) -> None:
    long = (text * 2_000)[:2_000]
    began = time.perf_counter()
    for table in TABLES:
        phrases.pattern(table).search(long)
    assert time.perf_counter() - began < 5
