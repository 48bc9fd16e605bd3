"""That tests fork the program instead of starting it hides nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from attachwatch.demo import damage, documents
from tests.program import run, start

# What is not ours stays imported, which takes long and depends on none of it.
ALONE = """
import importlib, os, sys
from attachwatch.cli import COMMANDS
modules = [f"attachwatch.cli.{name}" for name in COMMANDS]
for module in modules:
    importlib.import_module(module)
for known in [name for name in sys.modules if name.partition(".")[0] == "attachwatch"]:
    del sys.modules[known]
for module in modules:
    if not os.fork():
        importlib.import_module(module)
        break
    if os.wait()[1]:
        sys.exit(module)
"""


def test_each_command_is_loaded_by_itself() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", [(".",), (".", "--json", "--annexes", "none.txt"), (".", "--format", "poem")])
def test_what_is_forked_says_what_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (tmp_path / "cut.pdf").write_bytes(damage.truncate(documents.report("Minutes", 2), 0.5))
    monkeypatch.chdir(tmp_path)
    forked, started = run("verify", *words), start("verify", *words)
    assert (forked.args, forked.returncode) == (started.args, started.returncode)
    assert (forked.stdout, forked.stderr) == (started.stdout, started.stderr)


def test_what_is_forked_has_its_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTACHWATCH_CONFIG", "/nowhere/from-the-test.toml")
    assert "from-the-test.toml" in run("status").stderr
    assert "from-the-word.toml" in run("status", ATTACHWATCH_CONFIG="/nowhere/from-the-word.toml").stderr


def test_a_signal_that_ends_it_is_told(tmp_path: Path) -> None:
    assert run("demo", "--folder", tmp_path / "demo", ATTACHWATCH_STOP_AT="listed:1").returncode == -9
