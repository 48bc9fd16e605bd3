"""The whole review in a browser, by keyboard alone, and as it looks to who cannot see it."""

import itertools
import json
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from attachwatch.demo import story
from attachwatch.inspection.sandbox import Inspector
from attachwatch.service import review
from tests.servers import Mailbox
from tests.service.test_pipeline import CUT, mail
from tests.web.reviewing import Running, configure, deliver, reviewing

Visit = Callable[..., Page]


@pytest.fixture
def answered(mailbox: Mailbox, tmp_path: Path, inspector: Inspector) -> Iterator[Running]:
    """The whole answer, in a real mailbox."""
    for message in story.first_response():
        mailbox.append(message)
    place = configure(tmp_path, mailbox=mailbox.toml(), annexes=story.ANNEXES)
    with reviewing(place, inspector) as running:
        assert len(running.poll()) == 1
        yield running


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what bears these words."""
    seen = []
    for _ in range(200):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.labels?.[0]?.innerText ?? document.activeElement.innerText"))
        if words in (seen[-1] or ""):
            return
    pytest.fail(f"{words!r} cannot be reached by keyboard: {seen}")


def enter(page: Page) -> None:
    """Press Enter on what leads to another page, and wait for that."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_reply_is_read_edited_saved_and_approved_by_keyboard(
    answered: Running, mailbox: Mailbox, visit: Visit
) -> None:
    page = visit(answered)
    expect(page).to_have_title("Your cases – attachwatch")
    tab_to(page, "Skip to the content")
    page.keyboard.press("Enter")
    tab_to(page, story.REFERENCE)
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(story.REFERENCE)
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "7")
    tab_to(page, "Read the reply")
    enter(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Report of round 1")

    tab_to(page, "Words")
    page.keyboard.press("Control+Home")
    page.keyboard.type("Good morning to you all,\n\n")
    tab_to(page, "Save")
    enter(page)
    expect(page.get_by_role("status").first).to_have_text("Your words are saved.")
    expect(page.get_by_role("heading", name="What you changed")).to_be_visible()
    assert mailbox.drafts() == []

    tab_to(page, "Words")
    page.keyboard.press("Control+End")
    page.keyboard.type("\nWith thanks")
    tab_to(page, "Approve")
    enter(page)
    expect(page.get_by_role("status").first).to_contain_text("It is in the folder Drafts of your mailbox.")
    expect(page.get_by_label("Words")).not_to_be_editable()

    (placed,) = mailbox.drafts()
    found = message_from_bytes(placed, policy=policy.default)
    body = found.get_body(("plain",))
    assert body is not None
    words = body.get_content().replace("\r\n", "\n")
    assert words.startswith("Good morning to you all,\n\nDear ")
    assert words.rstrip().endswith("With thanks")
    assert found["In-Reply-To"] == "<response-4@mail.interior.example>"


def test_a_reply_is_discarded_by_keyboard(running: Running, visit: Visit) -> None:
    page = visit(running)
    tab_to(page, "Read the reply")
    enter(page)
    tab_to(page, "Discard, or start again")
    page.keyboard.press("Enter")
    tab_to(page, "Discard this reply")
    enter(page)
    expect(page.get_by_role("status").first).to_contain_text("Discarded.")
    assert running.ledger.drafts()[0].state == "discarded"


def test_no_server_on_another_port_is_given_the_session(running: Running, visit: Visit) -> None:
    """Cookies do not tell ports apart: the folder of the pages, which no other server knows, is what keeps it."""
    page = visit(running)
    for place in ("/", "/drafts/1", "/static/", "/sign-in/"):
        assert page.context.cookies(f"http://127.0.0.1:1{place}") == []
    assert len(page.context.cookies(f"http://127.0.0.1:1{running.review.root}/")) == 1


def test_edits_are_dropped_when_asked_for(running: Running, visit: Visit) -> None:
    made = running.ledger.drafts()[0].body
    page = visit(running)
    page.goto(f"{running.address}/drafts/1")
    page.get_by_label("Words").fill("Only this.")
    page.keyboard.press("Control+s")
    expect(page.get_by_role("status").first).to_have_text("Your words are saved.")
    assert running.ledger.drafts()[0].body.strip() == "Only this."
    page.get_by_text("Discard, or start again").click()
    page.get_by_role("button", name="Restore the words as made").click()
    expect(page.get_by_label("Words")).to_have_value(made)
    assert running.ledger.drafts()[0].body == made


def test_all_of_it_works_without_scripts(running: Running, visit: Visit) -> None:
    page = visit(running, java_script_enabled=False)
    page.goto(f"{running.address}/drafts/1")
    expect(page.get_by_role("button", name="Copy")).to_be_hidden()
    page.get_by_label("Words").fill("Without scripts.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_have_text("Your words are saved.")


def test_words_are_copied(running: Running, visit: Visit) -> None:
    page = visit(running, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{running.address}/drafts/1")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("#copied")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == running.ledger.drafts()[0].body


def test_pages_are_left_with_a_warning_while_words_are_unsaved(running: Running, visit: Visit) -> None:
    page = visit(running)
    page.goto(f"{running.address}/drafts/1")
    page.get_by_label("Words").press_sequentially("Unsaved. ")
    asked = "(() => { const e = new Event('beforeunload', {cancelable: true}); return !window.dispatchEvent(e); })()"
    assert page.evaluate(asked)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").first).to_have_text("Your words are saved.")
    assert not page.evaluate(asked)


# --- how it looks ---------------------------------------------------------------------------------------------

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
SHOWN = "getComputedStyle(document.querySelector('progress')).borderTopWidth"
LINES = """() => {
  const area = document.getElementById("body"), style = getComputedStyle(area);
  const words = area.scrollHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
  return [Math.round(words / parseFloat(style.lineHeight)), area.value.split("\\n").length];
}"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def places(running: Running, page: Page) -> list[str]:
    """One address of each kind of page, and of each state of a draft."""
    page.goto(f"{running.address}/")
    case = str(page.locator(".card h2 a").first.get_attribute("href"))
    page.goto(running.origin + case)
    files = {str(a.get_attribute("href")) for a in page.locator(".files a").all()}
    root = running.review.root
    drafts = [f"{root}/drafts/{d.id}" for d in running.ledger.drafts()]
    return [f"{root}/", case, f"{case}?show=wrong", *sorted(files), *drafts, *(f"{d}?done=save" for d in drafts[-1:])]


@pytest.fixture
def rich(running: Running) -> Running:
    """A review with drafts in every state, an edited one among them."""
    deliver(running.mail, mail(body="This is the final email again.", Annex_B=CUT[:-200]))
    assert len(running.poll()) == 1
    draft = running.ledger.drafts()[-1]
    review.edit(running.ledger, draft.id, draft.body.replace("Dear", "Good day,\nDear"), draft.body)
    return running


def test_the_narrowest_window_shows_all_without_scrolling_sideways(rich: Running, visit: Visit) -> None:
    page = visit(rich, viewport={"width": 320, "height": 640})
    wide = []
    for place in places(rich, page):
        page.goto(rich.origin + place)
        wide += [place] if page.evaluate(TOO_WIDE) else []
    assert wide == []


@pytest.mark.parametrize("look", LOOKS)
def test_no_page_fails_axe_or_scrolls_sideways(rich: Running, visit: Visit, look: str) -> None:
    page = visit(rich, **LOOKS[look])
    failures = []
    for place in places(rich, page):
        page.goto(rich.origin + place)
        failures += _wrong(page, place)
    assert failures == []


@pytest.mark.parametrize("look", LOOKS)
def test_what_goes_wrong_is_told_in_the_same_style(rich: Running, visit: Visit, look: str) -> None:
    page = visit(rich, **LOOKS[look])
    failures = []
    for address in (
        f"{rich.address}/nothing",
        f"{rich.origin}/sign-in/x",
        f"{rich.origin}/",
        f"http://localhost:{rich.review.port}/",
    ):
        page.goto(address)
        failures += _wrong(page, address)
    page.goto(f"{rich.address}/drafts/2")
    draft = rich.ledger.drafts()[-1]
    review.edit(rich.ledger, draft.id, "From elsewhere", draft.body)
    page.get_by_label("Words").fill("Typed here")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("changed meanwhile")
    expect(page.get_by_label("Words")).to_have_value("Typed here")
    failures += _wrong(page, "changed meanwhile")
    review.discard(rich.ledger, draft.id)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("discarded meanwhile")
    expect(page.get_by_label("You can copy them from here")).to_have_value("Typed here")
    failures += _wrong(page, "discarded meanwhile")
    assert failures == []


@pytest.mark.parametrize("width", [1024, 1185, 1200, 1280])
def test_the_lines_of_a_letter_are_not_broken_once_more(answered: Running, visit: Visit, width: int) -> None:
    page = visit(answered, viewport={"width": width, "height": 800})
    page.goto(f"{answered.address}/drafts/1")
    shown, written = page.evaluate(LINES)
    assert shown == written


def test_motion_is_spared_who_asks_for_it(running: Running, visit: Visit) -> None:
    page = visit(running, reduced_motion="reduce")
    duration = "getComputedStyle(document.querySelector('main a')).transitionDuration"
    assert page.evaluate(duration) == "0s"


def test_the_bar_is_seen_where_a_browser_chooses_all_colours(running: Running, visit: Visit) -> None:
    page = visit(running)
    assert page.evaluate(SHOWN) == "0px"
    page.emulate_media(forced_colors="active")
    assert page.evaluate(SHOWN) == "1px"


def test_on_paper_there_is_nothing_to_press(running: Running, visit: Visit) -> None:
    page = visit(running)
    page.goto(f"{running.address}/drafts/1")
    page.emulate_media(media="print")
    for pressed in ("Save", "Approve", "Discard, or start again"):
        expect(page.get_by_text(pressed, exact=True)).to_be_hidden()
    expect(page.get_by_label("Words")).to_be_visible()


def _wrong(page: Page, place: str) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response["violations"]
    wrong = [f"{place}: {v['id']}: {json.dumps([n['html'] for n in v['nodes'][:3]])}" for v in found]
    if page.evaluate(TOO_WIDE):
        wrong.append(f"{place}: scrolls sideways")
    levels = [int(h[1]) for h in page.locator("h1, h2, h3").evaluate_all("all => all.map(h => h.tagName)")]
    if levels[:1] != [1] or any(after - before > 1 for before, after in itertools.pairwise(levels)):
        wrong.append(f"{place}: headings {levels}")
    return wrong


# --- hostile names --------------------------------------------------------------------------------------------

HOSTILE = [  # a name, and what is to be seen of it
    ("<script>alert(1)</script>.pdf", "<script>alert(1)</script>.pdf"),
    ('"><img src=x onerror=alert(1)>.pdf', '"><img src=x onerror=alert(1)>.pdf'),
    ("{{ 31337*3 }}{% raw %}.pdf", "{{ 31337*3 }}{% raw %}.pdf"),
    ("invoice\u202efdp.exe.pdf", "invoice\\u202efdp.exe.pdf"),
    ("two lines\r\nBcc: yes.pdf", "two lines"),
    ("</textarea><script>alert(2)</script>.pdf", "</textarea><script>alert(2)</script>.pdf"),
    ("&lt;b&gt;&amp;.pdf", "&lt;b&gt;&amp;.pdf"),
    ("x" * 5000 + ".pdf", "x" * 100),
]


@pytest.fixture
def hostile(tmp_path: Path, inspector: Inspector) -> Iterator[Running]:
    """A review of a case in which every text that a stranger chooses is meant to hurt."""
    messages = []
    for number, (name, _) in enumerate(HOSTILE):
        message = EmailMessage()
        message["From"], message["To"] = '"<b>Bold</b> {{ 31337*3 }}" <foi@interior.example>', story.USER
        message["Subject"] = f"{story.REFERENCE} <script>alert(3)</script> {{{{ 31337*3 }}}}"
        message["Message-ID"] = f"<{number}@interior.example>"
        message["Date"] = f"Tue, 01 Oct 2024 10:{number:02}:00 +0100"
        message.set_content("This is the final email. Annex C <script>alert(4)</script> is withheld.")
        message.add_attachment(CUT + name.encode(), maintype="application", subtype="pdf", filename="NAME")
        parts = "".join(f"%{byte:02X}" for byte in name.encode())
        messages.append(message.as_bytes().replace(b'filename="NAME"', f"filename*=utf-8''{parts}".encode()))
    annexes = "Annex C - <script>alert(5)</script> {{ 31337*3 }}"
    with reviewing(configure(tmp_path, annexes=annexes, messages=messages), inspector) as running:
        running.poll()
        yield running


def test_hostile_names_are_shown_as_they_are_and_do_nothing(hostile: Running, visit: Visit) -> None:
    page = visit(hostile)
    everything = ""
    for place in places(hostile, page):
        page.goto(hostile.origin + place)
        everything += page.locator("body").inner_text() + "".join(
            area.input_value() for area in page.locator("textarea").all()
        )
        assert page.locator("main script, main img[src=x], main b b").count() == 0
        assert not page.evaluate(TOO_WIDE)
    for _, visible in HOSTILE:
        assert visible in everything
    assert "94011" not in everything
    assert "\u202e" not in everything
    assert "(5,004 characters)" in everything
    assert "x" * 5000 in everything
