"""What a form does to a draft, and that no words are lost, whatever stands in their way."""

from dataclasses import replace
from email import message_from_bytes, policy

import httpx
import pytest

from attachwatch.errors import FolderError
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail.local import Local
from attachwatch.model import Address, Draft
from attachwatch.reply import revision
from attachwatch.service import review
from attachwatch.web import words
from tests.service.test_pipeline import CUT, mail
from tests.web.reviewing import Running, deliver, seen, token


def send(client: httpx.Client, number: int = 1, page: str = "", **said: str) -> httpx.Response:
    """Send the form of `page`, or of the draft's page as it is now."""
    page = page or client.get(f"/drafts/{number}").text
    return client.post(f"/drafts/{number}", data={"token": token(page), "seen": seen(page)} | said)


def test_words_are_saved_as_they_were_typed(running: Running) -> None:
    with running.client() as client:
        answer = send(client, do="save", body="\r\nFirst,\r\n\r\n  second – <b>third</b> & é\r\n")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{running.review.root}/drafts/1?done=save")
        assert running.ledger.drafts()[0].body == "\nFirst,\n\n  second – <b>third</b> & é\n"
        page = client.get("/drafts/1?done=save").text
        assert "Your words are saved." in page
        assert "<textarea" in page
        assert ">\n\nFirst,\n\n  second – &lt;b&gt;third&lt;/b&gt; &amp; é\n</textarea>" in page


def test_what_another_window_saved_is_not_overwritten_and_the_words_are_shown_again(running: Running) -> None:
    with running.client() as client:
        page = client.get("/drafts/1").text
        assert send(client, page=page, do="save", body="From the first window").status_code == 303
        answer = send(client, page=page, do="approve", body="From the second window")
        assert answer.status_code == 409
        assert "changed meanwhile" in answer.text
        assert ">\nFrom the second window</textarea>" in answer.text
        assert "<ins>+ From the second window</ins>" in answer.text
        assert "<del>− From the first window</del>" in answer.text
        (draft,) = running.ledger.drafts()
        assert (draft.body, draft.state) == ("From the first window\n", "pending")
        assert send(client, page=answer.text, do="save", body="From the second window").status_code == 303
        assert running.ledger.drafts()[0].body == "From the second window\n"


def test_words_for_a_draft_that_was_replaced_are_shown_beside_the_way_to_the_newer_one(running: Running) -> None:
    with running.client() as client:
        page = client.get("/drafts/1").text
        deliver(running.mail, mail(body="This is the final email again.", Annex_B=CUT[:-200]))
        assert [d.id for d in running.poll()] == [2]
        answer = send(client, page=page, do="save", body="What I typed")
        assert answer.status_code == 409
        assert "replaced by a newer one" in answer.text
        assert ">\nWhat I typed</textarea>" in answer.text
        assert f'href="{running.review.root}/drafts/2"' in answer.text
        assert "What I typed" not in "".join(d.body for d in running.ledger.drafts())
        assert "the reply that this one replaced" in client.get("/drafts/2").text


def test_what_was_sent_twice_is_done_once(running: Running) -> None:
    with running.client() as client:
        page = client.get("/drafts/1").text
        words = running.ledger.drafts()[0].body
        assert send(client, page=page, do="discard", body=words).status_code == 303
        again = send(client, page=page, do="discard", body=words)
        assert (again.status_code, again.headers["location"]) == (303, f"{running.review.root}/drafts/1?done=discard")
        assert send(client, page=page, do="approve", body=words).status_code == 409


def test_an_empty_reply_is_not_kept(running: Running) -> None:
    before = running.ledger.drafts()[0].body
    with running.client() as client:
        for action in ("save", "approve"):
            answer = send(client, do=action, body=" \r\n ")
            assert answer.status_code == 409
            assert "would have no words" in answer.text
            assert "attachwatch drafts" not in answer.text
        assert running.ledger.drafts()[0].body == before
        assert send(client, do="discard", body="").status_code == 303


def test_a_reply_that_is_too_long_is_shown_again(running: Running) -> None:
    with running.client() as client:
        answer = send(client, do="save", body="é" * 200_001)
        assert answer.status_code == 409
        assert "é" * 200_001 in answer.text


def test_a_mailbox_that_refuses_leaves_the_words_saved_and_says_why(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> str:
        raise FolderError("mailbox 'foi': the folder 'Drafts' is over quota", "Make room, and approve it once more.")

    with running.client() as client:
        with monkeypatch.context() as patch:
            patch.setattr(Local, "place_draft", refuse)
            answer = send(client, do="approve", body="Typed before")
            assert answer.status_code == 503
            assert "over quota. Make room, and approve it once more." in answer.text
            assert ">\nTyped before\n</textarea>" in answer.text
        (draft,) = running.ledger.drafts()
        assert (draft.body, draft.state) == ("Typed before\n", "pending")
        assert send(client, page=answer.text, do="approve", body="Typed before").status_code == 303


def test_where_an_approved_reply_went_is_said_and_it_is_only_read(running: Running) -> None:
    with running.client() as client:
        assert send(client, do="approve", body="Approved words").headers["location"].endswith("/drafts/1?done=approve")
        (draft,) = running.ledger.drafts()
        page = client.get("/drafts/1?done=approve").text
        assert draft.placed_in
        assert draft.placed_in in page
        assert "<form" not in page
        assert "readonly" in page


def test_places_where_one_has_still_to_choose_are_told_and_hold_up_approval(running: Running) -> None:
    open_place = f"{revision.YOURS}\nmine\n{revision.FRESH}\ntheirs\n{revision.END}"
    with running.client() as client:
        answer = send(client, do="approve", body=open_place)
        assert answer.status_code == 409
        assert "lines in double brackets" in answer.text
        assert running.ledger.drafts()[0].state == "pending"


def test_no_address_can_have_the_page_claim_what_is_not_so(running: Running) -> None:
    with running.client() as client:
        assert "Approved." not in client.get("/drafts/1?done=approve").text
        assert "alert(1)" not in client.get("/drafts/1?done=<script>alert(1)</script>").text


@pytest.mark.parametrize("number", ["0", "2", "99999999999999999999", "9" * 5000, "-1", "x", "٣"])
def test_a_draft_that_is_not_there(running: Running, number: str) -> None:
    with running.client() as client:
        assert client.get(f"/drafts/{number}").status_code == 404


def test_what_a_form_of_ours_does_not_have_is_not_done(running: Running) -> None:
    with running.client() as client:
        assert send(client, do="send", body="x").status_code == 404
        assert send(client, body="x").status_code == 404
        assert running.ledger.drafts()[0].state == "pending"


def test_the_reply_is_downloaded_as_a_message(running: Running) -> None:
    with running.client() as client:
        answer = client.get("/drafts/1/reply.eml")
    assert answer.headers["content-type"] == "message/rfc822"
    assert answer.headers["content-disposition"] == 'attachment; filename="reply-1.eml"'
    message = message_from_bytes(answer.content, policy=policy.default)
    (draft,) = running.ledger.drafts()
    assert message["Message-ID"] == draft.message_id
    body = message.get_body(("plain",))
    assert body is not None
    assert "Annex B.pdf" in body.get_content()


def test_what_to_look_at_before_deciding_is_told(running: Running) -> None:
    (draft,) = running.ledger.drafts()
    running.ledger.add_draft(replace(draft, to=("no-reply@interior.example",), message_id="<x@y>"), instead_of=draft)
    with running.client() as client:
        assert "looks like an address that nobody reads" in client.get("/drafts/2").text
        assert "looks like an address that nobody reads" not in client.get("/drafts/1").text
    foreign = (Address("", "foi@interior.example"), Address("", "x\u202e@other.example"))
    assert "other.example, which is not the authority's" in next(words.diverted([foreign]))


def test_edits_are_compared_with_the_words_as_made(running: Running) -> None:
    (draft,) = running.ledger.drafts()
    review.edit(running.ledger, draft.id, f"A new line\n{draft.body}", draft.body)
    with running.client() as client:
        page = client.get("/drafts/1").text
        assert "What you changed" in page
        assert "<ins>+ A new line</ins>" in page
        assert send(client, do="restore", body="whatever").status_code == 303
    assert running.ledger.drafts()[0].body == draft.body


def test_words_typed_in_a_page_of_a_review_that_has_ended_are_shown_again(running: Running) -> None:
    said = {"token": "of another run", "seen": "", "do": "save", "body": "Typed <b>before</b>"}
    with running.client(signed_in=False) as stranger:
        answer = stranger.post("/drafts/1", data=said)
        assert answer.status_code == 403
        assert "You are not signed in" in answer.text
        assert ">\nTyped &lt;b&gt;before&lt;/b&gt;</textarea>" in answer.text
        assert "FOI2024" not in answer.text
        assert stranger.post("/drafts/1", content=b"a" * 100).status_code == 403
        assert stranger.post("/drafts/1", files={"body": b"x"}).status_code == 403
        assert stranger.post("/drafts/1", content=b"&a=b" * 100).status_code == 403
        assert stranger.post("/drafts/1", content=(b"body=x" for _ in range(3))).status_code == 403
    with running.client() as client:
        answer = client.post("/drafts/1", data=said)
        assert answer.status_code == 403
        assert ">\nTyped &lt;b&gt;before&lt;/b&gt;</textarea>" in answer.text
    assert "Typed" not in running.ledger.drafts()[0].body


def test_no_other_words_are_approved_than_those_on_the_page(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    edit = review.edit

    def and_another_window(ledger: Ledger, number: int, body: str, seen: str) -> Draft:
        mine = edit(ledger, number, body, seen)
        return edit(ledger, number, "Theirs", mine.body)

    with running.client() as client:
        page = client.get("/drafts/1").text
        monkeypatch.setattr(review, "edit", and_another_window)
        answer = send(client, page=page, do="approve", body="Mine")
    assert answer.status_code == 409
    assert ">\nMine</textarea>" in answer.text
    (draft,) = running.ledger.drafts()
    assert (draft.body, draft.state) == ("Theirs\n", "pending")
