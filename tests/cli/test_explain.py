"""Why a file was judged as it was, as a user reads it."""

import subprocess
from pathlib import Path

import pytest
from lxml import html
from PIL import Image

from attachwatch.demo import damage, documents
from tests.program import run

HOSTILE = "<script>alert(1)</script>{{7*7}}\x1b[2J'\"&.pdf"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a cut.pdf").write_bytes(damage.truncate(documents.report("Cut", 3)))
    (folder / "b mangled.pdf").write_bytes(documents.content_mangled("Mangled", 4, page=3))
    (folder / "c.pdf").write_bytes(b"")
    (folder / HOSTILE.replace("/", ":")).write_bytes(documents.report("Hostile", 2))
    return folder


def test_explain_names_readers_map_and_damaged_places(folder: Path) -> None:
    done = run("verify", folder / "a cut.pdf", folder / "b mangled.pdf", "--explain")
    assert done.returncode == 1
    assert done.stdout.count("opens it: 4 pages") == 3
    assert "pdfium" in done.stdout
    assert "  bytes    ttt" in done.stdout
    assert "at offset" in done.stdout
    assert "object 10 0, filter /FlateDecode" in done.stdout


def test_what_cannot_be_read_is_explained_without_a_map(tmp_path: Path) -> None:
    (tmp_path / "link.pdf").symlink_to("nowhere")
    done = run("verify", tmp_path, "--explain")
    assert "unreadable" in done.stdout
    assert "Traceback" not in done.stderr


def test_pictures_of_the_pages_are_written_under_names_of_ours(folder: Path, tmp_path: Path) -> None:
    done = run("verify", folder, "--pictures", tmp_path / "pictures")
    names = sorted(p.name for p in (tmp_path / "pictures").iterdir())
    assert f"{len(names)} pages in" in done.stderr
    assert len(names) == 6
    assert all(name.isascii() and name.replace("-", "").replace(".", "").isalnum() for name in names)
    with Image.open(tmp_path / "pictures" / names[0]) as picture:
        assert picture.height == 1000
        assert min(picture.tobytes()) < 128


def page_of(done: subprocess.CompletedProcess[str]) -> html.HtmlElement:
    assert done.stdout.startswith("<!doctype html>")
    return html.document_fromstring(done.stdout)


def test_the_page_stands_alone_and_a_hostile_name_is_text_in_it(folder: Path, tmp_path: Path) -> None:
    done = run("verify", folder, "--format", "html", "--pictures", tmp_path / "pictures")
    page = page_of(done)
    assert page.xpath("//script|//link|//iframe|//@onclick|//@onerror") == []
    assert all(str(src).startswith("data:image/png;base64,") for src in page.xpath("//img/@src"))
    assert len(page.xpath("//img[@alt]")) == 6
    assert "\x1b" not in done.stdout
    assert "alert(1)" in page.text_content()
    assert "{{7*7}}" in page.text_content()
    assert [row.xpath("string(td[2])") for row in page.xpath("//tr[th//a]")] == ["ok", "broken", "damaged", "broken"]
    assert [h.text_content() for h in page.xpath("//h1")] == ["What opens, and what does not"]
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]


def test_the_page_shows_what_is_missing(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "annexes.txt").write_text("Annex A\nAnnex B\n")
    page = page_of(run("verify", folder, "--format", "html", "--annexes", tmp_path / "annexes.txt"))
    missing = page.xpath("//tr[td/span[contains(@class, 'missing')]]")
    assert [row.xpath("string(td[1])") for row in missing] == ["A", "B"]
