"""Which annex of a list a letter's words are of. Pure."""

from collections.abc import Sequence

from attachwatch.annexes.matching.match import match
from attachwatch.model import Annex, NamedAnnex, Received


def listed(annexes: Sequence[Annex], named: Sequence[NamedAnnex]) -> dict[int, int]:
    """For each of `named` that is on the list, by its number, the number of the annex there.

    One named so is matched as a file with that name would be.
    """
    names = [Received(0, f"{a.kind or 'Annex'} {a.label}.pdf") for a in named]
    return {m.received: m.annex for m in match(annexes, names, {}).matches}
