"""What crosses from a worker: facts as they were, and nothing else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.demo import documents
from attachwatch.inspection import answer, structure
from attachwatch.inspection.filetype import FileType
from attachwatch.model import Finding, ReaderReport

_WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40)
FACTS = st.one_of(
    st.builds(FileType, _WORDS, _WORDS),
    st.builds(
        ReaderReport,
        name=_WORDS,
        version=_WORDS,
        opened=st.booleans(),
        pages=st.none() | st.integers(0, 10**6),
        error=st.none() | _WORDS,
        warnings=st.lists(_WORDS, max_size=3).map(tuple),
        seconds=st.floats(0, 100),
    ),
    st.builds(
        Finding,
        _WORDS,
        _WORDS,
        st.dictionaries(
            _WORDS, st.none() | st.booleans() | _WORDS | st.lists(st.integers(0, 99), max_size=3), max_size=3
        ),
    ),
    st.binary(max_size=200).map(structure.look),
)


@given(st.lists(FACTS, max_size=5))
def test_facts_arrive_as_they_were(facts: list[answer.Fact]) -> None:
    assert answer.read(b"".join(answer.lines(facts))) == (facts, True)


@given(st.lists(FACTS, max_size=3), st.integers(0, 2000))
def test_an_answer_that_was_cut_off_is_never_complete(facts: list[answer.Fact], end: int) -> None:
    whole = b"".join(answer.lines(facts))
    read, complete = answer.read(whole[: min(end, len(whole) - 1)])
    assert not complete
    assert read == facts[: len(read)]


@pytest.mark.parametrize(
    "line",
    [
        {"finding": {"code": "a", "message": "b"}, "more": 1},
        {"finding": {"code": "a", "message": "b", "more": 1}},
        {"finding": {"code": "a", "message": "\x1b[2J"}},
        {"finding": {"code": "a", "message": "b", "evidence": {"k": ["\x00"]}}},
        {"reader": {"name": "qpdf", "version": "1", "opened": "yes"}},
        {"reader": {"name": "qpdf", "version": "1", "opened": True, "pages": "7"}},
        {"type": {"media_type": "a", "words": "b"}, "finding": {"code": "a", "message": "b"}},
        {"verdict": "broken"},
        {},
        [],
        "ok",
    ],
    ids=str,
)
def test_what_is_no_fact_is_refused(line: object) -> None:
    with pytest.raises(answer.AnswerError):
        answer.read(json.dumps(line).encode() + b"\n" + b'{"end": true}\n')


@given(st.binary(max_size=300))
def test_any_bytes_are_answered(data: bytes) -> None:
    try:
        facts, complete = answer.read(data)
    except answer.AnswerError:
        return
    assert complete == (b'"end"' in data)
    assert not facts or b"{" in data


def test_what_stands_behind_the_end_is_not_read() -> None:
    first = b"".join(answer.lines([FileType("application/pdf", "a PDF")]))
    assert answer.read(first + b"anything\n") == ([FileType("application/pdf", "a PDF")], True)


def test_a_real_documents_structure_crosses() -> None:
    found = structure.look(documents.report("Crossing", 2))
    assert answer.read(b"".join(answer.lines([found]))) == ([found], True)
