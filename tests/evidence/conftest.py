"""What tests of reports share."""

import pytest


@pytest.fixture(autouse=True)
def _in_utc(in_utc: None) -> None:
    """A report tells times of day."""
