"""An authority's answer, as mail: four emails with annexes of which six do not open, and six re-sends. Invented."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from attachwatch.demo import damage, documents

REFERENCE = "FOI2024/01234"
AUTHORITY = "interior.example"
USER = "requests@newsroom.example"
SIGN_OFF = "Yours sincerely,\nThe Newsroom"
ANNEXES = """\
# What the letter of 1 October 2024 promises
Annex A - Impact assessment
Annex B - Public interest test
Annex C - Minutes of the working group
Annex D(i) to D(ix)  # the training material
Annex E - Organisation chart
"""

_SENDER = Address("FOI Requests", addr_spec=f"foi.responses@{AUTHORITY}")
_SUBJECT = f"{REFERENCE} - our response"
_TITLES = {
    "D iii": "Case Handling Reference Manual v01",
    "D iv": "digital reporting manager training guide PDF",
    "D vi": "Managers Training Guide v1",
    "D vii": "Case Officer Training Guide FINAL",
    "D viii": "Support Team Training Guide Final v1",
    "D ix": "Detailed Reference Manual",
}


def name(label: str) -> str:
    """The file name under which an annex of the manuals comes, such as `Annex D iii OFF SEN ... REDACTED.pdf`."""
    return f"Annex {label} OFF SEN {_TITLES[label]} REDACTED.pdf"


def first_response() -> list[bytes]:
    """The mailbox after the answer: the four emails, and between them two that are not the authority's answer."""
    return [
        _response(1, "This is email number one.", {"Response letter.pdf": _good("Response letter", 3)}),
        _response(
            2,
            "This is email number two.",
            {
                "Annex A Impact assessment REDACTED.pdf": _good("Impact assessment", 6),
                "Annex B Public interest test.pdf": documents.labelled("Public interest test", 2),
                "Annex C Minutes.pdf": documents.restricted("Minutes", 4),
            },
        ),
        _newsletter(),
        _response(
            3,
            "This is email number three.",
            {
                "Annex D i Overview REDACTED.pdf": _good("Overview", 2),
                "Annex D ii User guide REDACTED.pdf": _good("User guide", 5),
                name("D iii"): damage.truncate(_good("Case handling", 12), 0.6),
                name("D iv"): documents.rights_managed("Reporting"),
                "Annex D v Quick reference REDACTED.pdf": _good("Quick reference", 1),
            },
        ),
        _lookalike(),
        _response(
            4,
            "This is email number four, and this is the final email. Please come back to us if anything is missing.",
            {
                name("D vi"): damage.zero_fill(_good("Managers", 9), 0.3, 1.0),
                name("D vii"): documents.locked("Case officers", 7),
                name("D viii"): damage.still_base64(_good("Support team", 8)),
                name("D ix"): damage.SIGN_IN_PAGE,
                "Annex E Organisation chart.pdf": documents.with_picture("Organisation chart"),
            },
        ),
    ]


def resends(in_reply_to: str | None) -> list[bytes]:
    """The six again, one email each: four open now. Some come under a shorter name, some outside the thread."""
    opened = " - I can confirm that this document has just opened correctly for me."
    return [
        _resend(1, "Annex D(iii)", name("D iii"), _good("Case handling", 12), in_reply_to),
        _resend(2, "Annex D(iv)", "Annex D iv.pdf", _good("Reporting", 10), in_reply_to, opened),
        _resend(3, "Annex D(vi)", "Managers Training Guide.pdf", _good("Managers", 9), in_reply_to),
        _resend(4, "Annex D(vii)", name("D vii"), _good("Case officers", 7), None, subject="Annex D(vii)"),
        _resend(
            5, "Annex D(viii)", name("D viii"), damage.truncate(_good("Support team", 8), 0.8), in_reply_to, opened
        ),
        _resend(
            6, "Annex D(ix)", "D(ix).pdf", documents.rights_managed("Detailed"), None, opened, "Outstanding document"
        ),
    ]


def _good(title: str, pages: int) -> bytes:
    return documents.report(title, pages)


def _response(number: int, about: str, files: dict[str, bytes]) -> bytes:
    body = (
        "Dear Requester,\n\nPlease find attached our response to your request. Because the annexes are large, it will\n"
        f"be sent to you across several emails. {about}\n\nKind regards,\nInformation Rights Team\n"
    )
    message = _email(f"<response-{number}@mail.{AUTHORITY}>", _SUBJECT, body, f"Tue, 01 Oct 2024 10:0{number}:00 +0100")
    message.add_alternative(f"<p>{body.replace(chr(10), '<br>')}</p>", subtype="html")
    return _with_files(message, files)


def _resend(
    number: int,
    label: str,
    file: str,
    data: bytes,
    in_reply_to: str | None,
    about: str = "",
    subject: str = f"RE: {_SUBJECT}",
) -> bytes:
    body = f"Hello,\n\nPlease find attached {label}{about}\n\nKind regards,\nInformation Rights Team\n"
    if in_reply_to:
        body += f"\n-----Original Message-----\nFrom: {USER}\n\n> We note that the following documents do not open:\n"
        body += "".join(f"> {n}. {name(x)}\n" for n, x in enumerate(_TITLES, 1))
    message = _email(f"<resend-{number}@mail.{AUTHORITY}>", subject, body, f"Mon, 14 Oct 2024 11:0{number}:00 +0100")
    if in_reply_to:
        message["In-Reply-To"] = in_reply_to
        message["References"] = f"<response-4@mail.{AUTHORITY}> {in_reply_to}"
    return _with_files(message, {file: data})


def _newsletter() -> bytes:
    message = _email(
        "<news@press.example>", "Press digest", "This week's digest is attached.\n", "Tue, 01 Oct 2024 10:02:30 +0100"
    )
    message.replace_header("From", Address("Press digest", addr_spec="digest@press.example"))
    return _with_files(message, {"Digest.pdf": damage.truncate(_good("Digest", 3))})


def _lookalike() -> bytes:
    body = "This is email number three, and this is the final email.\n"
    message = _email("<x@interior-example.test>", _SUBJECT, body, "Tue, 01 Oct 2024 10:03:30 +0100")
    message.replace_header("From", Address("FOI Requests", addr_spec="foi.responses@interior-example.test"))
    return _with_files(message, {"Annex D iii.pdf": damage.truncate(_good("Trap", 3))})


def _email(message_id: str, subject: str, body: str, date: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = _SENDER, USER
    message["Subject"], message["Date"], message["Message-ID"] = subject, date, message_id
    message.set_content(body)
    return message


def _with_files(message: EmailMessage, files: dict[str, bytes]) -> bytes:
    for file, data in files.items():
        message.add_attachment(data, maintype="application", subtype="pdf", filename=file)
    return message.as_bytes()
