"""Which text is the authority's letter to the requester: told by its first page and its file's name."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.cases.response import About, first_page, is_response

SENT = date(2024, 10, 1)
REFERENCE = "FOI2024/01234"
LETTER = "Our ref: FOI2024/01234\nDear Ms Roe,\nThank you for your request of 2 September."


def is_letter(
    text: str,
    *,
    named: bool = False,
    days: tuple[date, ...] = (SENT,),
    others: tuple[str, ...] = (),
) -> bool:
    return is_response(first_page(text), About((REFERENCE,), others, SENT, named), days)


@pytest.mark.parametrize(
    "text",
    [
        "Dear Ms Roe,\nThank you for your Freedom of Information request.",
        "Dear Ms Roe,\nOn 2 September you asked the Department for:",
        "Dear Ms Roe,\nI refer to the request which you made under the FOI Act",
        "Sehr geehrte Frau Roe,\nauf Ihren Antrag vom 2. September",
        "Sehr geehrte Frau Roe,\nmit Schreiben vom 2. September haben Sie Zugang beantragt.",
        "Madame,\nPar courriel du 2 septembre, vous avez demand\u00e9",
        "Madame,\nEn r\u00e9ponse \u00e0 votre demande d\u2019acc\u00e8s",
        "Geachte mevrouw Roe,\nNaar aanleiding van uw Woo-verzoek",
        "Estimada se\u00f1ora:\nEn respuesta a su solicitud de acceso",
        "Gentile signora,\nin risposta alla Sua richiesta di accesso",
        "A chara,\nTagra\u00edm do d\u2019iarratas ar fhaisn\u00e9is",
        "Annwyl Ms Roe,\nDiolch am eich cais",
    ],
)
def test_a_letter_in_each_language_greets_and_speaks_of_the_request(text: str) -> None:
    assert is_letter(text, named=True)
    assert is_letter(f"{REFERENCE}\n{text}")
    assert not is_letter(text)


def test_a_notice_without_a_greeting_names_the_case_and_is_named_so() -> None:
    notice = "NOTICE OF DECISION FOI 2024-01234\nYou requested access to documents."
    assert is_letter(notice, named=True)
    assert not is_letter(notice)


@pytest.mark.parametrize(
    "text",
    [
        "FOI2024/01234\nDear Minister,\nThe officials will meet on Monday.",
        "FOI2024/01234\nDear FOI team,\nI would like to request all documents on X. Kind regards",
        "FOI2024/01234\nDear all,\nTheir request was refused.",
        "",
    ],
)
def test_what_speaks_of_no_request_of_its_reader_is_no_response(text: str) -> None:
    assert not is_letter(text, named=True)


@pytest.mark.parametrize(
    ("days", "is_it"),
    [
        ((), True),
        ((SENT - timedelta(days=60),), True),
        ((SENT - timedelta(days=61),), False),
        ((SENT - timedelta(days=900), SENT), True),
        ((SENT + timedelta(days=61),), False),
    ],
)
def test_a_letter_is_about_as_old_as_its_email(days: tuple[date, ...], is_it: bool) -> None:
    assert is_letter(LETTER, named=True, days=days) is is_it


def test_a_letter_on_another_case_is_none_on_this() -> None:
    other = LETTER.replace("01234", "05678")
    assert not is_letter(other, named=True)
    assert is_letter(f"{other}\nSee also FOI2024/01234", named=True)
    assert not is_letter(LETTER.replace(REFERENCE, "IC-7"), named=True, others=("IC-7",))


_PIECES = ("Dear X,", "your request", "FOI2024/05678", "FOI2024/01234", "Sie haben", "beantragt", "\n", "\u00a0", "12")


@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=9), max_size=20).map(" ".join))
def test_a_response_that_names_the_case_besides_is_none_the_less_one(text: str) -> None:
    for named in (True, False):
        assert is_letter(f"{REFERENCE}\n{text}", named=named) or not is_letter(text, named=named)


@pytest.mark.parametrize("piece", ["your ", "your x ", "you have ", "Sie ", "ihr a", "vous ", "a" * 4000, " ", "su\n"])
def test_no_text_takes_long(piece: str) -> None:
    started = time.perf_counter()
    is_letter(piece * 4_000, named=True)
    assert time.perf_counter() - started < 1
