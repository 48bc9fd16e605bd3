"""`attachwatch drafts`: the review queue in a terminal, with the evidence beside the words; and editing, where nothing
that was typed is ever lost."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from attachwatch.ledger.ledger import Ledger
from attachwatch.model import DraftItem, DraftKind, Inspection, MissingItem, ReaderReport, Verdict
from attachwatch.reply.revision import END, FRESH, YOURS
from tests.ledger.test_ledger import add, draft
from tests.program import run

WORDS = "Dear FOI Team,\n\nOne file does not open.\n\nYours faithfully\n"
HOSTILE = "Annex\r\n\x1b[31m<script>{{ 7*7 }}\u202efdp.pdf" + "x" * 5000
MADE = draft(
    body=WORDS, generated=WORDS, to=("no-reply@interior.example",), missing=(MissingItem("D(v)"),),
    items=(DraftItem(("D(iii)",), HOSTILE, Verdict.BROKEN, None, 48213, "ab"),),
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A configuration whose store holds one draft; its mailbox is not to be reached."""
    with Ledger.open(tmp_path / "store") as ledger:
        add(ledger, MADE)
        readers = (ReaderReport("qpdf", "11.9", False, error="it ends\x1b[2J too soon"),)
        ledger.add_inspection(Inspection("ab", 48213, "application/pdf", Verdict.BROKEN, pages=7, readers=readers))
    path = tmp_path / "attachwatch.toml"
    path.write_text(
        """
[store]
path = "store"
[[mailbox]]
name = "foi"
host = "localhost"
port = 1
tls = "none"
username = "me@x"
password_command = "echo x"
[[case]]
reference = "FOI1"
mailbox = "foi"
authority = ["y"]
"""
    )
    return path


def drafts(path: Path, *words: object, **environment: str) -> "subprocess.CompletedProcess[str]":
    done = run("drafts", *words, "--config", path, **environment)
    assert "Traceback" not in done.stderr
    return done


def told(path: Path, *words: object) -> dict[str, Any]:
    (shape,) = json.loads(drafts(path, *words, "--json").stdout)["drafts"]
    return dict(shape)


def editor(tmp_path: Path, script: str) -> dict[str, str]:
    """$EDITOR, which does this with the file `path`; $VISUAL would go before it."""
    program = tmp_path / "an editor.py"
    program.write_text(f"import os, pathlib, signal, sys\npath = pathlib.Path(sys.argv[-1])\n{script}\n")
    return {"EDITOR": f'{sys.executable} "{program}"', "VISUAL": ""}


def kept(path: Path) -> list[str]:
    folder = path.parent / "store/drafts"
    return sorted(p.read_text() for p in folder.iterdir()) if folder.exists() else []


# --- looking ------------------------------------------------------------------------------------------------------


def test_the_table_tells_kind_round_state_and_what_it_names(path: Path) -> None:
    done = drafts(path)
    assert done.returncode == 1
    assert "report of round 1" in done.stdout
    assert max(map(len, drafts(path, COLUMNS="60").stdout.splitlines())) <= 60
    assert "1 that does not open, 1 missing" in done.stdout


def test_a_draft_is_shown_with_what_was_found_and_what_readers_said(path: Path) -> None:
    done = drafts(path, "show", 1)
    assert done.returncode == 0
    for said in (
        "One file does not open.",
        "broken",
        "48,213 bytes, 7 pages, SHA-256 ab",
        "qpdf 11.9 does not open it",
    ):
        assert said in done.stdout
    assert "no-reply@interior.example looks like an address that nobody reads." in done.stdout
    shape = told(path, "show", 1)
    assert (shape["kind"], shape["edited"], shape["conflicts"], shape["generated"]) == ("report", False, 0, WORDS)
    assert shape["warnings"] == ["no-reply@interior.example looks like an address that nobody reads."]
    (item,) = shape["items"]
    assert (item["file"], item["pages"], item["readers"][0]["name"]) == (HOSTILE, 7, "qpdf")


@pytest.mark.parametrize("words", [(), ("show", 1), ("show", 1, "--changes")])
def test_hostile_names_steer_no_terminal(path: Path, words: tuple[object, ...]) -> None:
    done = drafts(path, *words)
    assert not {"\x1b", "\u202e", "\r"} & set(done.stdout)
    if words:
        assert "<script>{{ 7*7 }}" in done.stdout


def test_changes_are_shown_against_the_draft_before(path: Path) -> None:
    assert "no draft before it" in drafts(path, "diff", 1).stdout
    with Ledger.open(path.parent / "store") as ledger:
        (first,) = ledger.drafts()
        later = draft(body=WORDS.replace("One file", "Two files"), message_id="<d2@x>", kind=DraftKind.REPORT)
        add(ledger, later, first)
    for words in (("diff", 2), ("show", 2, "--changes")):
        shown = drafts(path, *words).stdout
        assert "Since draft 1 (report of round 1, superseded):" in shown
        assert "-One file does not open.\n+Two files does not open.\n" in shown
    assert (
        told(path, "show", 2, "--changes")["changes"] == json.loads(drafts(path, "diff", 2, "--json").stdout)["changes"]
    )
    assert told(path, "show", 1)["warnings"] == ["Draft 2 took its place."]


# --- editing ------------------------------------------------------------------------------------------------------


def test_the_editors_words_take_the_place_of_the_generated_ones(path: Path, tmp_path: Path) -> None:
    bold = editor(tmp_path, "path.write_text(path.read_text().replace('Team', 'team')); assert path.suffix == '.txt'")
    done = drafts(path, "edit", 1, **bold)
    assert (done.returncode, done.stdout) == (0, "Draft 1 is now as you edited it.\n")
    shape = told(path, "show", 1)
    assert (shape["body"], shape["edited"], shape["generated"]) == (WORDS.replace("Team", "team"), True, WORDS)
    assert kept(path) == []
    assert "+Dear FOI team," in drafts(path, "diff", 1, "--edits").stdout
    assert drafts(path, "restore", 1).stdout == "Draft 1 is now as it was generated.\n"
    assert (told(path, "show", 1)["body"], told(path, "show", 1)["edited"]) == (WORDS, False)


def test_an_editor_that_changes_nothing_changes_nothing(path: Path, tmp_path: Path) -> None:
    done = drafts(path, "edit", 1, **editor(tmp_path, ""))
    assert (done.returncode, done.stdout) == (0, "Draft 1 has these words already; nothing was changed.\n")
    assert (told(path, "show", 1)["edited"], kept(path)) == (False, [])


TYPED = "path.write_text('Dear Ann')\n"


@pytest.mark.parametrize(
    ("script", "left"),
    [
        (f"{TYPED}raise SystemExit(3)", "Dear Ann"),
        (f"{TYPED}os.kill(os.getpid(), signal.SIGKILL)", "Dear Ann"),
        ("path.write_text(' \\n')", " \n"),
        ("path.write_bytes(b'Dear \\xff')", None),
        ("path.write_text('x' * 2_000_000)", None),
    ],
)
def test_an_edit_that_fails_leaves_the_draft_and_what_was_typed(
    path: Path, tmp_path: Path, script: str, left: str | None
) -> None:
    done = drafts(path, "edit", 1, **editor(tmp_path, script))
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"What you typed is in {tmp_path}/store/drafts/draft-1.txt" in line
    assert (told(path, "show", 1)["body"], told(path, "show", 1)["edited"]) == (WORDS, False)
    assert (tmp_path / "store/drafts/draft-1.txt").stat().st_mode & 0o077 == 0
    if left is not None:
        assert kept(path) == [left]


@pytest.mark.parametrize("program", ["/nowhere/at-all", "no-such-editor --wait", 'unbalanced "'])
def test_an_editor_that_is_not_there_is_one_line(path: Path, tmp_path: Path, program: str) -> None:
    done = drafts(path, "edit", 1, EDITOR=program, VISUAL="")
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "the editor failed, and the draft is left as it was" in done.stderr
    assert kept(path) == [WORDS]
    again = drafts(path, "edit", 1, **editor(tmp_path, TYPED))  # what is kept is not written over
    assert (again.returncode, kept(path)) == (0, [WORDS])


def test_without_a_terminal_no_editor_is_guessed(path: Path) -> None:
    done = drafts(path, "edit", 1, EDITOR="", VISUAL="")
    assert (done.returncode, "--file" in done.stderr, kept(path)) == (2, True, [])


def test_an_edit_while_another_one_is_saved_is_kept_in_a_file(path: Path, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_text("Dear Bob\n")
    other = [sys.executable, "-m", "attachwatch", "drafts", "edit", "1", "--file", str(tmp_path / "other.txt")]
    script = f"import subprocess\nsubprocess.run({[*other, '--config', str(path)]!r}, check=True)\n{TYPED}"
    done = drafts(path, "edit", 1, **editor(tmp_path, script))
    assert done.returncode == 2
    assert "was changed meanwhile" in done.stderr
    assert (told(path, "show", 1)["body"], kept(path)) == ("Dear Bob\n", ["Dear Ann"])


def test_scripts_give_the_words_in_a_file_or_by_standard_input(path: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes(b"\xef\xbb\xbfDear Ann,\r\n\r\nplease.\r\n")
    assert told(path, "edit", 1, "--file", tmp_path / "words.txt")["body"] == "Dear Ann,\n\nplease.\n"
    program = [sys.executable, "-m", "attachwatch", "drafts", "edit", "1", "--file", "-", "--config", str(path)]
    done = subprocess.run(program, input=b"Dear Bob", capture_output=True, check=False)
    assert (done.returncode, told(path, "show", 1)["body"]) == (0, "Dear Bob\n")
    for bad in (tmp_path / "not-there", tmp_path):
        assert drafts(path, "edit", 1, "--file", bad).returncode == 2
    assert told(path, "show", 1)["body"] == "Dear Bob\n"


def test_words_that_are_still_to_be_chosen_are_told_of_everywhere(path: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text(f"{YOURS}\nDear Ann\n{FRESH}\nDear Bob\n{END}\n")
    assert "in 1 of its places" in drafts(path, "edit", 1, "--file", tmp_path / "words.txt").stdout
    assert "pending, edited, 1 to choose" in drafts(path).stdout
    assert "in 1 place you have still to choose the words" in drafts(path, "show", 1).stdout
    refused = drafts(path, "approve", 1)
    assert (refused.returncode, "in 1 place" in refused.stderr) == (2, True)


# --- deciding -----------------------------------------------------------------------------------------------------


def test_a_server_that_is_not_to_be_reached_leaves_the_draft_and_a_file_is_the_way_out(path: Path) -> None:
    done = drafts(path, "approve", 1)
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    assert told(path, "show", 1)["state"] == "pending"
    shape = told(path, "approve", 1, "--to-file")
    assert (shape["state"], shape["placed_in"]) == ("approved", str(path.parent / "store/drafts/draft-1.eml"))
    for words in (("edit", 1, "--file", path), ("restore", 1), ("discard", 1), ("approve", 1)):
        assert "is approved already" in drafts(path, *words).stderr


def test_a_draft_is_exported_as_html_too(path: Path, tmp_path: Path) -> None:
    assert drafts(path, "export", 1, tmp_path / "a.eml").returncode == 0
    assert drafts(path, "export", 1, tmp_path / "b.eml", "--html").returncode == 0
    assert [b"text/html" in (tmp_path / name).read_bytes() for name in ("a.eml", "b.eml")] == [False, True]
