"""A record in which everything that a stranger can write is made to hurt."""

from dataclasses import replace
from datetime import date

from attachwatch.evidence.record import Record
from attachwatch.model import (
    Address,
    Annex,
    Decides,
    Decision,
    DraftState,
    Finding,
    Notice,
    ReaderReport,
    SendingNote,
    Verdict,
)
from tests.cases.builders import BROKEN, CASE, MORNING, delivery, drafted, where
from tests.evidence.made import record

NAMES = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "#import \"@preview/x:1.0.0\": *",
    "$x$ #panic() *b* _i_ `raw` // comment",
    "]#read(\"/etc/passwd\")[",
    "a\r\nBcc: all@example.com",
    "gnp.\u202efdp.exe",
    "nul\x00tab\tesc\x1b[31m",
    "Приказ №5", "中文附件", "مرفق", "שלום", "😀", "e\u0301\u0323", "ﬁ & \" ' < >",
    "javascript:alert(1)",
    "\ud800 alone",
    "w" * 5000,
    "мн" * 2500,
)  # fmt: skip


def hostile(name: str) -> Record:
    """`name` in every place."""
    annex = Annex(name, name, name)
    annexes, requested = (annex, CASE.annexes[0]), date(2024, 9, 2)
    case = replace(CASE, reference=f"R {name}", other_references=(name,), annexes=annexes, requested=requested)
    given = delivery(1, ("B.pdf", BROKEN), ("A.pdf", BROKEN), note=SendingNote(1, 1, final=True))
    header = replace(given.message.header, subject=name, message_id=f"<{name}>", in_reply_to=(name,), doubt=name)
    finding = Finding(name, name, {"offset": 3, "owner": name, name: [name]})
    reader = ReaderReport(name, name, opened=False, error=name, warnings=(name,))
    files = tuple(
        replace(
            f,
            attachment=replace(f.attachment, name=f"{name}.pdf", content_type=name, containers=(name,)),
            inspection=replace(f.inspection, type=name, findings=(finding,), readers=(reader,)),
        )
        for f in given.files
    )
    key = replace(given.message.key, folder=name)
    sender = Address(name, name)
    mail = replace(
        given.message,
        key=key,
        header=replace(header, sender=sender, to=(sender,)),
        attachments=tuple(f.attachment for f in files),
        unread=name,
    )
    files = tuple(replace(f, message=mail) for f in files)
    notice = Notice(mail, finding, (name,), (name,))
    given = replace(given, message=mail, files=files, notices=(notice,))
    draft = replace(
        drafted(where(given, case=case).follow_up, DraftState.APPROVED),
        id=1, decided=MORNING, subject=name, body=f"{name}\n\n{name}\n", to=(name,), sender=name, placed_in=name,
    )  # fmt: skip
    decision = Decision(case.reference, Decides.ANNEX_CLOSED, name, name, MORNING, id=1)
    assert all(f.inspection.verdict is Verdict.BROKEN for f in given.files)
    return record(given, case=case, drafts=(draft,), decisions=(decision,))
