"""What is kept of a picture is what would be derived anew, for as long as it holds, and no longer."""

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attachwatch.cli import shapes, told
from attachwatch.config import Settings
from attachwatch.errors import StoreError
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import (
    Annex,
    Attachment,
    Case,
    Cause,
    Decides,
    Decision,
    DraftState,
    Inspection,
    Message,
    MessageKey,
    Verdict,
)
from attachwatch.service import overview as overview_module
from attachwatch.service import pictures as pictures_module
from attachwatch.service.overview import Overview, overview
from attachwatch.service.pictures import Pictures
from tests.cases.builders import BROKEN, CASE, LOCKED, MORNING, OK, drafted, message

ZONES = ("UTC", "Europe/London", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati")
WORDS = (
    "",
    "This is the final email.",
    "More emails will follow.",
    "Annex C will follow shortly.",
    "We will send you Annex B by 9 October 2024.",
    "Annex C is withheld under section 40.",
    "The files open for us.",
)
VERDICTS = st.sampled_from([OK, OK, BROKEN, LOCKED])
FILES = st.dictionaries(st.sampled_from(["Annex A.pdf", "Annex B.pdf", "minutes.pdf", "x.pdf"]), VERDICTS, max_size=3)
EVENTS = st.one_of(
    st.tuples(st.just("mail"), FILES, st.sampled_from(WORDS)),
    st.tuples(st.just("wait"), st.sampled_from([1, 20, 47, 24 * 9])),
    st.tuples(st.just("draft")),
    st.tuples(st.just("approve")),
    st.tuples(st.just("suspend"), st.sampled_from("ABC"), st.sampled_from([1, 5])),
    st.tuples(st.just("close"), st.sampled_from("ABC")),
)
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with Ledger.open(tmp_path_factory.mktemp("pictures") / "store") as ledger:
        yield ledger


@pytest.fixture(autouse=True)
def all_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures_module, "MANY", 0)


def case_of_its_own(**changes: Any) -> Case:
    """In a mailbox of its own, so that many stories have room in one ledger."""
    number = next(_NUMBERS)
    return replace(CASE, mailbox=f"box{number}", reference=f"FOI2024/{number:05}", **changes)


def pictures_of(ledger: Ledger, *cases: Case, **of_mailbox: Any) -> Pictures:
    boxes = dict.fromkeys(c.mailbox for c in cases)
    settings = {"mailbox": [{"name": n, "host": "imap.example.org", "username": "me"} | of_mailbox for n in boxes]}
    return Pictures(Settings.model_validate(settings), cases, ledger, told.TELLINGS)


def arrives(ledger: Ledger, case: Case, when: datetime, files: dict[str, Verdict], words: str = "") -> Message:
    number = next(_NUMBERS)
    attachments = []
    for part, (name, verdict) in enumerate(files.items(), 2):
        sha256 = f"{number}-{part}"
        cause = {BROKEN: Cause.TRUNCATED, LOCKED: Cause.PASSWORD}.get(verdict)
        attachments.append(Attachment(str(part), name, "application/pdf", 1000, sha256, again=sha256))
        ledger.add_inspection(Inspection(sha256, 1000, "application/pdf", verdict, cause, 30))
    made = message(number, subject=case.reference, text=words)
    key = MessageKey(case.mailbox, "INBOX", 1, number)
    made = replace(made, key=key, received=when, attachments=tuple(attachments))
    ledger.store(made)
    return made


def play(ledger: Ledger, case: Case, events: list[tuple[Any, ...]]) -> datetime:
    """Let all that happen, an hour apart; the time after it."""
    now = MORNING

    def decide(kind: Decides, subject: str, value: str) -> None:
        ledger.add_decisions(Decision(case.reference, kind, subject, value, now))

    for event in events:
        now += timedelta(hours=1)
        drafts = ledger.drafts(case.reference)
        match event:
            case ("mail", files, words):
                arrives(ledger, case, now, files, words)
            case ("wait", hours):
                now += timedelta(hours=hours)
            case ("draft",):
                (place,) = overview(ledger, case.mailbox, [case], now=now).progress
                if place.follow_up:
                    pending = drafts[-1] if drafts and drafts[-1].state is DraftState.PENDING else None
                    draft = replace(drafted(place.follow_up), message_id=f"<{next(_NUMBERS)}@x>")
                    ledger.add_draft(draft, instead_of=pending)
            case ("approve",):
                if drafts and drafts[-1].state is DraftState.PENDING:
                    ledger.decide(drafts[-1], DraftState.APPROVED, now)
            case ("suspend", label, days):
                decide(Decides.ANNEX_SUSPENDED, label, f"{(now + timedelta(days=days)).date()}")
            case ("close", label):
                decide(Decides.ANNEX_CLOSED, label, "seen elsewhere")
    return now


# --- for how long -------------------------------------------------------------------------------------------------


@given(
    st.lists(EVENTS, min_size=2, max_size=12),
    st.sampled_from([1, 30, 48, 24 * 20]),
    st.sampled_from(ZONES),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=4),
)
@settings(max_examples=25)
def test_until_then_nothing_changes(
    ledger: Ledger, events: list[tuple[Any, ...]], patience: int, zone: str, later: list[float]
) -> None:
    case = case_of_its_own(quiet_period=timedelta(hours=patience), requested=MORNING.date())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        now = play(ledger, case, events)
        picture = overview(ledger, case.mailbox, [case], now=now)
        assert now < picture.until
        for fraction in later:
            then = min(now + fraction * (picture.until - now), picture.until - timedelta(microseconds=1))
            assert overview(ledger, case.mailbox, [case], now=then) == picture
    time.tzset()


@pytest.mark.usefixtures("in_utc")
def test_it_ends_with_the_quiet_period_and_with_the_day(ledger: Ledger) -> None:
    case = case_of_its_own(quiet_period=timedelta(hours=5))
    came = arrives(ledger, case, MORNING, {"Annex A.pdf": BROKEN}).received

    def at(hours: float) -> Overview:
        return overview(ledger, case.mailbox, [case], now=came + timedelta(hours=hours))

    assert at(1).until == came + timedelta(hours=5)
    assert at(5).until == datetime(2024, 10, 2, tzinfo=UTC)
    before, after = at(4.99).progress[0], at(5).progress[0]
    assert (before.follow_up, after.follow_up is None) == (None, False)


# --- what is kept -------------------------------------------------------------------------------------------------


@given(st.lists(EVENTS, min_size=1, max_size=10))
@settings(max_examples=10)
def test_what_is_kept_is_what_would_be_told_anew(ledger: Ledger, events: list[tuple[Any, ...]]) -> None:
    case = case_of_its_own()
    pictures = pictures_of(ledger, case)
    (mailbox,) = pictures.settings.mailbox
    for number in range(len(events)):
        play(ledger, case, events[number : number + 1])
        for name in (told.PAGE, told.DOCUMENT):
            first = pictures.told(mailbox, name, bytes)
            kept = pictures._kept(mailbox, name)
            anew = told.TELLINGS[name](mailbox.name, overview(ledger, mailbox.name, [case]))
            assert first == kept == anew
    document = told.document([pictures.told(mailbox, told.DOCUMENT, told.read)], watch={"a": [1]})
    whole = shapes.status_document({mailbox.name: overview(ledger, mailbox.name, [case])})
    assert document == json.dumps(whole | {"watch": {"a": [1]}}, ensure_ascii=False, indent=2)


def test_what_is_kept_is_not_derived_anew(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of_its_own()
    arrives(ledger, case, MORNING, {"Annex A.pdf": BROKEN})
    pictures = pictures_of(ledger, case)
    (mailbox,) = pictures.settings.mailbox
    first = pictures.told(mailbox, told.PAGE, told.read)
    monkeypatch.setattr(overview_module, "overview", lambda *_: pytest.fail("derived anew"))
    assert pictures_of(ledger, case).told(mailbox, told.PAGE, told.read) == first


def test_of_a_small_mailbox_nothing_is_kept(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of_its_own()
    arrives(ledger, case, MORNING, {"Annex A.pdf": OK})
    pictures = pictures_of(ledger, case)
    (mailbox,) = pictures.settings.mailbox
    monkeypatch.setattr(pictures_module, "MANY", 2)
    pictures.prepare(mailbox)
    pictures.told(mailbox, told.PAGE, told.read)
    assert pictures._kept(mailbox, told.PAGE) is None
    monkeypatch.setattr(pictures_module, "MANY", 1)
    pictures.prepare(mailbox)
    assert pictures._kept(mailbox, told.PAGE) is not None


def test_whatever_a_picture_is_derived_from_makes_another_key(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, in_utc: None
) -> None:
    case = case_of_its_own()
    keys: list[str] = []

    def note(*cases: Case, **of_mailbox: Any) -> None:
        pictures = pictures_of(ledger, *cases, **of_mailbox)
        keys.append(pictures.key(pictures.settings.mailbox[0]))

    note(case)
    ledger.record_poll(case.mailbox, MORNING, None)
    note(case)
    assert keys[0] == keys[1]
    note(case, trusted_authserv_id="mx.example.org")
    for changes in (
        {"annexes": (*case.annexes, Annex("D", "Annex"))},
        {"authority": ("other.example",)},
        {"other_references": ("IR1",)},
        {"jurisdiction": "DE"},
        {"quiet_period": timedelta(hours=1)},
        {"requested": MORNING.date()},
        {"chase_after": 6},
        {"thanks": False},
        {"language": "de"},
    ):
        note(replace(case, **changes))
    note(case, replace(case, reference="of another mailbox", mailbox="other"))
    arrives(ledger, case, MORNING, {"Annex A.pdf": OK})
    note(case)
    ledger.add_decisions(Decision(case.reference, Decides.ANNEX_CLOSED, "A", "", MORNING))
    note(case)
    ledger.add_letter("ab", 1, "Dear requester")
    note(case)
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    note(case)
    monkeypatch.setattr(pictures_module, "_program", lambda: "another version")
    note(case)
    assert len(set(keys[1:])) == len(keys) - 1


def test_what_changes_while_it_is_derived_makes_it_old_at_once(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of_its_own()
    arrives(ledger, case, MORNING, {"Annex A.pdf": OK})
    pictures = pictures_of(ledger, case)
    (mailbox,) = pictures.settings.mailbox

    def overtaken(*given: Any) -> Overview:
        picture = overview(*given)
        arrives(ledger, case, MORNING, {"Annex B.pdf": BROKEN})
        return picture

    monkeypatch.setattr(overview_module, "overview", overtaken)
    pictures.overview(mailbox)
    assert pictures._kept(mailbox, told.PAGE) is None


@pytest.mark.parametrize("content", [b"", b"\x80\x04N.", b"[]", b'{"needs_attention": true}'])
def test_what_was_spoilt_is_derived_anew(ledger: Ledger, content: bytes) -> None:
    case = case_of_its_own()
    arrives(ledger, case, MORNING, {"Annex A.pdf": BROKEN})
    pictures = pictures_of(ledger, case)
    (mailbox,) = pictures.settings.mailbox
    fresh = pictures.told(mailbox, told.PAGE, told.read)
    now = datetime.now(UTC)
    key = pictures.key(mailbox)
    ledger.keep_pictures(mailbox.name, key, now - timedelta(1), now + timedelta(1), {told.PAGE: content})
    assert pictures._kept(mailbox, told.PAGE) == content
    assert pictures.told(mailbox, told.PAGE, told.read) == fresh


def test_it_holds_neither_after_its_time_nor_before_it_was_made(ledger: Ledger) -> None:
    hour = timedelta(hours=1)
    ledger.keep_pictures("of old", "key", MORNING, MORNING + hour, {"page": b"kept"})
    assert ledger.picture("of old", "page", "key", MORNING) == b"kept"
    assert ledger.picture("of old", "page", "key", MORNING + hour) is None
    assert ledger.picture("of old", "page", "key", MORNING - hour) is None
    assert ledger.picture("of old", "page", "other key", MORNING) is None
    assert ledger.picture("of old", "document", "key", MORNING) is None


def test_where_it_cannot_be_kept_it_is_told_all_the_same(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of_its_own()
    arrives(ledger, case, MORNING, {"Annex A.pdf": BROKEN})
    pictures = pictures_of(ledger, case)

    def full(*_: object) -> None:
        raise StoreError("the disk is full", "Make room.")

    monkeypatch.setattr(ledger, "keep_pictures", full)
    assert pictures.told(pictures.settings.mailbox[0], told.PAGE, told.read).needs_attention
