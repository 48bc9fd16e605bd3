"""`attachwatch verify` on files that cannot be read, names that are no text, and numbers that are none."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_verify import HEALTHY
from tests.mail.test_folders import email
from tests.program import run, start

# Without root's power to read everything.
ORDINARY = ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]


@pytest.fixture
def unreadable(tmp_path: Path) -> Path:
    """A folder with one file that can be read, and each kind of thing that cannot."""
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        pytest.skip("root reads everything")
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for name in ("cur", "new", "tmp"):
        (folder / "box" / name).mkdir(parents=True)
    (folder / "good.pdf").write_bytes(HEALTHY)
    for name in ("a.pdf", "b.eml", "c", "d.mbox", "box/new/e"):
        (folder / name).write_bytes(email().as_bytes())
        (folder / name).chmod(0)
    (folder / "sub").chmod(0)
    return folder


def run_ordinary(*words: object) -> subprocess.CompletedProcess[str]:
    first = ORDINARY if os.geteuid() == 0 else []
    command = [*first, sys.executable, "-m", "attachwatch", *map(str, words)]
    environment = os.environ | {"COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


def test_what_cannot_be_read_has_a_row_and_a_line(unreadable: Path) -> None:
    done = run_ordinary("verify", unreadable, "--json")
    files = {Path(f["path"]).name: [x["code"] for x in f["findings"]] for f in json.loads(done.stdout)["files"]}
    assert files.pop("good.pdf") == []
    assert files == {name: ["unreadable"] for name in ("a.pdf", "b.eml", "c", "d.mbox", "e", "sub")}
    assert done.returncode == 3
    lines = done.stderr.splitlines()
    assert len(lines) == 6
    assert all(line.endswith("It cannot be read: permission denied.") for line in lines)


def test_a_row_that_a_person_sees_needs_no_line_beside_it(unreadable: Path) -> None:
    done = run_ordinary("verify", unreadable)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.count("permission denied") == 6


def test_hidden_files_are_skipped_and_told_of(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(HEALTHY)
    (tmp_path / ".b.pdf").write_bytes(b"")
    done = run("verify", tmp_path)
    assert (done.returncode, done.stderr) == (0, "attachwatch: 1 hidden files or folders were skipped\n")


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv", "html"])
@pytest.mark.parametrize("to_file", [True, False])
def test_a_name_that_is_not_utf_8_is_escaped(tmp_path: Path, form: str, to_file: bool) -> None:
    path = tmp_path / os.fsdecode(b"a\xff.pdf")
    try:
        path.write_bytes(HEALTHY)
    except OSError:
        pytest.skip("this file system takes no such names")
    out = tmp_path / "out"
    if to_file:
        done = run("verify", path, "--format", form, "--output", out)
    else:  # for whose encoding Python sees at its start
        done = start("verify", path, "--format", form, PYTHONUTF8="1")
    assert (done.returncode, done.stderr) == (0, "")
    said = out.read_text(encoding="utf-8") if to_file else done.stdout
    assert "a\\udcff.pdf" in said
    if form == "json":
        assert json.loads(said)["files"][0]["path"] == str(path)
    elif form == "csv":
        assert list(csv.reader(said.splitlines()))[1][2] == "ok"


@pytest.mark.parametrize("seconds", ["nan", "inf", "-inf", "0", "3601"])
def test_a_timeout_is_a_number_of_seconds(tmp_path: Path, seconds: str) -> None:
    done = run("verify", tmp_path, "--timeout", seconds)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "--timeout" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(HEALTHY)
    command = [sys.executable, "-m", "attachwatch", "verify", str(tmp_path)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (3, "attachwatch: No space left on device\n")


def test_an_annex_that_came_in_an_archive_is_named_as_such(tmp_path: Path) -> None:
    from tests.service.test_unpack import archive

    (tmp_path / "a.zip").write_bytes(archive(Annex_A=HEALTHY, Annex_B=HEALTHY))
    (tmp_path / "z.pdf").write_bytes(HEALTHY)
    (tmp_path / "annexes.txt").write_text("Annex A\nAnnex B\n")
    done = run("verify", tmp_path / "a.zip", tmp_path / "z.pdf", "--annexes", tmp_path / "annexes.txt", "--json")
    assert done.stderr == ""
    files = [Path(a["file"]).name for a in json.loads(done.stdout)["annexes"]]
    assert files == ["a.zip: Annex A.pdf", "a.zip: Annex B.pdf"]
