"""Numbers of pages in a sentence."""

import pytest

from attachwatch.inspection.wording import pages_in_words


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ([3], "page 3"),
        ([3, 4], "pages 3 and 4"),
        ([3, 4, 7], "pages 3, 4 and 7"),
        ([5, 6, 7], "pages 5 to 7"),
        ([1, 2, 3, 9, 11, 12], "pages 1 to 3, 9, 11 and 12"),
        (range(1, 10_000), "pages 1 to 9999"),
        (range(5, 200, 2), "98 pages from page 5 on"),
    ],
)
def test_pages_are_named_as_shortly_as_they_can_be(numbers: list[int], words: str) -> None:
    assert pages_in_words(numbers) == words
