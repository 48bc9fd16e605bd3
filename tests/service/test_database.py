"""What the doctor says of a ledger in PostgreSQL, and that looking changes nothing."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from attachwatch.ledger.condition import Schema
from attachwatch.ledger.database import database
from attachwatch.ledger.ledger import Ledger
from attachwatch.ledger.server import Server, server
from attachwatch.ledger.upgrade import versions
from attachwatch.service.checks.check import Check, Outcome, guarded
from attachwatch.service.checks.database import ask, checks
from tests.ledger.test_ledger import migrations_for

OK, WARNING, FAILURE = Outcome.OK, Outcome.WARNING, Outcome.FAILURE
GOOD = Server(
    shown="postgresql://foi@db.example.org/attachwatch",
    version="17.2",
    encoding="UTF8",
    schema=Schema(versions()[-1], ""),
    is_read_only=False,
    lacking=(),
    may_upgrade=True,
    ahead=timedelta(seconds=-0.04),
    connections=100,
    free=90,
    is_in_clear=False,
)


def looked(root: Path, url: str) -> dict[str, Check]:
    found = {check.name: check for check in guarded("ledger", partial(checks, ask(root, url)))}
    assert all(check.remedy for check in found.values() if check.outcome is not OK)
    return found


def amiss(found: dict[str, Check]) -> dict[str, Outcome]:
    return {name: check.outcome for name, check in found.items() if check.outcome is not OK}


def by_hand(url: str, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_an_empty_database_is_well_and_stays_empty(tmp_path: Path, postgres_url: str) -> None:
    found = looked(tmp_path, postgres_url)
    assert amiss(found) == {}
    assert found["ledger"].says.startswith("there is none yet")
    engine = create_engine(postgres_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").scalar() == 0
    engine.dispose()


def test_a_ledger_is_the_newest_or_an_older_one_and_is_left_so(tmp_path: Path, postgres_url: str) -> None:
    with Ledger.open(tmp_path / "store", postgres_url):
        pass
    found = looked(tmp_path, postgres_url)
    assert amiss(found) == {}
    assert found["ledger"].says == f"schema {versions()[-1]}, the newest"
    tables = database(tmp_path, postgres_url)
    with tables.engine.begin() as connection:
        command.downgrade(migrations_for(connection), "0005")
    tables.engine.dispose()
    for _ in range(2):
        assert amiss(looked(tmp_path, postgres_url)) == {"ledger": WARNING}


def test_what_is_torn_is_a_failure(tmp_path: Path, postgres_url: str) -> None:
    with Ledger.open(tmp_path / "store", postgres_url):
        pass
    by_hand(postgres_url, "DROP TABLE alembic_version")
    assert amiss(looked(tmp_path, postgres_url)) == {"ledger": FAILURE}


def test_a_server_that_does_not_answer_is_one_failure(tmp_path: Path) -> None:
    assert amiss(looked(tmp_path, "postgresql://foi@127.0.0.1:1/foi")) == {"ledger": FAILURE}


@pytest.mark.parametrize(
    ("granted", "outcome", "said"),
    [
        ("", FAILURE, "on attachment"),
        ("SELECT, INSERT, UPDATE, DELETE", WARNING, "could not bring them up to date"),
    ],
)
def test_rights_are_those_of_the_user_that_the_url_names(
    tmp_path: Path, postgres_url: str, granted: str, outcome: Outcome, said: str
) -> None:
    with Ledger.open(tmp_path / "store", postgres_url):
        pass
    role = f"role_{abs(hash(tmp_path))}"
    grant = f"GRANT {granted or 'REFERENCES'} ON ALL TABLES IN SCHEMA public TO {role}"
    by_hand(postgres_url, f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON alembic_version TO {role}", grant)
    found = looked(tmp_path, make_url(postgres_url).set(username=role).render_as_string())
    assert amiss(found) == {"ledger's rights": outcome}
    assert said in found["ledger's rights"].says


def test_a_database_that_may_only_be_read_is_a_failure(tmp_path: Path, postgres_url: str) -> None:
    name = make_url(postgres_url).database
    by_hand(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert amiss(looked(tmp_path, postgres_url)) == {"ledger's server": FAILURE}


def test_the_server_is_told_as_it_is(tmp_path: Path, postgres_url: str) -> None:
    found = server(tmp_path, postgres_url)
    assert abs(found.ahead) < timedelta(seconds=5)
    assert found.connections == 200
    assert 0 < found.free < 200
    assert not found.is_in_clear  # by a Unix socket


@pytest.mark.parametrize(
    ("changed", "name", "outcome", "said"),
    [
        (GOOD, "ledger's clock", OK, "0.0 s apart"),
        (replace(GOOD, ahead=timedelta(minutes=-2)), "ledger's clock", WARNING, "120 s behind"),
        (replace(GOOD, ahead=timedelta(hours=1)), "ledger's clock", WARNING, "3,600 s ahead of"),
        (replace(GOOD, free=4), "ledger's connections", WARNING, "4 of the server's 100"),
        (replace(GOOD, is_in_clear=True), "ledger's server", WARNING, "reads what passes"),
        (replace(GOOD, encoding="SQL_ASCII"), "ledger's server", FAILURE, "SQL_ASCII"),
        (replace(GOOD, lacking=tuple("abcde")), "ledger's rights", FAILURE, "a, b, c and 2 more"),
        (replace(GOOD, schema=Schema("9999", "")), "ledger", FAILURE, "newer attachwatch"),
    ],
)
def test_what_no_test_can_bring_about_is_told_too(changed: Server, name: str, outcome: Outcome, said: str) -> None:
    found = {check.name: check for check in checks(changed)}
    assert (found[name].outcome, said in found[name].says) == (outcome, True), found[name]
    assert set(amiss(found)) == ({name} if outcome is not OK else set())
