"""`attachwatch status` over time: the tables as they are printed, wide and narrow, and the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from attachwatch.cases.clock import Clock, Deadline, clock
from attachwatch.cases.progress import Progress
from attachwatch.cases.rounds import parts
from attachwatch.cases.standing import Told
from attachwatch.cli import shapes, timeline
from attachwatch.cli.calendar import calendar
from attachwatch.cli.output import console
from attachwatch.cli.page import MOST
from attachwatch.cli.status import _pages, _show
from attachwatch.evidence.words import clock_lines
from attachwatch.model import CaseState, Draft, DraftState, Fate, NamedAnnex
from attachwatch.service.overview import Overview
from tests.cases.builders import AGAIN, ANSWER, CASE, OK, SAME, THREE, delivery, drafted, where

GOLDEN = Path(__file__).with_name("golden")
pytestmark = pytest.mark.usefixtures("in_utc")
NOW = datetime(2024, 10, 12, 12, tzinfo=UTC)


def overview(place: Progress, now: Clock, drafts: tuple[Draft, ...] = ()) -> Overview:
    reference = place.case.reference
    return Overview((place,), clocks={reference: now}, parts={reference: parts(place.standing, drafts, place.round)})


def first_report() -> Draft:
    return drafted(where(*ANSWER, case=THREE).follow_up, DraftState.APPROVED)


def after_the_re_sends() -> Overview:
    draft = first_report()
    place = where(*ANSWER, *AGAIN, drafts=(draft,), case=THREE)
    now = clock(THREE, place.state, NOW.date(), answered=date(2024, 10, 1), replied=date(2024, 10, 2))
    return overview(place, now, (draft,))


def as_golden(request: pytest.FixtureRequest, name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if request.config.getoption("--golden"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("columns", [60, 80, 160])
def test_a_case_over_time_reads_like_this(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    picture = {"foi": after_the_re_sends()}
    _show(_pages(picture, MOST), picture)
    text = capsys.readouterr().out
    as_golden(request, f"case-{columns}", text)
    assert max(map(len, text.splitlines())) <= columns


def test_all_cases_together_are_shown_without_their_past(capsys: pytest.CaptureFixture[str]) -> None:
    _show(_pages({"foi": after_the_re_sends()}, MOST), {})
    text = capsys.readouterr().out
    assert "Answer due by" in text
    assert "SHA-256" not in text


def test_names_of_strangers_are_shown_harmless_and_not_without_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    files = [(f"{n}\x1b[31m\u202e.pdf", OK) for n in range(30)]
    place = where(delivery(1, *files), case=replace(CASE, annexes=()))
    console().print(timeline.emails_table(parts(place.standing, (), 1)))
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "and 18 more" in text


# --- JSON -------------------------------------------------------------------------------------------------------


def test_json_has_the_clock_the_emails_the_history_and_the_questions() -> None:
    (case,) = shapes.status_document({"foi": after_the_re_sends()})["cases"]
    assert case["clock"] == {
        "deadline": "2024-09-30",
        "basis": "20 working days after the request of 2 September 2024",
        "source": "Freedom of Information Act 2000 s 10(1); Environmental Information Regulations 2004 reg 5(2)",
        "extension": "by a reasonable time for the public interest test: s 10(3); to 40 working days: reg 7(1)",
        "left": None,
        "overdue": False,
        "answered": "2024-10-01",
        "late": 1,
        "replied": "2024-10-02",
        "reminded": 0,
        "chaser": None,
        "chaser_due": False,
        "chaser_again": None,
    }
    assert [(e["round"], e["number"], e["total"], e["final"], e["resends"]) for e in case["emails"]] == [
        (1, 1, None, False, []),
        (1, 2, 3, False, []),
        (1, 3, 3, True, []),
        (2, None, None, False, ["D(iii)", "D(iv)"]),
        (2, None, None, False, ["D(vi)"]),
    ]
    iv = case["annexes"][1]["history"]
    assert [(a["verdict"], a["cause"], a["sha256"], a["same_as"]) for a in iv] == [
        ("broken", "truncated", SAME, None),
        ("broken", "truncated", SAME, "<2@interior.example>"),
    ]
    assert iv[1]["words"] == "the same bytes as on 1 October, still cut off"
    assert case["questions"] == [
        {
            "before": "Annex D(iv)",
            "absent": ["D(v)"],
            "after": "D(vi)",
            "question": "Annex D(iv) and D(vi) came, D(v) did not, and is on no list: was there one?",
        }
    ]


# --- what needs a person ------------------------------------------------------------------------------------------


def lines(**values: object) -> list[str]:
    return list(clock_lines(replace(Clock(date(2023, 11, 13)), **values)))  # type: ignore[arg-type]


def test_the_clock_in_words() -> None:
    due = Deadline(date(2023, 11, 15), "the authority's own date")
    head = "Answer due by 15 November 2023, the authority's own date: "
    assert lines() == []
    assert lines(deadline=due, left=2) == [f"{head}2 working days left"]
    assert lines(deadline=due, left=0) == [f"{head}today"]
    assert lines(deadline=due, left=-1, today=date(2023, 11, 16)) == [f"{head}overdue by 1 working day"]
    assert lines(deadline=due, answered=date(2023, 11, 3)) == [f"{head}answered on 3 November 2023, in time"]
    late = {"answered": date(2023, 11, 20), "late": 3}
    assert lines(deadline=due, **late) == [f"{head}answered on 20 November 2023, 3 working days late"]
    replied = {"replied": date(2023, 11, 6), "chaser": date(2023, 11, 13)}
    assert lines(**replied) == ["Our reply was placed on 6 November 2023"]
    assert lines(**replied, chasing=True)[0].endswith("; time to remind them, since 13 November 2023")
    assert lines(**replied, chasing=True, today=date(2023, 11, 7))[0].endswith("; remind them on 13 November 2023")
    twice = replied | {"again": date(2023, 11, 27), "chasing": True}
    assert lines(**twice)[0].endswith("; time to remind them, since 13 November 2023; once more on 27 November 2023")
    then = twice | {"chaser": date(2023, 11, 27), "today": date(2023, 11, 28)}
    assert lines(**then)[0].endswith("; time to remind them once more, since 27 November 2023")
    law = replace(due, extension="by a month: art 20.1")
    overdue = lines(deadline=law, left=-1, today=date(2023, 11, 16))[0]
    assert overdue.endswith("overdue by 1 working day; it may be extended by a month: art 20.1")


def test_an_answer_that_is_overdue_needs_attention() -> None:
    place = where(delivery(1), case=THREE)
    in_time, too_late = (clock(THREE, place.state, day) for day in (date(2024, 9, 30), date(2024, 10, 1)))
    assert not overview(place, in_time).needs_attention
    assert overview(place, too_late).needs_attention


def test_nothing_is_called_missing_that_may_still_come_or_is_not_to_be_expected(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    came = delivery(1, ("A.pdf", OK))
    refused = Told(NamedAnnex("B", "annex", None, Fate.REFUSED, "Annex B is refused."), came.message, "B")

    def words(hours_later: float) -> list[str]:
        place = where(came, hours_later=hours_later)
        place = replace(place, standing=replace(place.standing, told=(refused,)))
        _show(_pages({"foi": overview(place, clock(CASE, place.state, NOW.date()))}, MOST), {})
        rows = capsys.readouterr().out.partition("Why")[2].splitlines()[1:4]
        return [next(w for w in ("ok", "missing", "awaited", "refused") if w in row.split()) for row in rows]

    assert words(hours_later=1) == ["ok", "refused", "awaited"]
    assert words(hours_later=99) == ["ok", "refused", "missing"]


def test_a_sentence_that_promises_many_annexes_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    came = delivery(1, ("A.pdf", OK))
    says = [
        Told(NamedAnnex(f"D{n}", "annex", None, Fate.SENT, "We attach D1 to D30."), came.message) for n in range(1, 31)
    ]
    place = where(came)
    place = replace(place, standing=replace(place.standing, told=tuple(says)))
    _show(_pages({"foi": overview(place, clock(CASE, place.state, NOW.date()))}, MOST), {})
    (line,) = (x for x in capsys.readouterr().out.splitlines() if x.startswith("Promised"))
    assert line.endswith("D19, D20 and 10 more: 'We attach D1 to D30.'")


# --- the calendar -------------------------------------------------------------------------------------------------


def events(picture: Overview, now: datetime = NOW) -> dict[str, Any]:
    read = Calendar.from_ical(calendar({"foi": picture}, now))
    assert (str(read["version"]), str(read["method"])) == ("2.0", "PUBLISH")
    return {str(e["summary"]): e for e in read.walk("VEVENT")}


def waiting(today: date, replied: date) -> Overview:
    draft = first_report()
    place = where(*ANSWER, drafts=(draft,), case=THREE)
    return overview(place, clock(THREE, place.state, today, answered=date(2024, 10, 1), replied=replied), (draft,))


def test_the_days_that_count_are_whole_days_of_a_calendar() -> None:
    found = events(waiting(date(2024, 10, 3), date(2024, 10, 2)))
    due, chaser = found["FOI2024/01234: answer due"], found["FOI2024/01234: remind the authority"]
    assert due["dtstart"].dt == date(2024, 9, 30)
    assert str(due["status"]) == "CANCELLED"  # it was answered
    assert (chaser["dtstart"].dt, str(chaser["status"])) == (date(2024, 10, 9), "CONFIRMED")


def test_a_second_import_moves_what_the_first_one_made() -> None:
    key = "FOI2024/01234: remind the authority"
    first = events(waiting(date(2024, 10, 3), date(2024, 10, 2)))[key]
    second = events(waiting(date(2024, 10, 9), date(2024, 10, 8)), NOW.replace(hour=13))[key]
    assert first["uid"] == second["uid"]
    assert second["sequence"] > first["sequence"]
    assert first["dtstart"].dt < second["dtstart"].dt


def test_every_day_of_every_case_has_a_uid_of_its_own() -> None:
    found = events(waiting(date(2024, 10, 3), date(2024, 10, 2)))
    other = replace(THREE, reference="FOI2024/9")
    more = overview(where(case=other), clock(other, CaseState.RECEIVING, date(2024, 9, 3)))
    uids = [str(e["uid"]) for e in (*found.values(), *events(more).values())]
    assert len(uids) == len(set(uids)) == 3


def test_no_reference_adds_a_line_of_its_own() -> None:
    case = replace(THREE, reference="A;B,C\r\nATTACH:file:///x\n\x00")
    (event,) = events(overview(where(case=case), clock(case, CaseState.RECEIVING, date(2024, 9, 3)))).values()
    assert "attach" not in event
    assert str(event["summary"]) == "A;B,C\\r\\nATTACH:file:///x\\n\\x00: answer due"
