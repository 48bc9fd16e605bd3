"""The JSON Schemas: every document has one, they are strict, and what every command prints is as they say."""

import importlib
import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from attachwatch.cli import COMMANDS, program
from attachwatch.cli.documents import DOCUMENTS
from attachwatch.demo import damage, documents, story
from attachwatch.evidence import shape
from tests import schemas
from tests.evidence import played
from tests.evidence.hostile import NAMES, hostile
from tests.program import run

REFERENCE = story.REFERENCE


@pytest.fixture(scope="session")
def six_annexes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return played.six_annexes(tmp_path_factory.mktemp("schema"))


def objects(node: Any) -> list[dict[str, Any]]:
    """Every schema of an object with keys, however deep."""
    if isinstance(node, list):
        return [found for each in node for found in objects(each)]
    if not isinstance(node, dict):
        return []
    return [node] * ("properties" in node and "type" in node) + objects(list(node.values()))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_is_one_and_knows_every_key(name: str) -> None:
    found = json.loads(printed("schema", name))
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert found["description"]
    assert objects(found)
    assert [o for o in objects(found) if o["additionalProperties"] is not False] == []


def test_the_names_are_listed_and_another_is_told_in_one_line() -> None:
    assert [line.split()[0] for line in run("schema").stdout.splitlines()] == list(DOCUMENTS)
    done = run("schema", "nonsense")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)


def commands(group: click.Command, *words: str) -> list[tuple[str, ...]]:
    """Every command that has --json, by its words."""
    own = [words] if any("--json" in p.opts for p in group.params) else []
    known = group.commands if isinstance(group, click.Group) else {}
    return own + [found for name, each in known.items() for found in commands(each, *words, name)]


def test_every_command_that_prints_json_has_a_schema_and_every_schema_a_command() -> None:
    context = click.Context(program.attachwatch)
    top = {name: program.attachwatch.get_command(context, name) for name in COMMANDS}
    assert {words for name, each in top.items() if each for words in commands(each, name)} == set(schemas.PRINTED)
    assert {name for names in schemas.PRINTED.values() for name in names} | {"verify-line", "archive-line"} == set(
        DOCUMENTS
    )


@pytest.mark.parametrize("name", ["status", "cases", "drafts"])
def test_a_key_more_or_less_or_another_type_is_a_fault(six_annexes: Path, name: str) -> None:
    document = json.loads(printed(name, "--json", "--config", six_annexes))
    inner = document["drafts" if name == "drafts" else "cases"][0]
    assert schemas.faults(name, document) == []
    inner["new"] = 1
    assert len(schemas.faults(name, document)) == 1
    del inner["new"], inner["state"]
    assert len(schemas.faults(name, document)) == 1
    inner["state"] = "nonsense"
    assert len(schemas.faults(name, document)) == 1


def test_a_time_that_is_none_is_a_fault(six_annexes: Path) -> None:
    document = json.loads(printed("drafts", "--json", "--config", six_annexes))
    document["drafts"][0]["created"] = "yesterday"
    assert len(schemas.faults("drafts", document)) == 1
    document = json.loads(printed("report", REFERENCE, "--json", "--config", six_annexes))
    document["deadlines"][0]["due"] = "2024-13-01"
    assert len(schemas.faults("report", document)) == 1


def printed(*words: object) -> str:
    """What the command prints, in this process; it is held against its schema."""
    name, *rest = map(str, words)
    command = importlib.import_module(f"attachwatch.cli.{name}").command
    stdout: str = CliRunner().invoke(command, rest, standalone_mode=False, catch_exceptions=False).stdout
    schemas.hold(words, stdout)
    return stdout


def test_what_commands_print_is_as_the_schemas_say(tmp_path: Path) -> None:
    path = played.six_annexes(tmp_path)
    assert run("watch", "--once", "--json", "--config", path).stdout
    for words in (
        ("status",),
        ("status", REFERENCE),
        ("cases",),
        ("cases", "list"),
        ("report", REFERENCE),
        ("drafts", "list"),
        ("drafts", "show", 1),
        ("drafts", "show", 2, "--changes"),
        ("drafts", "diff", 2),
        ("drafts", "diff", 2, "--edits"),
        ("drafts", "export", 2, tmp_path / "draft.eml"),
        ("drafts", "approve", 2, "--to-file"),
        ("cases", "received", "A", "--how", "on paper"),
        ("cases", "suspend", "B", "--by-post"),
        ("cases", "close", REFERENCE),
        ("cases", "reopen", REFERENCE),
        ("cases", "decisions"),
        ("cases", "edit", REFERENCE, "--sign-off", "Yours"),
        ("cases", "add", "FOI/2", "--authority", "x.example", "--annex", "Annex 1"),
        ("cases",),
        ("status",),
    ):
        assert printed(*words, "--json", "--config", path), words


def test_what_verify_prints_is_as_the_schemas_say(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "Annex A.pdf").write_bytes(documents.report("Minutes", 2))
    (tmp_path / "in" / "Annex B.pdf").write_bytes(damage.truncate(documents.report("Minutes", 2), 0.5))
    (tmp_path / "in" / "empty.pdf").touch()
    (tmp_path / "list.txt").write_text("Annex A\nAnnex B\nAnnex C\n")
    (tmp_path / "letter.txt").write_text("Please find attached Annex A and Annex B. Annex D is refused.\n")
    more = ("--annexes", tmp_path / "list.txt", "--letter", tmp_path / "letter.txt")
    for words in (("json",), ("jsonl",), ("json", *more), ("jsonl", *more), ("json", *more[2:])):
        assert printed("verify", tmp_path / "in", "--format", *words)


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:24])
def test_strangers_names_make_no_other_document(name: str) -> None:
    made = shape.as_json(hostile(name))
    assert schemas.faults("report", json.loads(json.dumps(made))) == []


def test_each_sample_is_as_the_schema_says() -> None:
    assert json.loads(printed("verify", Path(__file__).parents[2] / "corrupt_samples", "--json"))["files"]
