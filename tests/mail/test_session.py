"""One connection to a real Dovecot: what it reads, what it leaves alone, and how it fails."""

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from attachwatch.config import MailboxSettings
from attachwatch.errors import CertificateError, FolderError, ServerError, SignInError
from attachwatch.ledger.blobs import Blobs
from attachwatch.mail.fetch import fetch
from attachwatch.mail.interface import Listed
from attachwatch.mail.session import Session, connect
from attachwatch.model import Message
from tests.proxy import proxy
from tests.servers import PASSWORD, Mailbox


def email(subject: str = "Annexes", **files: bytes) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "foi@x.example", subject, f"<{subject}@x.example>"
    message.set_content("Please find attached.")
    message.add_alternative("<p>Please find attached.</p>", subtype="html")
    for name, data in files.items():
        message.add_attachment(data, maintype="application", subtype="pdf", filename=f"{name}.pdf")
    return message


def listed(session: Session) -> list[Listed]:
    state = session.examine("INBOX")
    return list(session.list_messages("test", "INBOX", state.uidvalidity, session.uids_from(1)))


def fetched(mailbox: Mailbox, folder: Path, largest: int = 10**8) -> list[Message]:
    with connect(mailbox.settings(), PASSWORD) as session:
        found = [f.message for f in fetch(session, listed(session), Blobs(folder), largest, in_flight=4)]
        return [message for message in found if message is not None]


def test_reading_leaves_no_trace(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email(a=b"%PDF-1").as_bytes())
    before = mailbox.flags()
    fetched(mailbox, tmp_path)
    assert mailbox.flags() == before


def test_a_message_is_listed_with_header_and_parts_and_fetched_byte_for_byte(mailbox: Mailbox, tmp_path: Path) -> None:
    big = bytes(range(256)) * 40_000  # more than two slices
    mailbox.append(email(first=b"%PDF-1", big=big).as_bytes())
    (message,) = fetched(mailbox, tmp_path)
    assert message.header.message_id == "<Annexes@x.example>"
    assert message.text.strip() == "Please find attached."
    assert [(a.name, a.size) for a in message.attachments] == [("first.pdf", 6), ("big.pdf", len(big))]
    assert Blobs(tmp_path).path(message.attachments[1].sha256).read_bytes() == big


def test_what_is_listed_later_begins_where_it_ended(mailbox: Mailbox) -> None:
    for n in range(3):
        mailbox.append(email(str(n)).as_bytes())
    with connect(mailbox.settings(), PASSWORD) as session:
        session.examine("INBOX")
        _, second, third = session.uids_from(1)
        assert session.uids_from(second) == [second, third]
        assert session.uids_from(third + 1) == []


def test_a_message_that_is_itself_a_file_is_a_part(mailbox: Mailbox, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "scanner@x.example"
    message.set_content(b"%PDF-1", maintype="application", subtype="pdf", filename="scan.pdf")
    mailbox.append(message.as_bytes())
    (found,) = fetched(mailbox, tmp_path)
    assert [(a.part, a.name, a.size) for a in found.attachments] == [("1", "scan.pdf", 6)]


def test_the_files_of_a_forwarded_message_are_found_in_it(mailbox: Mailbox, tmp_path: Path) -> None:
    outer = email("outer")
    outer.add_attachment(email("The annexes", inner=b"%PDF-inner"))
    mailbox.append(outer.as_bytes())
    (found,) = fetched(mailbox, tmp_path)
    assert [(a.name, a.containers, a.size) for a in found.attachments] == [("inner.pdf", ("The annexes",), 10)]


def test_odd_names_and_nameless_parts_are_kept_apart(mailbox: Mailbox, tmp_path: Path) -> None:
    raw = (
        b"From: foi@x.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=Annex A; B.pdf\r\n\r\nx\r\n"
        b"--b\r\nContent-Type: application/pdf\r\n\r\ny\r\n"
        b"--b\r\nContent-Type: application/pdf; name*0*=UTF-8''%C3%9C; name*1=.pdf\r\n\r\nz\r\n"
        b'--b\r\nContent-Type: application/pdf; name="\xdc.pdf"\r\n\r\nz\r\n--b--\r\n'
    )
    mailbox.append(raw)
    (found,) = fetched(mailbox, tmp_path)
    assert [a.name for a in found.attachments] == ["Annex A; B.pdf", "part-2.pdf", "\u00dc.pdf", "\u00dc.pdf"]
    assert len({a.part for a in found.attachments}) == 4


def test_a_part_over_the_limit_is_named_and_not_kept(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email(small=b"%PDF-1", big=bytes(200_000)).as_bytes())
    (found,) = fetched(mailbox, tmp_path, largest=100_000)
    small, big = found.attachments
    assert small.sha256
    assert (big.name, big.sha256) == ("big.pdf", "")
    assert big.size >= 200_000
    assert sum(p.is_file() for p in tmp_path.rglob("*")) == 1


def test_a_header_of_a_megabyte_keeps_no_other_message_from_being_listed(mailbox: Mailbox) -> None:
    monster = (
        b"Subject: " + b"x" * 1_500_000 + b"\r\nContent-Type: application/pdf; name=" + b"y" * 1_200_000 + b"\r\n\r\nz"
    )
    mailbox.append(email("one").as_bytes())
    mailbox.append(monster)
    mailbox.append(email("three").as_bytes())
    with connect(mailbox.settings(), PASSWORD) as session:
        assert [m.header.subject for m in listed(session)][::2] == ["one", "three"]


def test_a_draft_is_placed_once_in_the_folder_marked_for_drafts(mailbox: Mailbox) -> None:
    raw = email("draft").as_bytes()
    for _ in range(2):
        with connect(mailbox.settings(), PASSWORD) as session:
            assert session.place_draft(raw, "<draft@x.example>", None) == "Drafts"
    assert len(mailbox.drafts()) == 1


def test_a_draft_that_was_taken_before_the_line_broke_is_not_placed_again(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(mailbox.settings(), PASSWORD) as session:
        append = session.client.append

        def taken_and_cut(*words: object) -> None:
            append(*words)
            session.client.socket().shutdown(socket.SHUT_RDWR)
            raise OSError("connection reset")

        monkeypatch.setattr(session.client, "append", taken_and_cut)
        assert session.place_draft(email("draft").as_bytes(), "<draft@x.example>", None) == "Drafts"
    assert len(mailbox.drafts()) == 1


def test_a_folder_that_is_not_there_is_named_with_those_that_are(mailbox: Mailbox) -> None:
    with connect(mailbox.settings(), PASSWORD) as session:
        with pytest.raises(FolderError, match=r"'Nowhere'.*there are: Drafts, INBOX"):
            session.examine("Nowhere")


def test_a_wrong_password_is_told_from_a_broken_line(mailbox: Mailbox) -> None:
    with pytest.raises(SignInError, match="refused the sign-in") as caught, connect(mailbox.settings(), "hunter2"):
        pass
    assert "hunter2" not in str(caught.value)


def test_an_unknown_authority_is_refused_before_the_password_is_sent(mailbox: Mailbox) -> None:
    with pytest.raises(CertificateError, match="not to be trusted"):
        with connect(mailbox.settings(ca_file=None), PASSWORD):
            pass


def test_a_certificate_for_another_name_is_refused(mailbox: Mailbox) -> None:
    with pytest.raises(CertificateError, match=r"certificate of 127\.0\.0\.1 is not to be trusted"):
        with connect(mailbox.settings(host="127.0.0.1"), PASSWORD):
            pass


def test_starttls_is_verified_too(mailbox: Mailbox) -> None:
    plain = mailbox.server.plain
    with connect(mailbox.settings(tls="starttls", port=plain), PASSWORD) as session:
        assert session.examine("INBOX").exists == 0
    with pytest.raises(CertificateError), connect(mailbox.settings(tls="starttls", port=plain, ca_file=None), PASSWORD):
        pass


@contextmanager
def answering(*lines: bytes) -> Iterator[int]:
    """A server that says these lines, one to each of the client's, and then no more."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as asked:
                for line in lines:
                    connection.sendall(line)
                    if not asked.readline():
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)


@pytest.mark.parametrize(
    "lines",
    [
        [b"* BYE [UNAVAILABLE] too busy\r\n"],
        [b"220 smtp.example ESMTP\r\n"],
        [b"* OK ready\r\n", b"* BYE going\r\n"],
        [b"* PREAUTH welcome\r\n"],
    ],
)
def test_a_server_that_is_none_is_no_wrong_password(mailbox: Mailbox, lines: list[bytes]) -> None:
    with answering(*lines) as port:
        settings = mailbox.settings(host="127.0.0.1", port=port, tls="none", ca_file=None, timeout="2s")
        with pytest.raises(ServerError) as caught, connect(settings, PASSWORD) as session:
            session.examine("INBOX")
    assert not isinstance(caught.value, SignInError)


def test_nobody_there_is_said_with_host_and_port(mailbox: Mailbox) -> None:
    with pytest.raises(ServerError, match="localhost:1 cannot be reached"), connect(mailbox.settings(port=1), PASSWORD):
        pass


def test_a_session_shows_no_secret(mailbox: Mailbox) -> None:
    with connect(mailbox.settings(), PASSWORD) as session:
        assert PASSWORD not in repr(session)


def by_token(mailbox: Mailbox, auth: str, **changes: object) -> MailboxSettings:
    return mailbox.settings(auth=auth, token_command="unused", **changes)


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_the_right_token_signs_in(mailbox: Mailbox, auth: str, tls: str) -> None:
    port = mailbox.server.tls if tls == "implicit" else mailbox.server.plain
    with connect(by_token(mailbox, auth, tls=tls, port=port), mailbox.token) as session:
        assert session.examine("INBOX").exists == 0


@pytest.mark.parametrize(
    "claims", [{"lasts": -60}, {"sub": "somebody@else.example"}, {"scope": "calendar"}, {"nbf": 4_000_000_000}]
)
@pytest.mark.parametrize(
    ("auth", "error"), [("xoauth2", '"status":"401"'), ("oauthbearer", '"status":"invalid_token"')]
)
def test_a_token_that_is_refused_is_said_in_the_server_s_own_words(
    mailbox: Mailbox, auth: str, error: str, claims: dict[str, Any]
) -> None:
    token = mailbox.token(**claims)
    with pytest.raises(SignInError, match=r"AUTHENTICATIONFAILED.*\{") as caught:
        with connect(by_token(mailbox, auth), lambda: token):
            pass
    assert error in str(caught.value)
    assert token not in str(caught.value)
    assert "token_command" in caught.value.remedy


def test_the_credentials_are_asked_at_each_connect(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(email(big=bytes(2_000_000)).as_bytes())
    given: list[str] = []

    def credentials() -> str:
        given.append(mailbox.token(jti=str(len(given))))
        return given[-1]

    with proxy(mailbox.server.tls) as line:
        line.cuts.append(1_000_000)
        with connect(by_token(mailbox, "xoauth2", port=line.port), credentials) as session:
            (found,) = fetch(session, listed(session), Blobs(tmp_path), 10**8, in_flight=4)
    assert found.message is not None
    assert found.message.attachments[0].size == 2_000_000
    assert len(set(given)) == line.connections == 2


_KNOWS = b"CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2"


@contextmanager
def conversation(settings: MailboxSettings, *lines: bytes) -> Iterator[tuple[MailboxSettings, list[bytes]]]:
    """A server that says these lines, one to each of the client's from its sign-in on, and notes what it is told."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with suppress(OSError), connection, connection.makefile("rb") as asked:
                connection.sendall(b"* OK ready\r\n")
                tag = (words := asked.readline().split())[0]
                connection.sendall(b"* %s\r\n%s OK done\r\n" % (_KNOWS, tag))
                for line in lines:
                    heard.append(asked.readline().strip())
                    if len(words := heard[-1].split()) > 1:
                        tag = words[0]
                    connection.sendall(line.replace(b"TAG", tag).replace(b"HEARD", heard[-1]))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        changes = {"host": "127.0.0.1", "port": listener.getsockname()[1], "tls": "none", "ca_file": None}
        yield settings.model_copy(update=changes | {"timeout": timedelta(seconds=5)}), heard
        thread.join(10)


def problem(settings: MailboxSettings, secret: str) -> ServerError:
    with pytest.raises(ServerError) as caught, connect(settings, lambda: secret):
        pass
    return caught.value


def test_a_server_that_does_not_know_the_mechanism_is_not_told_the_token(mailbox: Mailbox) -> None:
    with conversation(by_token(mailbox, "oauthbearer")) as (settings, heard):
        error = problem(settings, "canary")
    assert isinstance(error, SignInError)
    assert "It offers: PLAIN, XOAUTH2" in str(error)
    assert heard == []


@pytest.mark.parametrize(
    "lines",
    [
        [b"+ \r\n"],  # and no more
        [b"+ \r\n", b"250 OK\r\n"],
        [b"+ \r\n", b"* BYE [UNAVAILABLE] try later\r\n"],
        [b"+ \r\n", b"+ no base64!\r\n"],
        [b"+ \r\n", *[b"+ e30=\r\n"] * 20],
    ],
)
def test_a_line_that_breaks_within_the_sign_in_is_no_refusal(mailbox: Mailbox, lines: list[bytes]) -> None:
    with conversation(by_token(mailbox, "xoauth2"), *lines) as (settings, _):
        error = problem(settings, "canary-token")
    assert not isinstance(error, SignInError)
    assert "canary" not in str(error)


@pytest.mark.parametrize("secret", ["canary-token", "x" * 3000])
def test_a_server_that_repeats_what_it_was_told_does_not_make_us_repeat_it(mailbox: Mailbox, secret: str) -> None:
    with conversation(by_token(mailbox, "xoauth2"), b"+ \r\n", b"* BAD HEARD\r\nTAG BAD I do not know HEARD\r\n") as (
        settings,
        heard,
    ):
        error = problem(settings, secret)
    assert isinstance(error, SignInError)
    coded = heard[1].decode()
    assert secret in base64.b64decode(coded).decode()
    assert coded[:200] not in str(error)
    assert secret not in str(error)


@pytest.mark.parametrize("secret", ["canary\u00fc", 'canary" \\ and more'])
def test_a_password_of_any_characters_is_told_as_it_is_and_not_shown(mailbox: Mailbox, secret: str) -> None:
    refusal = b"TAG NO I do not like HEARD\r\n"
    lines = (refusal,) if secret.isascii() else (b"+ \r\n", refusal)
    with conversation(mailbox.settings(), *lines) as (settings, heard):
        error = problem(settings, secret)
    if secret.isascii():
        assert heard[0].endswith(b'"canary\\" \\\\ and more"')
    else:
        assert base64.b64decode(heard[1]).decode() == f"\0{mailbox.username}\0{secret}"
        assert heard[1].decode() not in str(error)
    assert isinstance(error, SignInError)
    assert "canary" not in str(error)
