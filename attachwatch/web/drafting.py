"""A draft: read, edited, decided on."""

from typing import TYPE_CHECKING

from starlette.routing import Route

if TYPE_CHECKING:
    from attachwatch.web.app import Review


def routes(_review: "Review") -> list[Route]:
    """The pages of drafts."""
    return []
