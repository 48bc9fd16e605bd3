"""`attachwatch demo`, whole."""

import json
from pathlib import Path

from attachwatch.demo import story
from tests.program import run


def test_the_demo_tells_the_story_and_leaves_it_to_look_at(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    done = run("demo", "--folder", folder)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.split("You approve draft 1")
    names = [story.name(label) for label in ("D iii", "D iv", "D vi", "D vii", "D viii", "D ix")]
    for number, name in enumerate(names, 1):
        assert f"{number}. {name}" in first
    assert "7. " not in first
    assert "We note that the following documents do not open" in first
    assert f"1. {story.name('D viii')}" in second
    assert "2. D(ix).pdf" in second
    assert "3. " not in second
    assert "Digest.pdf" not in done.stdout
    assert str(folder) in second

    configuration = folder / "attachwatch.toml"
    (case,) = json.loads(run("status", "--json", "--config", configuration).stdout)["cases"]
    assert (case["state"], case["round"]) == ("review-draft", 2)
    assert run("drafts", "show", 2, "--config", configuration).returncode == 0
    assert len(list((folder / "drafts").iterdir())) == 2


def test_a_folder_that_exists_is_left_alone(tmp_path: Path) -> None:
    done = run("demo", "--folder", tmp_path)
    assert (done.returncode, "exists already" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []
