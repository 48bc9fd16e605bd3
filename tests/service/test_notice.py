"""The notice of a new draft: once, by the user's own means, and with nothing of the mail in it."""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from attachwatch.config import NoticeSettings, Settings
from attachwatch.model import DraftKind
from attachwatch.service import notice
from tests.ledger.test_ledger import draft
from tests.servers import Mailbox
from tests.service.test_pipeline import CUT, mail, poll, watching

MADE = replace(draft(case="FOI 1; touch x $(id) {{ 7*7 }}", subject="Re: --help `id`"), id=7, kind=DraftKind.REMINDER)
WRITES = "import json, os, sys; json.dump([sys.argv[2:], dict(os.environ)], open(sys.argv[1], 'a'))"


def command(file: Path) -> tuple[str, ...]:
    return (sys.executable, "-c", WRITES, str(file))


def test_a_command_gets_number_case_and_kind_as_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOI_PASSWORD", "correct-horse")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    notice.tell(NoticeSettings(command=command(tmp_path / "told")), [MADE])
    arguments, environment = json.loads((tmp_path / "told").read_text())
    assert arguments == ["7", MADE.case, "reminder"]
    assert environment["LC_ALL"] == "C.UTF-8"
    assert "FOI_PASSWORD" not in environment
    assert list(tmp_path.iterdir()) == [tmp_path / "told"]


def test_by_default_nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "_run", lambda *_: pytest.fail("something was run"))
    notice.tell(Settings.model_fields["notice"].default, [MADE])


@pytest.mark.parametrize(
    "broken", [("/nowhere/at-all",), (sys.executable, "-c", "raise SystemExit(3)"), ("a\0b",), (str(Path(__file__)),)]
)
def test_a_command_that_fails_stops_neither_the_next_notice_nor_the_poll(tmp_path: Path, broken: tuple[str]) -> None:
    notice.tell(NoticeSettings(command=broken), [MADE])
    notice.tell(NoticeSettings(command=command(tmp_path / "told")), [MADE])
    assert (tmp_path / "told").exists()


def test_a_command_that_hangs_is_ended_with_all_that_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice, "_SECONDS", 0.5)
    late = tmp_path / "late"
    hangs = f"import subprocess, time; subprocess.Popen(['sh', '-c', 'sleep 2; touch {late}']); time.sleep(60)"
    began = time.monotonic()
    notice.tell(NoticeSettings(command=(sys.executable, "-c", hangs)), [MADE] * 20)
    assert time.monotonic() - began < 5
    time.sleep(2.5)
    assert not late.exists()


@pytest.mark.parametrize("program", ["notify-send", "osascript"])
def test_the_desktop_is_told_by_what_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    script = tmp_path / program
    script.write_text(f'#!/bin/sh\nfor last; do :; done\nprintf %s "$last" > "{tmp_path}/said"\n')
    script.chmod(0o755)
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    notice.tell(NoticeSettings(desktop=True), [MADE])
    assert (tmp_path / "said").read_text() == f"{MADE.case}: a reminder waits for your review (draft 7)."


def test_a_machine_without_either_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    notice.tell(NoticeSettings(desktop=True), [MADE])


def test_each_draft_is_told_of_once(mailbox: Mailbox, tmp_path: Path) -> None:
    mailbox.append(mail(body="This is the final email.", Annex_A=CUT))
    with watching(mailbox, tmp_path, annexes="Annex A") as pipeline:
        told = NoticeSettings(command=command(tmp_path / "told"))
        telling = replace(pipeline, settings=pipeline.settings.model_copy(update={"notice": told}))
        assert len(poll(telling)) == 1
        assert poll(telling) == []
    arguments, _ = json.loads((tmp_path / "told").read_text())  # one document, and no second behind it
    assert arguments == ["1", "FOI2024/01234", "report"]
