"""Each reader by itself, on real files."""

import pytest

from attachwatch.demo import damage, documents
from attachwatch.inspection.readers import READERS, ask_all, pdfium, qpdf
from attachwatch.inspection.readers.interface import report
from attachwatch.inspection.wording import words
from attachwatch.model import ReaderReport

THREE = documents.report("Three", 3)
NAMES = [r.name for r in READERS]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "data", [THREE, documents.restricted("a", 3), documents.updated("a", 3), documents.labelled("a", 3)]
)
def test_a_healthy_file_is_opened_and_its_pages_counted(name: str, data: bytes) -> None:
    said = {r.name: r for r in ask_all(data)}[name]
    assert (said.opened, said.pages, said.needs_password, said.limited) == (True, 3, False, False)
    assert said.version
    assert said.seconds > 0


@pytest.mark.parametrize("name", NAMES)
def test_a_password_is_asked_for_and_nothing_opened(name: str) -> None:
    said = {r.name: r for r in ask_all(documents.locked("a", 3))}[name]
    assert (said.opened, said.needs_password) == (False, True)


def test_an_empty_owner_password_opens_nothing_for_qpdf_and_pdfium() -> None:
    said = {r.name: r for r in ask_all(documents.locked_without_owner("a", 3))}
    assert not said["qpdf"].opened
    assert not said["pdfium"].opened


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", b"\x00" * 100, b"%PDF-1.4\n1 0 obj"], ids=range(4))
def test_what_is_no_document_is_a_report_and_no_exception(name: str, data: bytes) -> None:
    said = {r.name: r for r in ask_all(data)}[name]
    assert (said.opened, said.limited) == (False, False)
    assert said.error


def test_what_qpdf_says_is_the_same_at_every_run() -> None:
    cut = damage.truncate(documents.report("Cut", 6), 0.9)
    first, second = qpdf.read(cut), qpdf.read(cut)
    assert first.warnings
    assert (first.error, first.warnings) == (second.error, second.warnings)
    assert "0x" not in " ".join(first.warnings)
    assert "BytesIO" not in str(qpdf.read(b"%PDF-1.4").error)


def test_pdfium_paints_all_pages_of_a_short_document_and_some_of_a_long_one() -> None:
    assert pdfium.read(THREE).rendered == 3
    long = pdfium.read(documents.report("Long", 40))
    assert (long.pages, long.rendered) == (40, 10)


class _Failing:
    name = "failing"

    def __init__(self, error: Exception) -> None:
        self.error = error

    def read(self, data: bytes) -> ReaderReport:
        raise self.error


@pytest.mark.parametrize(
    ("error", "limited"),
    [
        (MemoryError(), True),
        (RecursionError(), True),
        (ValueError("memory limit exceeded"), True),
        (PermissionError("denied"), True),
        (ValueError("no trailer"), False),
    ],
)
def test_a_limit_is_told_from_a_fault_of_the_file(error: Exception, limited: bool) -> None:
    said = report(_Failing(error), "1", b"")
    assert (said.opened, said.limited) == (False, limited)


def test_an_engines_words_are_one_bounded_line() -> None:
    assert words("a\nb\x00\x1b[31m" + "x" * 5000) == "a b [31m" + "x" * (300 - 8)
