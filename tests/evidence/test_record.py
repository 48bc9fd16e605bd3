"""What a record holds of a case, and by what it calls it."""

from dataclasses import replace
from datetime import date

from attachwatch.evidence.record import Record
from attachwatch.model import Address, Attachment, Inspection, Reading, Verdict
from tests.cases.builders import AGAIN, ANSWER, OK, THREE, delivery
from tests.evidence.made import AUTOMATIC, inspected, record, story


def test_emails_and_files_are_numbered_in_order_of_arrival() -> None:
    found = story()
    assert [e.number for e in found.emails] == ["E1", "E2", "E3", "E4", "E5", "E6"]
    assert [f.number for f in found.files] == ["E2.1", "E3.1", "E3.2", "E4.1", "E5.1", "E5.2", "E6.1"]
    assert [f.labels for f in found.emails[2].files] == [("D(iv)",), ()]
    assert [f.role for f in found.emails[2].files] == ["", "on no list"]


def test_automatic_mail_is_told_of_and_is_no_answer() -> None:
    first = story().emails[0]
    assert first.filed.message == AUTOMATIC
    assert first.aside == "automatic mail (auto-replied), which is no answer"
    assert first.part is None


def test_each_annex_has_its_copies_and_the_one_that_counts() -> None:
    iii, iv, vi = story().annexes
    assert (iii.current, iv.current, vi.current) == (("E5.1",), ("E5.2",), ("E6.1",))
    assert [(c.number, c.email) for c in iv.copies] == [("E3.1", "E3"), ("E5.2", "E5")]
    assert iv.copies[1].attempt.words == "the same bytes as on 1 October, still cut off"
    assert [f.counts for f in story().emails[2].files] == [False, True]


def test_a_deadline_that_was_missed_is_there_and_so_is_that_of_the_review() -> None:
    (due,) = story().due
    assert due.deadline
    assert (due.deadline.day, due.answered, due.late) == (date(2024, 9, 30), date(2024, 10, 1), 1)
    asked = replace(THREE, review_requested=date(2024, 10, 3))
    request, review = record(*ANSWER, case=asked).due
    assert request.late == 1
    assert review.deadline
    assert (review.deadline.day, review.answered) == (date(2024, 10, 31), None)


def test_every_day_that_the_authority_named_is_held_against_it_once() -> None:
    first, second, last = ANSWER
    told = replace(first, reading=Reading(deadline=date(2024, 9, 27)))
    same = replace(second, reading=Reading(deadline=date(2024, 9, 27)))
    promised = replace(last, reading=Reading(deadline=date(2024, 10, 4)))
    _, early, later = record(told, same, promised, *AGAIN).due
    assert early.deadline
    assert later.deadline
    assert early.deadline.basis == "the authority's own date, named in E1 of 1 October 2024"
    assert (early.deadline.day, early.answered, early.late) == (date(2024, 9, 27), date(2024, 10, 1), 2)
    assert later.deadline.basis == "the authority's own date, named in E3 of 1 October 2024"
    assert (later.deadline.day, later.answered, later.late) == (date(2024, 10, 4), date(2024, 10, 11), 5)


def test_a_day_for_what_is_to_be_sent_again_is_kept_or_missed_by_what_comes_then() -> None:
    (third, *_) = AGAIN
    told = delivery(100, text="by 8 October")
    told = replace(told, reading=Reading(deadline=date(2024, 10, 8)))
    _, own = record(*ANSWER, told, third).due
    assert (own.answered, own.late) == (date(2024, 10, 11), 3)
    _, own = record(*ANSWER, told).due
    assert not own.is_overdue  # nothing more was asked for
    _, own = record(*ANSWER, told, replied=date(2024, 10, 2)).due
    assert own.is_overdue


def test_a_decision_that_was_taken_back_is_told_of_and_counts_no_longer() -> None:
    assert [(d.decision.id, d.counts) for d in story().decisions] == [(1, False), (2, True)]


def test_files_that_are_no_documents_are_listed_for_what_they_are() -> None:
    given = inspected(delivery(1, ("D(iii).pdf", OK)))
    picture = Attachment("7", "logo.png", "image/png", 512, "f" * 64)
    zipped = Attachment("8", "all.zip", "application/zip", 900, "e" * 64)
    inner = Attachment("8/1", "x.pdf", "application/pdf", 900, "d" * 64, ("all.zip",))
    mail = replace(given.message, attachments=(*given.message.attachments, picture, zipped, inner))
    known = {"f" * 64: Inspection("f" * 64, 512, "image/png", Verdict.OK)}
    found = record(replace(given, message=mail), inspections=known).emails[0].files
    assert [f.attachment.name for f in found] == ["D(iii).pdf", "logo.png", "all.zip", "x.pdf"]
    assert found[1].role.startswith("decoration")
    assert found[1].inspection.verdict is Verdict.OK
    assert found[2].role.startswith("packed files")
    assert not found[2].is_wrong


def test_only_the_authority_s_own_mail_that_could_not_be_fetched_is_told_of() -> None:
    lacking = ((Address("", "foi@interior.example"), "the line broke"), (Address("", "x@other.example"), "too"))
    assert record(*ANSWER, unfetched=lacking).unfetched == lacking[:1]


def test_a_case_without_mail_has_a_record() -> None:
    found: Record = record(case=THREE)
    assert (found.emails, found.files, found.readers, found.drafts) == ((), (), (), ())
    assert [a.status.state for a in found.annexes] == ["missing"] * 3
    assert found.due[0].is_overdue


def test_the_readers_are_named_with_their_versions() -> None:
    assert story().readers == (("pdfium", "159.0"), ("qpdf", "12.4.2"))
