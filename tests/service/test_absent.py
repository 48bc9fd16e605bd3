"""Which annexes a message's notices are of."""

from dataclasses import replace

from attachwatch.annexes.expected import from_items
from attachwatch.model import Attachment, Cause, Finding, Inspection, ReceivedFile, Verdict
from attachwatch.service.absent import told_of
from tests.cases.builders import CASE, message

LISTED = replace(CASE, annexes=from_items(["Annex A", "Annex B - Minutes"]))
MAIL = message(1)


def labels(text: str) -> list[tuple[str, ...]]:
    return [n.labels for n in told_of(LISTED, MAIL, text, ())]


def test_each_link_with_its_file_names_an_annex() -> None:
    text = "Annex A.pdf <https://1drv.ms/b/a>\nAnnex B minutes.pdf <https://1drv.ms/b/b>\n"
    assert labels(text) == [("A", "B")]


def test_a_folder_may_hold_any_whatever_is_named_beside_it() -> None:
    assert labels("Annex A and the rest are here: https://1drv.ms/f/a") == [()]
    assert labels("Annex A.pdf https://1drv.ms/b/a and more: https://1drv.ms/f/b") == [()]
    assert labels("Annex A.pdf and the rest.zip: https://1drv.ms/f/a") == [()]


def test_what_a_filter_names_is_of_that_annex() -> None:
    assert labels('The attachment "Annex B.pdf" was blocked by the mail gateway.') == [("B",)]
    assert labels("ATP Scan In Progress") == [()]


def file(name: str, cause: Cause | None, **evidence: list[str]) -> ReceivedFile:
    found = (Finding(cause, "It is a notice.", evidence),) if cause else ()
    verdict = Verdict.PLACEHOLDER if cause else Verdict.OK
    inspection = Inspection("a" * 64, 100, "text/plain", verdict, cause, findings=found)
    return ReceivedFile(MAIL, Attachment("2", name, "text/plain", 100, "a" * 64), inspection)


def test_a_stub_under_any_name_tells_and_one_under_the_annexes_name_is_the_annex() -> None:
    (told,) = told_of(LISTED, MAIL, "", [file("AttachmentRemoved.txt", Cause.GATEWAY_NOTICE, files=["Annex A.pdf"])])
    assert (told.labels, told.part, told.finding.code) == (("A",), "2", "gateway-notice")
    assert (
        told.finding.message == "AttachmentRemoved.txt is only the notice of a mail filter that took away Annex A.pdf."
    )
    (told,) = told_of(LISTED, MAIL, "", [file("ATT00001.htm", Cause.GATEWAY_NOTICE)])
    assert told.labels == ()
    assert told_of(LISTED, MAIL, "", [file("Annex A.pdf", Cause.GATEWAY_NOTICE)]) == ()
    assert told_of(LISTED, MAIL, "", [file("notes.txt", None)]) == ()
