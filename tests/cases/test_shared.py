"""A message that answers several cases: each takes what its list names, and nobody is blamed on a guess."""

from dataclasses import replace

from attachwatch.cases.progress import progress
from attachwatch.cases.standing import Delivery, Standing, apart, stand
from attachwatch.model import Annex, Case, CaseState, Match, Matching
from tests.cases.builders import BROKEN, CASE, MORNING, OK, delivery

OTHER = Case("FOI2024/09999", "foi", ("interior.example",), annexes=(Annex("B"), Annex("Z")))


def standing(case: Case, *deliveries: Delivery) -> Standing:
    files = [f for d in deliveries for f in d.files]
    places = {f"{a.label}.pdf": n for n, a in enumerate(case.annexes)}
    found = [(places.get(f.attachment.name), n) for n, f in enumerate(files)]
    matches = tuple(sorted((Match(a, n, "label") for a, n in found if a is not None), key=lambda m: m.annex))
    return stand(case, deliveries, Matching(matches, tuple(n for a, n in found if a is None)))


def both(*deliveries: Delivery) -> tuple[Standing, Standing]:
    first, second = apart([standing(CASE, *deliveries), standing(OTHER, *deliveries)])
    return first, second


def shared(*files: tuple[str, object]) -> Delivery:
    return replace(delivery(1, *files), shared=True)  # type: ignore[arg-type]


def names(place: Standing) -> tuple[list[str], list[str]]:
    return [s.annex.label for s in place.annexes if s.files], [f.attachment.name for f in place.unexpected]


def test_each_case_takes_what_its_list_names_and_shows_what_neither_does() -> None:
    first, second = both(shared(("A.pdf", OK), ("Z.pdf", BROKEN), ("Letter.pdf", OK)))
    assert names(first) == (["A"], ["Letter.pdf"])
    assert names(second) == (["Z"], ["Letter.pdf"])


def test_a_broken_file_is_complained_of_in_the_one_case_whose_list_names_it() -> None:
    first, second = both(shared(("A.pdf", OK), ("Z.pdf", BROKEN), ("Letter.pdf", BROKEN)))
    assert [f.attachment.name for f in first.accused if first.is_sure(f)] == []
    assert [f.attachment.name for f in second.accused if second.is_sure(f)] == ["Z.pdf"]
    assert [f.attachment.name for f in first.accused] == ["Letter.pdf"]  # shown to the user all the same


def test_what_both_lists_name_is_missing_in_neither_and_complained_of_in_neither() -> None:
    first, second = both(shared(("B.pdf", BROKEN)))
    for place in (first, second):
        assert "B" not in [a.label for a in place.missing]
        assert not any(map(place.is_sure, place.accused))


def test_a_case_of_which_nothing_came_is_not_set_going_by_the_mention_of_it() -> None:
    first, second = both(shared(("A.pdf", OK), ("C.pdf", OK)))
    later = MORNING.replace(year=2025)
    assert progress(OTHER, second, (), later).state is CaseState.RECEIVING
    assert progress(OTHER, second, (), later).follow_up is None
    follow_up = progress(CASE, first, (), later).follow_up
    assert follow_up is not None
    assert [a.label for a in follow_up.missing] == ["B"]


def test_messages_of_one_case_are_left_as_they_are() -> None:
    places = [standing(CASE, delivery(1, ("A.pdf", OK))), standing(OTHER, delivery(2, ("A.pdf", OK)))]
    assert apart(places) == tuple(places)
