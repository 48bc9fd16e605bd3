"""`attachwatch watch`, `status` and `drafts` against a real server, as a user runs them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attachwatch.demo import story
from tests.program import run
from tests.servers import Mailbox


@pytest.fixture
def configuration(mailbox: Mailbox, tmp_path: Path) -> Path:
    return configure(mailbox, tmp_path)


def configure(mailbox: Mailbox, folder: Path, **changes: str | int) -> Path:
    (folder / "annexes.txt").write_text(story.ANNEXES)
    path = folder / "attachwatch.toml"
    path.write_text(
        f"""
[store]
path = "store"

{mailbox.toml(name="foi", **changes)}

[[case]]
reference = "{story.REFERENCE}"
mailbox = "foi"
authority = ["{story.AUTHORITY}"]
annexes = "annexes.txt"
"""
    )
    return path


def test_one_poll_tells_drafts_and_a_second_changes_nothing(mailbox: Mailbox, configuration: Path) -> None:
    for message in story.first_response():
        mailbox.append(message)
    first = run("watch", "--once", "--config", configuration)
    assert first.returncode == 1
    events = [json.loads(line)["event"] for line in first.stderr.splitlines()]
    assert events.count("message.stored") == 4
    assert events.count("draft.made") == 1
    assert set(events) >= {"poll.started", "attachment.stored", "attachment.inspected", "poll.ended"}

    listed = json.loads(run("drafts", "--json", "--config", configuration).stdout)
    second = run("watch", "--once", "--config", configuration)
    assert [json.loads(line)["event"] for line in second.stderr.splitlines()] == ["poll.started", "poll.ended"]
    assert json.loads(run("drafts", "--json", "--config", configuration).stdout) == listed


def test_status_and_drafts_are_those_of_the_contract(mailbox: Mailbox, configuration: Path) -> None:
    for message in story.first_response():
        mailbox.append(message)
    run("watch", "--once", "--config", configuration)
    (case,) = json.loads(run("status", "--json", "--config", configuration).stdout)["cases"]
    assert (case["reference"], case["state"], case["round"]) == (story.REFERENCE, "review-draft", 1)
    broken = [a["label"] for a in case["annexes"] if a["state"] not in ("ok", "missing")]
    assert broken == ["D(iii)", "D(iv)", "D(vi)", "D(vii)", "D(viii)", "D(ix)"]
    assert all(a["attempts"] == 1 and a["message_id"] for a in case["annexes"] if a["file"])

    (draft,) = json.loads(run("drafts", "--json", "--config", configuration).stdout)["drafts"]
    assert (draft["state"], draft["round"], [i["label"] for i in draft["items"]]) == ("pending", 1, broken)
    assert draft["subject"].startswith("Re: ")
    assert draft["in_reply_to"] in draft["references"]
    shown = run("drafts", "show", draft["id"], "--config", configuration)
    assert shown.returncode == 0
    for number, item in enumerate(draft["items"], 1):
        assert f"{number}. {item['file']}" in shown.stdout
    table = run("status", "--config", configuration)
    assert table.returncode == 1
    assert "D(viii)" in table.stdout


def test_approve_discard_and_export_each_do_one_thing(mailbox: Mailbox, configuration: Path, tmp_path: Path) -> None:
    for message in story.first_response():
        mailbox.append(message)
    run("watch", "--once", "--config", configuration)
    assert run("drafts", "export", 1, tmp_path / "draft.eml", "--config", configuration).returncode == 0
    assert b"In-Reply-To: <" in (tmp_path / "draft.eml").read_bytes()
    done = run("drafts", "approve", 1, "--config", configuration)
    assert (done.returncode, "Drafts" in done.stdout) == (0, True)
    assert len(mailbox.drafts()) == 1
    again = run("drafts", "discard", 1, "--config", configuration)
    assert (again.returncode, "approved already" in again.stderr) == (2, True)
    assert run("drafts", "show", 99, "--config", configuration).returncode == 2


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    (line,) = [x for x in done.stderr.splitlines() if not x.startswith("{")]
    assert "Traceback" not in done.stderr
    return line


def test_a_wrong_password_is_one_line_and_status_3(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(mailbox, tmp_path, password_command="echo wrong")
    done = run("watch", "--once", "--config", path)
    assert done.returncode == 3
    assert "refused" in one_line(done)
    assert "wrong" not in done.stderr.replace("wrong password", "")


def test_an_unreachable_server_is_one_line_and_status_3(mailbox: Mailbox, tmp_path: Path) -> None:
    done = run("watch", "--once", "--config", configure(mailbox, tmp_path, port=1))
    assert done.returncode == 3
    assert "cannot be reached" in one_line(done)


def test_an_untrusted_certificate_is_one_line_and_status_3(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(mailbox, tmp_path)
    path.write_text("\n".join(x for x in path.read_text().splitlines() if not x.startswith("ca_file")))
    done = run("watch", "--once", "--config", path)
    assert done.returncode == 3
    assert "certificate" in one_line(done)


def test_a_wrong_key_is_one_line_and_status_2(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(mailbox, tmp_path)
    path.write_text(path.read_text().replace("reference", "refrence"))
    done = run("watch", "--once", "--config", path)
    assert done.returncode == 2
    assert "Did you mean 'reference'?" in one_line(done)
    assert not (tmp_path / "store").exists()


def test_an_annex_list_that_is_not_there_is_one_line_and_status_2(mailbox: Mailbox, tmp_path: Path) -> None:
    path = configure(mailbox, tmp_path)
    (tmp_path / "annexes.txt").unlink()
    done = run("watch", "--once", "--config", path)
    assert done.returncode == 2
    assert "annexes.txt cannot be read" in one_line(done)
    assert not (tmp_path / "store").exists()


def test_the_shells_completion_script_is_printed() -> None:
    done = run("completion", "bash")
    assert (done.returncode, "_ATTACHWATCH_COMPLETE" in done.stdout) == (0, True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_daemon_polls_at_once_and_ends_cleanly_on_a_signal(
    mailbox: Mailbox, configuration: Path, number: signal.Signals
) -> None:
    for message in story.first_response():
        mailbox.append(message)
    command = [sys.executable, "-m", "attachwatch", "watch", "--config", str(configuration)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as daemon:
        assert daemon.stderr is not None
        for line in daemon.stderr:
            if json.loads(line)["event"] == "poll.ended":
                break
        second = run("watch", "--once", "--config", configuration)
        assert (second.returncode, "another attachwatch" in second.stderr) == (3, True)
        asked = time.monotonic()
        daemon.send_signal(number)
        rest = daemon.stderr.read()
        assert daemon.wait(10) == 0
        assert time.monotonic() - asked < 5
    assert json.loads(rest.splitlines()[-1])["event"] == "watch.ended"


def test_status_shows_what_is_elsewhere(mailbox: Mailbox, configuration: Path) -> None:
    text = "Please download the annexes here: https://we.tl/t-a (available for 7 days)\r\nThis is the final email.\r\n"
    head = f"From: foi@{story.AUTHORITY}\r\nSubject: {story.REFERENCE}\r\nMessage-ID: <1@x.example>\r\n"
    mailbox.append(f"{head}\r\n{text}".encode())
    assert run("watch", "--once", "--config", configuration).returncode == 1
    (case,) = json.loads(run("status", "--json", "--config", configuration).stdout)["cases"]
    (notice,) = case["notices"]
    assert (notice["code"], notice["message_id"], notice["annexes"]) == ("cloud-link", "<1@x.example>", [])
    assert notice["evidence"]["expiry"] == "available for 7 days"
    table = run("status", "--config", configuration)
    assert table.returncode == 1
    assert "A link to WeTransfer stands in place of files; it says: available for 7 days." in table.stdout
    assert run("drafts", "--json", "--config", configuration).stdout.count('"id"') == 0


def test_status_of_one_case_tells_its_emails_its_history_and_its_days(
    mailbox: Mailbox, configuration: Path, tmp_path: Path
) -> None:
    configuration.write_text(configuration.read_text() + "requested = 2024-09-02\n")
    for message in story.first_response():
        mailbox.append(message)
    run("watch", "--once", "--config", configuration)
    run("drafts", "approve", 1, "--config", configuration)
    for message in story.resends(None):
        mailbox.append(message)
    run("watch", "--once", "--config", configuration)

    (case,) = json.loads(run("status", "--json", "--config", configuration).stdout)["cases"]
    assert (case["clock"]["deadline"], case["clock"]["overdue"]) == ("2024-09-30", False)
    assert case["clock"]["replied"]
    assert [e["round"] for e in case["emails"]][:1] + [e["round"] for e in case["emails"]][-1:] == [1, 2]
    resent = {label for e in case["emails"] for label in e["resends"]}
    assert resent == {"D(iii)", "D(iv)", "D(vi)", "D(vii)", "D(viii)", "D(ix)"}
    words = {a["label"]: [h["words"] for h in a["history"]] for a in case["annexes"]}
    assert words["D(iii)"] == ["cut off", "a new copy that opens"]

    ics = tmp_path / "days.ics"
    shown = run("status", story.REFERENCE, "--ics", ics, "--config", configuration)
    assert "Answer due by 30 September 2024" in shown.stdout
    assert "a new copy that opens" in shown.stdout
    assert b"BEGIN:VEVENT" in ics.read_bytes()
    assert b"DTSTART;VALUE=DATE:20240930" in ics.read_bytes()
    refused = run("status", "--ics", tmp_path / "not" / "there.ics", "--config", configuration)
    assert (refused.returncode, "cannot be written" in one_line(refused)) == (2, True)


def test_a_jurisdiction_that_is_not_known_is_one_line_and_status_2(mailbox: Mailbox, configuration: Path) -> None:
    configuration.write_text(configuration.read_text() + 'jurisdiction = "UK"\n')
    done = run("status", "--config", configuration)
    assert done.returncode == 2
    assert "there is no jurisdiction 'UK'; known: " in one_line(done)
