"""Plain text that mail programs may wrap anew to the width of their window (RFC 3676). Pure.

Only what was wrapped as prose flows. Lists do not, so that what is put together again is, byte for byte, what stands
in them.
"""

from itertools import pairwise

from attachwatch.reply.lines import goes_on, is_prose

SIGNATURE = "-- "  # above a signature; ends with a space, and does not flow all the same


def flowed(body: str) -> str | None:
    """`body` with a space behind each line that goes on; None where a line of a list ends with a space of its own,
    as a file's name may."""
    lines = [line.rstrip(" ") if line != SIGNATURE and is_prose(line) else line for line in body.split("\n")]
    if any(line.endswith(" ") and line != SIGNATURE for line in lines):
        return None
    ends = [" " if goes_on(line, following) else "" for line, following in pairwise(lines)]
    return "\n".join(_stuffed(line) + end for line, end in zip(lines, [*ends, ""], strict=True))


def _stuffed(line: str) -> str:
    """With a space before what would have another meaning (RFC 3676 section 4.4)."""
    return f" {line}" if line.startswith((" ", ">", "From ")) else line
