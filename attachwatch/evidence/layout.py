"""The record of a case as a document that a stranger to it can follow. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from attachwatch.cases.clock import Clock, Deadline, in_words, local
from attachwatch.cases.standing import notice_key
from attachwatch.evidence import words
from attachwatch.evidence.blocks import (
    Block,
    Cell,
    Document,
    Heading,
    Items,
    Span,
    Table,
    Text,
    Words,
    cell,
    facts,
)
from attachwatch.evidence.record import Email, File, Record
from attachwatch.model import (
    CLOSED,
    MISSING,
    Address,
    AnnexStatus,
    Attachment,
    CaseState,
    Draft,
    DraftKind,
    DraftState,
    Fate,
    Inspection,
    Membership,
    Verdict,
)
from attachwatch.service.overview import questions

_STATES = {
    CaseState.RECEIVING: "the answer is awaited, or not yet whole",
    CaseState.REVIEW_DRAFT: "a reply to the authority waits for the requester's review",
    CaseState.WAITING_FOR_RESEND: "the authority was written to, and has not sent all again",
    CaseState.COMPLETE: "everything that was expected has come and opens",
    CaseState.CLOSED: "closed by the requester",
}
_MEMBERSHIPS = {
    Membership.BY_HAND: "the requester's word",
    Membership.REFERENCE: "the case's reference in it",
    Membership.THREAD: "its thread",
    Membership.ONLY_CASE: "its sender, of whom there is no other case",
}
_KINDS = {DraftKind.REPORT: "a report", DraftKind.REMINDER: "a reminder", DraftKind.THANKS: "thanks"}
_FATES = {
    Fate.INSIDE: "in the letter",
    Fate.REFUSED: "refused",
    Fate.ELSEWHERE: "sent elsewhere",
    Fate.PENDING: "still to come",
}


def document(record: Record) -> Document:
    """Everything of `record`, what matters to a reader in a hurry first."""
    reference = record.case.reference
    blocks = (
        *_summary(record),
        *_deadlines(record.due),
        *_annexes(record),
        *_copies(record),
        *_chronology(record),
        *_wrong(record),
        *_emails(record),
        *_replies(record),
        *_decisions(record),
        *_open_questions(record),
        *_method(record),
    )
    lead = (
        f"What the authority sent in this case, file by file as it was received, and what was written to it. "
        f"Made on {on(record.made)} by attachwatch {record.version}."
    )
    return Document(f"Record of case {reference}", lead, blocks)


def on(when: datetime) -> str:
    """A point in time by the clock of who makes the record, with its distance from UTC."""
    here = local(when)
    return f"{here.day} {here:%b %Y %H:%M %z}"


# --- the whole ----------------------------------------------------------------------------------------------


def _summary(record: Record) -> Iterator[Block]:
    case, progress = record.case, record.progress
    yield Heading(2, "In short", "summary")
    yield facts(
        [
            ("Case", cell(case.reference, *case.other_references)),
            ("Authority", cell(*case.authority)),
            ("Requested", in_words(case.requested) if case.requested else None),
            ("Internal review", f"asked for on {in_words(case.review_requested)}" if case.review_requested else None),
            ("Where it stands", _state(record)),
            ("Answer due", cell(*(_due(c.deadline, c) for c in record.due if c.deadline))),
            ("Emails", _period(record.emails)),
            ("Files that count now", cell(*_tally([f.inspection for f in progress.standing.files]))),
            ("Annexes", _tally_of_annexes(record)),
            ("Not received", ", ".join(a.label for a in progress.standing.missing)),
            ("Replies", cell(*(_placed(d) for d in record.drafts if d.state is DraftState.APPROVED))),
        ]
    )


def _state(record: Record) -> str:
    closed = f": {record.progress.closed}" if record.progress.closed else ""
    return f"{_STATES[record.progress.state]}{closed} (round {record.progress.round} of sending)"


def _period(emails: Sequence[Email]) -> str:
    if not emails:
        return "none was received"
    days = [local(e.filed.message.received).date() for e in emails]
    first, last = in_words(min(days)), in_words(max(days))
    files = words.count(sum(len(e.files) for e in emails), "file")
    return f"{words.count(len(emails), 'email')} with {files}, {first if first == last else f'{first} to {last}'}"


def _tally(found: Sequence[Inspection]) -> Iterator[Span]:
    counts = Counter(i.verdict for i in found)
    for verdict in Verdict:
        if counts[verdict]:
            yield Span(f"{counts[verdict]:,} {verdict}: {words.VERDICTS[verdict]}", verdict)


def _tally_of_annexes(record: Record) -> str:
    annexes = record.annexes
    counts = Counter(_stands(a.status, record).text for a in annexes)
    said = ", ".join(f"{n:,} {state}" for state, n in counts.items())
    return f"{len(annexes):,} expected: {said}" if annexes else "no list of what to expect was given"


def _due(deadline: Deadline, clock: Clock) -> Span:
    return Span(f"by {in_words(deadline.day)}: {words.how_it_stands(clock)}", _tone(clock))


def _tone(clock: Clock) -> str:
    return "missing" if words.is_missed(clock) else ""


def _deadlines(due: Sequence[Clock]) -> Iterator[Block]:
    rows = tuple(
        (cell(in_words(d.day)), cell(d.basis, Span(d.source, "faint")), cell(_how(clock)))
        for clock in due
        if (d := clock.deadline)
    )
    if rows:
        yield Heading(2, "Deadlines", "deadlines")
        yield Table("By when an answer was due", ("Due", "By what", "What came of it"), (2, 5, 3), rows)
        yield Text(
            "Counted in working days of the jurisdiction. Extensions, fees and questions that stop the clock are not "
            "known here; this is information, not legal advice.",
            "faint",
        )


def _how(clock: Clock) -> Span:
    said = words.how_it_stands(clock)
    return Span(f"missed: {said}" if words.is_missed(clock) else said, _tone(clock))


def _annexes(record: Record) -> Iterator[Block]:
    if not record.annexes:
        return
    files = {f.number: f for f in record.files}
    rows = []
    for annex in record.annexes:
        status = annex.status
        found = [files[n] for n in annex.current]
        named = [Span(f"{f.number} {f.attachment.name}", link=_place(f)) for f in found]
        why = status.reason if status.aside or not found else words.why(found[0].inspection)
        title = f"{status.annex.kind} {status.annex.label}".strip()
        rows.append(
            (
                cell(title, Span(status.annex.title or "", "faint")),
                cell(*named),
                cell(_stands(status, record)),
                cell(why, Span(_received(status.file.message.received if status.file else None), "faint")),
            )
        )
    yield Heading(2, "What was expected, and where it stands", "annexes")
    yield Table(
        "Each annex, and the file that counts now", ("Annex", "File", "Verdict", "Notes"), (2, 4, 2, 4), (*rows,)
    )


def _stands(status: AnnexStatus, record: Record) -> Span:
    """The state of an annex; of one that has not come, whether it was to come at all, or may come still."""
    if status.state != MISSING:
        return Span(status.state, status.state)
    told = record.progress.standing.excused.get(status.annex.label)
    if told:
        return Span(_FATES.get(told.annex.fate, told.annex.fate.value), CLOSED)
    return Span("awaited", CLOSED) if record.progress.state is CaseState.RECEIVING else Span(MISSING, MISSING)


def _received(when: datetime | None) -> str:
    return f"received {on(when)}" if when else ""


def _copies(record: Record) -> Iterator[Block]:
    rows = tuple(
        (
            cell(f"{annex.status.annex.kind} {annex.status.annex.label}".strip()),
            cell(on(copy.attempt.file.message.received)),
            cell(Span(copy.number, link=copy.email.lower()), Span(copy.attempt.file.attachment.sha256[:16], "code")),
            cell(Span(copy.attempt.file.inspection.verdict, copy.attempt.file.inspection.verdict)),
            cell(copy.attempt.words),
        )
        for annex in record.annexes
        if len(annex.copies) > 1 or annex.status.state not in (Verdict.OK, MISSING)
        for copy in annex.copies
    )
    if rows:
        yield Heading(2, "How it came, time by time", "copies")
        heads = ("Annex", "Received", "File, and its SHA-256", "Verdict", "What it is")
        yield Table("Every copy of each annex that did not open at once", heads, (2, 3, 3, 2, 4), rows, names=2)


# --- in order of time ---------------------------------------------------------------------------------------


def _chronology(record: Record) -> Iterator[Block]:
    told = [*_of_emails(record), *_of_drafts(record), *_of_decisions(record), *_of_deadlines(record)]
    yield Heading(2, "What happened, in order", "chronology")
    if not told:
        yield Text("Nothing has come, and nothing was written.")
        return
    rows = tuple((cell(shown), said) for _, shown, said in sorted(told, key=lambda t: t[0]))
    yield Table("Emails, replies, decisions and deadlines", ("When", "What"), (3, 9), rows)


_Event = tuple[float, str, Cell]


def _of_emails(record: Record) -> Iterator[_Event]:
    for email in record.emails:
        message, counts = email.filed.message, Counter(f.inspection.verdict for f in email.files)
        said = ", ".join(f"{n} {verdict}" for verdict, n in counts.items())
        brought = f"brings {words.count(len(email.files), 'file')}: {said}" if email.files else "brings no files"
        again = f"sends again {', '.join(email.part.resends)}" if email.part and email.part.resends else ""
        own = f"names {in_words(email.own_deadline)} as the authority's own date" if email.own_deadline else ""
        yield _at(
            message.received,
            Span(f"{email.number} Email: {message.header.subject or '(no subject)'}", link=email.number.lower()),
            "; ".join(filter(None, (words.note(email.delivery.note) if email.delivery else "", brought, again, own))),
            *(words.absent(n) for n in email.notices),
            Span(email.aside, "faint"),
        )


def _of_drafts(record: Record) -> Iterator[_Event]:
    for draft in record.drafts:
        link = f"r{draft.id}"
        yield _at(draft.created, Span(f"Reply {draft.id}, {_KINDS[draft.kind]}, was drafted", link=link), _names(draft))
        if draft.decided:
            yield _at(draft.decided, Span(f"Reply {draft.id} was {_outcome(draft)}", link=link))


def _of_decisions(record: Record) -> Iterator[_Event]:
    names = record.names
    for made in record.decisions:
        undone = Span("" if made.counts else "taken back later", "faint")
        yield _at(made.decision.decided, f"The requester decided: {words.decided(made.decision, names)}", undone)


def _of_deadlines(record: Record) -> Iterator[_Event]:
    """Those that are past."""
    for clock in record.due:
        if (deadline := clock.deadline) and deadline.day < clock.today:
            end = datetime.combine(deadline.day, datetime.max.time()).astimezone()
            yield (end.timestamp(), _day(deadline.day), cell(f"The answer was due, {deadline.basis}", _how(clock)))


def _at(when: datetime, *said: str | Span | None) -> _Event:
    return when.timestamp(), on(when), cell(*said)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


# --- files --------------------------------------------------------------------------------------------------


def _place(file: File) -> str:
    """Where a file is told of: by itself where something is wrong with it, else with its email."""
    number = file.number.lower().replace(".", "-")
    return number if file.is_wrong else number.partition("-")[0]


def _wrong(record: Record) -> Iterator[Block]:
    wrong = [f for f in record.files if f.is_wrong]
    if not wrong:
        return
    yield Heading(2, "Files that do not open, one by one", "wrong")
    for file in wrong:
        yield Heading(3, f"{file.number} {file.attachment.name}", _place(file))
        yield from inspected(file.inspection, _belongs(file))


def _belongs(file: File) -> list[tuple[str, Cell | str | None]]:
    email = file.number.partition(".")[0]
    message, attachment = file.file.message, file.attachment
    return [
        ("Annex", ", ".join(file.labels) or file.role),
        ("Came in", cell(Span(f"{email}, received {on(message.received)}", link=email.lower()))),
        ("Packed in", " in ".join(reversed(attachment.containers))),
        ("Declared as", attachment.content_type),
        ("Now", _succeeded(file)),
        ("Fetched once more", _again(attachment)),
    ]


def _again(attachment: Attachment) -> Cell | None:
    if not attachment.again:
        return None
    if attachment.again == attachment.sha256:
        return cell("the same bytes came")
    return cell("other bytes came:", Span(attachment.again, "code"))


def _succeeded(file: File) -> str:
    if file.counts:
        return ""
    return "replaced by a later copy" if file.labels else "not one that counts"


def inspected(inspection: Inspection, more: Sequence[tuple[str, Cell | str | None]] = ()) -> Iterator[Block]:
    """What was found in a file: its verdict, what each reader said, and each finding with its evidence."""
    verdict = Span(f"{inspection.verdict}: {words.VERDICTS[inspection.verdict]}", inspection.verdict)
    pages = inspection.pages
    readers = [Span(f"{r.name} {words.says(r)}") for r in inspection.readers]
    yield facts(
        [
            ("Verdict", cell(verdict)),
            ("Cause", words.cause(inspection)),
            *more,
            ("Size", f"{inspection.size:,} bytes"),
            ("SHA-256", cell(Span(inspection.sha256, "code"))),
            ("Type by its bytes", inspection.type),
            ("Pages", f"{pages:,}" if pages is not None else None),
            ("Readers", (*readers,)),
        ]
    )
    if inspection.findings:
        yield Items(
            tuple(cell(f"{f.code}: {f.message}", Span(words.evidence(f), "faint")) for f in inspection.findings)
        )


# --- emails -------------------------------------------------------------------------------------------------


def _emails(record: Record) -> Iterator[Block]:
    if not record.emails:
        return
    yield Heading(2, "The emails, and what each brought", "emails")
    for email in record.emails:
        yield from _email(email, record)


def _email(email: Email, record: Record) -> Iterator[Block]:
    message = email.filed.message
    header, key = message.header, message.key
    part = email.part
    yield Heading(3, f"{email.number} {header.subject or '(no subject)'}", email.number.lower())
    yield facts(
        [
            ("Received", on(message.received)),
            ("Date in its header", on(header.date) if header.date else "none"),
            ("From", cell(_address(header.sender), header.doubt and Span(header.doubt, "faint"))),
            ("To", cell(*map(_address, (*header.to, *header.cc)))),
            ("Message-ID", cell(Span(header.message_id or "none", "code"))),
            ("In reply to", cell(*(Span(m, "code") for m in header.in_reply_to))),
            ("Stored in", f"{key.mailbox}, folder {key.folder}, UID {key.uid} of UIDVALIDITY {key.uidvalidity}"),
            ("Belongs to the case by", _MEMBERSHIPS[email.filed.membership]),
            ("Round of sending", str(part.round) if part and part.round else None),
            ("Says that it is", words.note(part.delivery.note) if part else None),
            ("Names as own date", in_words(email.own_deadline) if email.own_deadline else None),
            ("Is no answer", email.aside),
            ("Not all was looked at", message.unread),
        ]
    )
    if email.notices:
        waiting = {notice_key(n) for n in record.progress.standing.notices}
        yield Items(
            tuple(
                cell(
                    words.absent(n),
                    Span(words.evidence(n.finding), "faint"),
                    Span("still awaited" if notice_key(n) in waiting else "settled since", "faint"),
                )
                for n in email.notices
            )
        )
    if email.files:
        heads = ("No.", "File, its type by its bytes, and its SHA-256", "Bytes", "Verdict", "Annex")
        rows = tuple(_file_row(f) for f in email.files)
        yield Table(f"The files of email {email.number}", heads, (2, 12, 3, 3, 3), rows)


def _file_row(file: File) -> tuple[Cell, ...]:
    found, attachment = file.inspection, file.attachment
    pages = words.count(found.pages, "page") if found.pages is not None else ""
    link = _place(file) if file.is_wrong else ""
    return (
        cell(Span(file.number, link=link)),
        cell(attachment.name or "(no name)", Span(found.type, "faint"), Span(attachment.sha256, "code")),
        cell(f"{attachment.size:,}"),
        cell(Span(found.verdict, found.verdict), Span(pages, "faint")),
        cell(", ".join(file.labels), Span("" if file.labels else file.role, "faint")),
    )


def _address(address: Address | None) -> str:
    if address is None:
        return "nobody"
    return f"{address.name} <{address.address}>" if address.name else address.address


# --- replies and decisions ----------------------------------------------------------------------------------


def _replies(record: Record) -> Iterator[Block]:
    if not record.drafts:
        return
    yield Heading(2, "Replies to the authority", "replies")
    yield Text(
        "attachwatch sends nothing. A reply that the requester approved was placed for them to send; when it was sent, "
        "their own mail program shows.",
        "faint",
    )
    for draft in record.drafts:
        yield Heading(3, f"Reply {draft.id}: {draft.subject}", f"r{draft.id}")
        yield facts(
            [
                ("Kind", f"{_KINDS[draft.kind]}, in round {draft.round}"),
                ("Drafted", on(draft.created)),
                ("What became of it", _fate(draft)),
                ("Edited", "by the requester" if draft.is_edited else "no"),
                ("From", draft.sender),
                ("To", cell(*draft.to)),
                ("Cc", cell(*draft.cc)),
                ("Message-ID", cell(Span(draft.message_id, "code"))),
                ("In reply to", cell(Span(draft.in_reply_to or "", "code"))),
                ("Names", _names(draft)),
            ]
        )
        if draft.state in (DraftState.APPROVED, DraftState.PENDING):
            yield Words(draft.body.strip("\n"), f"The words of reply {draft.id}")


def _outcome(draft: Draft) -> str:
    if draft.state is DraftState.APPROVED:
        return "approved" + (f", and placed in {words.place(draft)}" if draft.placed_in else "")
    return draft.state.value


def _fate(draft: Draft) -> str:
    if draft.state is DraftState.PENDING:
        return "waits for the requester"
    if draft.state is DraftState.SUPERSEDED:
        return "superseded, since newer mail or a decision made it untrue; nobody received it"
    when = f" on {on(draft.decided)}" if draft.decided else ""
    return f"{_outcome(draft)}{when}"


def _placed(draft: Draft) -> str:
    return f"reply {draft.id}, {_KINDS[draft.kind]}: {_fate(draft)}"


def _names(draft: Draft) -> str:
    wrong = f"{words.count(len(draft.items), 'file')} that did not open" if draft.items else ""
    missing = f"{len(draft.missing)} not received" if draft.missing else ""
    return ", ".join(filter(None, (wrong, missing)))


def _decisions(record: Record) -> Iterator[Block]:
    if not record.decisions:
        return
    names = record.names
    rows = tuple(
        (
            cell(str(d.decision.id)),
            cell(on(d.decision.decided)),
            cell(words.decided(d.decision, names)),
            cell("yes" if d.counts else "taken back"),
        )
        for d in record.decisions
    )
    yield Heading(2, "What the requester decided", "decisions")
    yield Table("Decisions, oldest first", ("No.", "When", "What", "Counts"), (1, 3, 7, 2), rows)


def _open_questions(record: Record) -> Iterator[Block]:
    standing = record.progress.standing
    told = [
        *(f"{_address(sender)}: {why}" for sender, why in record.unfetched),
        *(f"Promised, and not on the list: {t.annex.label}: {t.annex.sentence}" for t in standing.proposed),
        *(f"Not to be expected: {label}: {t.annex.sentence}" for label, t in standing.excused.items()),
        *(g.question for g in questions(record.progress)),
    ]
    if told:
        yield Heading(2, "Beside this", "beside")
        yield Items(tuple(cell(t) for t in told))


# --- how it was made ----------------------------------------------------------------------------------------


def _method(record: Record) -> Iterator[Block]:
    yield Heading(2, "How this was made", "method")
    yield facts(
        [
            ("Made", on(record.made)),
            ("By", f"attachwatch {record.version}, rules {record.rules}"),
            ("From", f"mailbox {record.case.mailbox}, as it was read and stored; the mail itself was not changed"),
            ("Readers", ", ".join(f"{name} {version}" for name, version in record.readers)),
        ]
    )
    yield Text(
        "Each file was stored under the SHA-256 of its bytes as they came, and opened by these readers in a process "
        "of its own. The same bytes always have the same SHA-256: who compares it with that of the file that was sent "
        "knows whether it changed on the way. What came damaged from a mail server was fetched from it once more, as "
        "far as it was still there, before that was held against anybody."
    )
    used = dict.fromkeys(f.inspection.verdict for f in record.files)
    if used:
        yield facts([(v.value, cell(Span(words.VERDICTS[v]))) for v in Verdict if v in used])
    yield Text(
        "Dates in headers, names of files and subjects are what the sender wrote. Received is when the mail server "
        "took the email in. Characters that cannot be seen are written like \\u202e."
    )
    if any(key in f.evidence for file in record.files for f in file.inspection.findings for key in words.PERSONAL):
        yield Text("What is marked as personal data names a person; consider whether to pass it on.")
