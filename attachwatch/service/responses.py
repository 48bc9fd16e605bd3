"""The response letters among the files of a case's messages: which could be one, what it says, and where it stands.

Whether a file could be a letter is told by its inspection and its name, before its text is read; whether it is one, by
its first page.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from attachwatch.annexes.labels import label as labels
from attachwatch.annexes.labels.cleaning import clean
from attachwatch.annexes.labels.numerals import shown
from attachwatch.annexes.letters import letter
from attachwatch.annexes.letters.dates import dates, month_first
from attachwatch.annexes.matching.match import match
from attachwatch.cases.response import About, first_page, is_response, is_response_to_some_case, speaks_of_request
from attachwatch.cases.standing import Delivery, place_of
from attachwatch.mime.notices import without_links
from attachwatch.model import (
    Annex,
    Attachment,
    Case,
    Fate,
    NamedAnnex,
    Reading,
    Received,
    ReceivedFile,
    SendingNote,
    Verdict,
)

RULES = 1  # of what is kept; raised where more or less may be: what could be a letter is then read again
PDF, _PLAIN = "application/pdf", "text/plain"
_MOST_PAGES = 12  # a response with its schedule and how to complain; what is longer is handed over
MOST_TEXT = 65_536  # bytes, as twelve dense pages have
_MESSAGES = (".eml", ".msg")
_THE_LETTER = Annex("Response letter")


@dataclass(frozen=True, slots=True)
class Letters:
    """The texts of files that could be letters, by SHA-256; of one that is none the text is empty."""

    texts: Mapping[str, str]

    def response(self, file: ReceivedFile, references: Sequence[str], others: Sequence[str]) -> Reading | None:
        """What a file says that is the authority's letter on the case with these references; None where it is none."""
        text = self.texts.get(file.attachment.sha256, "")
        page = first_page(text)
        about = _about(file, references, others)
        if not text or not is_response(page, about, _days(page, about)):
            return None
        reading = _reading(text, file.message.received.date())
        return replace(reading, annexes=tuple(replace(a, file=file.attachment.name) for a in reading.annexes))

    def first_pages(self, files: Iterable[ReceivedFile]) -> str:
        """Those of the response letters among the files of a message that no case is known to have."""
        pages = []
        for file in files:
            if text := self.texts.get(file.attachment.sha256):
                page, about = first_page(text), _about(file)
                if could_be(file) and is_response_to_some_case(page, about, _days(page, about)):
                    pages.append(page)
        return "\n\n".join(pages)

    def unread(self, files: Iterable[ReceivedFile]) -> Iterator[str]:
        """The SHA-256 of those that could be letters, and whose text is not known."""
        for file in files:
            if file.attachment.sha256 not in self.texts and could_be(file):
                yield file.attachment.sha256


NO_LETTERS = Letters({})


def _about(file: ReceivedFile, references: Sequence[str] = (), others: Sequence[str] = ()) -> About:
    sent = (file.message.header.date or file.message.received).date()
    return About(references, others, sent, is_named_letter(file.attachment.name))


def _days(page: str, about: About) -> Iterator[date]:
    return (d.day for d in dates(page, about.received, american=month_first(page)))


@lru_cache(maxsize=32)
def _reading(text: str, sent: date) -> Reading:
    """The longest part of a poll with nothing new, if it were done at each."""
    return letter.read(without_links(text), "", sent)


def kept(text: str) -> str:
    """What of a file's text is kept: nothing where it can be no letter."""
    bounded = text.encode("utf-8", "replace")[:MOST_TEXT].decode("utf-8", "ignore")
    return bounded if speaks_of_request(first_page(bounded)) else ""


def decoded(data: bytes) -> str:
    """A plain text, whose encoding nobody tells."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def could_be(file: ReceivedFile) -> bool:
    """Whether a file that is no annex of the list opens, is short, is not named an annex, and in no other message."""
    found = file.inspection
    is_short = 0 < (found.pages or 0) <= _MOST_PAGES if found.type == PDF else found.type == _PLAIN
    opens = found.verdict in (Verdict.OK, Verdict.DAMAGED) and bool(file.attachment.sha256)
    return opens and is_short and not _is_in_message(file.attachment) and not is_named_annex(file.attachment.name)


def loose(files: Iterable[ReceivedFile], matched: Collection[tuple[int, str]]) -> list[ReceivedFile]:
    """Those that are none of the list's annexes; of the `matched`, by their place, the letter that a list asks for."""
    return [f for f in files if place_of(f) not in matched or is_named_letter(f.attachment.name)]


def with_responses(
    case: Case,
    deliveries: Sequence[Delivery],
    files: Iterable[ReceivedFile],
    letters: Letters,
    others: Mapping[int, Sequence[str]],
) -> tuple[Delivery, ...]:
    """`deliveries`, with what the letters among their `files` say. A letter that comes again says nothing new.

    `others` are the references of the other cases that a message, by its number, belongs to.
    """
    found: dict[int, dict[str, Reading]] = {}
    known: set[str] = set()
    for file in files:
        sha256, message = file.attachment.sha256, file.message.id
        if sha256 in known or not letters.texts.get(sha256) or not could_be(file):
            continue
        if reading := letters.response(file, case.all_references, others.get(message, ())):
            known.add(sha256)
            found.setdefault(message, {})[file.attachment.part] = reading
    return tuple(_with(d, found.get(d.message.id, {})) for d in deliveries)


def _with(delivery: Delivery, responses: Mapping[str, Reading]) -> Delivery:
    if not responses:
        return delivery
    reading = joined(delivery.reading, list(responses.values()))
    note = delivery.note if delivery.shared else reading.note
    return replace(delivery, reading=reading, note=note, letters=tuple(responses))


@lru_cache(maxsize=4096)
def is_named_letter(name: str) -> bool:
    """Whether a list that asks for the response letter would take a file of this name for it."""
    return bool(match((_THE_LETTER,), [Received(0, name)], {}).matches)


@lru_cache(maxsize=4096)
def is_named_annex(name: str) -> bool:
    """Whether a list would take a file of this name for one of its annexes, if it had that."""
    found = (x for x in labels.labels(clean(name)) if x.path)
    listed = (Annex(shown(x.path), x.word.capitalize()) for x in found)
    return any(match((annex,), [Received(0, name)], {}).matches for annex in listed)


def _is_in_message(file: Attachment) -> bool:
    """Whether it came in a message that is attached, whose letter is an earlier one or another's."""
    unpacked = "/" in file.part
    return bool(file.containers) and (not unpacked or any(c.lower().endswith(_MESSAGES) for c in file.containers))


def joined(own: Reading, responses: Sequence[Reading]) -> Reading:
    """What an email and the letters with it say together.

    The email is about what it carries, the letter about the whole response. So of the sending the email's word counts;
    a letter's does only where the email says nothing and the letter numbers emails, since "our final response" is no
    final email. Of an annex the exception counts: that it is refused, posted or the letter's, whichever of them says
    so; of two that say the like, the email's.
    """
    every = [a for r in (*responses, own) for a in r.annexes]
    annexes: dict[tuple[str, str], NamedAnnex] = {}
    for annex in sorted(every, key=lambda a: a.fate is not Fate.SENT):
        annexes[annex.kind, annex.label.casefold()] = annex
    numbered = next((r.note for r in responses if r.note.number), SendingNote())
    return Reading(
        annexes=tuple(annexes.values()),
        note=own.note if own.note != SendingNote() else numbered,
        deadline=own.deadline or next((r.deadline for r in responses if r.deadline), None),
        references=tuple(dict.fromkeys((*own.references, *(x for r in responses for x in r.references)))),
    )
