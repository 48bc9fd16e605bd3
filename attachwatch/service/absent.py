"""What the messages of a case tell of and do not hold: in their words, and in what stands in an attachment's place."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from attachwatch.annexes.matching.match import match
from attachwatch.mime import notices
from attachwatch.model import Case, Cause, Finding, Message, Notice, Received, ReceivedFile

TOO_MANY_PARTS = "too-many-parts"


def told_of(case: Case, message: Message, own_text: str, files: Sequence[ReceivedFile]) -> tuple[Notice, ...]:
    """The notices of one message with its files inspected; `own_text` is what it does not quote."""
    by_text = (_notice(case, message, finding) for finding in notices.find(own_text))
    unread = [Notice(message, Finding(TOO_MANY_PARTS, message.unread))] if message.unread else []
    return (*by_text, *_in_place_of_files(case, files), *unread)


def _in_place_of_files(case: Case, files: Sequence[ReceivedFile]) -> Iterator[Notice]:
    """What a mail filter left, but for what bears the name of the annex that it took away."""
    for file in files:
        finding = next((f for f in file.inspection.findings if f.code == Cause.GATEWAY_NOTICE), None)
        if finding and not _labels(case, [file.attachment.name]):
            named = finding.evidence.get("files")
            gone = ", ".join(map(str, named[:3])) if isinstance(named, list) and named else "a file"
            said = f"{file.attachment.name} is only the notice of a mail filter that took away {gone}."
            yield _notice(case, file.message, replace(finding, message=said), file.attachment.part)


def _notice(case: Case, message: Message, finding: Finding, part: str = "") -> Notice:
    names, may_be_more = finding.evidence.get("files"), finding.evidence.get("one_file_each") is False
    files = [str(name) for name in names] if isinstance(names, list) else []
    return Notice(message, finding, () if may_be_more else _labels(case, files), tuple(files), part)


def _labels(case: Case, files: Sequence[str]) -> tuple[str, ...]:
    """The annexes that files of these names would be; none unless all of them are one."""
    if not files:
        return ()
    found = match(case.annexes, [Received(0, name) for name in files], {})
    if found.unexpected or found.ignored:
        return ()
    return tuple(dict.fromkeys(case.annexes[m.annex].label for m in found.matches))
