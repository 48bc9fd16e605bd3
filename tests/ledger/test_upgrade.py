"""An older ledger is brought up to date wholly or not at all, wherever the process is killed."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command

from attachwatch.ledger.database import database
from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.upgrade import look, versions
from tests.ledger.test_ledger import migrations_for
from tests.ledger.test_transfer import fill, remembered

# Killed where the newest migration has made tables and changed rows, and is not done; or before anything is committed.
KILLED = 9
OPENING = """
import os, sys
from pathlib import Path
from alembic import command, op
from attachwatch.ledger.ledger import Ledger

done = {{"in a step": (op, "create_index"), "at the end": (command, "upgrade")}}[sys.argv[1]]
former = getattr(*done)

def killed(*args, **more):
    former(*args, **more)
    os._exit({killed})

setattr(*done, killed)
Ledger.open(Path(sys.argv[2]), sys.argv[3])
"""


@pytest.mark.parametrize("when", ["in a step", "at the end"])
def test_an_upgrade_that_is_killed_leaves_the_older_ledger_with_all_its_rows(
    tmp_path: Path, database_url: str, when: str
) -> None:
    root = tmp_path / "store"
    with Ledger.open(root, database_url) as ledger:
        fill(ledger)
        expected = remembered(ledger)
    set_back(root, database_url, "0005")
    script = OPENING.format(killed=KILLED)
    done = subprocess.run([sys.executable, "-c", script, when, root, database_url], check=False)
    assert done.returncode == KILLED
    found, tables = seen(root, database_url)
    assert found == "0005"
    assert not {"revision", "watcher", "lease"} & tables
    with Ledger.open(root, database_url) as ledger:
        assert remembered(ledger) == expected
    assert seen(root, database_url)[0] == versions()[-1]


def set_back(root: Path, url: str, version: str) -> None:
    tables = database(root, url)
    with tables.engine.begin() as connection:
        command.downgrade(migrations_for(connection), version)
    tables.engine.dispose()


def seen(root: Path, url: str) -> tuple[str, frozenset[str]]:
    tables = database(root, url)
    with tables.engine.connect() as connection:
        found = look(connection)
    tables.engine.dispose()
    return found
