"""What an email announces and does not hold; and what only looks like it, which must never count."""

import time
import tomllib
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.mime import links, notices

TEXTS = tomllib.loads(Path(__file__).with_name("announced.toml").read_text(encoding="utf-8"))
ANNOUNCED = {case["name"]: case for case in TEXTS["announced"]}
UNANNOUNCED = {case["name"]: case for case in TEXTS["unannounced"]}


def text_of(case: dict[str, str]) -> str:
    return case["text"].replace("{signature}", TEXTS["signature"])


@pytest.mark.parametrize("name", ANNOUNCED)
def test_what_is_announced_and_not_there_is_named(name: str) -> None:
    case = ANNOUNCED[name]
    (found,) = notices.find(text_of(case))
    told = found.evidence
    assert (found.code, told.get("service") or told.get("host") or "") == (case["code"], case.get("where", ""))
    assert {*filter(None, [case.get("file")])} <= {*map(str, told["files"] or [])}  # type: ignore[arg-type]
    assert case.get("expiry", "") in str(told.get("expiry") or "")


@pytest.mark.parametrize("name", UNANNOUNCED)
def test_what_announces_nothing_is_no_notice(name: str) -> None:
    assert notices.find(text_of(UNANNOUNCED[name])) == ()


def test_the_sets_are_large_enough_to_tell() -> None:
    assert min(len(ANNOUNCED), len(UNANNOUNCED)) >= 60


@pytest.mark.parametrize(
    ("url", "host", "path"),
    [
        ("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwe.tl%2Ft-a&data=05", "we.tl", "/t-a"),
        ("https://urldefense.proofpoint.com/v1/url?u=https%3A//we.tl/t-a&k=x", "we.tl", "/t-a"),
        ("https://urldefense.proofpoint.com/v2/url?u=https-3A__we.tl_t-2Da&d=x", "we.tl", "/t-a"),
        ("https://urldefense.com/v3/__https://we.tl/t-a__;!!x$", "we.tl", "/t-a"),
        ("https://urldefense.com/v3/__https:/we.tl/t-a__;!!x$", "we.tl", "/t-a"),
        ("https://protect-eu.mimecast.com/s/AbC?domain=we.tl", "we.tl", "/"),
        ("https://secure-web.cisco.com/1AbC/https%3A%2F%2Fwe.tl%2Ft-a", "we.tl", "/t-a"),
        ("https://www.google.com/url?q=https://we.tl/t-a&sa=D", "we.tl", "/t-a"),
        (
            "https://urldefense.com/v3/__https://eur01.safelinks.protection.outlook.com/?url=https*3A*2F*2Fwe.tl__;JSUl!!x$",
            "eur01.safelinks.protection.outlook.com",
            "/",
        ),
    ],
)
def test_what_wraps_a_link_is_looked_through(url: str, host: str, path: str) -> None:
    link = links.read(url)
    assert link is not None
    assert (link.host, link.path) == (host, path)


def test_a_link_that_wraps_itself_ends() -> None:
    inner = "https://files.dept.example/x"
    for _ in range(20):
        inner = f"https://l.facebook.com/?u={quote(inner, safe='')}"
    assert links.read(inner) is None


@pytest.mark.parametrize(
    "text",
    [
        "Files: Annex 1.pdf, Annex 2.docx and Annex 3 (final).pdf",
        "The attachments Annex 1.pdf, Annex 2.docx and Annex 3 (final).pdf were blocked",
        '"Annex 1.pdf", "Annex 2.docx" and "Annex 3 (final).pdf"',
        "- Annex 1.pdf\n- Annex 2.docx (12 KB)\n3. Annex 3 (final).pdf",
    ],
)
def test_every_name_of_a_list_is_read(text: str) -> None:
    assert notices.files_named(text) == ["Annex 1.pdf", "Annex 2.docx", "Annex 3 (final).pdf"]


def test_links_in_brackets_are_taken_from_words() -> None:
    assert notices.without_links("Annex A <https://x.example/Annex%20B.pdf>, please") == "Annex A, please"


def test_the_same_service_is_said_once() -> None:
    text = "".join(f"Annex {n}: https://we.tl/t-{n}\n" for n in range(3))
    (found,) = notices.find(text)
    assert found.message == "3 links to WeTransfer stand in place of files."


@pytest.mark.parametrize(
    "text",
    [
        "The attachment was removed by the mail gateway. Please contact your service desk.",
        "Safe Attachments scan in progress\nYour attachments are being scanned and will be here shortly.",
        "This attachment was removed because its file type is not allowed: Annex A redacted.zip",
        "Unsafe attachments blocked:\nAnnex B (section 40).docm",
    ],
)
def test_a_filters_stub_is_told_from_other_small_files(text: str) -> None:
    assert notices.is_stub(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Annex B: withheld under section 40. The file was removed from the bundle by the mail team's gateway.",
        "Minutes of the meeting of 3 May\n1. The mail gateway was discussed.\n2. Attachments are large.",
        "The attachment was removed by the mail gateway. " * 200,
    ],
)
def test_a_document_is_no_stub(text: str) -> None:
    assert not notices.is_stub(text)


@given(
    st.text(max_size=400)
    | st.lists(st.sampled_from(["<", "https://", "we.tl/a", ">", "\n", "files ", ".pdf", "ue000"])).map("".join)
)
def test_no_text_whatsoever_raises(text: str) -> None:
    notices.find(text)
    notices.is_stub(text)
    notices.without_links(text)


@pytest.mark.parametrize(
    "piece",
    [
        "<https://",
        "https://a/b ",
        "attachment ",
        "files download ",
        "a" * 50,
        '"a ',
        "1.pdf",
        "https://x/?a&",
        "(",
        "\ue0001\ue001",
    ],
)
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * (256 * 1024 // len(piece)))[: 256 * 1024]
    started = time.process_time()
    notices.find(text)
    assert time.process_time() - started < 5
