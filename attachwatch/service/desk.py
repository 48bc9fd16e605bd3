"""Where a person decides: what is named on the command line -> what it is here -> a decision in the ledger."""

import os
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import structlog

from attachwatch.cases import decisions as decided
from attachwatch.cases.filing import Proposal
from attachwatch.cases.progress import Progress
from attachwatch.cases.standing import name_key, notice_key
from attachwatch.cases.statutes import working
from attachwatch.cases.workingdays import WorkingDays
from attachwatch.config import Settings
from attachwatch.errors import UsageError
from attachwatch.ledger.ledger import Ledger
from attachwatch.mail.sender import is_authority
from attachwatch.model import Case, Decides, Decision, Message, ReceivedFile
from attachwatch.service import health
from attachwatch.service.overview import Overview, overview

_SHOWN = 20  # of what there is, in an error
_SPELLINGS: tuple[Callable[[str], str], ...] = (str, name_key)  # as it is written, then in any dress
NO_ANNEX = "none"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Desk:
    """Decisions on the cases of one store. Each method raises UsageError, which says what there is, for what is not."""

    settings: Settings
    cases: tuple[Case, ...]
    ledger: Ledger

    def overviews(self) -> dict[str, Overview]:
        """What there is to decide on, by mailbox."""
        return {m.name: overview(self.ledger, m.name, self.cases, m.trusted_authserv_id) for m in self.settings.mailbox}

    def file_names(self) -> dict[str, str]:
        """The names of all files by their SHA-256, the latest of each."""
        messages = [m for box in self.settings.mailbox for m in self.ledger.messages(box.name)]
        return {sha256: a.name for m in messages for a in m.attachments for sha256 in a.copies}

    def case(self, reference: str | None) -> Case:
        """The case with this reference, or the only one there is."""
        if reference is None:
            if len(self.cases) == 1:
                return self.cases[0]
            raise UsageError(f"there are {len(self.cases)} cases", f"Name one with --case: {_list(self._references)}")
        for spelling in _SPELLINGS:
            found = [c for c in self.cases if any(spelling(r) == spelling(reference) for r in c.all_references)]
            if len(found) == 1:
                return found[0]
        raise UsageError(f"there is no case {reference!r}", f"Known: {_list(self._references)}")

    def proposal(self, reference: str) -> Proposal:
        """The case that messages propose under this reference."""
        proposed = [p for o in self.overviews().values() for p in o.proposed]
        for proposal in proposed:
            if name_key(proposal.reference) == name_key(reference):
                return proposal
        raise UsageError(
            f"no message proposes a case {reference!r}",
            f"Proposed: {_list(p.reference for p in proposed)} attachwatch cases add adds any.",
        )

    # --- files and annexes ------------------------------------------------------------------------------

    def move(self, file: str, annexes: Sequence[str], case: Case, *, part: bool = False) -> list[Decision]:
        """A file, named by its name or the beginning of its SHA-256, is these annexes; or none of them."""
        place = self._progress(case)
        labels = [] if [a.casefold() for a in annexes] == [NO_ANNEX] else [_label(case, a) for a in annexes]
        sha256 = _file(place, file).attachment.sha256
        return self._decide(case, [(Decides.PART if part else Decides.FILE, sha256, "\n".join(labels))])

    def receive(self, annexes: Sequence[str], case: Case, how: str) -> list[Decision]:
        """Nothing more is awaited of these annexes."""
        return self._decide(case, [(Decides.ANNEX_CLOSED, _label(case, a), _one_line(how)) for a in annexes])

    def suspend(
        self, annexes: Sequence[str], case: Case, until: date | None = None, *, by_post: bool = False
    ) -> list[Decision]:
        """Nothing is said of these annexes before that day; by post, some working days are given to them."""
        today = datetime.now().astimezone().date()
        if until is None and by_post:
            until = WorkingDays(case.jurisdiction).after(today, working(case.post_after))
        if until is None:
            raise UsageError("nothing says until when", "Give --until with a day, or --by-post, or both.")
        if until <= today:
            raise UsageError(f"{until} is not to come", "Give a day after today.")
        kind, day = Decides.ANNEX_POSTED if by_post else Decides.ANNEX_SUSPENDED, until.isoformat()
        return self._decide(case, [(kind, _label(case, a), day) for a in annexes])

    def rename(self, old: str, new: str, case: Case) -> list[Decision]:
        """What was decided of an annex under its old label, in any dress, holds for the one with the new label."""
        label = _label(case, new)
        own = decided.of_case(case, decided.in_force(self.ledger.decisions()))
        known = dict.fromkeys(v for d in own for v in (d.subject, *d.value.splitlines()))
        former = next(
            (k for spelling in _SPELLINGS for k in known if spelling(k) == spelling(old) and k != label), None
        )
        return self._remember(case, decided.carried_over(former, label, own)) if former else []

    # --- messages and notices ---------------------------------------------------------------------------

    def accept(self, number: int, case: Case) -> list[Decision]:
        """A message belongs to this case, whatever the rules say."""
        message = self._message(number, (case.mailbox,))
        sender = message.header.sender
        if not (sender and is_authority(sender, case.authority)):
            raise UsageError(
                f"message {number} is not from the authority of {case.reference}",
                "If its sender is, add the address with attachwatch cases edit --authority.",
            )
        return self._decide(case, [(Decides.MESSAGE_ACCEPTED, str(number), "")])

    def dismiss(self, what: str) -> list[Decision]:
        """A message that waits belongs to no case; or of a notice, or of all of a message, nothing is to be awaited."""
        pictures = self.overviews().values()
        if what in {str(h.message.id) for o in pictures for h in o.held}:
            return self._decide(None, [(Decides.MESSAGE_DISMISSED, what, "")])
        notices = [(p.case, notice_key(n)) for o in pictures for p in o.progress for n in p.standing.notices]
        chosen = [(c, k) for c, k in notices if what in (k, k.partition("-")[0])]
        if not chosen:
            waiting = [str(h.message.id) for o in pictures for h in o.held] + [k for _, k in notices]
            raise UsageError(f"neither a message nor a notice {what!r} waits for you", f"There are: {_list(waiting)}")
        made = []
        for case in dict.fromkeys(c for c, _ in chosen):
            made += self._decide(case, [(Decides.NOTICE_DISMISSED, k, "") for c, k in chosen if c == case])
        return made

    # --- cases ------------------------------------------------------------------------------------------

    def close(self, case: Case, reason: str) -> list[Decision]:
        if self._closed(case) is not None:
            raise UsageError(f"{case.reference} is closed already", "attachwatch cases reopen opens it.")
        return self._decide(case, [(Decides.CASE_CLOSED, "", _one_line(reason))])

    def reopen(self, case: Case) -> list[Decision]:
        if self._closed(case) is None:
            raise UsageError(f"{case.reference} is not closed", "See attachwatch cases list.")
        return self._decide(case, [(Decides.CASE_REOPENED, "", "")])

    def undo(self, number: int) -> list[Decision]:
        """A decision counts no longer, and what it had replaced counts again."""
        decisions = self.ledger.decisions()
        decision = next((d for d in decisions if d.id == number), None)
        if decision is None or number in decided.undone(decisions):
            problem = f"decision {number} is undone already" if decision else f"there is no decision {number}"
            raise UsageError(problem, "See attachwatch cases decisions.")
        case = next((c for c in self.cases if decision.case in c.all_references), None)
        return self._decide(case, [(Decides.UNDONE, str(number), "")])

    def _closed(self, case: Case) -> str | None:
        return decided.closed(decided.of_case(case, decided.in_force(self.ledger.decisions())))

    # --- deciding ---------------------------------------------------------------------------------------

    def _decide(self, case: Case | None, said: Iterable[tuple[Decides, str, str]]) -> list[Decision]:
        now, reference = datetime.now(UTC), case.reference if case else ""
        return self._remember(case, [Decision(reference, kind, s, value, now) for kind, s, value in said])

    def _remember(self, case: Case | None, decisions: Iterable[Decision]) -> list[Decision]:
        """Keep what was decided, and put aside the drafts that it makes untrue."""
        made = self.ledger.add_decisions(*decisions)
        log.info("decided", case=case.reference if case else "", decisions=[d.id for d in made])
        for picture in self.overviews().values():
            for place in picture.progress:
                if place.stale:
                    self.ledger.supersede(place.case.reference)
                    log.info("draft.superseded", case=place.case.reference)
        return made

    @property
    def _references(self) -> list[str]:
        return [c.reference for c in self.cases]

    def _progress(self, case: Case) -> Progress:
        return next(p for p in self.overviews()[case.mailbox].progress if p.case == case)

    def _message(self, number: int, mailboxes: Iterable[str]) -> Message:
        for mailbox in mailboxes:
            for message in self.ledger.messages(mailbox):
                if message.id == number:
                    return message
        waiting = [str(h.message.id) for o in self.overviews().values() for h in o.held]
        raise UsageError(f"there is no message {number} in that mailbox", f"For you to file: {_list(waiting)}")


def tell_watcher(settings: Settings, ledger: Ledger) -> bool:
    """Have the watcher of this store read its configuration anew and poll; False where none is running."""
    watcher = health.read(settings.health_file)
    if watcher is None or not watcher.is_alive or not ledger.is_watched() or not _is_ours(watcher.pid):
        return False
    try:
        os.kill(watcher.pid, signal.SIGHUP)
    except OSError:  # another user's, or gone
        return False
    return True


def _is_ours(pid: int) -> bool:
    """Whether the process with this number is a watcher, as far as can be told: one in a container numbers its own."""
    if not Path("/proc/self/cmdline").exists():
        return True
    try:
        return b"attachwatch" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _label(case: Case, wanted: str) -> str:
    """The label of the annex that is named, in whatever dress."""
    for spelling in _SPELLINGS:
        found = [
            a.label for a in case.annexes if spelling(wanted) in (spelling(a.label), spelling(f"{a.kind} {a.label}"))
        ]
        if len(found) == 1:
            return found[0]
    there = _list(a.label for a in case.annexes)
    raise UsageError(f"{case.reference} has no annex {wanted!r}", f"It has: {there}")


def _file(place: Progress, wanted: str) -> ReceivedFile:
    """The one file of the case with this name, or whose SHA-256 begins so."""
    files = [f for d in place.standing.deliveries for f in d.files if f.attachment.sha256]
    tests: tuple[Callable[[ReceivedFile], bool], ...] = (
        lambda f: len(wanted) >= 6 and f.attachment.sha256.startswith(wanted.lower()),
        lambda f: f.attachment.name == wanted,
        lambda f: name_key(f.attachment.name) == name_key(wanted) != "",
    )
    for is_it in tests:
        found = {f.attachment.sha256: f for f in files if is_it(f)}
        if len(found) == 1:
            return next(iter(found.values()))
        if found:
            hashes = _list(
                f"{sha256[:12]} of {f.message.received.astimezone():%Y-%m-%d}" for sha256, f in found.items()
            )
            raise UsageError(f"{len(found)} files have the name {wanted!r}", f"Name one by its SHA-256: {hashes}")
    there = _list(dict.fromkeys(repr(f.attachment.name) for f in files))
    raise UsageError(f"{place.case.reference} has no file {wanted!r}", f"It has: {there}")


def _one_line(said: str) -> str:
    return " ".join(said.split())


def _list(there: Iterable[str]) -> str:
    """What there is, as far as a line should be long."""
    names = list(there)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN]) or 'none'}{more}."
