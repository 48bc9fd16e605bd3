"""What the pages are made of, and what they share."""

import asyncio
from dataclasses import dataclass, field

from attachwatch.web.gate import Keys
from attachwatch.web.pictures import Pictures
from attachwatch.web.state import State


@dataclass
class Review:
    """One run of the pages."""

    state: State
    pictures: Pictures
    keys: Keys
    port: int
    painting: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def root(self) -> str:
        """What the address of every page begins with."""
        return self.keys.root
