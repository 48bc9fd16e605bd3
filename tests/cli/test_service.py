"""`attachwatch service`: the watcher under systemd or launchd."""

import json
import plistlib
from pathlib import Path

import pytest

from tests.program import run

CONFIGURATION = """
[store]
path = "my store"

[[mailbox]]
name = "foi"
host = "imap.example.org"
username = "foi@example.org"
"""


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "my store").mkdir(mode=0o700)
    path = tmp_path / "attachwatch.toml"
    path.write_text(CONFIGURATION)
    return path


def place(configuration: Path) -> Path:
    return configuration.parent / "xdg/systemd/user/attachwatch.service"


def test_install_writes_what_print_shows_and_says_what_sets_it_going(configuration: Path) -> None:
    printed = run("service", "print", "--config", configuration)
    assert printed.returncode == 0, printed.stderr
    assert not place(configuration).exists()
    done = run("service", "install", "--user", "--config", configuration)
    assert done.returncode == 0, done.stderr
    assert place(configuration).read_text() == printed.stdout
    assert place(configuration).stat().st_mode & 0o777 == 0o644
    assert printed.stdout in done.stdout
    assert "systemctl --user enable --now attachwatch.service" in done.stdout
    assert f'ReadWritePaths="{configuration.parent}/my store"\n' in printed.stdout
    assert f'"watch" "--config" "{configuration}"\n' in printed.stdout


def test_a_dry_run_writes_nothing(configuration: Path) -> None:
    shared = configuration.parent / "share"
    elsewhere = f'path = "my store"\nattachments = "{shared.as_uri()}"'
    configuration.write_text(CONFIGURATION.replace('path = "my store"', elsewhere))
    done = run("service", "install", "--dry-run", "--json", "--config", configuration)
    said = json.loads(done.stdout)
    assert (said["written"], said["path"]) == (False, str(place(configuration)))
    assert said["text"].startswith("# Written by `attachwatch service`")
    assert f'ReadWritePaths="{configuration.parent}/my store" "{shared}"' in said["text"]
    assert not place(configuration).parent.exists()


def test_it_writes_over_its_own_and_over_no_other(configuration: Path) -> None:
    place(configuration).parent.mkdir(parents=True)
    place(configuration).write_text("[Unit]\nDescription=mine\n")
    refused = run("service", "install", "--config", configuration)
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert "Description=mine" in place(configuration).read_text()
    assert run("service", "install", "--force", "--config", configuration).returncode == 0
    assert run("service", "install", "--config", configuration).returncode == 0


def test_a_store_that_is_not_there_is_said_before_systemd_fails_at_it(configuration: Path) -> None:
    (configuration.parent / "my store").rmdir()
    done = run("service", "install", "--config", configuration)
    assert done.returncode == 2
    assert "watch --once" in done.stderr
    assert not place(configuration).exists()


def test_a_password_in_the_environment_needs_a_file_for_it(configuration: Path) -> None:
    configuration.write_text(CONFIGURATION + 'password_env = "FOI_PASSWORD"\n')
    done = run("service", "print", "--config", configuration)
    assert done.returncode == 2
    assert "FOI_PASSWORD" in done.stderr
    assert "--environment-file" in done.stderr
    given = run("service", "print", "--config", configuration, "--environment-file", "/etc/foi env")
    assert "EnvironmentFile=/etc/foi env\n" in given.stdout


def test_of_the_system_it_never_runs_as_root(configuration: Path) -> None:
    refused = run("service", "print", "--system", "--run-as", "root", "--config", configuration)
    assert refused.returncode == 2
    assert "no root" in refused.stderr
    done = run("service", "print", "--system", "--run-as", "nobody", "--config", configuration)
    assert "User=nobody\n" in done.stdout
    assert "WantedBy=multi-user.target\n" in done.stdout
    unknown = run("service", "print", "--system", "--run-as", "no-such-user", "--config", configuration)
    assert unknown.returncode == 2


def test_launchd_is_told_the_same(configuration: Path) -> None:
    done = run("service", "install", "--manager", "launchd", "--config", configuration)
    assert done.returncode == 0, done.stderr
    written = configuration.parent / "home/Library/LaunchAgents/org.attachwatch.watch.plist"
    said = plistlib.loads(written.read_bytes())
    assert said["ProgramArguments"][1:] == ["-I", "-m", "attachwatch", "watch", "--config", str(configuration)]
    assert said["KeepAlive"] == {"SuccessfulExit": False}
    assert "launchctl bootstrap gui/$UID" in done.stdout
    assert run("service", "install", "--manager", "launchd", "--config", configuration).returncode == 0
