"""One IMAP connection (RFC 9051): sign in, examine, list, read, and place a draft. It changes nothing else.

Folders are opened with EXAMINE and bodies read with BODY.PEEK, so that no flag changes.
"""

import imaplib
import logging
import re
import ssl
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError, LoginError

from attachwatch.config import MailboxSettings
from attachwatch.errors import CertificateError, FolderError, ServerError, SignInError
from attachwatch.mail import fetch, header, listing, streams
from attachwatch.mail.interface import BlobStore, Fetched, FolderState, Listed
from attachwatch.mail.line import Client
from attachwatch.mail.signin import Credentials, sasl
from attachwatch.mail.signin.interface import remedy
from attachwatch.mail.streams import Wanted
from attachwatch.mail.structure import read
from attachwatch.model import MessageKey

_ATTEMPTS = 3  # at one part, each on a connection of its own
_REARM = timedelta(minutes=9)  # of IDLE; routers forget a silent line, and servers hang up after 30 minutes
_BATCH = 500  # UIDs in one command; servers bound the length of a line
_FIELDS = (
    "FROM TO CC REPLY-TO SUBJECT DATE MESSAGE-ID IN-REPLY-TO REFERENCES AUTO-SUBMITTED PRECEDENCE LIST-ID "
    "LIST-UNSUBSCRIBE RETURN-PATH X-AUTOREPLY X-AUTORESPOND X-AUTO-REPLY-FROM CONTENT-TYPE"
)
_HEADER = f"BODY.PEEK[HEADER.FIELDS ({_FIELDS})]<0.65536>"
_BARE_ITEMS = ("INTERNALDATE", "RFC822.SIZE", _HEADER)
_ITEMS = (*_BARE_ITEMS, "BODYSTRUCTURE")
_REFUSED = re.compile(r"\[(AUTHENTICATIONFAILED|AUTHORIZATIONFAILED|EXPIRED|PRIVACYREQUIRED)\]", re.IGNORECASE)
_NOT_NOW = re.compile(
    r"\[(UNAVAILABLE|LIMIT|INUSE|SERVERBUG|CONTACTADMIN|THROTTLED|OVERQUOTA)\b|socket error|EOF|\bBYE\b"
    r"|\bthrottled\b|Suggested Backoff Time|too many (simultaneous )?connections",
    re.IGNORECASE,
)
_DRAFTS_NAMES = (
    "drafts", "draft", "entw\u00fcrfe", "brouillons", "borradores", "bozze", "concepten", "kladde", "kladder", "utkast",
    "rascunhos", "robocze", "koncepty", "luonnokset", "dr\u00e9achta\u00ed", "drafftiau",
)  # fmt: skip

logging.getLogger("imapclient").setLevel(logging.INFO)  # below this it logs whole messages


@contextmanager
def connect(settings: MailboxSettings, credentials: Credentials | str) -> Iterator["Session"]:
    """A signed-in session, closed on leaving. The credentials are asked at each connect, also after a broken line.

    Raises what the credentials raise, CertificateError before any secret is sent, SignInError where the server refuses
    it, and ServerError where the server cannot be reached or the line breaks.
    """
    session = Session(settings, credentials)
    try:
        yield session
    finally:
        session.close()


class Session:
    """One connection, used by one thread. After a broken line it connects anew by itself where that is safe."""

    def __init__(self, settings: MailboxSettings, credentials: Credentials | str) -> None:
        self._settings = settings
        # A password as such is for servers of our own: the demo's and the tests'.
        self._credentials: Credentials = (lambda: credentials) if isinstance(credentials, str) else credentials
        self._folder: str | None = None
        self._is_out_of_step = False
        self.client = self._open()

    def __repr__(self) -> str:
        return f"Session({self._settings.username}@{self._settings.host})"

    def close(self) -> None:
        with suppress(IMAPClientError, OSError):
            if self._is_out_of_step:
                self.client.shutdown()
            else:
                self.client.logout()

    def reopen(self) -> None:
        """Throw the connection away and make another, with the same folder open; raise ServerError if that fails."""
        with suppress(IMAPClientError, OSError):
            self.client.shutdown()
        self.client = self._open()
        if self._folder:
            self.examine(self._folder)

    def examine(self, folder: str) -> FolderState:
        """Open `folder` read-only; raise FolderError where that cannot be."""
        try:
            with self._guarded():
                answer = self.client.select_folder(folder, readonly=True)
        except _RefusalError as refusal:
            raise FolderError(
                f"mailbox {self._settings.name!r}: the folder {folder!r} cannot be opened: {refusal}",
                f"Correct `folders`; there are: {', '.join(self._known_folders())}.",
            ) from None
        self._folder = folder
        return FolderState(int(answer[b"UIDVALIDITY"]), answer.get(b"UIDNEXT"), int(answer.get(b"EXISTS", 0)))

    def uids_from(self, first: int) -> list[int]:
        """The UIDs of the open folder from `first` on, in order."""
        with self._guarded():
            found = self.client.search(["UID", f"{first}:*"])
        return sorted(uid for uid in found if uid >= first)  # "n:*" always names the last message, too

    def list_messages(
        self, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int], *, structure: bool = True
    ) -> Iterator[Listed]:
        """List these messages of the open folder, with their parts if `structure` is asked for.

        One that the server or the parser chokes on is passed over with an empty header, so that it keeps no other from
        being listed; one that is gone is left out.
        """
        for start in range(0, len(uids), _BATCH):
            batch = list(uids[start : start + _BATCH])
            answers = self._describe(batch, _ITEMS if structure else _BARE_ITEMS)
            for uid in batch:
                if uid in answers:
                    yield _listed(MessageKey(mailbox, folder, uidvalidity, uid), answers[uid])

    def fetch(self, messages: Sequence[Listed], blobs: BlobStore, largest: int) -> Iterator[Fetched]:
        """Read text and parts of `messages`, and yield each once all its files are durable; see `mail.fetch`."""
        return fetch.fetch(self, messages, blobs, largest, self._settings.in_flight)

    def stream(self, wanted: Iterable[Wanted], in_flight: int) -> Iterator[tuple[Wanted, str]]:
        """Let the sinks of `wanted` take what the server has; yield each when it is done with, and what went wrong.

        After a broken line the rest is asked for anew on another connection, a section that was cut from where it broke
        off. Raises ServerError where there is no other.
        """
        source, again = iter(wanted), deque[Wanted]()
        while True:
            asked = deque[Wanted]()
            try:
                for one in streams.fetch(self.client._imap, _noted(chain(_popped(again), source), asked), in_flight):
                    asked.remove(one)
                    yield one, _problem(one)
            except GeneratorExit:
                self._is_out_of_step = bool(asked)  # answers are still to come, and nobody wants them
                raise
            except (OSError, imaplib.IMAP4.abort) as error:
                said = _shown(error)
            else:
                return
            self.reopen()
            if asked:
                asked[0].attempts += 1
                if asked[0].attempts >= _ATTEMPTS:
                    yield asked.popleft(), said
            again.extend(asked)

    @property
    def can_idle(self) -> bool:
        with self._guarded():
            return bool(self.client.has_capability("IDLE"))

    def idle(self, rearm: timedelta = _REARM) -> Iterator[None]:
        """Yield whenever something may be new in the open folder (RFC 2177), and as soon as the server listens.

        What came before it did is told to nobody, so a poll must follow each. Raises ServerError when the line is dead.
        """
        for_nothing = 0
        self._is_out_of_step = True  # closing it in the middle of IDLE is no time for LOGOUT
        try:
            while for_nothing < _ATTEMPTS:
                with self._guarded():
                    self.client.idle()
                yield
                until = time.monotonic() + rearm.total_seconds()
                while (left := until - time.monotonic()) > 0:
                    with self._guarded():
                        answers = self.client.idle_check(left)
                    if not answers:
                        break
                    for_nothing = 0
                    if any(b"BYE" in answer for answer in answers):
                        raise self._broken(f"the server hangs up: {answers!r}"[:200])
                    if any(b"EXISTS" in answer for answer in answers):
                        yield
                # Nothing before the time is up is how the library tells a dead line, or a line on which only TLS had
                # to say something. Ending IDLE tells the two apart.
                for_nothing = for_nothing + 1 if until - time.monotonic() > 1 else 0
                with self._guarded():
                    self.client.idle_done()
        except _RefusalError as refusal:
            raise self._broken(str(refusal)) from None
        raise self._broken("the server ends IDLE at once")

    def place_draft(self, draft: bytes, message_id: str, folder: str | None) -> str:
        """APPEND `draft` to the Drafts folder, unless it stands there already; return the folder's name.

        The folder is the one given, else the one marked \\Drafts (RFC 6154), else the first with a usual name.
        """
        place = folder or self._drafts_folder()
        if self._holds(place, message_id):
            return place
        try:
            with self._guarded():
                self.client.append(place, draft, (b"\\Draft", b"\\Seen"), datetime.now(UTC))
        except ServerError:
            # The line may have broken after the server took the message: look before anyone tries again.
            self.reopen()
            if not self._holds(place, message_id):
                raise
        except _RefusalError as refusal:
            raise FolderError(
                f"the server does not take the draft into {place!r}: {refusal}",
                "Mend that, or write it to a file with `attachwatch drafts export`.",
            ) from None
        return place

    # --- the connection ---------------------------------------------------------------------------------

    def _open(self) -> IMAPClient:
        secret = self._credentials()  # first: a server does not wait for a slow command
        try:
            client = self._greeted()
        except _RefusalError as refusal:
            raise self._broken(str(refusal)) from None
        try:
            self._sign_in(client, secret)
        except ServerError:
            with suppress(IMAPClientError, OSError):
                client.shutdown()
            raise
        return client

    def _greeted(self) -> IMAPClient:
        settings = self._settings
        seconds = settings.timeout.total_seconds()
        with self._guarded():
            context = ssl.create_default_context(cafile=settings.ca_file) if settings.tls != "none" else None
            client = Client(
                settings.host,
                port=settings.effective_port,
                ssl=settings.tls == "implicit",
                ssl_context=context if settings.tls == "implicit" else None,
                timeout=SocketTimeout(connect=seconds, read=seconds),
            )
            # imaplib would format every literal for a log line that it drops, at twice the time and memory.
            client._imap.debug = 0
            if settings.tls == "starttls":
                client.starttls(context)
        return client

    def _sign_in(self, client: IMAPClient, secret: str) -> None:
        settings = self._settings
        exchange = sasl.exchange(settings, secret)
        try:
            self._refuse_unoffered(client)
            sasl.log_in(client, settings, secret, exchange)
        except (OSError, IMAPClientError, ValueError) as error:  # ValueError: a challenge that is no base64
            said = sasl.without(secret, _bare(error), exchange)
            if not _is_refusal(error, said):
                raise self._broken(said) from None
            if exchange.error:
                said = f"{said} {sasl.without(secret, exchange.error, exchange)}"
            raise SignInError(
                f"{settings.host} refused the sign-in of {settings.username!r}: {said}", self._what_to_check()
            ) from None

    def _refuse_unoffered(self, client: IMAPClient) -> None:
        """A server that does not know the mechanism must not be sent the token."""
        settings = self._settings
        if settings.auth == "password" or client.has_capability(f"AUTH={settings.auth.upper()}"):
            return
        known = [c.decode("ascii", "replace")[5:] for c in client.capabilities() if c.upper().startswith(b"AUTH=")]
        raise SignInError(
            f"{settings.host} does not offer {settings.auth}; nothing was sent",
            f"It offers: {', '.join(sorted(known)) or 'passwords only'}. Correct auth.",
        )

    def _what_to_check(self) -> str:
        if self._settings.auth == "password":
            return "Check the user name and the password."
        if self._settings.token_command:
            return "Check the user name, and that token_command prints a token that is fresh and for this mailbox."
        return remedy(self._settings)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Within, a broken line is a ServerError and a refusal of the server a `_RefusalError`."""
        settings = self._settings
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise CertificateError(
                f"the certificate of {settings.host} is not to be trusted ({error.verify_message}); nothing was sent",
                "If it is your own server's, name its CA with ca_file.",
            ) from None
        except FileNotFoundError as error:
            raise CertificateError(f"ca_file cannot be read: {error.strerror}", "Correct ca_file.") from None
        except (OSError, imaplib.IMAP4.abort) as error:
            raise self._broken(_shown(error)) from None
        except IMAPClientError as error:
            raise _RefusalError(_shown(error)) from None

    def _broken(self, said: str) -> ServerError:
        settings = self._settings
        return ServerError(
            f"{settings.host}:{settings.effective_port} cannot be reached, or the line broke: {said}",
            "Check host, port and tls, and your network; the next poll goes on where this one stopped.",
        )

    # --- listing ----------------------------------------------------------------------------------------

    def _describe(self, uids: list[int], items: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        try:
            answers = self._asked(uids, items)
        except (ServerError, _RefusalError):
            self.reopen()
            if len(uids) == 1:
                return {uids[0]: {}}
            return {uid: a for half in _halves(uids) for uid, a in self._describe(half, items).items()}
        for uid in set(uids) - set(answers):  # what came under another UID is nobody's: ask again
            answers |= self._asked([uid], items)
        return answers

    def _asked(self, uids: list[int], items: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        with self._guarded():
            if "BODYSTRUCTURE" in items:
                return dict(self.client.fetch(uids, items))
            status, pieces = self.client._imap.uid("FETCH", ",".join(map(str, uids)), f"({' '.join(items)})")
            if status != "OK":
                raise IMAPClientError(f"{status}: {pieces!r}"[:300])
            try:
                answers = listing.read(pieces)
            except ValueError as error:
                raise IMAPClientError(str(error)) from None
        return {uid: answers[uid] for uid in uids if uid in answers}

    # --- drafts -----------------------------------------------------------------------------------------

    def _folders(self) -> list[tuple[set[str], str]]:
        with self._guarded():
            listed = self.client.list_folders()
        folders = [({flag.decode("ascii", "replace").lower() for flag in flags}, name) for flags, _, name in listed]
        return [(flags, name) for flags, name in folders if not flags & {"\\noselect", "\\nonexistent"}]

    def _known_folders(self) -> list[str]:
        """For a sentence; a server that refuses a folder may refuse to list them, too."""
        try:
            return [name for _, name in self._folders()]
        except _RefusalError:
            return ["none that the server tells of"]

    def _drafts_folder(self) -> str:
        folders = self._folders()
        for flags, name in folders:
            if "\\drafts" in flags:
                return name
        for wanted in _DRAFTS_NAMES:
            for _, name in folders:
                if re.split(r"[./\\]", name)[-1].casefold() == wanted:
                    return name
        raise FolderError(
            f"mailbox {self._settings.name!r} has no folder for drafts that attachwatch knows",
            "Name it with drafts_folder, or use `attachwatch drafts export`.",
        )

    def _holds(self, folder: str, message_id: str) -> bool:
        self.examine(folder)
        with self._guarded():
            return bool(self.client.search(["HEADER", "Message-ID", message_id]))


def _popped(queue: "deque[Wanted]") -> Iterator[Wanted]:
    while queue:
        yield queue.popleft()


def _noted(wanted: Iterable[Wanted], asked: "deque[Wanted]") -> Iterator[Wanted]:
    for one in wanted:
        asked.append(one)
        yield one


def _problem(one: Wanted) -> str:
    if one.refused:
        return f"the server refuses it: {one.refused}"
    return "" if one.exists else "it was moved or deleted meanwhile"


class _RefusalError(Exception):
    """The server answered NO or BAD; the line is sound."""


def _listed(key: MessageKey, answer: dict[bytes, Any]) -> Listed:
    raw = next((v for k, v in answer.items() if k.startswith(b"BODY[HEADER") and isinstance(v, bytes)), b"")
    structure = read(answer.get(b"BODYSTRUCTURE"))
    received = answer.get(b"INTERNALDATE")
    if not isinstance(received, datetime):
        received = datetime.fromtimestamp(0, UTC)
    return Listed(
        key=key,
        received=received.astimezone(UTC),
        size=int(answer.get(b"RFC822.SIZE") or 0),
        header=header.parse(raw),
        parts=structure.parts,
        text=structure.text,
        html=structure.html,
        unread=structure.unread,
    )


def _is_refusal(error: BaseException, said: str) -> bool:
    """LoginError wraps a broken line and a busy server, too; neither means that the password is wrong."""
    if not isinstance(error, LoginError):
        return False
    is_line = isinstance(error.__context__, imaplib.IMAP4.abort) or _NOT_NOW.search(said)
    return not is_line or bool(_REFUSED.search(said))


def _halves(uids: list[int]) -> tuple[list[int], list[int]]:
    middle = len(uids) // 2
    return uids[:middle], uids[middle:]


def _shown(error: BaseException) -> str:
    """The error's words on one line."""
    return _bare(error)[:300]


def _bare(error: BaseException) -> str:
    """All of them; imaplib gives some as the repr of bytes."""
    return re.sub(r"^b(['\"])(.*)\1$", r"\2", " ".join(str(error).split())) or type(error).__name__
