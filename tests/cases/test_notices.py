"""What messages tell of and do not hold: how long that counts, and that nobody is told that they did not send it."""

from dataclasses import replace

from attachwatch.cases.progress import Progress
from attachwatch.cases.standing import Delivery
from attachwatch.model import (
    CaseState,
    Cause,
    DraftState,
    Finding,
    Notice,
    ReceivedFile,
    SendingNote,
    Verdict,
)
from tests.cases.builders import BROKEN, CASE, OK, delivery, drafted, where

FINAL = SendingNote(final=True)
LINK = Finding("cloud-link", "A link to OneDrive stands in place of files.")


def telling(by: Delivery, *labels: str, files: tuple[str, ...] = (), of: Finding = LINK) -> Delivery:
    return replace(by, notices=(Notice(by.message, of, labels, files),))


def missing(progress: Progress) -> list[str]:
    return [a.label for a in progress.follow_up.missing] if progress.follow_up else []


def test_what_may_be_behind_a_link_is_not_called_missing() -> None:
    found = where(telling(delivery(1, ("A.pdf", OK), note=FINAL)))
    assert (found.follow_up, found.state) == (None, CaseState.RECEIVING)
    assert [a.label for a in found.standing.missing] == ["B", "C"]
    assert len(found.standing.notices) == 1


def test_what_does_not_open_is_named_all_the_same() -> None:
    found = where(telling(delivery(1, ("A.pdf", BROKEN), note=FINAL)))
    assert found.follow_up is not None
    assert [p.labels for p in found.follow_up.problems] == [("A",)]
    assert missing(found) == []


def test_a_notice_that_names_its_annex_is_of_that_alone() -> None:
    assert missing(where(telling(delivery(1, ("A.pdf", OK), note=FINAL), "B"))) == ["C"]


def test_it_counts_no_more_once_its_annex_or_all_of_them_are_there() -> None:
    first = telling(delivery(1, ("A.pdf", OK)), "B")
    assert where(first, delivery(2, ("B.pdf", OK), note=FINAL)).standing.notices == ()
    first = telling(delivery(1, ("A.pdf", OK)))
    assert len(where(first, delivery(2, ("B.pdf", OK))).standing.notices) == 1
    found = where(first, delivery(2, ("B.pdf", OK), ("C.pdf", OK), note=FINAL))
    assert (found.standing.notices, found.state) == ((), CaseState.COMPLETE)


def test_other_files_that_came_do_not_tell_what_is_behind_the_link() -> None:
    first = telling(delivery(1, note=SendingNote(1, 3)))
    rest = delivery(2, ("A.pdf", OK), note=SendingNote(2, 3)), delivery(3, ("B.pdf", OK), note=SendingNote(3, 3, True))
    assert missing(where(first, *rest)) == []


def test_a_link_to_what_did_not_open_counts_until_that_opens() -> None:
    everything = delivery(1, ("A.pdf", BROKEN), ("B.pdf", OK), ("C.pdf", OK), note=FINAL)
    draft = drafted(where(everything).follow_up, DraftState.APPROVED)
    again = telling(delivery(2), "A", files=("A.pdf",))
    found = where(everything, again, drafts=(draft,))
    assert (len(found.standing.notices), found.follow_up) == (1, None)
    assert where(everything, again, delivery(3, ("A.pdf", OK)), drafts=(draft,)).standing.notices == ()


def test_files_that_it_names_and_that_came_settle_it() -> None:
    told = telling(delivery(1, ("A.pdf", OK), ("Our letter.pdf", OK), note=FINAL), files=("Our Letter.pdf",))
    assert missing(where(told)) == ["B", "C"]


def test_without_a_list_later_files_settle_it_unless_they_are_numbered() -> None:
    case = replace(CASE, annexes=())
    first = telling(delivery(1, ("letter.pdf", OK)))
    assert (len(where(first, case=case).standing.notices), where(first, case=case, hours_later=100).state) == (
        1,
        CaseState.RECEIVING,
    )
    assert len(where(first, delivery(2, ("a.pdf", OK), note=SendingNote(2, 2, True)), case=case).standing.notices) == 1
    assert where(first, delivery(2, ("a.pdf", OK)), case=case).standing.notices == ()


def test_a_link_that_comes_later_makes_the_pending_question_untrue() -> None:
    first = delivery(1, ("A.pdf", OK), note=FINAL)
    draft = drafted(where(first).follow_up)
    assert [m.label for m in draft.missing] == ["B", "C"]
    found = where(first, telling(delivery(2)), drafts=(draft,))
    assert (found.stale, found.follow_up) == (True, None)


def test_an_approved_question_that_is_answered_by_a_link_is_not_asked_again() -> None:
    first = delivery(1, ("A.pdf", OK), note=FINAL)
    draft = drafted(where(first).follow_up, DraftState.APPROVED)
    assert where(first, telling(delivery(2)), drafts=(draft,), hours_later=1000).follow_up is None


def test_a_receipts_portal_is_no_news_but_files_that_a_machine_announces_are() -> None:
    first = delivery(1, ("A.pdf", OK), note=FINAL)
    portal = replace(LINK, code="download-link")
    assert missing(where(first, telling(delivery(2, automatic="auto-replied"), of=portal))) == ["B", "C"]
    for kind, told in (("auto-generated", portal), ("auto-replied", LINK)):
        found = where(first, telling(delivery(2, automatic=kind), of=told))
        assert missing(found) == []
        assert [d.message.id for d in found.standing.correspondence] == [1]


def stub(of: Delivery, place: int) -> ReceivedFile:
    """A file of which a mail filter left only a notice."""
    file = of.files[place]
    told = (Finding(Cause.GATEWAY_NOTICE, "A notice."),)
    inspection = replace(file.inspection, verdict=Verdict.PLACEHOLDER, cause=Cause.GATEWAY_NOTICE, findings=told)
    return replace(file, inspection=inspection)


def with_stub(number: int, *files: tuple[str, Verdict], note: SendingNote) -> Delivery:
    """The last file is the stub."""
    made = delivery(number, *files, note=note)
    left = stub(made, len(files) - 1)
    told = Notice(made.message, Finding(Cause.GATEWAY_NOTICE, "A notice."), part=left.attachment.part)
    return replace(made, files=(*made.files[:-1], left), notices=(told,))


def test_a_filters_notice_in_place_of_a_file_is_named_and_nothing_is_called_missing() -> None:
    found = where(with_stub(1, ("A.pdf", OK), ("removed.txt", OK), note=FINAL))
    assert found.follow_up is not None
    assert [p.file.attachment.name for p in found.follow_up.problems] == ["removed.txt"]
    assert missing(found) == []


def test_a_filters_notice_is_forgotten_once_everything_is_there() -> None:
    first = with_stub(1, ("A.pdf", OK), ("removed.txt", OK), note=SendingNote())
    found = where(first, delivery(2, ("B.pdf", OK), ("C.pdf", OK), note=FINAL))
    assert (found.follow_up, found.state, found.standing.accused) == (None, CaseState.COMPLETE, ())
