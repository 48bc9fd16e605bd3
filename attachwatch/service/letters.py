"""A letter that is given as a file: what it says, read where the reading of it can do no harm."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from attachwatch.annexes.letters import letter
from attachwatch.annexes.matching.listed import listed
from attachwatch.cases.standing import Delivery
from attachwatch.errors import UsageError
from attachwatch.inspection.sandbox import ChangedError, Inspector
from attachwatch.ledger.interface import Attachments
from attachwatch.mail import folders
from attachwatch.mime.notices import without_links
from attachwatch.model import Annex, Header, Membership, Message, MessageKey, Reading
from attachwatch.service.responses import decoded

_MOST = 262_144  # bytes of a letter in plain text
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, and whether the list of annexes is its own."""

    delivery: Delivery
    gives_list: bool = False

    @property
    def reading(self) -> Reading:
        return self.delivery.reading

    def unnamed(self, annexes: Sequence[Annex]) -> tuple[Annex, ...]:
        """Those of the user's list that the letter does not name."""
        if self.gives_list:
            return ()
        named = set(listed(annexes, self.reading.annexes).values())
        return tuple(a for n, a in enumerate(annexes) if n not in named)


def read(path: Path, inspector: Inspector, blobs: Attachments) -> Letter:
    """Read the PDF, email or text at `path`. Raises UsageError where it is none, or there is no text in it."""
    if path.exists() and not path.is_file():  # a pipe would make us wait
        raise UsageError(f"the letter {path} is no file", "Check the path given with --letter.")
    try:
        with path.open("rb") as file:
            begins = file.read(_MOST)
        is_mail = b"%PDF-" not in begins[:1024] and folders.is_mail(path)
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise UsageError(f"the letter {path} cannot be read: {reason}", "Check the path given with --letter.") from None
    message = _in_mail(path, inspector, blobs) if is_mail else _loose(path, _text(path, begins, inspector))
    if not message.text.strip():
        raise UsageError(
            f"there is no text in the letter {path}", "Give its annexes with --annexes; a scan cannot be read."
        )
    dated = message.received.date() if is_mail else None
    reading = letter.read(without_links(message.text), message.header.subject, dated)
    return Letter(Delivery(message, Membership.REFERENCE, reading.note, reading=reading))


def expected(reading: Reading) -> tuple[Annex, ...]:
    """The annexes that a letter promises, as a list."""
    return tuple(Annex(a.label, a.kind.capitalize(), a.title) for a in reading.promised)


def _loose(path: Path, text: str) -> Message:
    return Message(MessageKey(str(path), "", 0, 0), datetime.fromtimestamp(0, UTC), Header(), text)


def _in_mail(path: Path, inspector: Inspector, blobs: Attachments) -> Message:
    """An email, with the text of the PDFs in it where its own names no annex."""
    message = next(iter(folders.messages(path, blobs, lambda *_: None)), None)
    if message is None:
        return _loose(path, "")
    if letter.read(without_links(message.text)).annexes:
        return message
    texts = [
        _of_pdf(blobs.path(a.sha256), inspector)
        for a in message.attachments
        if a.sha256 and (a.content_type == _PDF or a.name.lower().endswith(".pdf"))
    ]
    return replace(message, text="\n\n".join((letter.own_text(message.text), *texts)))


def _text(path: Path, begins: bytes, inspector: Inspector) -> str:
    if b"%PDF-" in begins[:1024]:
        return _of_pdf(path, inspector)
    if b"\0" in begins and not begins.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"the letter {path} is no PDF, email or plain text", "Save it as one of these.")
    return decoded(begins)


def _of_pdf(path: Path, inspector: Inspector) -> str:
    try:
        return inspector.text(path)
    except ChangedError as error:
        raise UsageError(f"the letter {path} cannot be read", str(error)) from None
