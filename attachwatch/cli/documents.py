"""What each `--json` document holds, as types, and from them its JSON Schema.

`shapes` and `evidence.shape` make the documents; a test holds what every command prints against these.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import Field, TypeAdapter, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import TypedDict

from attachwatch.cases.filing import HeldAs
from attachwatch.model import CaseState, Cause, Decides, DraftKind, DraftState, Fate, Membership, Scalar, Verdict
from attachwatch.service.checks.check import Outcome
from attachwatch.service.health import Doing, Idle

Version = Literal[1]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Label = str  # of an annex: "D(iii)"
MessageId = str  # with its angle brackets
AnnexState = Verdict | Literal["missing", "closed", "suspended"]
Evidence = Mapping[str, Scalar | list[str] | list[int]]


class Finding(TypedDict):
    """What was noticed; `evidence` has the details, by the code."""

    code: str
    message: str
    evidence: Evidence


class Reader(TypedDict):
    """What one reader made of a file."""

    name: str
    version: str
    opened: bool
    pages: Count | None
    rendered: Count | None
    error: str | None
    warnings: list[str]
    seconds: Seconds


class Judged(TypedDict):
    """What is said of a file wherever one was verified."""

    path: str
    name: str
    sha256: Sha256 | Literal[""]  # empty where the file could not be read
    size: Count
    type: str
    verdict: Verdict
    cause: Cause | None
    pages: Count | None
    findings: list[Finding]
    seconds: Seconds


class File(Judged):
    """One file; `annex` and `reason` where there is a list or a letter to match it with."""

    readers: list[Reader]
    annex: NotRequired[str | None]
    reason: NotRequired[str | None]


class VerifiedAnnex(TypedDict):
    label: Label
    title: str | None
    state: AnnexState
    file: str | None
    reason: str | None


Named = TypedDict(  # a call, for "in" is a keyword
    "Named", {"label": Label, "title": str | None, "fate": Fate, "sentence": str, "in": str | None}
)


class Letter(TypedDict):
    """What the letter says of the annexes and of the sending."""

    annexes: list[Named]
    email_number: Count | None
    email_total: Count | None
    final: bool
    deadline: Day | None
    references: list[str]
    not_on_your_list: list[Label]
    not_in_the_letter: list[Label]


class Notice(Finding):
    """What a message tells of and does not hold; `key` names it to `cases dismiss`."""

    annexes: list[Label]
    message_id: MessageId | None
    key: str


class NoticeOfPath(Notice):
    path: str


class Summary(TypedDict):
    """How many files of each verdict, and how many annexes are missing."""

    files: Count
    ok: Count
    damaged: Count
    placeholder: Count
    locked: Count
    broken: Count
    unchecked: Count
    missing: Count


class Verify(TypedDict):
    """`attachwatch verify --json`."""

    version: Version
    files: list[File]
    annexes: NotRequired[list[VerifiedAnnex]]
    letter: NotRequired[Letter]
    notices: list[NoticeOfPath]
    summary: Summary


class ArchivedFile(Judged):
    """A row of what `verify --cluster` finds: a file of `source`, which is itself or what it came in."""

    source: str
    labels: list[Label]  # as the name alone tells them
    attention: bool
    rules: Count
    stamp: str  # another one once the source's size or time is; empty where another run is to try it again


class InArchive(TypedDict):
    """A file that needs attention, and why in a sentence."""

    path: str
    verdict: Verdict
    cause: Cause | None
    message: str


class ArchiveSummary(TypedDict):
    """How many files of each verdict."""

    files: Count
    ok: Count
    damaged: Count
    placeholder: Count
    locked: Count
    broken: Count
    unchecked: Count


class Archive(TypedDict):
    """`attachwatch verify --cluster --json`: what the results in `output` amount to."""

    version: Version
    output: str
    format: Literal["jsonl", "parquet"]
    inspected: Count  # in this run; the rest was there
    unread: Count
    summary: ArchiveSummary
    causes: Mapping[Cause, Count]
    attention: list[InArchive]  # the first of them
    attention_all: Count


class Told(Named):
    """What a message says of an annex, and which message."""

    message_id: MessageId | None


class Attempt(TypedDict):
    """One copy of an annex, and how it differs from those before."""

    received: Moment
    message_id: MessageId | None
    file: str
    size: Count
    sha256: Sha256
    verdict: Verdict
    cause: Cause | None
    words: str
    same_as: MessageId | None


class Annex(TypedDict):
    label: Label
    title: str | None
    state: AnnexState
    cause: Cause | None
    findings: list[str]
    file: str | None
    sha256: Sha256 | None
    pages: Count | None
    message_id: MessageId | None
    attempts: Count
    history: list[Attempt]
    reason: str | None


class Unexpected(TypedDict):
    file: str
    verdict: Verdict
    cause: Cause | None
    reason: str | None


class Clock(TypedDict):
    """By when the answer is due; `left` and `late` in working days."""

    deadline: Day | None
    basis: str | None
    source: str | None
    extension: str | None
    left: int | None
    overdue: bool
    answered: Day | None
    late: Count
    replied: Day | None
    reminded: Count
    chaser: Day | None
    chaser_due: bool
    chaser_again: Day | None


class Question(TypedDict):
    """What a series of labels lacks."""

    before: Label
    absent: list[Label]
    after: Label
    question: str


class Email(TypedDict):
    """One email of a case: what it says of the sending that it is part of, and what it brings."""

    message_id: MessageId | None
    received: Moment
    subject: str
    round: Count | None
    number: Count | None
    total: Count | None
    final: bool
    brings: list[str]
    resends: list[str]


class Case(TypedDict):
    reference: str
    authority: list[str]
    state: CaseState
    round: Count
    clock: Clock
    annexes: list[Annex]
    unexpected: list[Unexpected]
    proposed: list[Told]
    excused: list[Told]
    unnamed: list[Label]
    notices: list[Notice]
    questions: list[Question]
    messages: Count
    emails: list[Email]


class Held(TypedDict):
    """A message that waits for a person."""

    mailbox: str
    id: Count
    message_id: MessageId | None
    subject: str
    sender: str | None
    held_as: HeldAs
    reason: str


class ProposedCase(TypedDict):
    """A case that messages name and that there is not."""

    mailbox: str
    reference: str
    authority: list[str]
    messages: list[Count]
    annexes: list[Label]


class Diverted(TypedDict):
    """A sender whose answers are asked to another address."""

    mailbox: str
    sender: str
    reply_to: str


class Lookalike(TypedDict):
    mailbox: str
    sender: str
    name: str
    imitates: str


class Unfetched(TypedDict):
    mailbox: str
    sender: str
    problem: str


class Counts(TypedDict):
    """What happened since the watcher's start."""

    polls: Count
    failed: Count
    crashed: Count
    cut: Count
    overlapped: Count
    missed: Count


class MailboxHealth(TypedDict):
    name: str
    doing: Doing
    idle: Idle
    last_started: Moment | None
    last_success: Moment | None
    next_poll: Moment | None
    failures: Count
    trouble: str | None
    problem: str | None
    counts: Counts


class Watch(TypedDict):
    """The watcher's last sign of life."""

    alive: bool
    pid: Count
    started: Moment
    updated: Moment
    ended: bool
    mailboxes: list[MailboxHealth]


class Status(TypedDict):
    """`attachwatch status --json`; without `watch`, `attachwatch watch --once --json` and `demo --json`."""

    version: Version
    cases: list[Case]
    held: list[Held]
    proposed: list[ProposedCase]
    diverted: list[Diverted]
    lookalikes: list[Lookalike]
    unfetched: list[Unfetched]
    watch: NotRequired[Watch | None]


class ListedCase(TypedDict):
    reference: str
    other_references: list[str]
    mailbox: str
    authority: list[str]
    state: CaseState
    closed: str | None  # why, where it is
    annexes: Count
    missing: list[Label]


class Cases(TypedDict):
    """`attachwatch cases --json`."""

    version: Version
    cases: list[ListedCase]
    proposed: list[ProposedCase]


class Configured(TypedDict):
    """`attachwatch cases add --json`, and what else changes the configuration."""

    version: Version
    configuration: str
    case: str
    watcher_told: bool


class Decision(TypedDict):
    id: Count
    case: str | None
    kind: Decides
    subject: str
    value: str
    decided: Moment
    counts: bool


class Decisions(TypedDict):
    """`attachwatch cases decisions --json`; with `watcher_told`, what the commands that decide print."""

    version: Version
    decisions: list[Decision]
    watcher_told: NotRequired[bool]


class Item(TypedDict):
    """A file that a draft names; `pages`, `findings` and `readers` in `drafts show`."""

    label: str | None
    file: str
    verdict: Verdict
    cause: Cause | None
    size: Count
    sha256: str
    pages: NotRequired[Count | None]
    findings: NotRequired[list[Finding]]
    readers: NotRequired[list[Reader]]


class Missing(TypedDict):
    label: Label
    title: str | None


class Draft(TypedDict):
    """A drafted reply; `warnings` and `changes` in `drafts show`."""

    id: Count
    case: str
    round: Count
    kind: DraftKind
    state: DraftState
    to: list[str]
    cc: list[str]
    subject: str
    in_reply_to: MessageId | None
    references: list[MessageId]
    message_id: MessageId
    items: list[Item]
    missing: list[Missing]
    body: str
    edited: bool
    generated: str
    conflicts: Count
    created: Moment
    decided: Moment | None
    placed_in: str | None
    warnings: NotRequired[list[str]]
    changes: NotRequired[list[str]]


class Drafts(TypedDict):
    """`attachwatch drafts --json`, and what its commands print."""

    version: Version
    drafts: list[Draft]


class Diff(TypedDict):
    """`attachwatch drafts diff --json`: the lines of a unified diff."""

    version: Version
    id: Count
    before: Count | None
    changes: list[str]


class Review(TypedDict):
    """`attachwatch review --json`: one line, once it listens."""

    link: str
    port: Annotated[int, Field(ge=1, le=65535)]


class SignIn(TypedDict):
    """`attachwatch signin --json`."""

    version: Version
    mailbox: str
    username: str
    kept: str


class Check(TypedDict):
    """What was tried, and the remedy where something is amiss."""

    name: str
    outcome: Outcome
    says: str
    remedy: str | None


class Outcomes(TypedDict):
    ok: Count
    warning: Count
    failure: Count


class Doctor(TypedDict):
    """`attachwatch doctor --json`."""

    version: Version
    checks: list[Check]
    summary: Outcomes


class Init(TypedDict):
    """`attachwatch init --json`; `password` says where it is, and `next` what to do."""

    version: Version
    configuration: str
    password: str
    signed_in: bool
    next: list[str]


class Service(TypedDict):
    """`attachwatch service install --json` and `print --json`; `next` are the commands that set it going."""

    version: Version
    path: str
    text: str
    written: bool
    next: list[str]


class InBoth(TypedDict):
    """One table, in `source` and in `target`; `sha256` is over all rows in canonical order and form."""

    table: str
    rows: list[Count]
    sha256: list[Sha256]
    equal: bool


class Migrated(TypedDict):
    """`attachwatch store migrate --json`; `copied` is false where it was there, and `key` belongs under [store]."""

    version: Version
    source: str
    target: str
    copied: bool
    equal: bool
    tables: list[InBoth]
    attachments: str
    key: str
    switched: bool


class RecordedFinding(Finding):
    """`personal` names the evidence that is a person's."""

    personal: list[str]


class RecordedNotice(RecordedFinding):
    annexes: list[Label]
    key: str
    awaited: bool


class RecordedReader(TypedDict):
    name: str
    version: str
    opened: bool
    needs_password: bool
    pages: Count | None
    rendered: Count | None
    error: str | None
    warnings: list[str]


class ReaderVersion(TypedDict):
    name: str
    version: str


class RecordedFile(TypedDict):
    number: str
    part: str
    name: str
    containers: list[str]
    declared_type: str
    size: Count
    sha256: str
    fetched_again: str | None
    annexes: list[Label]
    role: str | None
    counts: bool
    type: str
    verdict: Verdict
    verdict_in_words: str
    cause: Cause | None
    pages: Count | None
    rules: Count
    findings: list[RecordedFinding]
    readers: list[RecordedReader]


class Address(TypedDict):
    name: str
    address: str


RecordedEmail = TypedDict(  # a call, for "from" is a keyword
    "RecordedEmail",
    {
        "number": str,
        "received": Moment,
        "date": Moment | None,
        "from": Address | None,
        "doubt": str | None,
        "to": list[Address],
        "cc": list[Address],
        "subject": str,
        "message_id": MessageId | None,
        "in_reply_to": list[MessageId],
        "references": list[MessageId],
        "folder": str,
        "uidvalidity": Count,
        "uid": Count,
        "filed_by": Membership,
        "no_answer": str | None,
        "unread": str | None,
        "round": Count | None,
        "email_number": Count | None,
        "email_total": Count | None,
        "final": bool,
        "own_deadline": Day | None,
        "resends": list[str],
        "notices": list[RecordedNotice],
        "files": list[RecordedFile],
    },
)


class RecordedItem(TypedDict):
    annexes: list[Label]
    file: str
    size: Count
    sha256: str
    verdict: Verdict
    cause: Cause | None


Reply = TypedDict(  # the same
    "Reply",
    {
        "id": Count,
        "kind": DraftKind,
        "round": Count,
        "state": DraftState,
        "created": Moment,
        "decided": Moment | None,
        "placed_in": str | None,
        "edited": bool,
        "from": str,
        "to": list[str],
        "cc": list[str],
        "subject": str,
        "message_id": MessageId,
        "in_reply_to": MessageId | None,
        "references": list[MessageId],
        "items": list[RecordedItem],
        "missing": list[Missing],
        "body": str,
    },
)


class Copy(TypedDict):
    file: str
    email: str
    received: Moment
    sha256: str
    verdict: Verdict
    cause: Cause | None
    words: str
    same_as: MessageId | None


class RecordedAnnex(TypedDict):
    label: Label
    kind: str | None
    title: str | None
    state: AnnexState
    reason: str | None
    pages: Count | None
    files: list[str]
    history: list[Copy]


class RecordedCase(TypedDict):
    reference: str
    other_references: list[str]
    mailbox: str
    authority: list[str]
    jurisdiction: str
    requested: Day | None
    review_requested: Day | None
    state: CaseState
    closed: str | None  # why, where it is
    round: Count


class Deadline(TypedDict):
    """`late` in working days, up to the answer or, while that is awaited, up to now."""

    due: Day
    basis: str
    source: str | None
    answered: Day | None
    late: int
    missed: bool


class RecordedDecision(TypedDict):
    id: Count
    kind: Decides
    subject: str
    value: str
    decided: Moment
    counts: bool
    words: str


class UnfetchedOf(TypedDict):
    sender: str
    problem: str


class Report(TypedDict):
    """`attachwatch report CASE --json`, and its output in .json."""

    version: Version
    made: Moment
    attachwatch: str
    rules: Count
    readers: list[ReaderVersion]
    case: RecordedCase
    deadlines: list[Deadline]
    replied: Day | None
    annexes: list[RecordedAnnex]
    emails: list[RecordedEmail]
    replies: list[Reply]
    decisions: list[RecordedDecision]
    unfetched: list[UnfetchedOf]
    questions: list[str]


DOCUMENTS: Mapping[str, type] = {
    "verify": Verify,
    "verify-line": File,
    "archive": Archive,
    "archive-line": ArchivedFile,
    "status": Status,
    "cases": Cases,
    "configured": Configured,
    "decisions": Decisions,
    "drafts": Drafts,
    "diff": Diff,
    "review": Review,
    "signin": SignIn,
    "report": Report,
    "doctor": Doctor,
    "init": Init,
    "service": Service,
    "migrated": Migrated,
}


class _Strict(GenerateJsonSchema):
    """A key that no type names is an error."""

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> JsonSchemaValue:
        return super().typed_dict_schema(schema) | {"additionalProperties": False}

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - a key's name says as much
        return False


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the document that `DOCUMENTS` has under this name."""
    made = TypeAdapter(DOCUMENTS[name]).json_schema(mode="serialization", schema_generator=_Strict)
    return {"$schema": GenerateJsonSchema.schema_dialect} | made
