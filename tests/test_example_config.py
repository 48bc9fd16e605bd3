"""The example is one that works."""

from datetime import timedelta
from pathlib import Path

from attachwatch import config
from attachwatch.service import setup

EXAMPLE = Path(__file__).parents[1] / "config" / "attachwatch.example.toml"


def test_the_example_loads_with_its_annex_list() -> None:
    settings = config.load(EXAMPLE)
    (case,) = setup.cases(settings)
    assert [a.label for a in case.annexes][:4] == ["A", "B", "C", "D(i)"]
    assert len(case.annexes) == 12
    assert case.quiet_period == timedelta(days=2)


def test_the_example_shows_every_key() -> None:
    text = EXAMPLE.read_text()
    tables = (
        config.StoreSettings,
        config.LimitSettings,
        config.DaemonSettings,
        config.ReplySettings,
        config.NoticeSettings,
        config.MailboxSettings,
        config.CaseSettings,
    )
    keys = {key for table in tables for key in table.model_fields}
    assert [key for key in keys if f"{key} = " not in text] == []
