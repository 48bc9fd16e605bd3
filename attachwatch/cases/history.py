"""What became of each annex, attempt by attempt, in words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from attachwatch.cases.clock import local
from attachwatch.cases.standing import name_key
from attachwatch.model import AnnexStatus, Cause, ReceivedFile, Verdict

CAUSES = {  # what became of a file, behind "a copy that is"
    Cause.EMPTY: "empty",
    Cause.NOT_A_PDF: "no PDF",
    Cause.WRONG_TYPE: "another kind of file than its name says",
    Cause.TRUNCATED: "cut off",
    Cause.ZERO_FILLED: "partly zeros",
    Cause.LINE_ENDINGS_CHANGED: "with line endings changed",
    Cause.CHARSET_CHANGED: "changed as if it were text",
    Cause.TRANSFER_ENCODING_LEFT: "still in its transfer encoding",
    Cause.BYTES_CHANGED: "with bytes changed",
    Cause.LEADING_JUNK: "with something else before it",
    Cause.TRAILING_JUNK: "with something else behind it",
    Cause.CONCATENATED: "several files in one",
    Cause.STRUCTURE_DAMAGED: "with its structure damaged",
    Cause.PAGES_MISSING: "with pages missing",
    Cause.CONTENT_UNREADABLE: "unreadable in part",
    Cause.PASSWORD: "locked by a password",
    Cause.CERTIFICATE: "locked by a certificate",
    Cause.RIGHTS_MANAGED: "rights-managed",
    Cause.ENCRYPTED_MESSAGE: "an encrypted message",
    Cause.SECURE_ENVELOPE: "the envelope of a secure service",
    Cause.XFA_FORM: "a form that only one program shows",
    Cause.PORTFOLIO: "a portfolio that only one program shows",
    Cause.GATEWAY_NOTICE: "a mail filter's notice",
    Cause.TOO_COSTLY: "not judged within the limits",
    Cause.READER_CRASHED: "a file that a reader crashed on",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One copy of an annex that came; `words` say how it differs from those before."""

    file: ReceivedFile
    words: str
    same_as: ReceivedFile | None = None  # the first with the very same bytes


def history(status: AnnexStatus) -> tuple[Attempt, ...]:
    """Every copy of the annex, oldest first."""
    is_in_parts = len(status.files) > 1
    return tuple(_attempt(file, status.history[:n], is_in_parts=is_in_parts) for n, file in enumerate(status.history))


def day_of(file: ReceivedFile) -> date:
    return local(file.message.received).date()


def _attempt(file: ReceivedFile, before: Sequence[ReceivedFile], *, is_in_parts: bool) -> Attempt:
    same = next((f for f in before if file.attachment.sha256 and f.attachment.sha256 == file.attachment.sha256), None)
    if same is not None:
        return Attempt(file, f"the same bytes as on {_on(same, file)}, {_now(file, same)}", same)
    former = _former(file, before, is_in_parts=is_in_parts)
    if former is None:
        return Attempt(file, _first(file))
    return Attempt(file, f"a new copy, {_now(file, former)}" if not _opens(file) else "a new copy that opens")


def _former(file: ReceivedFile, before: Sequence[ReceivedFile], *, is_in_parts: bool) -> ReceivedFile | None:
    """What `file` is a new copy of: the latest of its name, or of any name where the annex is one file."""
    earlier = [f for f in reversed(before) if f.message.id != file.message.id]
    name = name_key(file.attachment.name)
    same_name = (f for f in earlier if name and name_key(f.attachment.name) == name)
    return next(same_name, None) or (earlier[0] if earlier and not is_in_parts else None)


def _opens(file: ReceivedFile) -> bool:
    return file.inspection.verdict is Verdict.OK


def _first(file: ReceivedFile) -> str:
    return "opens" if _opens(file) else _state(file)


def _now(file: ReceivedFile, former: ReceivedFile) -> str:
    if _opens(file):
        return "which open"
    still = (file.inspection.verdict, file.inspection.cause) == (former.inspection.verdict, former.inspection.cause)
    return f"{'still' if still else 'now'} {_state(file)}"


def _state(file: ReceivedFile) -> str:
    cause = file.inspection.cause
    return CAUSES[cause] if cause else file.inspection.verdict.value


def _on(former: ReceivedFile, file: ReceivedFile) -> str:
    day, now = day_of(former), day_of(file)
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != now.year else "")
