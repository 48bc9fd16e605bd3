"""One file through all that is asked of it."""

import pytest

from attachwatch.demo import documents
from attachwatch.inspection.examination import gather
from attachwatch.model import Finding


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4", documents.locked("a", 1)], ids=["empty", "stub", "locked"])
def test_of_the_inside_of_what_does_not_open_nothing_is_said(data: bytes) -> None:
    assert [fact for fact in gather(data) if isinstance(fact, Finding)] == []
