"""The ledger: messages, attachments, inspections, letters and drafts, durable in one database, with the blobs.

Every method is one transaction. Nothing here judges; it remembers and answers.
"""

import os
import stat
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout
from sqlalchemy import Select, delete, exists, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from attachwatch.errors import StoreError
from attachwatch.ledger import leases, revision
from attachwatch.ledger.database import Database, database, is_outside, said
from attachwatch.ledger.interface import Attachments
from attachwatch.ledger.places import own_folder
from attachwatch.ledger.rows import (
    ATTACHMENT,
    HEADERS,
    INSPECTIONS,
    MESSAGE,
    MOST_ADDRESS,
    SEEN,
    STORED,
    Seen,
    attachment_row,
    batches,
    draft_of,
    dumped,
    key_of,
    message_of,
    storable,
    unpacked,
    values_of,
)
from attachwatch.ledger.schema import (
    AttachmentRow,
    Base,
    DecisionRow,
    DraftRow,
    FolderRow,
    InspectionRow,
    LetterRow,
    MailboxRow,
    MessageRow,
    PictureRow,
    metadata,
)
from attachwatch.ledger.transfer import Moved, Show, move
from attachwatch.ledger.upgrade import bring_up_to_date
from attachwatch.model import (
    Address,
    Attachment,
    Decides,
    Decision,
    Draft,
    DraftState,
    Header,
    Inspection,
    Message,
    MessageKey,
)

_PATIENCE = 60.0  # seconds to wait for another window

LOCK = "lock"  # in the store


@dataclass(frozen=True, slots=True)
class PollRecord:
    """The last poll of a mailbox; `problem` is None when it went through."""

    mailbox: str
    polled: datetime
    problem: str | None


class _OvertakenError(StoreError):
    """Another wrote first."""


class Ledger:
    """What is remembered in one store. Safe to share between threads."""

    def __init__(self, tables: Database, blobs: Attachments, root: Path) -> None:
        self._database = tables
        self._root = root
        self.blobs = blobs

    @classmethod
    def open(cls, root: Path, url: str = "", attachments: Callable[[Path], Attachments] = own_folder) -> Self:
        """Open the store in `root`, making it (mode 0700), and the ledger in it or at `url`, brought up to date.

        `attachments` gives the place of its attachments, which may be elsewhere.

        Raises StoreError when either is not ours, not writable, not there, damaged, or of a newer attachwatch, and
        ConfigurationError for a URL that cannot be used here.
        """
        try:
            root.mkdir(parents=True, mode=0o700, exist_ok=True)
            _refuse_foreign(root)
            blobs = attachments(root)
            tables = database(root, url)
            tables.engine  # noqa: B018 - makes its file
        except OSError as error:
            raise StoreError(
                f"the store {root} cannot be used: {error.strerror}", "Check [store] path and its permissions."
            ) from None
        try:
            bring_up_to_date(tables)
        except StoreError:
            tables.engine.dispose()
            raise
        return cls(tables, blobs, root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.engine.dispose()

    @property
    def is_shared(self) -> bool:
        """Whether watchers with other stores may use the same ledger side by side."""
        return self._database.is_shared

    def version(self) -> int:
        """A number that changes whenever anything does that pictures are made of; polls are none of that."""
        with self._transaction() as session:
            return revision.number(session)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the store for one watcher; raise StoreError at once where another holds it."""
        try:
            lock = FileLock(self._root / LOCK, mode=0o600).acquire(timeout=0)
        except Timeout:
            raise StoreError(
                f"another attachwatch is watching with the store {self._root}",
                "Stop it first, or give this one a [store] path of its own.",
            ) from None
        with lock:
            self.blobs.sweep()
            yield

    @contextmanager
    def placing(self) -> Iterator[None]:
        """Hold the placing of drafts for one window; raise StoreError where another has it for long."""
        try:
            with self._database.locked("placing", _PATIENCE):
                yield
        except TimeoutError:
            raise StoreError(
                "another attachwatch is placing a draft", "Wait until it is done, and try again."
            ) from None

    def move_to(self, url: str, key: str, show: Show) -> Moved:
        """Copy all that is remembered into the empty database at `url`, "" being SQLite in the store; `key` told it."""
        return move(self._database, database(self._root, url, key), show)

    def is_watched(self) -> bool:
        """Whether a watcher holds the store."""
        return is_watched(self._root)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        try:
            with revision.CountingSession(self._database.engine) as session, session.begin():
                yield session
        except IntegrityError as error:
            problem = f"another attachwatch wrote the same into the ledger {self._database.shown} just now"
            raise _OvertakenError(problem, "Try again.") from error
        except DBAPIError as error:
            if not is_outside(error):
                raise
            raise StoreError(
                f"the ledger {self._database.shown} failed: {said(error)}",
                "Check free space, permissions and, of a server, that it runs; then try again.",
            ) from error

    # --- messages ---------------------------------------------------------------------------------------

    def next_uid(self, mailbox: str, folder: str, uidvalidity: int) -> tuple[int, bool]:
        """The first UID of `folder` that was not listed yet, and whether its UIDVALIDITY changed."""
        with self._transaction() as session:
            row = session.get(FolderRow, (mailbox, folder))
            if row is None:
                return 1, False
            return (row.next_uid, False) if row.uidvalidity == uidvalidity else (1, True)

    def unknown(self, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int]) -> list[int]:
        """Those of `uids` that are not remembered, in the same order."""
        if not uids:
            return []
        with self._transaction() as session:
            known = set(_known(session, mailbox, folder, uidvalidity, uids))
        return [uid for uid in uids if uid not in known]

    def record_seen(self, mailbox: str, folder: str, uidvalidity: int, seen: Sequence[Seen], next_uid: int) -> None:
        """Remember listed messages, and that all below `next_uid` are listed: both or neither."""
        with self._transaction() as session:
            if seen and (fresh := _unknown(session, mailbox, folder, uidvalidity, seen)):
                # The table, not the class: many rows, of which no object is wanted.
                session.execute(
                    insert(metadata.tables[MessageRow.__tablename__]), [values_of(message) for message in fresh]
                )
            session.merge(FolderRow(mailbox=mailbox, folder=folder, uidvalidity=uidvalidity, next_uid=next_uid))

    def unfetched(self, mailbox: str, folder: str, uidvalidity: int, senders: Iterable[str]) -> list[int]:
        """UIDs of messages from these addresses of which the header alone is known, in order."""
        here = MessageRow.mailbox == mailbox, MessageRow.folder == folder, MessageRow.uidvalidity == uidvalidity
        found: list[int] = []
        with self._transaction() as session:
            for some in batches(senders):
                waiting = MessageRow.stage == SEEN, MessageRow.sender.in_([address[:MOST_ADDRESS] for address in some])
                found += session.scalars(select(MessageRow.uid).where(*here, *waiting))
        return sorted(found)

    def store(self, *messages: Message) -> list[Message]:
        """Remember fetched messages whose blobs are durable, all or none; return those that were not stored before."""
        with self._transaction() as session:
            rows = _rows(session, [message.key for message in messages])
            return [message for message in messages if _store(session, message, rows.get(message.key))]

    def add_attachments(self, key: MessageKey, attachments: Sequence[Attachment]) -> None:
        """Remember files that were found inside others of a stored message, and whose blobs are durable."""
        with self._transaction() as session:
            row = session.scalars(select(MessageRow).where(*_is_at(key))).one()
            known = {a.part for a in row.attachments}
            fresh = [a for a in attachments if a.part not in known]
            first = max((a.position for a in row.attachments), default=-1) + 1
            row.attachments += [attachment_row(n, a) for n, a in enumerate(fresh, first)]

    def set_copies(self, key: MessageKey, attachment: Attachment) -> None:
        """Remember which of the two copies of a fetched file counts, and the other.

        What was found in a copy that no longer counts is dropped, to be unpacked anew.
        """
        with self._transaction() as session:
            row = session.scalars(select(MessageRow).where(*_is_at(key))).one()
            own = next(a for a in row.attachments if a.part == attachment.part)
            if own.sha256 != attachment.sha256:
                inside = f"{own.part}/"
                row.attachments = [a for a in row.attachments if not a.part.startswith(inside)]
            own.sha256, own.size, own.again = attachment.sha256, attachment.size, attachment.again

    def set_problem(self, key: MessageKey, problem: str) -> None:
        """Note why a message could not be fetched; it is tried again at the next poll."""
        with self._transaction() as session:
            session.execute(update(MessageRow).where(*_is_at(key)).values(problem=storable(problem)))

    def forget(self, key: MessageKey) -> None:
        """Drop a listed message that is gone from its folder; one that was stored stays."""
        with self._transaction() as session:
            session.execute(delete(MessageRow).where(*_is_at(key), MessageRow.stage == SEEN))

    def problems(self, mailbox: str) -> list[tuple[Header, str]]:
        """Messages that could not be fetched so far, and why."""
        query = select(MessageRow).where(
            MessageRow.mailbox == mailbox, MessageRow.stage == SEEN, MessageRow.problem.is_not(None)
        )
        with self._transaction() as session:
            return [(HEADERS.validate_json(r.header), r.problem or "") for r in session.scalars(query)]

    def senders_seen(self, mailbox: str) -> list[Address]:
        """From whom the messages are of which the header alone is known, each once."""
        query = (
            select(MessageRow.sender_name, MessageRow.sender)
            .where(MessageRow.mailbox == mailbox, MessageRow.stage == SEEN, MessageRow.sender.is_not(None))
            .distinct()
        )
        with self._transaction() as session:
            return [Address(name or "", address or "") for name, address in session.execute(query)]

    def messages(self, mailbox: str) -> list[Message]:
        """All stored messages of a mailbox, in order of arrival."""
        here = MessageRow.mailbox == mailbox, MessageRow.stage == STORED
        files = (
            select(*ATTACHMENT).join(MessageRow).where(*here).order_by(AttachmentRow.message, AttachmentRow.position)
        )
        messages = select(*MESSAGE).where(*here).order_by(MessageRow.received, MessageRow.id)
        came: dict[int, list[Attachment]] = {}
        with self._transaction() as session:  # columns, not objects, of which there may be a hundred thousand
            rows = session.execute(messages).all()  # first, so that none is without files that are stored meanwhile
            for message, part, name, content_type, size, sha256, containers, again in session.execute(files):
                file = Attachment(part, name, content_type, size, sha256, tuple(containers), again)
                came.setdefault(message, []).append(file)
        return [message_of(row, tuple(came.get(row.id, ()))) for row in rows]

    def files(self, mailbox: str) -> int:
        """How many attachments of a mailbox are stored."""
        query = select(func.count()).select_from(AttachmentRow).join(MessageRow).where(MessageRow.mailbox == mailbox)
        with self._transaction() as session:
            return session.scalars(query).one()

    # --- inspections ------------------------------------------------------------------------------------

    def uninspected(self, mailbox: str, rules: int) -> list[str]:
        """SHA-256 of every stored attachment, and of other copies of it, not inspected under these rules."""
        found: dict[str, None] = {}
        with self._transaction() as session:
            for copy in (AttachmentRow.sha256, AttachmentRow.again):
                done = exists().where(InspectionRow.sha256 == copy, InspectionRow.rules == rules)
                query = select(copy).join(MessageRow).where(MessageRow.mailbox == mailbox, copy != "", ~done)
                found |= dict.fromkeys(session.scalars(query.distinct()))
        return list(found)

    def add_inspection(self, inspection: Inspection) -> None:
        with self._transaction() as session:
            _put(
                session,
                InspectionRow,
                sha256=inspection.sha256,
                rules=inspection.rules,
                verdict=inspection.verdict,
                inspection=INSPECTIONS.dump_json(inspection),
            )
            older = (InspectionRow.sha256 == inspection.sha256, InspectionRow.rules < inspection.rules)
            session.execute(delete(InspectionRow).where(*older))

    def inspections(self, hashes: Iterable[str]) -> dict[str, Inspection]:
        """The newest inspection of each of these blobs; blobs without one are left out."""
        found: dict[str, Inspection] = {}
        with self._transaction() as session:
            for some in batches(hashes):
                query = (
                    select(InspectionRow.sha256, InspectionRow.inspection)
                    .where(InspectionRow.sha256.in_(some))
                    .order_by(InspectionRow.rules)
                )
                for sha256, inspection in session.execute(query):
                    found[sha256] = INSPECTIONS.validate_json(inspection)
        return found

    # --- letters ----------------------------------------------------------------------------------------

    def add_letter(self, sha256: str, rules: int, text: str) -> None:
        """Remember what a file that could be a letter says; empty where it is none."""
        with self._transaction() as session:
            _put(session, LetterRow, sha256=sha256, rules=rules, text=storable(text))

    def letters(self, hashes: Iterable[str], rules: int) -> dict[str, str]:
        """What those of these files say that were read as letters under these rules."""
        found: dict[str, str] = {}
        with self._transaction() as session:
            for some in batches(hashes):
                own = LetterRow.sha256.in_(some), LetterRow.rules == rules
                rows = session.execute(select(LetterRow.sha256, LetterRow.text).where(*own))
                found |= {row.sha256: row.text for row in rows}
        return found

    # --- drafts -----------------------------------------------------------------------------------------

    def drafts(self, case: str | None = None) -> list[Draft]:
        """All drafts, or those of one case, oldest first."""
        query = select(DraftRow).order_by(DraftRow.id)
        if case is not None:
            query = query.where(DraftRow.case == case)
        with self._transaction() as session:
            return [draft_of(row) for row in session.scalars(query)]

    def draft(self, number: int) -> Draft | None:
        with self._transaction() as session:
            row = session.get(DraftRow, number)
            return draft_of(row) if row else None

    def supersede(self, case: str) -> None:
        """Put aside the case's pending draft, whose words are no longer true."""
        with self._transaction() as session:
            session.execute(
                update(DraftRow)
                .where(DraftRow.case == case, DraftRow.state == DraftState.PENDING)
                .values(state=DraftState.SUPERSEDED)
            )

    def add_draft(self, draft: Draft, instead_of: Draft | None = None) -> Draft | None:
        """Record `draft` in the place of its case's pending one; return it with its number.

        None, and nothing is changed, where another than `instead_of` is pending by now, or that was edited since.
        """
        with suppress(_OvertakenError), self._transaction() as session:
            pending = session.scalars(_pending(draft.case)).first()
            if (pending and draft_of(pending)) != instead_of:
                return None
            if pending and not _swap(session, pending, state=DraftState.SUPERSEDED):
                return None
            row = DraftRow(case=draft.case, state=draft.state, message_id=draft.message_id, draft=dumped(draft))
            session.add(row)
            session.flush()
            return replace(draft, id=row.id)
        return None

    def revise(self, seen: Draft, revised: Draft) -> bool:
        """Put `revised` in the place of the pending draft `seen`; False where that is no longer as it was seen."""
        with self._transaction() as session:
            row = session.get(DraftRow, seen.id)
            return (
                row is not None
                and draft_of(row) == seen
                and _swap(session, row, message_id=revised.message_id, draft=dumped(revised))
            )

    def decide(self, seen: Draft, state: DraftState, when: datetime, placed_in: str | None = None) -> bool:
        """Approve or discard a pending draft; False where it is no longer as it was seen."""
        with self._transaction() as session:
            row = session.get(DraftRow, seen.id)
            return (
                row is not None
                and draft_of(row) == seen
                and _swap(session, row, state=state, decided=when, placed_in=placed_in)
            )

    # --- decisions --------------------------------------------------------------------------------------

    def add_decisions(self, *decisions: Decision) -> list[Decision]:
        """Remember what a person decided, all or none; return it with its numbers."""
        with self._transaction() as session:
            rows = [
                DecisionRow(
                    case=d.case, kind=d.kind, subject=storable(d.subject), value=storable(d.value), decided=d.decided
                )
                for d in decisions
            ]
            session.add_all(rows)
            session.flush()
            return [replace(d, id=row.id) for d, row in zip(decisions, rows, strict=True)]

    def decisions(self) -> list[Decision]:
        """All that was ever decided, oldest first."""
        with self._transaction() as session:
            rows = session.scalars(select(DecisionRow).order_by(DecisionRow.id))
            return [Decision(r.case, Decides(r.kind), r.subject, r.value, r.decided, r.id) for r in rows]

    # --- leases of a shared ledger ----------------------------------------------------------------------

    def renew_leases(self, holder: str, wanted: Collection[str], busy: Collection[str]) -> frozenset[str]:
        """The mailboxes of `wanted` that `holder` alone may poll for `leases.LASTS` seconds; see `leases.renew`."""
        with self._transaction() as session:
            return leases.renew(session, holder, wanted, busy)

    def claim_leases(self, holder: str, wanted: Collection[str]) -> frozenset[str]:
        """The same with whatever is free, for one poll."""
        with self._transaction() as session:
            return leases.claim(session, holder, wanted)

    def lease_holders(self) -> dict[str, str]:
        """By whom each mailbox is polled now; nobody is named where none but the store's own watcher can be."""
        if not self.is_shared:
            return {}
        with self._transaction() as session:
            return leases.holders(session)

    def release_leases(self, holder: str) -> None:
        with self._transaction() as session:
            leases.release(session, holder)

    # --- pictures ---------------------------------------------------------------------------------------

    def keep_pictures(
        self, mailbox: str, key: str, made: datetime, until: datetime, contents: Mapping[str, bytes]
    ) -> None:
        """Keep what was made of the picture of a mailbox, by name, in place of what was kept before."""
        with self._transaction() as session:
            for name, content in contents.items():
                _put(
                    session,
                    PictureRow,
                    mailbox=mailbox,
                    name=name,
                    key=key,
                    made=made,
                    until=until,
                    content=zlib.compress(content, level=1),
                )

    def picture(self, mailbox: str, name: str, key: str, now: datetime) -> bytes | None:
        """What was kept under this name and key, as far as it holds `now`; None where nothing was."""
        here = PictureRow.mailbox == mailbox, PictureRow.name == name, PictureRow.key == key
        query = select(PictureRow.content).where(*here, PictureRow.made <= now, now < PictureRow.until)
        with self._transaction() as session:
            content = session.scalars(query).one_or_none()
        return None if content is None else unpacked(content)

    # --- polls ------------------------------------------------------------------------------------------

    def record_poll(self, mailbox: str, when: datetime, problem: str | None) -> None:
        with self._transaction() as session:
            session.merge(MailboxRow(name=mailbox, polled=when, problem=problem and storable(problem)))

    def polls(self) -> list[PollRecord]:
        with self._transaction() as session:
            rows = session.scalars(select(MailboxRow).order_by(MailboxRow.name))
            return [PollRecord(r.name, r.polled, r.problem) for r in rows]


def _rows(session: Session, keys: Sequence[MessageKey]) -> dict[MessageKey, MessageRow]:
    """The rows of messages, a query a folder."""
    found: dict[MessageKey, MessageRow] = {}
    for place in dict.fromkeys((k.mailbox, k.folder, k.uidvalidity) for k in keys):
        mailbox, folder, uidvalidity = place
        uids = [k.uid for k in keys if (k.mailbox, k.folder, k.uidvalidity) == place]
        here = MessageRow.mailbox == mailbox, MessageRow.folder == folder, MessageRow.uidvalidity == uidvalidity
        found |= {
            key_of(row): row for row in session.scalars(select(MessageRow).where(*here, MessageRow.uid.in_(uids)))
        }
    return found


def _store(session: Session, message: Message, row: MessageRow | None) -> bool:
    if row is None:
        row = MessageRow(**values_of(Seen(message.key, message.received, 0, message.header)))
        session.add(row)
    elif row.stage == STORED:
        return False
    row.stage, row.problem, row.text = STORED, storable(message.unread) or None, storable(message.text)
    row.attachments = [attachment_row(n, a) for n, a in enumerate(message.attachments)]
    return True


def is_watched(root: Path) -> bool:
    """Whether a watcher holds the store in `root`, which need not be opened for that."""
    if not (root / LOCK).exists():
        return False
    try:
        with FileLock(root / LOCK, mode=0o600).acquire(blocking=False):
            return False
    except Timeout:
        return True


def _refuse_foreign(root: Path) -> None:
    status = root.stat()
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        raise StoreError(f"the store {root} belongs to another user", "Choose another [store] path.")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise StoreError(f"the store {root} is open to other users", f"Close it: chmod 700 {root}")


def _is_at(key: MessageKey) -> tuple[Any, ...]:
    return (
        MessageRow.mailbox == key.mailbox,
        MessageRow.folder == key.folder,
        MessageRow.uidvalidity == key.uidvalidity,
        MessageRow.uid == key.uid,
    )


def _known(session: Session, mailbox: str, folder: str, uidvalidity: int, uids: Sequence[int]) -> Iterable[int]:
    here = MessageRow.mailbox == mailbox, MessageRow.folder == folder, MessageRow.uidvalidity == uidvalidity
    return session.scalars(select(MessageRow.uid).where(*here, MessageRow.uid.between(min(uids), max(uids))))


def _unknown(session: Session, mailbox: str, folder: str, uidvalidity: int, seen: Sequence[Seen]) -> list[Seen]:
    """Those of one folder that are not known: under their key, or under one of an older UIDVALIDITY, which is then
    renewed."""
    here = MessageRow.mailbox == mailbox, MessageRow.folder == folder
    known = set(_known(session, mailbox, folder, uidvalidity, [message.key.uid for message in seen]))
    was_renumbered = session.scalar(select(exists().where(*here, MessageRow.uidvalidity != uidvalidity)))
    fresh = [message for message in seen if message.key.uid not in known]
    return [m for m in fresh if not (was_renumbered and _renewed(session, m))]


def _renewed(session: Session, seen: Seen) -> bool:
    """Whether the message was known under an older UIDVALIDITY, and is now known under its new key."""
    values = values_of(seen)
    by = "message_id" if values["message_id"] else "header"
    same = (getattr(MessageRow, name) == values[name] for name in ("mailbox", "folder", "received", "size", by))
    older = select(MessageRow).where(*same, MessageRow.uidvalidity != seen.key.uidvalidity)
    row = session.scalars(older).first()
    if row is None:
        return False
    row.uidvalidity, row.uid = seen.key.uidvalidity, seen.key.uid
    session.flush()
    return True


def _put(session: Session, row: type[Base], **values: object) -> None:
    """Insert a row, or give the one with its key these values, whoever else does the same at the same moment."""
    dialect = import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}")
    statement = dialect.insert(row).values(**values)
    key = [column.name for column in metadata.tables[row.__tablename__].primary_key]
    session.execute(statement.on_conflict_do_update(index_elements=key, set_={**values}))


def _pending(case: str) -> Select[DraftRow]:
    return select(DraftRow).where(DraftRow.case == case, DraftRow.state == DraftState.PENDING)


def _swap(session: Session, row: DraftRow, **values: object) -> bool:
    """Give a pending draft new values, if no other connection changed it since `row` was read."""
    as_read = DraftRow.id == row.id, DraftRow.state == DraftState.PENDING, DraftRow.draft == row.draft
    result: Any = session.execute(update(DraftRow).where(*as_read).values(**values))
    return bool(result.rowcount)
