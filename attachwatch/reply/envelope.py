"""The header of the reply, and the whole message as bytes. Pure; nothing from the authority's mail reaches a header
unchecked."""

import hashlib
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
from attachwatch.reply.flowed import flowed
from attachwatch.reply.lines import harmless

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,250}>")  # printable ASCII without blanks or inner brackets
_ADDRESS = re.compile(r"([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@([^\s@]{1,253})")  # but for names in quotation marks
_HOST = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", re.IGNORECASE)
_REPLY_MARK = re.compile(  # in front of a subject, and the tags between them, which stay
    r"\s*(?:(?P<tag>\[[^\[\]]{1,80}\])|"
    r"(?:re|aw|antw|antwort|sv|vs|ynt|odp|rv|rif|tr|wg|fw|fwd|doorst)\s?(?:\[\d{1,3}\]|\^\d{1,3})?\s?[:\uff1a])",
    re.IGNORECASE,
)
_NO_REPLY = (
    "noreply", "donotreply", "dontreply", "nichtantworten", "keineantwort", "neantworten", "nepasrepondre",
    "pasdereponse", "noresponder", "norespond", "nonrispondere", "geenantwoord", "nieodpowiadaj", "unmonitored",
)  # fmt: skip
_NOBODY = ("mailerdaemon", "postmaster", "bounce", "bounces", "nobody")
_MOST_REFERENCES = 20
_MOST_COPIED = 20  # other people in Cc
_LONGEST_SUBJECT = 850  # characters, before a reference is added


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
    sender = _own_address(answers, account)
    to = tuple(dict.fromkeys(a for a in map(mailbox, reply_to) if a))
    return Envelope(
        sender=sender,
        to=to,
        cc=_copied(answers, account, sender, to),
        subject=_subject(header.subject, case),
        in_reply_to=message_id,
        references=_bounded([*thread, message_id] if message_id else thread),
    )


def mailbox(address: str) -> str | None:
    """`address` as it can stand in a header; None where it is none, or one that plain mail does not carry."""
    found = _ADDRESS.fullmatch(address.strip())
    if not found or ".." in found[1] or found[1][0] == "." or found[1][-1] == ".":
        return None
    try:
        host = found[2] if found[2].isascii() else found[2].encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return f"{found[1]}@{host}" if _HOST.fullmatch(host) else None


def is_no_reply(address: str) -> bool:
    """Whether, by its name, nobody reads what is sent to `address`."""
    name = re.sub(r"[\W_]", "", address.rpartition("@")[0].partition("+")[0].casefold())
    return name in _NOBODY or any(word in name for word in _NO_REPLY)


def as_message(draft: Draft, html: bool = False) -> bytes:
    """The draft as an RFC 5322 message with CRLF line ends, ready for APPEND or an .eml file.

    With `html` it is there a second time as HTML, made from the very words of the plain text. The same draft always
    is the same bytes.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = _address(draft.sender)
    if draft.to:
        message["To"] = [_address(a) for a in draft.to]
    if draft.cc:
        message["Cc"] = [_address(a) for a in draft.cc]
    message["Subject"] = _clean(draft.subject)
    message["Date"] = format_datetime(draft.created)
    message["Message-ID"] = draft.message_id
    if draft.in_reply_to:
        message["In-Reply-To"] = draft.in_reply_to
    if draft.references:
        message["References"] = " ".join(draft.references)
    body = harmless(draft.body)
    text = flowed(body)
    if text is None:
        message.set_content(body, charset="utf-8")
    else:
        message.set_content(text, charset="utf-8", params={"format": "flowed"})
    if html:
        message.add_alternative(as_html(body), subtype="html")
        # Short, since the library cuts a long one in two (RFC 2231), which many mail programs do not put together.
        message.set_boundary(f"=_{hashlib.sha256(f'{draft.message_id}{body}'.encode()).hexdigest()[:32]}")
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


# What has lines that are long, or letters that are not ASCII, is encoded, so that any server takes it as it is.
_POLICY = _Policy(linesep=SMTP.linesep, max_line_length=78, cte_type="7bit")


def _own_address(answers: Message, account: str) -> str:
    """The address that the authority wrote to, if it is plainly ours; else the account's."""
    written_to = [a for a in map(mailbox, _recipients(answers)) if a]
    if "@" in account:
        return next((a for a in written_to if a.lower() == account.lower()), account)
    return next(
        (a for a in written_to if a.partition("@")[0].lower() == account.lower()),
        written_to[0] if written_to else account,
    )


def _copied(answers: Message, account: str, sender: str, to: Sequence[str]) -> tuple[str, ...]:
    """Who else was written to. Nobody where none of the addresses is known as ours, since one of them may be."""
    others = {a.casefold(): a for a in map(mailbox, _recipients(answers)) if a}
    if sender.casefold() not in others:
        return ()
    known = {a.casefold() for a in (account, sender, *to)}
    return tuple(a for key, a in others.items() if key not in known and not is_no_reply(a))[:_MOST_COPIED]


def _recipients(answers: Message) -> list[str]:
    return [a.address for a in (*answers.header.to, *answers.header.cc)]


def _subject(subject: str, case: Case) -> str:
    """Theirs with one "Re:", its tags, and the case's reference if it names none."""
    clean = _clean(subject)[:_LONGEST_SUBJECT]
    place, tags = 0, []
    while found := _REPLY_MARK.match(clean, place):
        place = found.end()
        tags += [found["tag"]] if found["tag"] else []
    clean = " ".join([*tags, clean[place:].strip()])
    key = _key(clean)
    if case.reference and not any(_key(r) in key for r in case.all_references):
        clean = f"{clean} ({_clean(case.reference)})"
    return f"Re: {' '.join(clean.split())}"


def _clean(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(c).startswith("C") else c for c in text).split())


def _key(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _bounded(references: list[str]) -> tuple[str, ...]:
    """Without repetitions, and at most so many: the first, which names the thread, and the last ones."""
    unique = list(dict.fromkeys(references))
    return tuple(unique if len(unique) <= _MOST_REFERENCES else [unique[0], *unique[1 - _MOST_REFERENCES :]])


def _address(address: str) -> HeaderAddress:
    """The account's name alone where that is all there is."""
    local, _, domain = (mailbox(address) or "").rpartition("@")
    return HeaderAddress(username=local or _clean(address).encode("ascii", "replace").decode(), domain=domain)
