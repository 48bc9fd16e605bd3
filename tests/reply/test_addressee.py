"""Who is greeted by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.reply.addressee import salutation


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Ann Smith", "Ann Smith"), ("Ann", "Ann"), ("Dr. A. B. Smith", "Dr. A. B. Smith"),
        ("Se\u00e1n \u00d3 Briain", "Se\u00e1n \u00d3 Briain"), ("John O'Neill", "John O'Neill"),
        ("Jean-Luc Picard", "Jean-Luc Picard"), ("\u674e \u660e", "\u674e \u660e"),
        ("Margaret Court", "Margaret Court"),
        ("'Smith, John'", "John Smith"), ("MCDONALD, Ian (FOI)", "Ian MCDONALD"),
        ("Smith, John - FOI Unit", "John Smith"), ("Ann Smith via WhatDoTheyKnow", "Ann Smith"),
    ],
)  # fmt: skip
def test_a_person_is_greeted_as_they_are_spoken_to(name: str, greeted: str) -> None:
    assert salutation(name) == greeted


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("FOI Team", "FOI Team"), ("The FOI team", "FOI team"), ("Home Office FOI Team", "Home Office FOI Team"),
        ("FOI & EIR Team (do not quote)", "FOI & EIR Team"), ("Team", ""), ("noreply FOI Team", ""),
    ],
)  # fmt: skip
def test_a_team_is_greeted_as_one(name: str, greeted: str) -> None:
    assert salutation(name) == greeted


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "FOI Requests", "FOI", "Home Office", "Information Rights", "Access to Information", "noreply",
        "No-Reply", "Do Not Reply", "Please do not reply to this mailbox", "DSIT", "foi", "foi@interior.example",
        "Freedom of Information", "Correspondence Unit", "Department for Education", "Bundesministerium des Innern",
        "Poststelle", "B\u00fcrgerb\u00fcro", "Referat Z II 4", "Pr\u00e9fecture de Police",
        "nicht antworten", "ne pas r\u00e9pondre",
        "Case 12345", "=?utf-8?Q?Ann?=", "<script>alert(1)</script>", "{{ 7*7 }}", "Ann\u202e Smith", "A\0nn", "\ud800",
        "x" * 5_000, "one two three four five six seven eight", ",", "(FOI)",
    ],
)  # fmt: skip
def test_an_office_an_address_and_what_is_no_name_are_not_greeted(name: str) -> None:
    assert salutation(name) == ""


@given(st.text(max_size=400))
def test_whatever_a_name_holds_what_is_greeted_is_short_and_of_letters(name: str) -> None:
    greeted = salutation(name)
    assert len(greeted) <= 80
    assert not set(greeted) & set("<>{}@=\r\n\t\0\u202e,")
