"""The findings that several kinds of file share."""

from attachwatch.inspection.judge import OPENS
from attachwatch.model import Cause, Finding


def opens(pages: int | None = None) -> Finding:
    return Finding(OPENS, "It opens.", {"pages": pages})


def truncated(size: int) -> Finding:
    return Finding(Cause.TRUNCATED, f"The file ends after {size:,} bytes, before its end.", {"offset": size})


def damaged(said: str) -> Finding:
    return Finding(Cause.STRUCTURE_DAMAGED, "The structure of the file is damaged.", {"reader_says": said})


def unreadable(said: str) -> Finding:
    return Finding(Cause.CONTENT_UNREADABLE, "Part of the file cannot be read.", {"reader_says": said})


def password() -> Finding:
    return Finding(Cause.PASSWORD, "The file asks for a password.")


def too_costly(what: str) -> Finding:
    return Finding(Cause.TOO_COSTLY, f"{what}, so the file was not judged.")
