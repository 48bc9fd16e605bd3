"""The configuration is changed where it was asked to be, and is never left broken."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch import config, config_file
from attachwatch.errors import ConfigurationError

EXAMPLE = Path(__file__).parent.parent / "config" / "attachwatch.example.toml"
MAILBOX = '[[mailbox]]\nname = "foi"\nhost = "imap.example.org"\nusername = "me@example.org"\n'
CASE = {"reference": "FOI2024/1", "mailbox": "foi", "authority": ["interior.example"], "sign_off": 'Yours,\n"A"'}
NEXT = '\n# what comes next\n[[case]] # two\nreference = "B"\nmailbox = "foi"\nauthority = ["x.example"]  # theirs\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "attachwatch.toml"
    made.write_text(MAILBOX)
    return made


def test_a_case_is_added_behind_what_is_there_which_stays_byte_for_byte(path: Path) -> None:
    path.write_text(EXAMPLE.read_text())
    config_file.add_case(path, CASE)
    assert path.read_text().startswith(EXAMPLE.read_text())
    added = config.load(path).case[-1]
    assert (added.reference, added.authority, added.sign_off) == ("FOI2024/1", ("interior.example",), CASE["sign_off"])


@given(reference=st.text(min_size=1, max_size=20).filter(lambda s: s.isprintable() and s.encode("utf-8", "ignore")))
def test_any_reference_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, reference: str) -> None:
    path = tmp_path_factory.mktemp("config") / "a.toml"
    path.write_text(MAILBOX)
    config_file.add_case(path, CASE | {"reference": reference})
    assert config.load(path).case[0].reference == reference


def test_a_change_leaves_all_else_with_its_comments(path: Path) -> None:
    path.write_text(f"# mine\n{MAILBOX}")
    config_file.add_case(path, CASE)
    before = path.read_text() + NEXT
    path.write_text(before)
    config_file.change_case(path, "B", {"quiet_period": "3d", "annexes": ["Annex A"]})
    assert path.read_text().startswith(before)
    config_file.change_case(path, "B", {"quiet_period": None, "annexes": None})
    assert path.read_text() == before
    config_file.change_case(path, "FOI2024/1", {"sign_off": "Yours"})
    assert path.read_text() == before.replace('"Yours,\\n\\"A\\""', '"Yours"')


URL = "postgresql+psycopg://foi@db.example.org/attachwatch"


@pytest.mark.parametrize("before", ["", '[store] # mine\npath = "here"  # and here\n\n'])
def test_a_key_of_the_store_is_put_there_and_taken_out_again(path: Path, before: str) -> None:
    path.write_text(before + MAILBOX)
    config_file.change_store(path, {"database": URL})
    assert config.load(path).store.database == URL
    config_file.change_store(path, {"database": None})
    assert path.read_text().startswith(before + MAILBOX)
    assert config.load(path).store.database == ""


def test_a_url_with_a_password_is_not_put_there(path: Path) -> None:
    before = path.read_text()
    with pytest.raises(ConfigurationError, match="leave the password out"):
        config_file.change_store(path, {"database": URL.replace("foi@", "foi:secret@")})
    assert path.read_text() == before


def test_cases_that_stand_apart_are_found(path: Path) -> None:
    other = MAILBOX.replace('"foi"', '"other"')
    path.write_text(MAILBOX + NEXT + other + NEXT.replace('"B"', '"C"'))
    config_file.change_case(path, "C", {"quiet_period": "3d"})
    assert [str(c.quiet_period) for c in config.load(path).case] == ["2 days, 0:00:00", "3 days, 0:00:00"]


@pytest.mark.parametrize(
    "values", [CASE | {"mailbox": "nowhere"}, CASE | {"quiet_period": "soon"}, CASE | {"authority": []}]
)
def test_what_could_not_be_loaded_is_refused_and_the_file_is_as_it_was(path: Path, values: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="was left as it was") as refused:
        config_file.add_case(path, values)
    assert str(path) in str(refused.value)
    assert f".{path.name}." not in str(refused.value)
    assert path.read_text() == MAILBOX
    assert list(path.parent.iterdir()) == [path]


def test_what_another_program_wrote_meanwhile_is_not_lost(path: Path) -> None:
    def meddle(_: Path) -> None:
        path.write_text("# mine now\n" + MAILBOX)

    with pytest.raises(ConfigurationError, match="meanwhile"):
        config_file.add_case(path, CASE, meddle)
    assert path.read_text() == "# mine now\n" + MAILBOX


def test_its_mode_is_kept_and_a_link_to_it_stays_a_link(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(path)
    config_file.add_case(link, CASE)
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert len(config.load(path).case) == 1


def test_no_such_case_is_said(path: Path) -> None:
    with pytest.raises(ConfigurationError, match="reference 'X'"):
        config_file.change_case(path, "X", {})
