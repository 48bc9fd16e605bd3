"""Files and folders in the place of a mailbox: each has its row, whatever becomes of it meanwhile."""

import errno
import hashlib
import mailbox
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import cast

import pytest

from attachwatch.annexes import expected
from attachwatch.inspection.sandbox import Inspector
from attachwatch.ledger.blobs import Blobs
from attachwatch.mail import folders
from attachwatch.model import Annex, Attachment, Case, Inspection, Verdict
from attachwatch.service import verify
from attachwatch.service.verify import Report, Subject, VerifiedFile
from tests.mail.test_folders import email

CASE = Case(reference="", mailbox="", authority=(), annexes=(), sign_off="")


class Untouched:
    """Inspects nothing, and finds each file whole."""

    def inspect_all(self, files: Iterable[tuple[int, Path]]) -> Iterator[tuple[int, Inspection]]:
        for key, path in files:
            yield key, Inspection(hashlib.sha256(str(path).encode()).hexdigest(), 5, "application/pdf", Verdict.OK)


def judged(subjects: list[Subject], folder: Path, annexes: tuple[Annex, ...] = ()) -> Report:
    inspector = cast("Inspector", Untouched())
    return verify.verify(subjects, replace(CASE, annexes=annexes), inspector, Blobs(folder / "blobs"))


def loose(count: int, word: str = "file") -> list[Subject]:
    message = verify._NO_MESSAGE
    names = [f"{word} {n:05}.pdf" for n in range(count)]
    return [Subject(name, Path(name), Attachment(name, name, "", 0, ""), message) for name in names]


def calls(subjects: list[Subject], folder: Path, annexes: tuple[Annex, ...]) -> int:
    count = 0

    def take(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    former = sys.getprofile()
    sys.setprofile(take)
    try:
        judged(subjects, folder, annexes)
    finally:
        sys.setprofile(former)
    return count


@pytest.mark.parametrize("annexes", [(), expected.read(b"Annex A to D\n", "annexes.txt")])
def test_twice_the_files_are_about_twice_the_work(tmp_path: Path, annexes: tuple[Annex, ...]) -> None:
    judged(loose(10), tmp_path)  # what is made once
    few = calls(loose(1000, "first"), tmp_path, annexes)
    assert calls(loose(2000, "other"), tmp_path, annexes) < 2.3 * few  # names of their own, which nothing remembers


def said(report: Report) -> dict[str, tuple[str, str]]:
    """By the last part of the path: verdict, and the first finding's code."""
    return {
        Path(f.path).name: (f.inspection.verdict, f.inspection.findings[0].code if f.inspection.findings else "")
        for f in report.files
    }


def test_what_cannot_be_read_has_a_row_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "locked.eml").write_bytes(email().as_bytes())
    (source / "locked").write_bytes(b"From here")
    (source / "good.eml").write_bytes(email().as_bytes())
    box = mailbox.Maildir(source / "maildir")
    for _ in range(2):
        box.add(email())
    unreadable = next((source / "maildir" / "new").iterdir())
    really = os.open

    def refuse(path: str | Path, *rest: int, **more: int) -> int:
        if Path(path).name in ("locked.eml", "locked", unreadable.name):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return really(path, *rest, **more)

    monkeypatch.setattr(os, "open", refuse)
    with Inspector(jobs=1) as inspector:
        blobs = Blobs(tmp_path / "blobs")
        report = verify.verify(verify.collect([source], blobs), CASE, inspector, blobs)
    found = said(report)
    assert {n: found[n] for n in ("locked.eml", "locked", unreadable.name)} == dict.fromkeys(
        ("locked.eml", "locked", unreadable.name), (Verdict.UNCHECKED, "unreadable")
    )
    assert len([f for f in report.files if "maildir:" in f.path]) == 2  # of the message that can be read
    assert len([f for f in report.files if "good.eml:" in f.path]) == 2


def test_a_folder_that_cannot_be_listed_has_a_row_and_hidden_files_are_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/x.pdf", "locked/y.pdf", "a/.hidden.pdf", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    really = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return really(path)

    monkeypatch.setattr(os, "scandir", refuse)
    hidden: list[Path] = []
    subjects = verify.collect([tmp_path], Blobs(tmp_path / ".blobs"), hidden.append)
    assert said(judged(subjects, tmp_path)) == {"x.pdf": ("ok", ""), "locked": ("unchecked", "unreadable")}
    assert sorted(p.name for p in hidden) == [".blobs", ".git", ".hidden.pdf"]


def test_a_file_that_goes_away_meanwhile_has_a_row(tmp_path: Path) -> None:
    (tmp_path / "gone.pdf").write_bytes(b"x")
    blobs = Blobs(tmp_path / ".blobs")
    subjects = verify.collect([tmp_path / "gone.pdf"], blobs)
    (tmp_path / "gone.pdf").unlink()
    with Inspector(jobs=1) as inspector:
        report = verify.verify(subjects, CASE, inspector, blobs)
    assert said(report) == {"gone.pdf": (Verdict.UNCHECKED, "unreadable")}


def test_a_message_that_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "box").add(email())
    os.mkfifo(tmp_path / "box" / "new" / "0000.pipe")
    unread: list[str] = []
    found = list(folders.messages(tmp_path / "box", Blobs(tmp_path / "blobs"), lambda f, _: unread.append(f.name)))
    assert (len(found), unread) == (1, ["0000.pipe"])


def test_files_that_were_not_read_are_not_one_another(tmp_path: Path) -> None:
    annexes = expected.read(b"Annex A\nAnnex B\n", "annexes.txt")
    unread = [verify._unread(tmp_path / f"Annex {x}.pdf", "no reason given") for x in "AB"]
    files: tuple[VerifiedFile, ...] = judged(unread, tmp_path, annexes).files
    assert [f.labels for f in files] == [("A",), ("B",)]
