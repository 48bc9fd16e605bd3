"""Files that are there whole or not at all, whatever happens meanwhile."""

import os
import tempfile
from pathlib import Path


def write(path: Path, data: bytes, *, new: bool = False) -> None:
    """Put `data` durably at `path`, with mode 0600: the file is the former one or this one.

    With `new`, nothing that is there is replaced. Raises OSError, of which FileExistsError says so.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:64]}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if new:
            path.touch(mode=0o600, exist_ok=False)  # a link would do it at once, but not every file system has them
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
