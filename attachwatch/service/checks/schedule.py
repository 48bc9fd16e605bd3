"""The schedule of each mailbox: how often, when last and with what result, when next."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from attachwatch.config import MailboxSettings
from attachwatch.ledger.ledger import PollRecord
from attachwatch.service.checks.check import Check, warning
from attachwatch.service.health import Health

_LATE = 3  # polls that were due, and left no trace


def checks(
    mailboxes: Iterable[MailboxSettings], polls: Iterable[PollRecord] | None, watcher: Health | None
) -> Iterator[Check]:
    """One line a mailbox; `polls` are None where the ledger does not tell of any."""
    last = {poll.mailbox: poll for poll in polls or ()}
    running = watcher if watcher and watcher.is_alive else None
    due = {mailbox.name: mailbox.next_poll for mailbox in running.mailboxes} if running else {}
    for mailbox in mailboxes:
        if running and mailbox.name not in due:
            yield _unknown_to_the_watcher(mailbox)
        elif polls is None:
            yield Check(
                f"{mailbox.name}: schedule", f"every {_in_words(mailbox.poll_every)}; the last poll is not known"
            )
        else:
            yield _polled(mailbox, last.get(mailbox.name), due.get(mailbox.name), datetime.now(UTC))


def _polled(mailbox: MailboxSettings, last: PollRecord | None, due: datetime | None, now: datetime) -> Check:
    name = f"{mailbox.name}: schedule"
    every = f"every {_in_words(mailbox.poll_every)}"
    following = f"; next {due.astimezone():%H:%M:%S}" if due else ""
    if last is None:
        return Check(name, f"{every}; not polled yet{following}")
    when = f"last {last.polled.astimezone():%Y-%m-%d %H:%M}"
    if last.problem:
        return warning(
            name,
            f"{every}; {when} failed: {last.problem}{following}",
            "If the other checks of this mailbox are ok, it is mended, and the next poll goes on.",
        )
    if due and now - last.polled > max(_LATE * mailbox.poll_every, mailbox.deadline):
        return warning(
            name, f"{every}; {when}, though a watcher is running{following}", "See its log, and start it again."
        )
    return Check(name, f"{every}; {when} went through{following}")


def _unknown_to_the_watcher(mailbox: MailboxSettings) -> Check:
    return warning(
        f"{mailbox.name}: schedule",
        "the watcher that runs does not know this mailbox",
        "Have it read the configuration again: SIGHUP, or start it anew.",
    )


def _in_words(duration: timedelta) -> str:
    seconds = int(duration.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
