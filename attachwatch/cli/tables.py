"""The tables of the commands: files, cases, drafts. Everything from a message is shown harmless."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table

from attachwatch.cases.filing import HeldAs
from attachwatch.cases.progress import Progress
from attachwatch.cases.standing import Standing
from attachwatch.cli.output import number, shown, table, word
from attachwatch.cli.page import MOST, Annexes, Block, Line, Printer, Row
from attachwatch.evidence import words
from attachwatch.model import MISSING, AnnexStatus, CaseState, Fate, Inspection, NamedAnnex, Notice
from attachwatch.service.overview import Overview
from attachwatch.service.verify import Report

AWAITED = "awaited"  # what is not there while more is to come
_FATES = {
    Fate.INSIDE: "in the letter itself",
    Fate.REFUSED: "refused",
    Fate.ELSEWHERE: "sent or published another way",
    Fate.EARLIER: "sent before",
    Fate.PENDING: "still to come",
}
_IN_A_WORD = {
    Fate.INSIDE: "in letter",
    Fate.REFUSED: "refused",
    Fate.ELSEWHERE: "elsewhere",
    Fate.PENDING: "to come",
}


def files_table(report: Report) -> Table:
    with_annexes = bool(report.standing.annexes)
    made = table("File", *(["Annex"] if with_annexes else []), "Verdict", "Pages", "Why")
    for file in report.files:
        if file.ignored:
            continue
        inspection = file.inspection
        labels = [", ".join(map(shown, file.labels))] if with_annexes else []
        made.add_row(shown(file.path), *labels, word(inspection.verdict), number(inspection.pages), why(inspection))
    for annex in report.missing:
        made.add_row(shown(annex.file or annex.title or ""), shown(annex.label), word("missing"), "", "")
    return made


def print_annexes(console: Console, progress: Progress) -> None:
    annexes(progress).show(console)


def annexes(progress: Progress, most: int | None = MOST) -> Block:
    """The annexes of a case and the files that are none, as many as `most` of them, or all."""
    rows = list(_rows(progress))
    if not rows:
        return Line((("No annexes are on its list, and no files have come.", ""),))
    return Annexes.of(rows, most)


def _rows(progress: Progress) -> Iterator[Row]:
    absent = AWAITED if progress.state is CaseState.RECEIVING else MISSING
    excused = {label: _IN_A_WORD[t.annex.fate] for label, t in progress.standing.excused.items()}
    for status in progress.standing.annexes:
        label = status.annex.label
        state = excused.get(label, absent) if status.state == MISSING else status.state
        yield _annex_row(status, state)
    for file in progress.standing.unexpected:
        found = file.inspection
        reason = why(found) or shown(file.unmatched)
        yield Row("", shown(file.attachment.name), found.verdict.value, number(found.pages), reason)


def _annex_row(status: AnnexStatus, state: str) -> Row:
    label, aside = shown(status.annex.label), shown(status.reason) if status.aside else ""
    if status.file is None:
        return Row(label, shown(status.annex.title or ""), state, "", aside)
    name = shown(status.file.attachment.name)
    return Row(label, name, str(state), number(status.pages), aside or why(status.file.inspection))


def print_attention(console: Printer, mailbox: str, overview: Overview) -> None:
    """What waits for a person beside the cases."""
    for held in overview.held:
        header = held.message.header
        subject, reason = repr(shown(header.subject)), shown(held.reason)
        if held.held_as is HeldAs.UNVERIFIED:
            writer = shown(header.sender.address) if header.sender else "nobody"
            told = f"{mailbox}: unverified sender: {subject} from {writer}: {reason} (message {held.message.id})"
            console.print(told, style="red")
        else:
            console.print(f"{mailbox}: for you to file: {subject} {reason} (message {held.message.id})", style="yellow")
    for proposal in overview.proposed:
        new, many = shown(proposal.reference), len(proposal.messages)
        told = f"a new case? {new}, named by {many} message{'s' if many > 1 else ''}"
        console.print(f"{mailbox}: {told}: attachwatch cases accept {new}", style="yellow")
    for sender, asked in overview.diverted:
        told = f"{shown(sender.address)} asks for replies to {shown(asked.address)}, which is not the authority's"
        console.print(f"{mailbox}: {told}; drafts go to the authority", style="yellow")
    for sender, imitated in overview.lookalikes:
        who = f"{shown(sender.name)!r} <{shown(sender.address)}>" if sender.name else shown(sender.address)
        console.print(f"{mailbox}: not the authority: {who} imitates {imitated}", style="yellow")
    for sender, problem in overview.unfetched:
        console.print(f"{mailbox}: not fetched: a message of {shown(sender.address)}: {shown(problem)}", style="red")


def print_notice(console: Printer, notice: Notice, where: str) -> None:
    """What a message tells of and does not hold; `where` says which message, if it is in one."""
    console.print(shown(words.absent(notice, where)), style="yellow", soft_wrap=True)


def print_told(console: Printer, standing: Standing) -> None:
    """What messages say of annexes: promised and on no list, or on the list and not to be expected."""
    promised: dict[str, list[str]] = {}  # by the sentence, which may name many
    for told in standing.proposed:
        title = f" ({shown(told.annex.title)})" if told.annex.title else ""
        promised.setdefault(_said(told.annex), []).append(f"{shown(told.annex.label)}{title}")
    for sentence, named in promised.items():
        console.print(f"Promised, and not on your list: {_row(named)}: {sentence}", style="yellow", soft_wrap=True)
    if standing.unnamed:
        labels = _row([shown(a.label) for a in standing.unnamed])
        console.print(f"On your list, and not named in their letter: {labels}", style="yellow", soft_wrap=True)
    print_unexpected(console, [replace(t.annex, label=label) for label, t in standing.excused.items()])


def print_unexpected(console: Printer, annexes: Iterable[NamedAnnex]) -> None:
    """Annexes that the authority names, and says not to expect."""
    named: dict[str, list[str]] = {}
    for annex in annexes:
        named.setdefault(f"{_FATES[annex.fate]}: {_said(annex)}", []).append(shown(annex.label))
    for said, labels in named.items():
        console.print(f"Not expected: {_row(labels)}, {said}", soft_wrap=True)


def _row(labels: Sequence[str], most: int = 20) -> str:
    more = f" and {len(labels) - most} more" if len(labels) > most else ""
    return f"{', '.join(labels[:most])}{more}"


def _said(annex: NamedAnnex) -> str:
    """The sentence that names the annex, and the letter that it stands in."""
    return f"{shown(annex.sentence)!r}" + (f" (in {shown(annex.file)})" if annex.file else "")


def why(inspection: Inspection) -> str:
    return shown(words.why(inspection))
