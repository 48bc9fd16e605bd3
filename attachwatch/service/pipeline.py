"""The one path: poll -> fetch -> store -> inspect -> match -> draft.

Each step ends in the ledger, and asks the ledger what is left to do; so a run that was stopped anywhere is completed
by the next one, and a run with nothing new changes nothing.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from attachwatch.cases.filing import HeldAs
from attachwatch.cases.progress import Progress, pending_of
from attachwatch.config import MailboxSettings, Settings
from attachwatch.errors import AttachmentError, AttachwatchError, ConfigurationError, ServerError
from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import ChangedError, Inspector
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail import sources
from attachwatch.mail.interface import Source
from attachwatch.mail.line import Line
from attachwatch.mail.sender import is_authority
from attachwatch.model import Case, Cause, Draft, Inspection, Message
from attachwatch.reply.compose import Style, compose
from attachwatch.reply.revision import after
from attachwatch.service import notice
from attachwatch.service.copies import better, doubted
from attachwatch.service.intake import Intake
from attachwatch.service.overview import Overview
from attachwatch.service.pictures import Pictures, Telling
from attachwatch.service.responses import MOST_TEXT, PDF, RULES, decoded, kept
from attachwatch.service.secondlook import SecondLook
from attachwatch.service.unpack import is_to_unpack, unpack, waiting
from attachwatch.steps import reached

Messages = Sequence[Message]
Inspections = Mapping[str, Inspection]
_MOST_ATTEMPTS = 5  # at drafts that a person is working on at the same time
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What every step needs. `stopping` is set to end a run early, between two messages."""

    settings: Settings
    cases: tuple[Case, ...]
    ledger: Ledger
    inspector: Inspector
    stopping: threading.Event = field(default_factory=threading.Event)
    tellings: Mapping[str, Telling] = field(default_factory=dict)  # what is kept of pictures, for who asks
    _inspecting: threading.Lock = field(default_factory=threading.Lock)
    pictures: Pictures = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pictures", Pictures(self.settings, self.cases, self.ledger, self.tellings))

    def poll(self, mailbox: MailboxSettings, line: Line | None = None) -> list[Draft]:
        """Take `mailbox` through the whole path once; return the drafts made. Reading ends when `line` is cut.

        Raises ServerError and its kinds when the mailbox cannot be read, and StoreError when the store cannot be used;
        what was stored before stays stored.
        """
        log.info("poll.started", mailbox=mailbox.name)
        line = line or Line()
        try:
            with self._reading(mailbox, line):
                self._take_in(mailbox)
            while not self.stopping.is_set():
                self.inspect(mailbox)
                if self.pictures.rests(mailbox) or not self._complete(mailbox, line):
                    break
            made = [] if self.stopping.is_set() or self.pictures.rests(mailbox) else self.settle(mailbox)
        except AttachwatchError as error:
            if not self.stopping.is_set():  # a line that we cut in order to end is nobody's fault
                self.ledger.record_poll(mailbox.name, datetime.now(UTC), str(error))
            raise
        notice.tell(self.settings.notice, made)
        self.ledger.record_poll(mailbox.name, datetime.now(UTC), None)
        reached("poll-recorded")
        log.info("poll.ended", mailbox=mailbox.name, drafts=len(made))
        if not self.stopping.is_set():
            self.pictures.prepare(mailbox)
        return made

    @contextmanager
    def _reading(self, mailbox: MailboxSettings, line: Line) -> Iterator[None]:
        """Within, what goes wrong on a `line` that was cut is told as what it is."""
        try:
            with line:
                yield
        except AttachwatchError:
            if self.stopping.is_set() or line.cut_at is None:
                raise
            raise _over_deadline(mailbox) from None

    @property
    def _largest(self) -> int:
        return self.settings.limits.attachment * 1024 * 1024

    def _take_in(self, mailbox: MailboxSettings) -> None:
        intake = Intake(mailbox.name, self._cases_of(mailbox), self.ledger, self._largest, self.stopping)
        with self.connected(mailbox) as source:
            for folder in mailbox.folders:
                intake.read_folder(source, folder)

    def connected(self, mailbox: MailboxSettings) -> AbstractContextManager[Source]:
        return sources.opened(mailbox, self.settings.store.path)

    def inspect(self, mailbox: MailboxSettings) -> None:
        """Inspect every stored file of a mailbox that was not inspected under today's rules."""
        with self._inspecting:
            files = self._at_hand(self.ledger.uninspected(mailbox.name, judge.RULES))
            for sha256, inspection in self.inspector.inspect_all(files):
                if inspection.sha256 != sha256 and inspection.cause is not Cause.TOO_COSTLY:
                    log.error("blob.altered", sha256=sha256, found=inspection.sha256)
                    continue
                reached("inspected")
                self.ledger.add_inspection(replace(inspection, sha256=sha256))  # of one over the limit, it has none
                reached("inspection-recorded")
                log.info("attachment.inspected", sha256=sha256, verdict=inspection.verdict, cause=inspection.cause)

    def _at_hand(self, hashes: Sequence[str]) -> Iterator[tuple[str, Path]]:
        """The files with these hashes, as they are asked for, without those that are not what was stored."""
        for sha256 in hashes:
            if self.stopping.is_set():
                return
            try:
                yield sha256, self.ledger.blobs.path(sha256)
            except AttachmentError as error:
                log.error("blob.altered", sha256=sha256, problem=str(error))

    def _complete(self, mailbox: MailboxSettings, line: Line) -> bool:
        """Take the next step with files that were inspected; whether there is anything to inspect after it."""
        messages = self.ledger.messages(mailbox.name)
        inspections = self.ledger.inspections(h for m in messages for a in m.attachments for h in a.copies)
        return (
            self._look_again(mailbox, line, messages, inspections)
            or self._choose(messages, inspections)
            or bool(self._unpack(messages, inspections))
        )

    def _look_again(self, mailbox: MailboxSettings, line: Line, messages: Messages, inspections: Inspections) -> bool:
        """Fetch once more what came damaged; whether other bytes came."""
        doubts = [(m, found) for m in messages if (found := doubted(m, inspections))]
        if not doubts:
            return False
        with self._reading(mailbox, line), self.connected(mailbox) as source:
            return SecondLook(source, self.ledger, self._largest, self.stopping).look_at(doubts)

    def _choose(self, messages: Messages, inspections: Inspections) -> bool:
        """Of two copies let the better one count; whether that changed anything."""
        chosen = [(m, found) for m in messages for a in m.attachments if (found := better(a, inspections))]
        for message, attachment in chosen:
            reached("copy-to-choose")
            self.ledger.set_copies(message.key, attachment)
            reached("copy-chosen")
        return bool(chosen)

    def _unpack(self, messages: Messages, inspections: Inspections) -> int:
        """Put the files that others hold beside these, of one level; how many."""
        added = 0
        for message in messages:
            beside = list(message.attachments)
            for container, inspection in waiting(message.attachments, inspections):
                if self.stopping.is_set():
                    return 0
                if not is_to_unpack(container, inspection, beside):  # what came out of others reached the limits
                    continue
                with self._inspecting:  # the inspector serves one thread at a time
                    inside = unpack(container, inspection, self.inspector, self.ledger.blobs)
                self.ledger.add_attachments(message.key, inside)
                beside += inside
                added += len(inside)
                log.info("attachment.unpacked", name=container.name, files=len(inside))
        return added

    def _read_letters(self, hashes: Sequence[str]) -> bool:
        """Read stored files that could be letters, each once; whether any says something."""
        found = False
        for sha256 in hashes:
            if self.stopping.is_set():
                break
            try:
                with self._inspecting:
                    text = self._text(sha256)
            except (ChangedError, AttachmentError, OSError) as error:
                log.error("letter.unreadable", sha256=sha256, problem=str(error))
                continue
            reached("letter-read")
            self.ledger.add_letter(sha256, RULES, text)
            reached("letter-recorded")
            log.info("letter.read", sha256=sha256, characters=len(text))
            found |= bool(text)
        return found

    def _text(self, sha256: str) -> str:
        """What a file says, if it is a letter: of a PDF, as a confined worker reads it; else it is plain text."""
        path = self.ledger.blobs.path(sha256)
        if self.ledger.inspections([sha256])[sha256].type == PDF:
            return kept(self.inspector.text(path))
        with path.open("rb") as file:
            return kept(decoded(file.read(MOST_TEXT)))

    def settle(self, mailbox: MailboxSettings) -> list[Draft]:
        """Bring the drafts of a mailbox's cases up to what has come; return those made."""
        made: list[Draft] = []
        for _ in range(_MOST_ATTEMPTS):
            if self._settle(mailbox, made):
                break
        return made

    def _settle(self, mailbox: MailboxSettings, made: list[Draft]) -> bool:
        """The same once, adding to `made`; False where a person edited or decided on a draft meanwhile."""
        picture = self.overview(mailbox)
        if picture.unread and self._read_letters(picture.unread):
            picture = self.overview(mailbox)
        if self.stopping.is_set():  # a reply must not ask for what a letter that was not read yet refuses
            return True
        unfiled = [h.message for h in picture.held if h.held_as is HeldAs.UNFILED and h.message.attachments]
        for progress in picture.progress:
            case = progress.case
            if any(is_authority(sender, case.authority) for sender, _ in picture.unfetched):
                # A reply must not call missing what we merely failed to fetch.
                log.warning("case.waits", case=case.reference, reason="a message could not be fetched")
            elif any(m.header.sender and is_authority(m.header.sender, case.authority) for m in unfiled):
                # Nor what may be in a message that the user has still to file.
                log.warning("case.waits", case=case.reference, reason="a message with files is for you to file")
            elif progress.follow_up:
                try:
                    draft = self._draft(progress, picture.drafts[case.reference], mailbox.username)
                except ConfigurationError as error:  # a template that was changed since; the other cases go on
                    log.error("case.waits", case=case.reference, reason=str(error))
                    continue
                if draft is None:
                    return False
                made.append(draft)
            elif progress.stale:
                self.ledger.supersede(case.reference)
                log.info("draft.superseded", case=case.reference)
        return True

    def _draft(self, progress: Progress, drafts: Sequence[Draft], account: str) -> Draft | None:
        """Draft what is due after these `drafts`; None where one of them was edited or decided on since."""
        case, follow_up, style = progress.case, progress.follow_up, self.settings.reply
        if follow_up is None:
            return None
        composed = compose(
            follow_up,
            account,
            recipients(follow_up.answers, case),
            datetime.now(UTC),
            Style(style.templates, firm=style.firm),
        )
        fresh = after(composed, drafts)
        reached("drafted")
        draft = self.ledger.add_draft(fresh, instead_of=pending_of(drafts))
        if draft is None:
            log.info("draft.overtaken", case=case.reference)
            return None
        reached("draft-recorded")
        log.info("draft.made", case=case.reference, id=draft.id, kind=draft.kind, round=draft.round)
        return draft

    def overview(self, mailbox: MailboxSettings) -> Overview:
        return self.pictures.overview(mailbox)

    def _cases_of(self, mailbox: MailboxSettings) -> list[Case]:
        return [c for c in self.cases if c.mailbox == mailbox.name]


def _over_deadline(mailbox: MailboxSettings) -> ServerError:
    return ServerError(
        f"mailbox {mailbox.name!r}: reading took longer than {mailbox.deadline.total_seconds():g} s and was ended",
        "The next poll goes on where this one stopped; a slow line may want a longer `deadline`.",
    )


def recipients(answers: Message, case: Case) -> tuple[str, ...]:
    """Where the authority asks for replies, as far as that is the authority; else who wrote."""
    header = answers.header
    own = [a.address for a in header.reply_to if is_authority(a, case.authority)]
    return tuple(own or ([header.sender.address] if header.sender else []))
