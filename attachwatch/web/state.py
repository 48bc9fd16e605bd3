"""What the pages show: the picture of every case, derived anew when something has changed, and else kept."""

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from attachwatch.cases.clock import Clock
from attachwatch.cases.filing import Held
from attachwatch.cases.progress import Progress
from attachwatch.cases.rounds import Part
from attachwatch.config import Settings
from attachwatch.errors import AttachwatchError
from attachwatch.ledger.ledger import Ledger, PollRecord
from attachwatch.mail.sender import is_authority
from attachwatch.model import (
    CLOSED,
    MISSING,
    SUSPENDED,
    AnnexStatus,
    Case,
    CaseState,
    Draft,
    DraftState,
    ReceivedFile,
    Verdict,
)
from attachwatch.service.overview import Overview, overview

AWAITED = "awaited"  # the state of an annex that is not there while more is to come
_LASTS = 60.0  # seconds, after which a list of annexes may have been edited

Read = Callable[[], tuple[Settings, tuple[Case, ...]]]


@dataclass(frozen=True)
class CaseView:
    """One case as its page shows it."""

    progress: Progress
    clock: Clock | None
    parts: tuple[Part, ...]
    drafts: tuple[Draft, ...]  # oldest first
    mailbox: str
    held: tuple[Held, ...]  # messages in its authority's name that wait for a person

    @cached_property
    def key(self) -> str:
        return key_of(self.progress.case.reference)

    @property
    def case(self) -> Case:
        return self.progress.case

    @property
    def annexes(self) -> tuple[AnnexStatus, ...]:
        return self.progress.standing.annexes

    @property
    def pending(self) -> Draft | None:
        return next((d for d in reversed(self.drafts) if d.state is DraftState.PENDING), None)

    @cached_property
    def files(self) -> dict[str, ReceivedFile]:
        """Every file that came, by SHA-256: the latest of the same bytes."""
        standing = self.progress.standing
        came = [f for s in standing.annexes for f in s.history]
        came += [f for d in standing.deliveries for f in d.files] + list(standing.unexpected)
        return {f.attachment.sha256: f for f in came if f.attachment.sha256}

    @cached_property
    def opened(self) -> int:
        """Annexes that open; without a list, files."""
        if self.annexes:
            return sum(s.state == Verdict.OK for s in self.annexes)
        return sum(f.inspection.verdict is Verdict.OK for f in self.progress.standing.files)

    def state_of(self, status: AnnexStatus) -> str:
        """A verdict, or where the annex is: one that is not there is merely awaited while more is to come."""
        is_awaited = status.state == MISSING and self.progress.state is CaseState.RECEIVING
        return AWAITED if is_awaited else status.state

    def is_to_look_at(self, status: AnnexStatus) -> bool:
        return self.state_of(status) not in (Verdict.OK, AWAITED, CLOSED, SUSPENDED)

    @property
    def expected(self) -> int:
        return len(self.annexes or self.progress.standing.files)

    def statuses_of(self, file: ReceivedFile) -> tuple[AnnexStatus, ...]:
        """The annexes that these bytes are, or were."""
        sha256 = file.attachment.sha256
        return tuple(s for s in self.annexes if any(f.attachment.sha256 == sha256 for f in s.history))


@dataclass(frozen=True)
class Picture:
    """Everything at one moment. `trouble` says why the configuration is not the one that stands in its file now."""

    settings: Settings
    overviews: Mapping[str, Overview]  # by mailbox
    cases: Mapping[str, CaseView]  # by key
    polls: tuple[PollRecord, ...]
    trouble: str = ""

    def case_of(self, draft: Draft) -> CaseView | None:
        return self.cases.get(key_of(draft.case))

    @cached_property
    def paintable(self) -> frozenset[str]:
        """The SHA-256 of the files whose first page may be shown: PDFs that open, in whole or in part."""
        return frozenset(s for c in self.cases.values() for s, f in c.files.items() if is_paintable(f))


def key_of(reference: str) -> str:
    """What a case is called in an address: a reference may hold anything, dots and slashes first of all."""
    return hashlib.sha256(reference.encode("utf-8", "replace")).hexdigest()[:12]


def is_paintable(file: ReceivedFile) -> bool:
    found = file.inspection
    return found.type == "application/pdf" and found.verdict in (Verdict.OK, Verdict.DAMAGED, Verdict.PLACEHOLDER)


_Basis = tuple[Settings, tuple[Case, ...], str]  # and what is wrong with the file, where something is


@dataclass(frozen=True)
class _Kept:
    """The picture as it was derived from one version of the ledger, and from what was read of the file then."""

    version: int
    file: object
    basis: _Basis
    read_at: float  # by the monotonic clock
    picture: Picture

    @property
    def until(self) -> datetime:
        return min((o.until for o in self.picture.overviews.values()), default=datetime.max.replace(tzinfo=UTC))


@dataclass
class State:
    """The picture, for any thread. `configuration` is the file that `read` reads."""

    ledger: Ledger
    read: Read
    configuration: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: _Kept | None = None

    def picture(self) -> Picture:
        """Where everything stands now."""
        with self._lock:
            version, file, polls = self.ledger.version(), _state(self.configuration), tuple(self.ledger.polls())
            kept, now = self._kept, time.monotonic()
            if kept is None or (kept.version, kept.file) != (version, file) or now - kept.read_at >= _LASTS:
                basis = self._read()
                is_other = kept is None or (kept.version, kept.basis) != (version, basis)
                if kept is None or is_other or kept.until <= datetime.now(UTC):
                    kept = _Kept(version, file, basis, now, self._derive(*basis))
                kept = replace(kept, file=file, read_at=now)
            if kept.picture.polls != polls:
                kept = replace(kept, picture=replace(kept.picture, polls=polls))
            self._kept = kept
            return kept.picture

    def is_paintable(self, sha256: str) -> bool:
        """Whether a page may show the first page of this file; asked so often that what is kept will do."""
        kept = self._kept
        return (kept is not None and sha256 in kept.picture.paintable) or sha256 in self.picture().paintable

    def _read(self) -> _Basis:
        try:
            return *self.read(), ""
        except AttachwatchError as error:
            if self._kept is None:
                raise
            settings, cases, _ = self._kept.basis
            return settings, cases, str(error)

    def _derive(self, settings: Settings, cases: tuple[Case, ...], trouble: str) -> Picture:
        ledger = self.ledger
        overviews = {m.name: overview(ledger, m.name, cases, m.trusted_authserv_id) for m in settings.mailbox}
        views = (
            _view(mailbox, picture, progress, tuple(ledger.drafts(progress.case.reference)))
            for mailbox, picture in overviews.items()
            for progress in picture.progress
        )
        return Picture(settings, overviews, {v.key: v for v in views}, tuple(ledger.polls()), trouble)


def _view(mailbox: str, picture: Overview, progress: Progress, drafts: tuple[Draft, ...]) -> CaseView:
    reference, authority = progress.case.reference, progress.case.authority
    return CaseView(
        progress=progress,
        clock=picture.clocks.get(reference),
        parts=picture.parts.get(reference, ()),
        drafts=drafts,
        mailbox=mailbox,
        held=tuple(
            h for h in picture.held if h.message.header.sender and is_authority(h.message.header.sender, authority)
        ),
    )


def _state(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
