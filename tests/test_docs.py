"""What the documentation says can be done: its commands parse, its configurations load, its tables are true."""

import re
import shlex
import tomllib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest

from attachwatch.annexes.expected import from_csv, from_items, from_text
from attachwatch.annexes.matching.match import match
from attachwatch.cli.program import attachwatch
from attachwatch.config import Settings
from attachwatch.model import EmailText, Received
from docs.generate import configuration, events, hooks

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_BLOCK = re.compile(r"^( *)```(\w*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(attachwatch [^`]+)`")
_ENDS = {"|", "||", ">", "<", ";", "&&"}
MAILBOX = {"name": "foi", "username": "foi@example.org"}
CASE = {"reference": "FOI2023/04608", "authority": ["homeoffice.gov.uk"]}


def blocks(page: Path, *languages: str) -> Iterator[str]:
    for indent, language, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if language in languages:
            yield re.sub(f"^{indent}", "", text, flags=re.MULTILINE)


def lines(block: str) -> Iterator[list[str]]:
    """The words of each command of ours behind a prompt, as a shell takes them, up to a pipe or a comment."""
    for line in re.sub(r"\\\n\s*", "", block).splitlines():
        if line.startswith("$ "):
            plain = re.sub(
                r'"\$\(([^)]*)\)"', r" ; \1 ; ", line[2:]
            )  # what a shell puts in its place is a command, too
            lexer = shlex.shlex(plain, posix=True, punctuation_chars="|<>;&")
            lexer.commenters, lexer.whitespace_split = "#", True
            yield from commands(list(lexer))


def commands(words: list[str]) -> Iterator[list[str]]:
    """Each part of a line that calls attachwatch, without the name."""
    part: list[str] = []
    for word in [*words, ";"]:
        if word in _ENDS:
            if part[:1] == ["sudo"]:
                part = part[1:]
            if part and Path(part[0]).name == "attachwatch":
                yield part[1:]
            part = []
        else:
            part.append(word)


@pytest.fixture
def parse(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], None]:
    """Have click take the words apart as it always does, and run nothing; raises what it has against them."""
    monkeypatch.setattr(click.Command, "invoke", lambda _command, _context: None)
    monkeypatch.setattr(click.Path, "convert", lambda _type, value, _parameter, _context: value)  # it is not here
    return lambda words: attachwatch.main(words, prog_name="attachwatch", standalone_mode=False)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_line_is_one(page: Path, parse: Callable[[list[str]], None]) -> None:
    for words in (words for block in blocks(page, "console", "") for words in lines(block)):
        parse(words)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_in_a_sentence_is_one(page: Path, parse: Callable[[list[str]], None]) -> None:
    for call in _INLINE.findall(page.read_text(encoding="utf-8")):
        with suppress(click.MissingParameter):  # what it needs beside is told around it
            parse(shlex.split(call)[1:])


@pytest.mark.parametrize("words", ["statsu", "status --jsn", "cases mvoe a b", "verify --format pdf x", "watch twice"])
def test_what_is_no_command_line_would_be_found(words: str, parse: Callable[[list[str]], None]) -> None:
    assert list(lines(f"$ attachwatch {words} | head  # so\n")) == [words.split()]
    with pytest.raises(click.UsageError):
        parse(words.split())


def completed(text: str) -> dict[str, Any]:
    """A piece of a configuration, with what every one must have."""
    given = tomllib.loads(text)
    boxes = [MAILBOX | ({} if "path" in m else {"host": "imap.example.org"}) | m for m in given.get("mailbox", [{}])]
    cases = [CASE | {"mailbox": boxes[0]["name"]} | c for c in given.get("case", [])]
    return given | {"mailbox": boxes, "case": cases}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_piece_of_a_configuration_is_accepted(page: Path) -> None:
    """A block whose first line names another file, such as a template's table, is none."""
    for block in blocks(page, "toml"):
        if not block.startswith("# templates/"):
            Settings.model_validate(completed(block))


def test_a_piece_that_is_no_configuration_would_be_found() -> None:
    for text in (
        '[[mailbox]]\nhsot = "imap.example.org"\n',
        "[limits]\nseconds = 0\n",
        "[reply]\nhtml = 'yes, please'\n",
    ):
        with pytest.raises(ValueError):
            Settings.model_validate(completed(text))


def test_every_key_has_its_sentence() -> None:
    says = configuration.sentences(configuration.EXAMPLE.read_text(encoding="utf-8"))
    models = {name: configuration.model(field) for name, field in Settings.model_fields.items()}
    assert {(name, key) for name, one in models.items() for key in one.model_fields} == set(says)


def test_every_log_event_has_its_sentence_and_every_sentence_its_event() -> None:
    assert {event.name for event in events.gathered()} == set(events.sentences())


def test_every_logger_is_one_whose_events_are_gathered() -> None:
    """An event under another name of the logger, or with a name that is made, would be missed."""
    loggers = re.compile(r"^(\w+) = structlog\.get_logger\(", re.MULTILINE)
    texts = [path.read_text(encoding="utf-8") for path in events.PACKAGE.rglob("*.py")]
    assert {name for text in texts for name in loggers.findall(text)} == {"log"}
    calls = sum(len(re.findall(rf"\blog\.({'|'.join(events.LEVELS)}|exception|critical)\(", text)) for text in texts)
    assert calls == len(list(events.gathered()))


def test_the_labels_that_are_told_of_are_matched_so() -> None:
    page = (ROOT / "docs" / "explanation" / "labels.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \| ([^|]*)\|$", page, re.MULTILINE)
    items = "Annex A - Impact assessment", "Annex B - Public interest test", "Annex D(i) to D(ix)"
    expected = from_items([*items, "Annex E - Organisation chart", "Annex F"])
    assert len(rows) == 10
    for name, annexes, reason in rows:
        found = match(expected, [Received(1, name)], {1: EmailText("", "")}).matches
        assert (", ".join(str(expected[m.annex].label) for m in found) or "nothing") == annexes, name
        assert (found[0].reason if found else "") == reason.strip(), name


def test_every_file_that_is_named_is_there() -> None:
    paths = re.compile(r"`((?:attachwatch|benchmarks|config|corrupt_samples|docs|tests)/[\w./-]+)`")
    told = {(named(page), path) for page in PAGES for path in paths.findall(page.read_text(encoding="utf-8"))}
    assert len(told) > 20
    assert [(page, path) for page, path in sorted(told) if not (ROOT / path).exists()] == []


def test_the_lists_of_annexes_that_are_shown_are_read() -> None:
    lines_, table = blocks(ROOT / "docs" / "how-to" / "annex-list.md", "text")
    assert [annex.label for annex in from_text(lines_)][:3] == ["A", "B", "D(i)"]
    assert [(annex.label, annex.pages) for annex in from_csv(table)] == [("A", 6), ("D(iii)", 12)]


@pytest.mark.parametrize("page", [p for p in PAGES if p.parent == ROOT], ids=named)
def test_every_link_of_the_repository_leads_to_a_file(page: Path) -> None:
    """Those of the site are MkDocs' to check."""
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_links_of_the_repository_lead_to_pages_of_the_site() -> None:
    text = "[a](docs/how-to/gmail.md#by-token) [b](SECURITY.md) [c](https://example.org) [d](#the-map)"
    moved = "[a](../how-to/gmail.md#by-token) [b](../project/security.md) [c](https://example.org) [d](#the-map)"
    assert hooks.moved(text) == moved


def test_a_reader_is_not_seen_by_anybody() -> None:
    """Nothing of the theme, and nothing that a page shows, comes from another host."""
    shown = re.compile(r"!\[[^]]*\]\((https?:|//)|<(script|img|link|iframe)\b[^>]*(https?:|//)")
    assert [named(page) for page in PAGES if shown.search(page.read_text(encoding="utf-8"))] == []
    said = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert "font: false" in said
    assert "assets/iframe-worker.js" in said
    assert "http" not in said
