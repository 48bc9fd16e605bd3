"""The header of the reply, and the whole message as bytes. Pure; nothing from the authority's mail reaches a header
unchecked."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime

from attachwatch.model import Case, Draft, Message
from attachwatch.reply.alternative import as_html

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")  # printable ASCII without blanks or inner brackets
_REPLY_MARK = re.compile(r"\s*(re|aw|sv|antw|tr|wg|fw|fwd)\s*(\[\d+\])?\s*:\s*", re.IGNORECASE)
_MOST_REFERENCES = 20


@dataclass(frozen=True, slots=True)
class Envelope:
    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    in_reply_to: str | None
    references: tuple[str, ...]


def envelope(answers: Message, case: Case, account: str, reply_to: Sequence[str]) -> Envelope:
    """How a mail program would head a reply to `answers` (RFC 5322 section 3.6.4)."""
    header = answers.header
    message_id = header.message_id if header.message_id and _MESSAGE_ID.fullmatch(header.message_id) else None
    thread = [r for r in header.references if _MESSAGE_ID.fullmatch(r)]
    if not thread:
        thread = [r for r in header.in_reply_to if _MESSAGE_ID.fullmatch(r)][:1]
    return Envelope(
        sender=_own_address(answers, account),
        to=tuple(reply_to),
        cc=(),
        subject=_subject(header.subject, case),
        in_reply_to=message_id,
        references=_bounded([*thread, message_id] if message_id else thread),
    )


def as_message(draft: Draft, html: bool = False) -> bytes:
    """The draft as an RFC 5322 message with CRLF line ends, ready for APPEND or an .eml file.

    With `html` it is there a second time as HTML, made from the very words of the plain text.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(draft.sender)
    message["To"] = [_address(a) for a in draft.to]
    if draft.cc:
        message["Cc"] = [_address(a) for a in draft.cc]
    message["Subject"] = draft.subject
    message["Date"] = format_datetime(draft.created)
    message["Message-ID"] = draft.message_id
    if draft.in_reply_to:
        message["In-Reply-To"] = draft.in_reply_to
    if draft.references:
        message["References"] = " ".join(draft.references)
    message.set_content(draft.body, charset="utf-8")
    if html:
        message.add_alternative(as_html(draft.body), subtype="html")
    return message.as_bytes()


class _Policy(EmailPolicy):
    """Folds lists of message identifiers between them; the standard one encodes a long identifier, which unthreads
    the reply."""

    def fold(self, name: str, value: str) -> str:
        if name.lower() in ("message-id", "in-reply-to", "references"):
            return f"{name}: " + f"{self.linesep} ".join(str(value).split()) + self.linesep
        return str(super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


_POLICY = _Policy(linesep=SMTP.linesep, max_line_length=78)


def _own_address(answers: Message, account: str) -> str:
    """The address that the authority wrote to, if it is plainly ours; else the account's."""
    written_to = [a.address for a in (*answers.header.to, *answers.header.cc)]
    if "@" in account:
        return next((a for a in written_to if a.lower() == account.lower()), account)
    return next(
        (a for a in written_to if a.partition("@")[0].lower() == account.lower()),
        written_to[0] if written_to else account,
    )


def _subject(subject: str, case: Case) -> str:
    """Theirs with one "Re:", and the case's reference if it names none."""
    clean = "".join(" " if unicodedata.category(c).startswith("C") else c for c in subject)
    clean = " ".join(clean.split())
    while mark := _REPLY_MARK.match(clean):
        clean = clean[mark.end() :]
    key = _key(clean)
    if not any(_key(r) in key for r in case.all_references):
        clean = f"{clean} ({case.reference})".strip()
    return f"Re: {clean}"[:900]


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _bounded(references: list[str]) -> tuple[str, ...]:
    """Without repetitions, and at most so many: the first, which names the thread, and the last ones."""
    unique = list(dict.fromkeys(references))
    return tuple(unique if len(unique) <= _MOST_REFERENCES else [unique[0], *unique[1 - _MOST_REFERENCES :]])


def _address(address: str) -> HeaderAddress | str:
    local, _, domain = address.rpartition("@")
    return HeaderAddress(username=local, domain=domain) if local and domain else HeaderAddress(username=address)
