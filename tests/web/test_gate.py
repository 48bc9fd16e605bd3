"""Who is let in: only the browser that used the link, under our own name, by our own forms."""

import socket

import httpx
import pytest

from attachwatch.errors import UsageError
from attachwatch.web import server
from attachwatch.web.gate import LINK_LASTS, Keys
from attachwatch.web.pages import assets
from tests.web.reviewing import Running, seen, token

PAGES = ["/", "/cases/0123456789ab", "/drafts/1", "/drafts/1/reply.eml", "/pictures/small/" + "0" * 64, "/nothing"]


@pytest.mark.parametrize("path", PAGES)
def test_without_a_session_there_is_nothing_to_see(running: Running, path: str) -> None:
    with running.client(signed_in=False) as client:
        answer = client.get(path)
        assert answer.status_code == 403
        assert "You are not signed in" in answer.text
        assert "FOI2024" not in answer.text


def test_the_link_signs_in_once(running: Running) -> None:
    with running.client() as first, running.client(signed_in=False) as second:
        assert first.get("/").status_code == 200
        assert second.get(running.link).status_code == 403
        assert second.get("/").status_code == 403
        assert first.get("/").status_code == 200


def test_who_asks_for_the_links_header_does_not_use_it_up(running: Running) -> None:
    with running.client(signed_in=False) as client:
        assert client.head(running.link).status_code == 403
        assert client.post(running.link).status_code == 405
        assert client.get(running.link).status_code == 200


@pytest.mark.parametrize("link", ["", "x", "/", "é", "%00", "a" * 43, "a" * 5000])
def test_another_link_signs_nobody_in(running: Running, link: str) -> None:
    with running.client(signed_in=False) as client:
        assert client.get(f"/sign-in/{link}").status_code in (403, 404)
        assert client.get("/").status_code == 403


def test_the_link_ends_after_minutes() -> None:
    now = [0.0]
    keys = Keys(lambda: now[0])
    now[0] = LINK_LASTS + 1
    assert keys.sign_in(keys.link) is None
    keys = Keys(lambda: now[0])
    now[0] += LINK_LASTS - 1
    assert keys.sign_in(keys.link) is not None


def test_secrets_are_long_and_never_the_same() -> None:
    made = [secret for keys in (Keys(), Keys()) for secret in (keys.link, keys.form, keys.sign_in(keys.link) or "")]
    assert len(set(made)) == 6
    assert all(len(secret) >= 43 for secret in made)


def test_the_session_is_not_there_before_the_link_is_used() -> None:
    keys = Keys()
    assert not keys.admits("")
    session = Keys().sign_in("") or ""
    assert not keys.admits(session)


def test_the_cookie_is_for_this_server_alone(running: Running) -> None:
    with running.client(signed_in=False) as client:
        cookie = client.get(running.link).headers["set-cookie"]
    assert cookie.startswith(f"attachwatch-{running.review.port}=")
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert attributes == {"httponly", "samesite=strict", f"path={running.review.root.lower()}"}


def test_the_session_is_worth_nothing_without_the_folder_of_the_pages(running: Running) -> None:
    with running.client() as client:
        cookie = f"attachwatch-{running.review.port}={dict(client.cookies)[f'attachwatch-{running.review.port}']}"
    with running.client(signed_in=False) as other:
        for folder in ("", "/x", running.review.root[:-1], running.review.root + "x", "/" + running.review.root):
            answer = other.get(f"{running.origin}{folder}/drafts/1", headers={"Cookie": cookie})
            assert answer.status_code == 403
            assert running.review.root not in answer.text
        assert other.get("/drafts/1", headers={"Cookie": cookie}).status_code == 200


@pytest.mark.parametrize("planted", ["{name}=x; {mine}", "{mine}; {name}=x", "{name}; ;=; {name}=; {mine}; {name}"])
def test_a_cookie_that_another_server_planted_locks_nobody_out(running: Running, planted: str) -> None:
    name = f"attachwatch-{running.review.port}"
    with running.client() as client:
        mine = f"{name}={dict(client.cookies)[name]}"
        client.cookies.clear()
        assert client.get("/", headers={"Cookie": planted.format(name=name, mine=mine)}).status_code == 200
        assert client.get("/", headers={"Cookie": f"{name}=x"}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.1.evil.example", ""]
)
def test_under_another_name_nothing_is_answered(running: Running, host: str) -> None:
    with running.client() as client:
        answer = client.get("/", headers={"Host": host})
        assert answer.status_code == 421
        assert "FOI2024" not in answer.text
        assert client.get("/", headers={"Host": f"LOCALHOST:{running.review.port}"}).status_code == 421
        assert client.get("/", headers={"Host": f"localhost:{running.review.port}"}).status_code == 200


def test_under_another_name_the_link_is_not_used_up(running: Running) -> None:
    with running.client(signed_in=False) as client:
        assert client.get(running.link, headers={"Host": "evil.example"}).status_code == 421
        assert client.get(running.link).status_code == 200


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_what_another_page_sends_is_not_done(running: Running, headers: dict[str, str]) -> None:
    with running.client() as client:
        answer = _post(client, headers, do="discard")
        assert answer.status_code == 403
        assert running.ledger.drafts()[0].state == "pending"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {}])
def test_what_our_own_page_sends_is_done(running: Running, headers: dict[str, str]) -> None:
    with running.client() as client:
        assert _post(client, headers, do="discard").status_code == 303
        assert running.ledger.drafts()[0].state == "discarded"


@pytest.mark.parametrize("wrong", ["", "x", "é"])
def test_without_the_forms_token_nothing_is_done(running: Running, wrong: str) -> None:
    with running.client() as client:
        assert _post(client, {}, do="discard", token=wrong).status_code == 403
        assert client.post("/drafts/1", data={"do": "discard"}).status_code == 403
        assert running.ledger.drafts()[0].state == "pending"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"])
def test_pages_are_only_read(running: Running, method: str) -> None:
    with running.client() as client:
        answer = client.request(method, "/")
        assert answer.status_code == 405
        assert "<h1>" in answer.text


@pytest.mark.parametrize("path", [*PAGES, "/sign-in/x"])
def test_every_page_says_what_a_browser_may_do_with_it(running: Running, path: str) -> None:
    with running.client() as client:
        found = client.get(path).headers
    assert found["content-security-policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in found["content-security-policy"]
    assert found["x-content-type-options"] == "nosniff"
    assert found["referrer-policy"] == "no-referrer"
    assert found["cross-origin-opener-policy"] == "same-origin"
    assert found["cross-origin-resource-policy"] == "same-origin"
    assert found["cache-control"] == "no-store"
    assert "server" not in found


def test_what_pages_load_is_kept_by_browsers_until_it_is_another(running: Running) -> None:
    with running.client(signed_in=False) as client:
        for place in assets():
            answer = client.get(running.origin + place)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["cache-control"]
            assert client.get(running.origin + place.replace("/static/", "/static/0")).status_code == 404


def test_a_request_that_is_too_large_is_not_read(running: Running) -> None:
    with running.client() as client:
        assert client.post("/drafts/1", data={"body": "x" * (5 << 20)}).status_code == 413


def test_only_this_machine_is_answered(running: Running) -> None:
    port = running.review.port
    others = {str(a[4][0]) for a in socket.getaddrinfo(socket.gethostname(), port, socket.AF_INET)}
    for address in others - {server.HOST}:
        with socket.socket() as probe:
            probe.settimeout(5)
            if not address.startswith("127."):
                assert probe.connect_ex((address, port)) != 0


def test_a_port_that_is_taken_is_said_so() -> None:
    with server.listening(0) as taken, pytest.raises(UsageError, match=r"port \d+ of 127\.0\.0\.1 cannot be used"):
        server.listening(taken.getsockname()[1])


def _post(client: httpx.Client, headers: dict[str, str], **said: str) -> httpx.Response:
    page = client.get("/drafts/1").text
    values = {"token": token(page), "seen": seen(page), "body": "Dear all"} | said
    return client.post("/drafts/1", data=values, headers=headers)
