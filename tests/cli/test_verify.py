"""`attachwatch verify` as a user runs it: the real program, its output and its exit status."""

import csv
import io
import json
import os
from email.message import EmailMessage
from pathlib import Path

import pytest

from attachwatch.demo import damage, documents
from tests.program import run

HEALTHY = documents.report("Minutes", 2)
CUT = damage.truncate(HEALTHY, 0.5)


def test_a_notice_that_lies_there_as_a_file_is_in_no_message() -> None:
    sample = Path(__file__).parents[2] / "corrupt_samples/placeholder/gateway-notice.pdf"
    done = run("verify", sample)
    assert done.stdout.splitlines()[-1].startswith("Not in the mail: gateway-notice.pdf is only the notice")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "Annex A.pdf").write_bytes(HEALTHY)
    (folder / "Annex B.pdf").write_bytes(CUT)
    return folder


def test_the_table_says_what_does_not_open_and_the_status_is_1(folder: Path) -> None:
    done = run("verify", folder)
    assert done.returncode == 1
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert any("Annex A.pdf" in line and "ok" in line and "2" in line for line in lines)
    assert any("Annex B.pdf" in line and "broken" in line for line in lines)
    assert lines[-1] == "2 files: 1 ok, 1 broken"
    assert "\x1b" not in done.stdout


def test_nothing_wrong_is_status_0(folder: Path) -> None:
    (folder / "Annex B.pdf").unlink()
    assert run("verify", folder).returncode == 0


def test_json_is_one_document_of_the_contract(folder: Path) -> None:
    done = run("verify", folder, "--json")
    document = json.loads(done.stdout)
    assert document["version"] == 1
    assert document["summary"] == {
        "files": 2, "ok": 1, "damaged": 0, "placeholder": 0, "locked": 0, "broken": 1, "unchecked": 0, "missing": 0,
    }  # fmt: skip
    good, bad = document["files"]
    assert (good["name"], good["verdict"], good["cause"], good["pages"]) == ("Annex A.pdf", "ok", None, 2)
    assert (bad["verdict"], bad["cause"], bad["size"]) == ("broken", "truncated", len(CUT))
    assert {r["name"] for r in good["readers"]} == {"qpdf", "pypdf", "pdfium"}
    assert all(r["opened"] and r["pages"] == 2 for r in good["readers"])
    assert "annexes" not in document


def test_jsonl_is_one_file_a_line(folder: Path) -> None:
    lines = run("verify", folder, "--format", "jsonl").stdout.splitlines()
    assert {json.loads(line)["name"] for line in lines} == {"Annex A.pdf", "Annex B.pdf"}


def test_csv_is_safe_for_a_spreadsheet(tmp_path: Path) -> None:
    (tmp_path / "=HYPERLINK(1).pdf").write_bytes(CUT)
    done = run("verify", tmp_path / "=HYPERLINK(1).pdf", "--format", "csv")
    header, row = csv.reader(io.StringIO(done.stdout))
    assert (header[0], row[2]) == ("path", "broken")
    os.chdir(tmp_path)
    assert list(csv.reader(io.StringIO(run("verify", "=HYPERLINK(1).pdf", "--format", "csv").stdout)))[1][0][0] == "'"


def test_an_annex_list_tells_what_is_missing_and_which_file_is_which(folder: Path, tmp_path: Path) -> None:
    annexes = tmp_path / "annexes.txt"
    annexes.write_text("Annex A to C  # three of them\n")
    (folder / "leaflet.pdf").write_bytes(HEALTHY)
    document = json.loads(run("verify", folder, "--annexes", annexes, "--json").stdout)
    assert [(a["label"], a["state"]) for a in document["annexes"]] == [("A", "ok"), ("B", "broken"), ("C", "missing")]
    assert [f["annex"] for f in document["files"]] == ["A", "B", None]
    assert document["summary"]["missing"] == 1
    assert "label A" in document["files"][0]["reason"]


def test_loose_files_are_thanked_for_without_an_email(folder: Path, tmp_path: Path) -> None:
    run("verify", folder, "--draft", tmp_path / "reply.txt")
    assert "Thank you for the documents that you sent." in (tmp_path / "reply.txt").read_text()


def test_what_a_script_reads_is_not_explained(folder: Path) -> None:
    done = run("verify", folder, "--explain", "--json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--explain is for people" in done.stderr


def test_the_draft_names_the_broken_file(folder: Path, tmp_path: Path) -> None:
    run("verify", folder, "--draft", tmp_path / "reply.txt")
    words = (tmp_path / "reply.txt").read_text()
    assert "1. Annex B.pdf" in words
    assert "Annex A.pdf" not in words


def test_a_saved_email_is_looked_into(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "foi@interior.example", "Annexes"
    message.set_content("Please find attached Annex A")
    message.add_attachment(CUT, maintype="application", subtype="octet-stream", filename="Annex A.pdf")
    (tmp_path / "mail.eml").write_bytes(message.as_bytes())
    document = json.loads(run("verify", tmp_path / "mail.eml", "--json").stdout)
    assert [(f["name"], f["verdict"]) for f in document["files"]] == [("Annex A.pdf", "broken")]


def test_output_goes_to_a_file_that_is_whole_or_not_there(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "result.json"
    assert run("verify", folder, "--json", "--output", target).stdout == ""
    assert json.loads(target.read_text())["summary"]["files"] == 2
    assert run("verify", folder / "none", "--json", "--output", tmp_path / "other.json").returncode == 2
    assert not (tmp_path / "other.json").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["verify"], "Missing argument"),
        (["verify", "no-such-folder"], "no such file or folder"),
        (["verify", ".", "--annexes", "none.txt"], "annex list none.txt cannot be read"),
        (["verify", ".", "--format", "poem"], "poem"),
        (["nonsense"], "nonsense"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(words: list[str], says: str, tmp_path: Path) -> None:
    os.chdir(tmp_path)
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr


def test_what_is_no_file_is_said_and_harms_nothing_else(folder: Path) -> None:
    os.mkfifo(folder / "pipe.pdf")
    (folder / "dangling.pdf").symlink_to("nowhere")
    done = run("verify", folder)
    assert (done.returncode, done.stderr) == (3, "")
    assert "1 ok, 1 broken" in done.stdout
    assert len(run("verify", folder, "--format", "csv").stderr.splitlines()) == 2


def test_hostile_names_reach_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m\u202e\nb.pdf").write_bytes(CUT)
    done = run("verify", tmp_path)
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert "\\x1b[31m" in done.stdout


def test_help_names_every_command_and_the_statuses() -> None:
    done = run("--help")
    assert done.returncode == 0
    for word in ("demo", "verify", "watch", "status", "drafts", "Exit status"):
        assert word in done.stdout


def test_a_link_in_place_of_files_is_shown_and_keeps_the_annexes_from_being_asked_for(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "foi@x.example", "Annexes", "<1@x.example>"
    message.set_content("Please find Annexes A and B below.\nDownload")
    message.add_alternative(
        '<p>Please find Annexes A and B below.</p><a href="https://we.tl/t-a">Download</a><p>Expires on 5 March</p>',
        subtype="html",
    )
    (tmp_path / "answer.eml").write_bytes(message.as_bytes())
    (tmp_path / "annexes.txt").write_text("Annex A\nAnnex B\n")
    words = ("verify", tmp_path / "answer.eml", "--annexes", tmp_path / "annexes.txt")
    done = run(*words, "--draft", tmp_path / "draft.txt")
    assert done.returncode == 1
    assert "answer.eml: A link to WeTransfer stands in place of files; it says: Expires on 5 March." in done.stdout
    assert not (tmp_path / "draft.txt").exists()
    (notice,) = json.loads(run(*words, "--json").stdout)["notices"]
    assert (notice["code"], notice["message_id"], notice["annexes"]) == ("cloud-link", "<1@x.example>", [])
    assert notice["evidence"]["links"] == ["https://we.tl/t-a"]


def test_a_link_to_a_notice_about_privacy_changes_nothing(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "foi@x.example", "Annexes"
    message.set_content("Please find Annex A.\n\nRegards\nJane\nOur privacy notice: https://www.x.example/privacy\n")
    message.add_attachment(HEALTHY, maintype="application", subtype="pdf", filename="Annex A.pdf")
    (tmp_path / "answer.eml").write_bytes(message.as_bytes())
    done = run("verify", tmp_path / "answer.eml")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 files: 1 ok")


def test_a_letter_gives_the_list_of_what_should_be_there(folder: Path, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("We attach Annexes A to C. Annex D is exempt under section 40.")
    done = run("verify", folder, "--letter", letter, "--json")
    document = json.loads(done.stdout)
    assert [(a["label"], a["state"]) for a in document["annexes"]] == [("A", "ok"), ("B", "broken"), ("C", "missing")]
    assert [a["fate"] for a in document["letter"]["annexes"]] == ["sent", "sent", "sent", "refused"]


def test_the_list_wins_over_the_letter_and_both_differences_are_told(folder: Path, tmp_path: Path) -> None:
    letter, listed = tmp_path / "letter.txt", tmp_path / "list.txt"
    letter.write_text("We attach Annexes A to C. Annex D is exempt under section 40.")
    listed.write_text("Annex A\nAnnex B\nAnnex D\nAnnex G\n")
    done = run("verify", folder, "--letter", letter, "--annexes", listed)
    assert "Promised, and not on your list: C: 'We attach Annexes A to C.'" in done.stdout
    assert "On your list, and not named by the letter: G" in done.stdout
    assert "Not expected: D, refused: 'Annex D is exempt under section 40.'" in done.stdout
    assert "2 files: 1 ok, 1 broken, 1 missing" in done.stdout


def test_a_letter_without_text_is_an_error_that_says_so(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text(" ")
    done = run("verify", folder, "--letter", tmp_path / "letter.txt")
    assert done.returncode == 2
    assert "there is no text in the letter" in done.stderr
