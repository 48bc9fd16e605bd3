"""The findings that several kinds of file share."""

from collections.abc import Iterator, Sequence

from attachwatch.inspection.formats.file import MOST_FILES, File
from attachwatch.inspection.judge import OPENS
from attachwatch.inspection.wording import name_in_words
from attachwatch.model import HOLDS_FILES, Cause, Finding


def opens(pages: int | None = None) -> Finding:
    """That it opens; beside a cause, that part of it is lost and the rest is shown."""
    return Finding(OPENS, "It opens.", {"pages": pages})


def holds(files: Sequence[File]) -> Finding:
    """The files inside, in the order in which they are taken out, and the path of the folders that each lies in."""
    text = f"It holds {len(files)} {'file' if len(files) == 1 else 'files'}."
    told: dict[str, list[str]] = {"files": [name_in_words(file.name) for file in files]}
    if any(file.folders for file in files):
        told["folders"] = [name_in_words("/".join(n.replace("/", "-") for n in file.folders)) for file in files]
    return Finding(HOLDS_FILES, text, told)


def opens_with(files: Sequence[File]) -> Iterator[Finding]:
    """What is said of a container that opens and holds these."""
    if len(files) > MOST_FILES:
        yield too_costly("It holds more than is unpacked here")
        return
    if files:
        yield holds(files)
    yield opens()


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


def encrypted_message(means: str) -> Finding:
    text = f"It is a message encrypted with {means}, which only those can read whom it is encrypted for."
    return Finding(Cause.ENCRYPTED_MESSAGE, text)
