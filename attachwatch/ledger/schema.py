"""The tables. What is stored: messages, attachments, inspections, letters, drafts and
decisions; the rest is derived anew."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Instant(TypeDecorator[datetime]):
    """A datetime with its zone, kept as UTC; SQLite has no zones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None or value.tzinfo is None:
            return value and value.replace(tzinfo=UTC)
        return value.astimezone(UTC)


_PENDING = text("state = 'pending'")  # of which a case has one


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {datetime: Instant}


class FolderRow(Base):
    """How far a watched folder was read."""

    __tablename__ = "folder"
    mailbox: Mapped[str] = mapped_column(primary_key=True)
    folder: Mapped[str] = mapped_column(primary_key=True)
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    next_uid: Mapped[int] = mapped_column(BigInteger)


class MailboxRow(Base):
    """When a mailbox was last polled, and what went wrong then."""

    __tablename__ = "mailbox"
    name: Mapped[str] = mapped_column(primary_key=True)
    polled: Mapped[datetime]
    problem: Mapped[str | None]


class MessageRow(Base):
    """One message. `stage` is `seen` until its attachments are durable, then `stored`.

    `problem` says why it could not be fetched so far, or why not all of what is stored was looked at.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("mailbox", "folder", "uidvalidity", "uid"),
        Index("message_by_message_id", "mailbox", "message_id"),
        Index("message_by_stage", "mailbox", "stage"),
        Index("message_by_sender", "mailbox", "stage", "sender", "sender_name"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    mailbox: Mapped[str]
    folder: Mapped[str]
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    uid: Mapped[int] = mapped_column(BigInteger)
    stage: Mapped[str] = mapped_column(String(16))
    message_id: Mapped[str | None]
    sender: Mapped[str | None]  # address and name as in `header`
    sender_name: Mapped[str | None]
    received: Mapped[datetime]
    size: Mapped[int] = mapped_column(BigInteger)
    header: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str] = mapped_column(default="")
    problem: Mapped[str | None]
    attachments: Mapped[list["AttachmentRow"]] = relationship(
        order_by="AttachmentRow.position", cascade="all, delete-orphan", lazy="selectin"
    )


class AttachmentRow(Base):
    """One file as it left a message. `sha256` is empty where a limit kept it from being fetched.

    `again` is the SHA-256 of the other of two fetches: NULL before the second, empty where there can be none.
    """

    __tablename__ = "attachment"
    __table_args__ = (UniqueConstraint("message", "position"), Index("attachment_by_sha256", "sha256"))
    id: Mapped[int] = mapped_column(primary_key=True)
    message: Mapped[int] = mapped_column(ForeignKey("message.id"))
    position: Mapped[int]
    part: Mapped[str]
    name: Mapped[str]
    content_type: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    containers: Mapped[list[str]] = mapped_column(JSON)
    again: Mapped[str | None] = mapped_column(String(64))


class InspectionRow(Base):
    """What was found in some bytes under one version of the rules."""

    __tablename__ = "inspection"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    rules: Mapped[int] = mapped_column(primary_key=True)
    verdict: Mapped[str] = mapped_column(String(16))
    inspection: Mapped[bytes] = mapped_column(LargeBinary)


class LetterRow(Base):
    """The text of a file that could be a letter, as one version of the rules reads it; empty where it is none."""

    __tablename__ = "letter"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    rules: Mapped[int]
    text: Mapped[str]


class DraftRow(Base):
    """One reply generated for review; `draft` is the whole of it but for the columns beside it."""

    __tablename__ = "draft"
    __table_args__ = (Index("draft_pending", "case", unique=True, postgresql_where=_PENDING, sqlite_where=_PENDING),)
    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[str] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(16))
    message_id: Mapped[str] = mapped_column(unique=True)
    draft: Mapped[bytes] = mapped_column(LargeBinary)
    decided: Mapped[datetime | None]
    placed_in: Mapped[str | None]


class DecisionRow(Base):
    """What a person decided. Rows are added, and never changed."""

    __tablename__ = "decision"
    id: Mapped[int] = mapped_column(primary_key=True)
    case: Mapped[str]
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str]
    value: Mapped[str]
    decided: Mapped[datetime]


class RevisionRow(Base):
    """One row: how often anything that pictures are made of was changed."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class PictureRow(Base):
    """What was made of the picture of a mailbox, by a `name`; it holds for what `key` is a hash of, until `until`."""

    __tablename__ = "picture"
    mailbox: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    made: Mapped[datetime]
    until: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)  # compressed, as zlib does it


class WatcherRow(Base):
    """A watcher that shares the ledger with others, and until when it is taken for alive."""

    __tablename__ = "watcher"
    name: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]


class LeaseRow(Base):
    """Which watcher a mailbox is polled by, and until when nobody else may; and which one asks for it."""

    __tablename__ = "lease"
    mailbox: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str | None]
    until: Mapped[datetime]
    asked_by: Mapped[str | None]


metadata: Any = Base.metadata
