"""A large collection without a cluster: what it consists of, one file's rows, and results that a rerun goes on with."""

import io
import json
import os
import signal
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import fsspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch.demo import damage, documents
from attachwatch.errors import StoreError, UsageError
from attachwatch.inspection import judge
from attachwatch.inspection.sandbox import Inspector
from attachwatch.service import archive, sources
from attachwatch.service.archive import Row
from attachwatch.service.results import FORMS, Results
from attachwatch.service.sources import Source
from tests import schemas

HEALTHY = documents.report("Minutes", 2)
CUT = damage.truncate(HEALTHY, 0.5)


@pytest.fixture(scope="module")
def inspector() -> Iterator[Inspector]:
    with Inspector(jobs=1) as made:
        yield made


@pytest.fixture
def memory() -> Iterator[str]:
    """A folder of fsspec's own memory."""
    system = fsspec.filesystem("memory")
    system.pipe({"/in/b/Annex A.pdf": HEALTHY, "/in/a.pdf": CUT, "/in/.hidden": b"x", "/in/b/c.txt": b"words"})
    yield "memory://in"
    system.rm("/in", recursive=True)


def listed(*items: object) -> list[Source]:
    return list(sources.listed(map(str, items)))


def row(path: str, stamp: str = "1", **more: object) -> Row:
    """As of a file that opens."""
    return {
        "path": path, "source": path, "name": path, "sha256": "", "size": 1, "type": "text/plain", "verdict": "ok",
        "cause": None, "pages": None, "labels": ["A"], "findings": [], "attention": False, "seconds": 0.1,
        "rules": judge.RULES, "stamp": stamp, **more,
    }  # fmt: skip


# --- what there is ----------------------------------------------------------------------------------------------


def test_a_folder_is_listed_in_order_with_what_changes_when_a_file_does(tmp_path: Path) -> None:
    for name in ("b/2.pdf", "b/1.pdf", "a.pdf", ".hidden/x.pdf"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    before = listed(tmp_path)
    assert [s.path for s in before] == [str(tmp_path / name) for name in ("a.pdf", "b/1.pdf", "b/2.pdf")]
    (tmp_path / "a.pdf").write_bytes(b"xy")
    os.utime(tmp_path / "b/1.pdf", (1, 1))
    assert [s.stamp == b.stamp for s, b in zip(listed(tmp_path), before, strict=True)] == [False, False, True]


def test_a_file_url_is_a_path_and_both_are_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a b.pdf").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    assert listed(f"file://{tmp_path}/a b.pdf") == listed("a b.pdf") == listed(tmp_path)


def test_a_url_is_listed_in_order_and_what_is_hidden_is_told_of(memory: str) -> None:
    hidden: list[str] = []
    found = list(sources.listed([memory], hidden.append))
    assert [s.path for s in found] == ["memory:///in/a.pdf", "memory:///in/b/Annex A.pdf", "memory:///in/b/c.txt"]
    assert hidden == ["memory:///in/.hidden"]
    assert all(s.stamp for s in found)


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ("memory://none", "no such file or folder"),
        ("nonsense://x/y", "nonsense"),
        ("zip://x::memory://y.zip", "URLs within URLs"),
        ("abfs://container/x", "nothing is installed for abfs://"),
    ],
)
def test_a_url_that_leads_nowhere_is_told(item: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        listed(item)


@given(st.lists(st.binary(min_size=1).filter(lambda b: b.strip() == b and b"\0" not in b and b"\n" not in b)))
def test_a_list_holds_any_names_by_line_or_by_zero_bytes(names: list[bytes]) -> None:
    wanted = [os.fsdecode(name) for name in names]
    assert list(sources.in_list(io.BytesIO(b"".join(n + b"\0" for n in names)))) == wanted
    assert list(sources.in_list(io.BytesIO(b"\n".join(names)))) == wanted


def test_a_list_is_read_piece_by_piece() -> None:
    lines = b"".join(b"/archive/%07d.pdf\n" % n for n in range(300_000))
    tracemalloc.start()
    assert sum(1 for _ in sources.in_list(io.BytesIO(lines))) == 300_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30 << 20


# --- one file ---------------------------------------------------------------------------------------------------


def found(source: Source, inspector: Inspector, folder: Path) -> list[Row]:
    """Its rows, each as the schema says; nothing stays behind."""
    folder.mkdir(exist_ok=True)
    ((_, made),) = archive.rows([source], inspector, folder)
    assert [f for r in made for f in schemas.faults("archive-line", json.loads(json.dumps(r)))] == []
    assert [p for p in folder.rglob("*") if p.is_file()] == []
    return made


def test_a_file_has_one_row_and_what_is_packed_in_it_one_each(inspector: Inspector, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with zipfile.ZipFile(tmp_path / "in/Annexes.zip", "w") as packed:
        packed.writestr("Annex D(iii).pdf", CUT)
        packed.writestr("Annex E.pdf", HEALTHY)
    (source,) = listed(tmp_path / "in")
    made = found(source, inspector, tmp_path / "scratch")
    assert [(r["path"].removeprefix(source.path), r["verdict"], r["labels"], r["attention"]) for r in made] == [
        ("", "ok", [], False),
        (": Annex D(iii).pdf", "broken", ["D(iii)"], True),
        (": Annex E.pdf", "ok", ["E"], False),
    ]
    assert {r["source"] for r in made} == {source.path}


def test_an_email_has_a_row_of_its_own_also_without_files(inspector: Inspector, tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "foi@x.example", "Annexes"
    message.set_content("Please find Annex A here: https://we.tl/t-a\n")
    (tmp_path / "a.eml").write_bytes(message.as_bytes())
    (made,) = found(listed(tmp_path / "a.eml")[0], inspector, tmp_path / "scratch")
    assert (made["type"], made["verdict"], made["attention"]) == ("message/rfc822", "ok", True)
    assert [f["code"] for f in made["findings"]] == ["cloud-link"]
    message.add_attachment(CUT, maintype="application", subtype="pdf", filename="x.pdf")
    (tmp_path / "a.eml").write_bytes(message.as_bytes())
    made_both = found(listed(tmp_path / "a.eml")[0], inspector, tmp_path / "scratch")
    assert [r["verdict"] for r in made_both] == ["ok", "broken"]


def test_a_file_at_a_url_is_judged_as_one_here(memory: str, inspector: Inspector, tmp_path: Path) -> None:
    files = [*listed(memory), Source("memory:///in/none.pdf", 1, "1", memory), *listed(tmp_path / "none.pdf")]
    together = archive.rows(files, inspector, tmp_path)
    assert [source for source, _ in together] == files
    made = [r for s in files[:3] for r in found(s, inspector, tmp_path / "scratch")]
    assert [r | {"seconds": 0} for _, own in together[:3] for r in own] == [r | {"seconds": 0} for r in made]
    assert [(r["path"], r["name"], r["verdict"]) for r in made] == [
        ("memory:///in/a.pdf", "a.pdf", "broken"),
        ("memory:///in/b/Annex A.pdf", "Annex A.pdf", "ok"),
        ("memory:///in/b/c.txt", "c.txt", "ok"),
    ]


def test_what_cannot_be_read_has_a_row_and_is_tried_again(memory: str, inspector: Inspector, tmp_path: Path) -> None:
    gone = Source("memory:///in/none.pdf", 1, "1", memory)
    unlisted = Source(str(tmp_path), 0, "", problem="Permission denied")
    for source in (gone, unlisted, *listed(tmp_path / "none.pdf")):
        (made,) = found(source, inspector, tmp_path / "scratch")
        assert (made["verdict"], made["findings"][0]["code"], made["stamp"]) == ("unchecked", "unreadable", "")


def test_what_is_too_large_is_not_fetched_whole(
    memory: str, inspector: Inspector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LARGEST_MIB", 0)
    (made,) = found(listed(memory)[0], inspector, tmp_path / "scratch")
    assert (made["verdict"], made["cause"], made["size"]) == ("unchecked", "too-costly", len(CUT))


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("Annex D iii OFF SEN.pdf", ["D(iii)"]),
        ("Annexes A to C.zip", ["A", "B", "C"]),
        ("minutes.pdf", []),
        ("part 1.pdf", []),
    ],
)
def test_labels_are_read_off_names(name: str, labels: list[str]) -> None:
    assert archive.named_labels(name) == labels


# --- many -------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 50)), st.integers(1, 5), st.integers(1, 100))
def test_batches_hold_every_file_once_in_order_and_no_more_than_fits(sizes: list[int], most: int, whole: int) -> None:
    files = [Source(str(n), size, "") for n, size in enumerate(sizes)]
    made = list(archive.batches(files, most, whole))
    assert [s for batch in made for s in batch] == files
    assert all(0 < len(b) <= most and sum(s.size for s in b[:-1]) < whole for b in made)


def test_a_million_files_that_are_done_need_less_than_400_mib() -> None:
    few = 20_000
    tracemalloc.start()
    done = archive.Done()
    for n in range(few):
        done.add(row(f"s3://bucket/a rather long folder's name/{n:07}.pdf", f"1234-{n}"), n // 1000)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held / few * 1e6 < 400 << 20


def test_rows_amount_to_counts_and_the_first_that_need_attention() -> None:
    broken = [row(f"{n}", verdict="broken", cause="empty", attention=True) for n in range(3)]
    unread = row("u", verdict="unchecked", findings=[{"code": "unreadable", "message": "", "evidence": {}}])
    made = archive.summary([row("a"), *broken, unread], most=2)
    assert (made.files, made.verdicts["ok"], made.verdicts["broken"], made.causes) == (5, 1, 3, {"empty": 3})
    assert ([r["path"] for r in made.attention], made.attention_all, made.unread) == (["0", "1"], 3, 1)


# --- results ----------------------------------------------------------------------------------------------------


def run(folder: Path, files: list[Source], form: str = "jsonl", chunk: int = 2, stop_after: int = 99) -> list[str]:
    """A run that inspects nothing and may be stopped; the paths that it takes for new."""
    taken: list[str] = []
    with Results(folder, FORMS[form], chunk) as made:
        for source in archive.taken(files, made.done):
            if len(taken) == stop_after:
                break
            made.add([row(source.path, source.stamp), row(f"{source.path}: x", source.stamp, source=source.path)])
            taken.append(source.path)
    return taken


def in_results(folder: Path, form: str = "jsonl") -> list[tuple[str, str]]:
    with Results(folder, FORMS[form], 2) as made:
        return [(r["path"], r["stamp"]) for r in made.rows() if r["path"] == r["source"]]


FILES = [Source(name, 1, "1") for name in ("a", "b\udcff", "c", "d", "e")]


@pytest.mark.parametrize("form", FORMS)
def test_a_stopped_run_is_gone_on_with_and_every_file_is_there_once(tmp_path: Path, form: str) -> None:
    assert run(tmp_path, [*FILES, *FILES], form, stop_after=3) == ["a", "b\udcff", "c"]
    assert run(tmp_path, FILES, form) == ["d", "e"]
    assert run(tmp_path, FILES, form) == []
    assert len(in_results(tmp_path, form)) == 5
    assert len(list(tmp_path.glob(f"part-*.{form}"))) == 3


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_changed_is_done_anew_in_place_of_what_it_was(tmp_path: Path, form: str) -> None:
    run(tmp_path, FILES, form)
    now = [s._replace(stamp="2") if s.path in ("a", "b\udcff", "e") else s for s in FILES]
    assert run(tmp_path, now, form) == ["a", "b\udcff", "e"]
    assert sorted(stamp for _, stamp in in_results(tmp_path, form)) == ["1", "1", "2", "2", "2"]
    assert run(tmp_path, now, form) == []


def test_other_rules_and_what_was_not_read_are_done_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, [Source("a", 1, "")])
    assert run(tmp_path, [Source("a", 1, "1")]) == ["a"]
    assert run(tmp_path, [Source("a", 1, "")]) == ["a"]
    run(tmp_path, [Source("a", 1, "1")])
    monkeypatch.setattr(judge, "RULES", judge.RULES + 1)
    assert run(tmp_path, [Source("a", 1, "1")]) == ["a"]


@pytest.mark.parametrize("form", FORMS)
def test_rows_come_back_as_they_were(tmp_path: Path, form: str) -> None:
    evidence = {"offset": 3, "names": ["x", "y"], "whole": True}
    kept = row(
        "a", verdict="broken", cause="empty", pages=2, findings=[{"code": "c", "message": "m", "evidence": evidence}]
    )
    with Results(tmp_path, FORMS[form], 9) as made:
        made.add([kept])
        made.flush()
        assert list(made.rows()) == [kept]


def test_a_kill_while_a_chunk_is_written_leaves_whole_chunks_alone(tmp_path: Path) -> None:
    program = f"""
import os, signal
from pathlib import Path
from tests.service import test_archive
def killed(*_): os.kill(os.getpid(), signal.SIGKILL)
test_archive.run(Path({str(tmp_path)!r}), test_archive.FILES, stop_after=2)
os.fsync = killed
test_archive.run(Path({str(tmp_path)!r}), test_archive.FILES)
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, cwd=Path(__file__).parents[2])
    assert done.returncode == -signal.SIGKILL
    assert len(list(tmp_path.glob(".part-*"))) == 1
    assert [path for path, _ in in_results(tmp_path)] == ["a", "b\udcff"]
    assert list(tmp_path.glob(".part-*")) == []
    assert run(tmp_path, FILES) == ["c", "d", "e"]


def test_results_that_cannot_be_gone_on_with_are_told(tmp_path: Path) -> None:
    run(tmp_path, FILES)
    with pytest.raises(UsageError, match="are jsonl"), Results(tmp_path, FORMS["parquet"], 2):
        pass
    with Results(tmp_path, FORMS["jsonl"], 2), pytest.raises(StoreError, match="another run"):
        Results(tmp_path, FORMS["jsonl"], 2).__enter__()
    (tmp_path / "part-000001.jsonl").write_text("{nonsense")
    with pytest.raises(StoreError, match="part-000001"):
        run(tmp_path, FILES)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="Name another folder"):
        run(tmp_path / "file", FILES)
