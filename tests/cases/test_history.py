"""An annex's history: what each copy is, beside those that came before it."""

from dataclasses import replace

from attachwatch.cases.history import CAUSES, history
from attachwatch.cases.standing import Delivery, counted, stand
from attachwatch.model import Cause, Match, Matching, Verdict
from tests.cases.builders import BROKEN, CASE, LOCKED, OK, delivery


def told(*deliveries: Delivery, part: bool = False) -> list[str]:
    """The history of Annex A, of which every file is a copy, or a part."""
    count = sum(len(d.files) for d in deliveries)
    matching = Matching(tuple(Match(0, n, "", part=part) for n in range(count)))
    return [attempt.words for attempt in history(stand(CASE, counted(deliveries), matching).annexes[0])]


def test_an_annex_that_never_came_has_none() -> None:
    assert told() == []


def test_the_first_copy_is_what_it_is() -> None:
    assert told(delivery(1, ("A.pdf", OK))) == ["opens"]
    assert told(delivery(1, ("A.pdf", BROKEN))) == ["cut off"]
    assert told(delivery(1, ("A.pdf", Verdict.UNCHECKED))) == ["unchecked"]


def test_the_same_bytes_are_known_again() -> None:
    again = told(delivery(1, ("A.pdf@x", BROKEN)), delivery(30, ("Annex A again.pdf@x", BROKEN)))
    assert again == ["cut off", "the same bytes as on 1 October, still cut off"]


def test_a_new_copy_is_still_or_otherwise_broken_or_opens() -> None:
    words = told(*(delivery(n, ("A.pdf", v)) for n, v in enumerate((BROKEN, BROKEN, LOCKED, OK), 1)))
    assert words == [
        "cut off",
        "a new copy, still cut off",
        "a new copy, now locked by a password",
        "a new copy that opens",
    ]


def test_bytes_of_the_first_attempt_are_known_behind_a_second() -> None:
    words = told(delivery(1, ("A.pdf@x", BROKEN)), delivery(2, ("A.pdf@y", OK)), delivery(50, ("A.pdf@x", BROKEN)))
    assert words[-1] == "the same bytes as on 1 October, still cut off"


def test_the_same_bytes_that_open_are_said_to() -> None:
    assert told(delivery(1, ("A.pdf@x", OK)), delivery(2, ("A.pdf@x", OK)))[1] == (
        "the same bytes as on 1 October, which open"
    )


def test_the_year_is_told_where_it_is_another() -> None:
    assert "on 1 October 2024" in told(delivery(1, ("A.pdf@x", OK)), delivery(24 * 200, ("A.pdf@x", OK)))[1]


def test_what_was_not_fetched_is_the_same_as_nothing() -> None:
    first = delivery(1, ("A.pdf", Verdict.UNCHECKED))
    unfetched = replace(first.files[0], attachment=replace(first.files[0].attachment, sha256=""))
    words = told(replace(first, files=(unfetched,)), replace(delivery(2), files=(unfetched,)))
    assert not any("same bytes" in w for w in words)


def test_parts_of_one_annex_are_no_copies_of_one_another() -> None:
    one, two = ("A part 1.pdf", OK), ("A part 2.pdf", BROKEN)
    assert told(delivery(1, one), delivery(2, two), part=True) == ["opens", "cut off"]
    assert told(delivery(1, one, two), delivery(2, two), part=True)[-1] == "a new copy, still cut off"


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(Cause)
