"""The configuration: what is wrong is said in one line, with file, key and remedy."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attachwatch import config
from attachwatch.errors import ConfigurationError
from attachwatch.service import setup

GOOD = """
[[mailbox]]
name = "foi"
host = "imap.example.org"
username = "foi@example.org"

[[case]]
reference = "FOI2023/04608"
mailbox = "foi"
authority = ["homeoffice.gov.uk"]
annexes = "annexes.txt"
"""
BY_TOKEN = 'auth = "xoauth2"\ntoken_command = "x"'


def load(tmp_path: Path, text: str) -> config.Settings:
    path = tmp_path / "attachwatch.toml"
    path.write_text(text)
    return config.load(path)


def problem(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "attachwatch.toml") in str(caught.value)
    return str(caught.value)


def test_defaults_are_those_of_a_careful_user(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    mailbox = settings.mailbox[0]
    assert (mailbox.effective_port, mailbox.tls, mailbox.folders) == (993, "implicit", ("INBOX",))
    assert mailbox.poll_every == timedelta(minutes=5)
    assert settings.case[0].quiet_period == timedelta(days=2)


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD)
    assert settings.case[0].annexes == tmp_path / "annexes.txt"
    assert settings.store.path == tmp_path / "var" / "attachwatch"


def test_annexes_can_stand_in_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, GOOD.replace('"annexes.txt"', '["Annex A", "Annex D(i) to D(ix)"]'))
    assert settings.case[0].annexes == ("Annex A", "Annex D(i) to D(ix)")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD.replace("username", "usrname"), ["mailbox.1.usrname: unknown key", "Did you mean 'username'?"]),
        (GOOD + "\n[colour]\n", ["colour: unknown key", "Known here:"]),
        (GOOD.replace('host = "imap.example.org"\n', ""), ["mailbox.1", "give host"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\npath = "mail"'), ["host is for a server"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\npassword = "x"'), ["password: unknown key", "password_env"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\npoll_every = "often"'), ["mailbox.1.poll_every", '"5m"']),
        (GOOD.replace('name = "foi"', 'name = "foi"\nport = 99999'), ["mailbox.1.port", "65536"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\ntls = "none"'), ["only for a server on this machine"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\nfolders = []'), ["mailbox.1.folders"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\ntrusted_authserv_id = "a; b"'), ["mailbox.1.trusted_authserv_id"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\ntrusted_authserv_id = 7'), ["mailbox.1.trusted_authserv_id"]),
        (GOOD.replace('mailbox = "foi"', 'mailbox = "x"'), ["names the mailbox 'x'"]),
        (GOOD + "requested = 1023-10-18", ["case.1.requested", "1990"]),
        (GOOD + 'requested = "last week"', ["case.1.requested", "date"]),
        (GOOD + "chase_after = -1", ["case.1.chase_after"]),
        (GOOD + "post_after = 0", ["case.1.post_after"]),
        (GOOD.replace('annexes = "annexes.txt"', "annexes = 7"), ["case.1.annexes"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\npassword_env = "A"\npassword_command = "b"'), ["not both"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\nauth = "oauth"'), ["mailbox.1.auth", "'xoauth2'"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\nauth = "xoauth2"'), ["token_command, or sign_in"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\ntoken_command = "x"'), ['are for auth = "xoauth2"']),
        (GOOD.replace('name = "foi"', f'name = "foi"\n{BY_TOKEN}\npassword_env = "A"'), ["in place of a password"]),
        (GOOD.replace('name = "foi"', f'name = "foi"\n{BY_TOKEN}\nsign_in = "google"'), ["either token_command"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\nauth = "xoauth2"\nsign_in = "google"'), ["needs client_id"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\nclient_secret = "x"'), ["client_secret_env"]),
        (GOOD.replace('name = "foi"', 'name = "foi"\ntenant = "a/b"'), ["mailbox.1.tenant"]),
        (GOOD + GOOD.split("\n\n")[1], ["two cases have the reference"]),
        (GOOD + GOOD.split("\n\n", maxsplit=1)[0], ["two mailboxes are named 'foi'"]),
        ("", ["mailbox: missing"]),
        ("[[mailbox]", ["not valid TOML"]),
    ],
)
def test_each_mistake_is_one_line_with_file_key_and_remedy(tmp_path: Path, text: str, says: list[str]) -> None:
    said = problem(tmp_path, text)
    for words in says:
        assert words in said


@pytest.mark.parametrize(
    ("given", "read"),
    [('"mx.example.org"', ("mx.example.org",)), ('["mx1.example.org", "mx2"]', ("mx1.example.org", "mx2")), ("[]", ())],
)
def test_one_server_or_several_may_be_trusted(tmp_path: Path, given: str, read: tuple[str, ...]) -> None:
    text = GOOD.replace('name = "foi"', f'name = "foi"\ntrusted_authserv_id = {given}')
    assert load(tmp_path, text).mailbox[0].trusted_authserv_id == read
    assert load(tmp_path, GOOD).mailbox[0].trusted_authserv_id == ()


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ('attachments = "s3://AKIA:s3cret@foi"', "hold no credentials"),
        ('attachments = "s3://foi"\nendpoint = "https://AKIA:s3cret@s3.example.org"', "hold no credentials"),
        ('attachments = "s3://foi?versionId=1"', "without ? and #"),
        ('attachments = "s3://foi"\nendpoint = "s3.example.org"', "an address such as https://"),
        ('attachments = "s3://foi"\nendpoint = "http://s3.example.org"', "only for a server on this machine"),
        ('endpoint = "https://s3.example.org"', 'endpoint is for attachments = "s3://'),
        ('attachments = "s3://[foi"', "attachments and endpoint are addresses"),
        ("cache = 1", "greater than or equal to 64"),
    ],
)
def test_a_place_for_attachments_that_cannot_be_is_told_and_no_secret_with_it(
    tmp_path: Path, keys: str, says: str
) -> None:
    said = problem(tmp_path, f"[store]\n{keys}\n{GOOD}")
    assert says in said
    assert "s3cret" not in said


def test_a_file_that_is_not_there_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--config"):
        config.load(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "attachwatch.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        config.load(tmp_path / "attachwatch.toml")


def test_the_environment_names_the_file_and_the_option_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTACHWATCH_CONFIG", "/env.toml")
    assert config.locate(None) == Path("/env.toml")
    assert config.locate(Path("given.toml")) == Path("given.toml")


def test_the_file_in_the_working_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATTACHWATCH_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="no configuration found"):
        config.locate(None)
    Path("attachwatch.toml").touch()
    assert config.locate(None) == Path("attachwatch.toml")


@given(numbers=st.lists(st.tuples(st.integers(0, 999), st.sampled_from("smhdw")), min_size=1, max_size=4))
def test_durations_add_up(numbers: list[tuple[int, str]]) -> None:
    seconds = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
    text = "".join(f"{n}{u}" for n, u in numbers)
    assert config.duration(text).total_seconds() == sum(n * seconds[u] for n, u in numbers)


@given(st.text().filter(lambda t: not any(c in "smhdw" for c in t)))
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="5m"):
        config.duration(text)


def test_the_health_file_is_in_the_store_unless_it_is_named(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD).health_file == tmp_path / "var" / "attachwatch" / "health.json"
    named = GOOD + '\n[daemon]\nhealth_file = "run/health.json"\nmetrics_port = 9467\n'
    assert load(tmp_path, named).health_file == tmp_path / "run" / "health.json"
    assert "daemon.metrics_port" in problem(tmp_path, GOOD + "\n[daemon]\nmetrics_port = 0\n")


def test_days_are_counted_by_the_law_and_holidays_of_a_jurisdiction(tmp_path: Path) -> None:
    (tmp_path / "annexes.txt").write_text("Annex A")
    text = (
        GOOD
        + 'jurisdiction = "DE-BE"\nrequested = 2023-10-18\nreview_requested = 2023-12-19\n'
        + "chase_after = 0\nchase_again = 7\n"
    )
    (case,) = setup.cases(load(tmp_path, text))
    assert (case.jurisdiction, case.chase_after, case.chase_again, case.post_after) == ("DE-BE", 0, 7, 10)
    assert (case.requested, case.review_requested) == (date(2023, 10, 18), date(2023, 12, 19))


def test_a_jurisdiction_that_is_not_known_is_said_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "annexes.txt").write_text("Annex A")
    with pytest.raises(ConfigurationError, match=r"case 'FOI2023/04608': .*'UK'; known: .*GB, ") as caught:
        setup.cases(load(tmp_path, GOOD + 'jurisdiction = "UK"'))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("language", ["en", "en-IE", "de", "de-AT", "fr"])
def test_replies_can_be_in_these_languages(tmp_path: Path, language: str) -> None:
    settings = load(tmp_path, f'{GOOD}language = "{language}"\n')
    assert settings.case[0].language == language


@pytest.mark.parametrize("language", ["nl", "EN", "en_IE", "en-ie", "../de", ""])
def test_another_language_is_refused_with_those_there_are(tmp_path: Path, language: str) -> None:
    assert 'write "en", "de" or "fr"' in problem(tmp_path, f'{GOOD}language = "{language}"\n')


def test_templates_of_the_users_are_tried_before_they_are_needed(tmp_path: Path) -> None:
    own = tmp_path / "words" / "en"
    own.mkdir(parents=True)
    (own / "follow_up.txt").write_text("{{ nosuch }}")
    settings = load(
        tmp_path, f'{GOOD.replace("annexes.txt", "annexes.csv")}[reply]\ntemplates = "words"\nfirm = true\n'
    )
    assert settings.reply.templates == tmp_path / "words"
    with pytest.raises(ConfigurationError, match=r"words/en/follow_up\.txt, line 1: 'nosuch' is undefined"):
        setup.cases(settings)
