"""`attachwatch cases` as a user runs it: decisions hold through later polls, and the configuration stays whole."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from attachwatch import config
from attachwatch.demo import damage, documents, story
from attachwatch.ledger.ledger import Ledger
from attachwatch.model import Decides, Decision
from tests.program import run
from tests.servers import Mailbox
from tests.service.test_pipeline import mail

HEALTHY = documents.report("Case handling manual", 2)
OTHER = documents.report("Another", 2)
CUT = damage.truncate(HEALTHY, 0.5)


@pytest.fixture
def path(mailbox: Mailbox, tmp_path: Path) -> Path:
    made = tmp_path / "attachwatch.toml"
    made.write_text(
        f"""# mine
[store]
path = "store"

{mailbox.toml(name="foi")}

[[case]]
reference = "{story.REFERENCE}"   # the first
mailbox = "foi"
authority = ["{story.AUTHORITY}"]
annexes = ["Annex A", "Annex B", "Annex C"]
"""
    )
    return made


def cases(path: Path, *words: object, status: int = 0, **environment: str) -> str:
    done = run("cases", *words, "--config", path, **environment)
    assert done.returncode == status, done.stderr
    return done.stdout or done.stderr


def poll(path: Path) -> dict[str, Any]:
    run("watch", "--once", "--config", path)
    document: dict[str, Any] = json.loads(run("status", "--json", "--config", path).stdout)
    return document


def states(document: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {a["label"]: (a["state"], a["file"]) for a in document["cases"][0]["annexes"]}


def drafts(path: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(run("drafts", "--json", "--config", path).stdout)["drafts"]
    return listed


def test_a_file_that_was_moved_by_hand_stays_there_when_new_mail_comes(mailbox: Mailbox, path: Path) -> None:
    mailbox.append(mail(body="This is email 1 of 2.", Annex_A=HEALTHY, scan=CUT))
    assert states(poll(path))["B"] == ("missing", None)
    assert "is annex B" in cases(path, "move", "scan.pdf", "annex b")
    assert "is no annex" in cases(path, "move", "Annex A.pdf", "none")
    mailbox.append(mail(subject=f"Re: {story.REFERENCE}", body="Email 2 of 2, the final email.", Annex_C=OTHER))
    after = states(poll(path))
    assert after == {"A": ("missing", None), "B": ("broken", "scan.pdf"), "C": ("ok", "Annex C.pdf")}
    (draft,) = drafts(path)
    assert [(i["label"], i["file"]) for i in draft["items"]] == [("B", "scan.pdf")]
    assert [m["label"] for m in draft["missing"]] == ["A"]
    cases(path, "undo", 2)
    assert states(poll(path))["A"] == ("ok", "Annex A.pdf")
    assert [d["state"] for d in drafts(path)] == ["superseded", "pending"]
    assert "undone already" in cases(path, "undo", 2, status=2)
    assert "scan.pdf (" in cases(path, "decisions")
    decided = json.loads(cases(path, "decisions", "--json"))["decisions"]
    assert [(d["kind"], d["value"], d["counts"]) for d in decided] == [
        ("file", "B", True),
        ("file", "", False),
        ("undone", "", True),
    ]


def test_an_annex_that_came_on_paper_is_asked_for_no_more(mailbox: Mailbox, path: Path) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT, Annex_B=HEALTHY))
    poll(path)
    assert [d["state"] for d in drafts(path)] == ["pending"]
    cases(path, "received", "A", "--how", "on paper")
    cases(path, "suspend", "C", "--until", "2999-01-01")
    assert [d["state"] for d in drafts(path)] == ["superseded"]  # at once, for nobody to approve it
    shown = states(poll(path))
    assert (shown["A"][0], shown["C"][0]) == ("closed", "suspended")
    status = run("status", "--config", path).stdout
    assert "on paper" in status
    assert "until 2999-01-01" in status
    assert "is not to come" in cases(path, "suspend", "C", "--until", "2020-01-01", status=2)


def test_an_annex_that_they_will_post_is_awaited_for_some_working_days(mailbox: Mailbox, path: Path) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT, Annex_B=HEALTHY, Annex_C=CUT))
    poll(path)
    assert "is to come by post" in cases(path, "suspend", "A", "C", "--by-post")
    assert [d["state"] for d in drafts(path)] == ["superseded"]
    document = poll(path)
    assert (states(document)["A"][0], document["cases"][0]["state"]) == ("suspended", "receiving")
    today = datetime.now().astimezone().date()
    assert f"to come by post since {today}, until" in run("status", "--config", path).stdout
    began, over = datetime.now(UTC) - timedelta(days=20), today - timedelta(days=1)
    with Ledger.open(path.parent / "store") as ledger:
        ledger.add_decisions(Decision(story.REFERENCE, Decides.ANNEX_POSTED, "A", over.isoformat(), began))
    poll(path)
    assert [[i["label"] for i in d["items"]] for d in drafts(path)] == [["A", "C"], ["A"]]
    assert "--by-post" in cases(path, "suspend", "A", status=2)


def test_annexes_that_were_to_follow_are_missing_once_nothing_has_for_the_quiet_period(
    mailbox: Mailbox, path: Path
) -> None:
    mailbox.append(mail(body="Annex C will follow in the next email.", Annex_A=HEALTHY, Annex_B=OTHER))
    assert [t["label"] for t in poll(path)["cases"][0]["excused"]] == ["C"]
    assert drafts(path) == []
    cases(path, "edit", story.REFERENCE, "--quiet-period", "1s")
    assert poll(path)["cases"][0]["state"] == "review-draft"
    assert [m["label"] for m in drafts(path)[0]["missing"]] == ["C"]


def test_a_closed_case_drafts_nothing_until_it_is_opened_again(mailbox: Mailbox, path: Path) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT, Annex_B=HEALTHY, Annex_C=OTHER))
    cases(path, "close", story.REFERENCE, "--reason", "appealed")
    assert poll(path)["cases"][0]["state"] == "closed"
    assert drafts(path) == []
    assert run("status", "--config", path).returncode == 0
    assert json.loads(cases(path, "list", "--json"))["cases"][0]["closed"] == "appealed"
    assert "closed already" in cases(path, "close", story.REFERENCE, status=2)
    cases(path, "reopen", story.REFERENCE.lower())
    assert poll(path)["cases"][0]["state"] == "review-draft"


def test_a_message_that_waits_is_filed_or_dismissed_by_its_number(mailbox: Mailbox, path: Path) -> None:
    cases(path, "add", "FOI2024/09999", "--authority", story.AUTHORITY, "--annex", "Annex Z")
    mailbox.append(mail(body="This is the final email.", Annex_B=HEALTHY))
    mailbox.append(mail(subject="Annexes", body="Here.", Annex_A=HEALTHY))
    mailbox.append(mail(subject="Reminder", body="Hello."))
    waiting = {h["subject"]: h["id"] for h in poll(path)["held"]}
    assert set(waiting) == {"Annexes", "Reminder"}
    assert drafts(path) == []  # which would call missing what may be in one of them
    cases(path, "accept", waiting["Annexes"], story.REFERENCE)
    cases(path, "dismiss", waiting["Reminder"])
    after = poll(path)
    assert after["held"] == []
    assert states(after)["A"] == ("ok", "Annex A.pdf")
    assert [m["label"] for m in drafts(path)[0]["missing"]] == ["C"]
    assert "There are: none" in cases(path, "dismiss", 77, status=2)


def test_a_link_is_dismissed_and_what_it_may_have_been_of_is_then_missing(mailbox: Mailbox, path: Path) -> None:
    body = "The annexes are here: https://interior.sharepoint.com/:f:/s/foi/EvW\nThis is the final email."
    mailbox.append(mail(body=body, Annex_A=HEALTHY))
    (notice,) = poll(path)["cases"][0]["notices"]
    assert drafts(path) == []
    assert notice["key"] in run("status", "--config", path).stdout
    cases(path, "dismiss", notice["key"])
    assert poll(path)["cases"][0]["notices"] == []
    assert [m["label"] for m in drafts(path)[0]["missing"]] == ["B", "C"]


def test_a_response_that_fits_no_case_proposes_one_which_is_accepted_by_its_reference(
    mailbox: Mailbox, path: Path
) -> None:
    path.write_text(path.read_text() + 'quiet_period = "3d"\nsign_off = "Yours"\n')
    new = story.REFERENCE[:-1] + ("1" if story.REFERENCE[-1] != "1" else "2")
    words = "We attach Annexes A and C; Annex B is refused under section 40. This is the final email."
    mailbox.append(mail(subject=f"Response to {new}", body=words, Annex_A=CUT))
    document = poll(path)
    assert states(document)["A"] == ("missing", None)
    assert drafts(path) == []
    assert [(p["reference"], p["authority"]) for p in document["proposed"]] == [(new, [story.AUTHORITY])]
    assert f"cases accept {new}" in run("status", "--config", path).stdout
    assert new in cases(path, "list")
    cases(path, "accept", new)
    first, second = config.load(path).case
    assert (second.reference, second.authority, second.quiet_period, second.sign_off) == (
        new,
        first.authority,
        first.quiet_period,
        "Yours",
    )
    assert second.annexes == ("Annex A", "Annex C")
    after = poll(path)
    assert after["proposed"] == after["held"] == []
    assert [d["case"] for d in drafts(path)] == [new]
    assert "no message proposes" in cases(path, "accept", new, status=2)


def test_one_message_that_answers_two_requests_is_of_both(mailbox: Mailbox, path: Path) -> None:
    cases(path, "add", "FOI2024/09999", "--authority", story.AUTHORITY, "--annex", "Annex Y", "--annex", "Annex Z")
    subject = f"{story.REFERENCE} and FOI2024/09999"
    mailbox.append(mail(subject=subject, body="The final email.", Annex_A=HEALTHY, Annex_Z=CUT, Letter=OTHER))
    first, second = poll(path)["cases"]
    shown = [{a["label"]: a["state"] for a in c["annexes"]} for c in (first, second)]
    assert shown == [{"A": "ok", "B": "missing", "C": "missing"}, {"Y": "missing", "Z": "broken"}]
    assert [[f["file"] for f in c["unexpected"]] for c in (first, second)] == [["Letter.pdf"]] * 2


def test_each_mailbox_has_its_own_cases_and_what_is_of_another_ones_is_told(mailbox: Mailbox, path: Path) -> None:
    archive = path.with_name("archive")
    archive.mkdir()
    before, of_case, rest = path.read_text().partition("[[case]]")
    second = f'[[mailbox]]\nname = "archive"\npath = "{archive}"\nusername = "{story.USER}"\n\n'
    path.write_text(before + second + of_case + rest)
    assert "--mailbox: foi, archive" in cases(path, "add", "FOI2024/2", "--authority", story.AUTHORITY, status=2)
    cases(path, "add", "FOI2024/2", "--authority", story.AUTHORITY, "--mailbox", "archive", "--annex", "Annex A to B")
    mailbox.append(mail(body="This is the final email.", Annex_A=HEALTHY, Annex_B=OTHER, Annex_C=OTHER))
    for number, subject in enumerate(("FOI2024/2", story.REFERENCE)):
        message = archive / f"{number}.eml"
        message.write_bytes(mail(subject=subject, body="This is the final email.", Annex_A=CUT))
        os.utime(message, (1e9, 1e9))
    document = poll(path)
    shown = {c["reference"]: [a["state"] for a in c["annexes"]] for c in document["cases"]}
    assert shown == {story.REFERENCE: ["ok", "ok", "ok"], "FOI2024/2": ["broken", "missing"]}
    assert [(h["mailbox"], h["held_as"]) for h in document["held"]] == [("archive", "another mailbox")]
    assert [d["case"] for d in drafts(path)] == ["FOI2024/2"]


def test_what_is_not_there_is_one_error_that_says_what_is(mailbox: Mailbox, path: Path) -> None:
    mailbox.append(mail(Annex_A=HEALTHY))
    poll(path)
    for words, said in (
        (("move", "x.pdf", "A"), "It has: 'Annex A.pdf'."),
        (("move", "Annex A.pdf", "Q"), "It has: A, B, C."),
        (("received", "Q", "--how", "x"), "It has: A, B, C."),
        (("close", "FOI1"), f"Known: {story.REFERENCE}."),
        (("accept", 99, story.REFERENCE), "there is no message 99"),
        (("undo", 7), "there is no decision 7"),
    ):
        told = cases(path, *words, status=2)
        assert said in told
        assert told.count("\n") == 1


def test_cases_are_added_and_changed_in_the_configuration_which_keeps_its_comments(path: Path) -> None:
    before = path.read_text()
    cases(path, "add", "FOI2024/2", "--authority", "a.example", "--annex", "Annex A to C", "--quiet-period", "3d")
    assert path.read_text().startswith(before)
    cases(path, "edit", story.REFERENCE, "--add-annex", "Annex D", "--remove-annex", "Annex A", "--sign-off", "Bye")
    first, second = config.load(path).case
    cases(path, "edit", "FOI2024/2", "--jurisdiction", "IE", "--requested", "2024-02-01", "--other-reference", "X/1")
    changed = config.load(path).case[1]
    assert (changed.jurisdiction, changed.requested, changed.other_references) == ("IE", date(2024, 2, 1), ("X/1",))
    assert (first.annexes, first.sign_off) == (("Annex B", "Annex C", "Annex D"), "Bye")
    assert (second.annexes, second.quiet_period.days) == (("Annex A to C",), 3)
    assert "# the first" in path.read_text()


def test_an_annex_that_is_renamed_keeps_its_file_and_what_was_decided_of_it(mailbox: Mailbox, path: Path) -> None:
    path.write_text(
        path.read_text().replace('["Annex A", "Annex B", "Annex C"]', '["Annex A to B", "Annex C - Minutes"]')
    )
    mailbox.append(mail(body="This is the final email.", Annex_A=HEALTHY, scan=OTHER))
    poll(path)
    cases(path, "move", "scan.pdf", "B")
    cases(path, "received", "C", "--how", "on paper")
    assert "is annex E" in cases(path, "rename", "annex b", "Annex E")
    assert "Annex F is closed: on paper" in cases(path, "rename", "C", "Annex F")
    assert config.load(path).case[0].annexes == ("Annex A", "Annex E", "Annex F - Minutes")
    for _ in range(2):
        assert states(poll(path)) == {"A": ("ok", "Annex A.pdf"), "E": ("ok", "scan.pdf"), "F": ("closed", None)}
    assert "It has: A, E, F." in cases(path, "rename", "Q", "Z", status=2)
    assert "has an annex 'annex e' already" in cases(path, "rename", "A", "annex e", status=2)
    assert "See attachwatch cases rename --help." in cases(path, "rename", "A", status=2)


def test_what_was_decided_follows_a_label_that_was_changed_in_a_list_file(mailbox: Mailbox, path: Path) -> None:
    listed = path.with_name("list.txt")
    listed.write_text("Annex A\nAnnex B\n")
    path.write_text(path.read_text().replace('["Annex A", "Annex B", "Annex C"]', '"list.txt"'))
    mailbox.append(mail(body="This is the final email.", Annex_A=HEALTHY))
    poll(path)
    cases(path, "received", "B", "--how", "on paper")
    listed.write_text("Annex A\nAnnex E\n")
    assert "Annex E is closed" in cases(path, "rename", "B", "E")
    assert states(poll(path))["E"] == ("closed", None)


def test_a_change_that_could_not_be_used_is_refused_and_nothing_is_left_behind(path: Path) -> None:
    before = path.read_text()
    for words, said in (
        (("add", story.REFERENCE, "--authority", "a.example"), "two cases have the reference"),
        (("add", "B", "--authority", "a.example", "--mailbox", "x"), "names the mailbox"),
        (("add", "B", "--authority", "a.example", "--annexes", "nowhere.txt"), "cannot be read"),
        (("edit", story.REFERENCE, "--quiet-period", "soon"), "duration"),
        (("edit", story.REFERENCE, "--jurisdiction", "UK"), "there is no jurisdiction 'UK'"),
        (("edit", story.REFERENCE, "--requested", "yesterday"), "does not match the format"),
        (("edit", story.REFERENCE, "--remove-annex", "Annex Q"), "has no item"),
    ):
        assert said in cases(path, *words, status=2)
        assert path.read_text() == before
    assert {p.name for p in path.parent.iterdir()} <= {path.name, "store"}


def test_an_editor_is_opened_where_no_change_is_named(path: Path) -> None:
    before = path.read_text()
    cases(path, "edit", story.REFERENCE, EDITOR="sed -i s/mine/ours/")
    assert path.read_text() == before.replace("# mine", "# ours")
    assert "nothing was changed" in cases(path, "edit", story.REFERENCE, EDITOR="true", status=2)


def completed(path: Path, line: str) -> list[str]:
    words = f"attachwatch {line}"
    told = run(_ATTACHWATCH_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1),
               ATTACHWATCH_CONFIG=str(path)).stdout  # fmt: skip
    return [line.partition(",")[2] for line in told.splitlines()]


def test_references_and_labels_are_completed(path: Path) -> None:
    assert completed(path, "cases close F") == [story.REFERENCE]
    assert completed(path, "cases received ") == ["A", "B", "C"]
    assert completed(path, "status ") == [story.REFERENCE]


def test_drafts_and_decisions_are_completed_by_their_numbers(mailbox: Mailbox, path: Path) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT, Annex_B=HEALTHY, Annex_C=OTHER))
    poll(path)
    cases(path, "received", "B", "--how", "on paper")
    assert completed(path, "drafts approve ") == ["1"]
    assert completed(path, "cases undo ") == ["1"]


def test_what_a_stranger_names_is_not_completed_into_something_that_a_shell_runs(mailbox: Mailbox, path: Path) -> None:
    path.write_text(path.read_text().replace('annexes = ["Annex A", ', 'annexes = ["Annex A", "Annex $(reboot)", '))
    assert completed(path, "cases received ") == ["A", "B", "C"]


def test_what_is_given_to_a_group_holds_for_its_commands(path: Path) -> None:
    for words in (("cases", "list"), ("cases", "decisions"), ("drafts", "list"), ("drafts",)):
        group, *command = words
        done = run(group, "--config", path, "--json", *command)
        assert json.loads(done.stdout)["version"] == 1


def test_a_running_watcher_hears_of_a_decision_at_once(mailbox: Mailbox, path: Path) -> None:
    path.write_text(path.read_text().replace('name = "foi"', 'name = "foi"\nidle = false\npoll_every = "1h"', 1))
    poll(path)
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT, Annex_B=HEALTHY, Annex_C=OTHER))
    words = [sys.executable, "-m", "attachwatch", "watch", "--config", str(path)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ) as watcher:
        try:
            wait_for(lambda: [d["state"] for d in drafts(path)] == ["pending"])
            told = json.loads(cases(path, "move", "Annex A.pdf", "none", "--json"))
            assert told["watcher_told"] is True
            wait_for(lambda: [d["state"] for d in drafts(path)] == ["superseded", "pending"])
            assert [m["label"] for m in drafts(path)[-1]["missing"]] == ["A"]
        finally:
            watcher.send_signal(signal.SIGTERM)
            watcher.wait(20)
    assert json.loads(cases(path, "undo", 1, "--json"))["watcher_told"] is False


def wait_for(condition: Any) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.3)
