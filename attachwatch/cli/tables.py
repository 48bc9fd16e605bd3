"""The tables of the commands: files, cases, drafts. Everything from a message is shown harmless."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.console import Console
from rich.table import Table
from rich.text import Text

from attachwatch.cases.filing import HeldAs
from attachwatch.cases.progress import Progress
from attachwatch.cases.standing import Standing
from attachwatch.cli.output import number, shown, table, word
from attachwatch.evidence import words
from attachwatch.model import AnnexStatus, Draft, Fate, Inspection, NamedAnnex, Notice
from attachwatch.service.overview import Overview
from attachwatch.service.verify import Report

_FATES = {
    Fate.INSIDE: "in the letter itself",
    Fate.REFUSED: "refused",
    Fate.ELSEWHERE: "sent or published another way",
    Fate.EARLIER: "sent before",
    Fate.PENDING: "still to come",
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


def annexes_table(progress: Progress) -> Table:
    made = table("Annex", "File", "Verdict", "Pages", "Why")
    made.columns[0].ratio, made.columns[1].ratio = None, 1
    for status in progress.standing.annexes:
        made.add_row(shown(status.annex.label), *_annex_cells(status))
    for file in progress.standing.unexpected:
        inspection = file.inspection
        reason = why(inspection) or shown(file.unmatched)
        made.add_row("", shown(file.attachment.name), word(inspection.verdict), number(inspection.pages), reason)
    return made


def drafts_table(drafts: Sequence[Draft]) -> Table:
    made = table("Subject", "ID", "Case", "Round", "State", "Names")
    for draft in drafts:
        names = f"{len(draft.items)} that do not open" if draft.items else ""
        missing = f"{len(draft.missing)} missing" if draft.missing else ""
        made.add_row(
            shown(draft.subject),
            str(draft.id),
            shown(draft.case),
            str(draft.round),
            word(draft.state),
            ", ".join(filter(None, (names, missing))),
        )
    return made


def print_draft(console: Console, draft: Draft) -> None:
    """The reply as the authority would read it."""
    for name, value in (
        ("From", draft.sender),
        ("To", ", ".join(draft.to)),
        ("Subject", draft.subject),
        ("In-Reply-To", draft.in_reply_to or ""),
    ):
        if value:
            console.print(f"{name}: {shown(value)}", soft_wrap=True)
    console.print()
    console.print(draft.body.rstrip(), soft_wrap=True)


def print_attention(console: Console, mailbox: str, overview: Overview) -> None:
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


def print_notice(console: Console, notice: Notice, where: str) -> None:
    """What a message tells of and does not hold; `where` says which message."""
    console.print(f"Not in the mail: {shown(where)}: {shown(notice.finding.message)}", style="yellow", soft_wrap=True)


def print_told(console: Console, standing: Standing) -> None:
    """What messages say of annexes: promised and on no list, or on the list and not to be expected."""
    for told in standing.proposed:
        title = f", {shown(told.annex.title)}" if told.annex.title else ""
        said = f"Promised, and not on your list: {shown(told.annex.label)}{title}: {_said(told.annex)}"
        console.print(said, style="yellow", soft_wrap=True)
    if standing.unnamed:
        labels = ", ".join(shown(a.label) for a in standing.unnamed)
        console.print(f"On your list, and not named in their letter: {labels}", style="yellow", soft_wrap=True)
    print_unexpected(console, [replace(t.annex, label=label) for label, t in standing.excused.items()])


def print_unexpected(console: Console, annexes: Iterable[NamedAnnex]) -> None:
    """Annexes that the authority names, and says not to expect."""
    for annex in annexes:
        said = f"Not expected: {shown(annex.label)}, {_FATES[annex.fate]}: {_said(annex)}"
        console.print(said, soft_wrap=True)


def _said(annex: NamedAnnex) -> str:
    """The sentence that names the annex, and the letter that it stands in."""
    return f"{shown(annex.sentence)!r}" + (f" (in {shown(annex.file)})" if annex.file else "")


def why(inspection: Inspection) -> str:
    return shown(words.why(inspection))


def _annex_cells(status: AnnexStatus) -> tuple[str | Text, ...]:
    if status.file is None:
        return shown(status.annex.title or ""), word(status.state), "", shown(status.reason if status.aside else "")
    inspection = status.file.inspection
    said = shown(status.reason) if status.aside else why(inspection)
    return shown(status.file.attachment.name), word(status.state), number(status.pages), said
