"""The findings that several kinds of file share."""

from attachwatch.inspection.judge import OPENS
from attachwatch.model import Cause, Finding


def opens(pages: int | None = None) -> Finding:
    """That it opens; beside a cause, that part of it is lost and the rest is shown."""
    return Finding(OPENS, "It opens.", {"pages": pages})


def truncated(size: int) -> Finding:
    return Finding(Cause.TRUNCATED, f"The file ends after {size:,} bytes, before its end.", {"offset": size})


def damaged(said: str) -> Finding:
    return Finding(Cause.STRUCTURE_DAMAGED, "The structure of the file is damaged.", {"reader_says": said})


def unreadable(said: str, part: str | None = None) -> Finding:
    told = {"reader_says": said, **({"part": part} if part else {})}
    return Finding(Cause.CONTENT_UNREADABLE, "Part of the file cannot be read.", told)


def password() -> Finding:
    return Finding(Cause.PASSWORD, "The file asks for a password.")


def too_costly(what: str, said: str | None = None) -> Finding:
    told = {"reader_says": said} if said else {}
    return Finding(Cause.TOO_COSTLY, f"{what}, so the file was not judged.", told)
