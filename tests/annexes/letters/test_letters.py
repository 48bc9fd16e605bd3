"""Letters as authorities write them, and what is read in them."""

import tomllib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.annexes.letters.letter import read
from attachwatch.annexes.letters.sentences import plain
from attachwatch.model import NamedAnnex, Reading

LETTERS = tomllib.loads(Path(__file__).with_name("letters.toml").read_text(encoding="utf-8"))["letter"]


@pytest.fixture(params=LETTERS, ids=[x["note"] for x in LETTERS])
def letter(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(request.param)


def _read(letter: dict[str, Any]) -> Reading:
    return read(letter["text"], letter["subject"], letter["sent"])


def _key(label: str) -> str:
    """A label by its letters and digits: `1(a)` and `1a` are the same."""
    return "".join(c for c in label.casefold() if c.isalnum())


def _keys(annexes: Iterable[NamedAnnex]) -> set[str]:
    return {_key(a.label) for a in annexes}


def test_the_annexes_promised_are_read(letter: dict[str, Any]) -> None:
    assert _keys(_read(letter).promised) == {_key(x) for x in letter.get("promised", [])}


def test_what_is_not_to_be_expected_is_read(letter: dict[str, Any]) -> None:
    assert _keys(_read(letter).withheld) == {_key(x) for x in letter.get("withheld", [])}
    assert _keys(_read(letter).inside) == {_key(x) for x in letter.get("inside", [])}


def test_the_email_counts_itself(letter: dict[str, Any]) -> None:
    note = _read(letter).note
    assert (note.number, note.total, note.final) == tuple(
        letter.get(k, d) for k, d in (("number", None), ("total", None), ("final", False))
    )


def test_the_authoritys_own_deadline_is_read(letter: dict[str, Any]) -> None:
    assert _read(letter).deadline == letter.get("deadline")


def test_references_are_read(letter: dict[str, Any]) -> None:
    assert list(_read(letter).references) == letter.get("references", [])


def test_each_annex_comes_with_the_sentence_that_names_it(letter: dict[str, Any]) -> None:
    own = " ".join(plain(f"{letter['subject']} {letter['text']}").split())
    for annex in _read(letter).annexes:
        assert annex.sentence in own


WORDS = st.sampled_from(
    [
        "Annex",
        "A",
        "B(i)",
        "to",
        "and",
        ",",
        ".",
        ";",
        ":",
        "is",
        "attached",
        "not",
        "Annexes",
        "1",
        "-",
        "9",
        "by",
        "3",
        "May",
        "2024",
        "email",
        "of",
        "FOI/1/24",
        ">",
        "|",
        "\n",
    ]
)


@given(st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=60).map(" ".join)), st.text(max_size=80))
def test_any_text_can_be_read(text: str, subject: str) -> None:
    reading = read(text, subject, date(2024, 3, 4))
    assert reading.note.total is None or (reading.note.number or 0) <= reading.note.total
    assert reading.deadline is None or reading.deadline >= date(2024, 3, 4)
    assert len({a.label.casefold() for a in reading.annexes}) == len(reading.annexes)
