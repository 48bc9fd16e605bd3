"""Words of the user's own: a file of theirs goes before ours, and one that cannot be used is one clear error."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from attachwatch.errors import ConfigurationError
from attachwatch.model import Cause, Verdict
from attachwatch.reply.compose import Style, _facts, compose_body
from attachwatch.reply.trial import check_templates
from attachwatch.reply.words import words
from tests.reply.test_compose import LETTERS, follow_up, problem

LOCKED = follow_up(problem("i", Cause.PASSWORD, Verdict.LOCKED))


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def body(folder: Path, language: str = "en") -> str:
    return compose_body(replace(LOCKED, case=replace(LOCKED.case, language=language)), Style(folder))


def test_an_empty_folder_changes_nothing(tmp_path: Path) -> None:
    check_templates(tmp_path)
    assert all(compose_body(letter, Style(tmp_path)) == compose_body(letter) for letter in LETTERS.values())


def test_a_part_of_the_letter_alone_can_be_replaced(tmp_path: Path) -> None:
    put(tmp_path, "en/greeting.txt", "Hello {{ salutation }},\n")
    check_templates(tmp_path)
    assert body(tmp_path).startswith("Hello FOI Team,\n\nThank you")


def test_a_whole_letter_can_be_replaced(tmp_path: Path) -> None:
    put(tmp_path, "en/follow_up.txt", "{% for item in items %}{{ loop.index }}. {{ item.name }}\n{% endfor %}")
    assert body(tmp_path) == "1. Annex D i OFF SEN Case Handling Manual v01 REDACTED.pdf\n"


def test_one_phrase_can_be_replaced_and_the_others_stay(tmp_path: Path) -> None:
    put(tmp_path, "en/causes.toml", '[password]\nwhat = "wants a secret word"\n')
    put(tmp_path, "en/asks.toml", 'password = ["please tell us the word."]\n')
    check_templates(tmp_path)
    assert "It wants a secret word." in body(tmp_path)
    assert "- Please tell us the word." in body(tmp_path)


def test_a_folder_of_the_country_goes_before_that_of_the_language(tmp_path: Path) -> None:
    put(tmp_path, "en/greeting.txt", "Hello,\n")
    put(tmp_path, "en-IE/greeting.txt", "A chara,\n")
    assert body(tmp_path, "en-IE").startswith("A chara,")
    assert body(tmp_path, "en-GB").startswith("Hello,")
    assert body(tmp_path, "de").startswith("Sehr geehrte")


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("follow_up.txt", "\n{% if %}", "line 2"),
        ("follow_up.txt", "Hello\n{{ nosuch }}", "line 2: 'nosuch' is undefined"),
        ("greeting.txt", "\n\n{{ nosuch }}", "line 3: 'nosuch' is undefined"),
        ("greeting.txt", "\n{% else %}", "line 2"),
        ("greeting.txt", "{% include 'greeting.txt' %}", "recursion"),
        ("follow_up.txt", "{{ items[0].nosuch }}", "nosuch"),
        ("follow_up.txt", "{{ 7 / 0 }}", "division"),
        ("follow_up.txt", "{{ ().__class__.__bases__ }}", "unsafe"),
        ("follow_up.txt", "{{ items.append(1) }}", "unsafe"),
        ("follow_up.txt", "{% for x in range(10 ** 9) %}{% endfor %}", "too big"),
        ("follow_up.txt", "{% include '/etc/hostname' %}", "/etc/hostname"),
        ("follow_up.txt", "{% include '../de/greeting.txt' %}", "greeting"),
        ("follow_up.txt", "{% include 'nosuch.txt' %}", "nosuch.txt"),
        ("follow_up.txt", "x" * 300_000, "too long"),
        ("reminder.txt", "{{ asked.nosuch }}", "nosuch"),
        ("thanks.txt", "{{ opened|nosuch }}", "nosuch"),
        ("causes.toml", "x = ", "invalid value"),
        ("causes.toml", '[password]\nask = "nosuch"\n', "asks.toml has no request 'nosuch'"),
        ("causes.toml", '[password]\nwhat = "{nosuch}"\n', "{nosuch} stands for nothing"),
        ("causes.toml", '[password]\nwhen = "now"\n', "password.when"),
        ("asks.toml", 'password = "please"\n', "password"),
        ("asks.toml", "last = []\n", "last"),
        ("words.toml", "span = 7\n", "span"),
        ("words.toml", 'locale = "xx_XX"\n', "xx"),
        ("words.toml", 'span = "{nosuch}"\n', "{nosuch} stands for nothing"),
    ],
)
def test_what_cannot_be_used_is_one_line_that_names_the_file(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = put(tmp_path, f"en/{name}", text)
    with pytest.raises(ConfigurationError) as caught:
        check_templates(tmp_path, ["en"])
    assert str(path) in str(caught.value)
    assert says in str(caught.value).lower() or says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_said_to_be_none(tmp_path: Path) -> None:
    put(tmp_path, "de/greeting.txt", "").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"greeting\.txt"):
        check_templates(tmp_path, ["de"])
    check_templates(tmp_path, ["en"])


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no such folder"):
        check_templates(tmp_path / "none")


DOCS = (Path(__file__).parents[2] / "docs" / "how-to" / "own-words.md").read_text(encoding="utf-8")


def test_the_page_on_replies_names_every_value_that_a_template_has() -> None:
    facts = _facts(LETTERS["mixed"], words("en"), firm=False)
    parts = [part for value in facts.values() if isinstance(value, list) for part in value if isinstance(part, dict)]
    names = {*facts, *(key for part in parts for key in part)}
    assert [name for name in sorted(names) if f"`{name}`" not in DOCS] == []


def test_the_examples_of_the_page_on_replies_work(tmp_path: Path) -> None:
    examples = re.findall(r"```\w+\n(?:#|\{#) templates/(\S+)(?: #\})?\n(.*?)```", DOCS, re.DOTALL)
    for name, text in examples:
        put(tmp_path, name, text)
    check_templates(tmp_path)
    assert [name for name, _ in examples] == ["en/asks.toml", "en/greeting.txt"]
    assert "- Please tell us the password on the telephone (020 7946 0000)." in body(tmp_path)
