"""Objects in a bucket of S3, or of a server that speaks as it does, by s3fs.

Credentials, region and, if nothing else is configured, the endpoint are what AWS's own tools would take.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from attachwatch.config import StoreSettings
from attachwatch.errors import ConfigurationError, StoreError

if TYPE_CHECKING:  # takes long to load, and most commands need no attachment
    from s3fs import S3FileSystem

for _library in ("aiobotocore", "botocore"):
    logging.getLogger(_library).setLevel(logging.WARNING)  # below this they log where credentials were found

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_=+-][A-Za-z0-9._=+-]*)*/?")
_PART = 8 << 20  # bytes; of what is less than two of them, all is sent at once
_PARTS_AT_ONCE = 2
_PIECE = 4 << 20  # bytes that are asked for at once
_PATIENCE = 60.0  # seconds for one request with all its tries, and for each so many bytes one more:
_SLOWEST = 128 << 10  # bytes a second
_CONFLICTS = 3  # times that somebody else may be creating the same object
_HTTP = {
    "connect_timeout": 5,
    "read_timeout": 30,
    "retries": {"mode": "standard", "max_attempts": 3},
}


class Bucket:
    """The objects behind a prefix of one bucket."""

    def __init__(self, bucket: str, prefix: str, endpoint: str = "") -> None:
        self._bucket = bucket
        self._path = f"{bucket}/{prefix}".rstrip("/")
        self._endpoint = endpoint

    @classmethod
    def of(cls, settings: StoreSettings) -> Self:
        """That of a URL such as s3://bucket/prefix. Raises ConfigurationError, also where s3fs is not installed."""
        parts = urlsplit(settings.attachments)
        if not _BUCKET.fullmatch(parts.netloc) or not _PREFIX.fullmatch(parts.path):
            raise ConfigurationError(
                f"[store] attachments = {settings.attachments!r} names no bucket",
                "Write s3://bucket or s3://bucket/prefix, with letters, digits and any of . _ = + - alone.",
            )
        if find_spec("s3fs") is None:
            raise ConfigurationError(
                f"[store] attachments = {settings.attachments!r} needs the package s3fs",
                "Install it: pip install 'attachwatch[s3]'",
            )
        return cls(parts.netloc, parts.path.strip("/"), settings.endpoint)

    @property
    def url(self) -> str:
        return f"s3://{self._path}"

    @property
    def folder(self) -> None:
        return None

    @cached_property
    def _files(self) -> "S3FileSystem":
        from s3fs import S3FileSystem

        files = S3FileSystem(
            endpoint_url=self._endpoint or None,
            config_kwargs=_HTTP,
            use_listings_cache=False,
        )
        files.retries = 1  # those of botocore are enough
        return files

    def create(self, name: str, file: Path) -> bool:
        """See `Place`. If-None-Match stands in the request that makes the object, be it the last of many parts."""
        with self._used():
            patience = _PATIENCE + file.stat().st_size / _SLOWEST
            for last in (*(False,) * (_CONFLICTS - 1), True):
                try:
                    self._files.put_file(
                        str(file),
                        f"{self._path}/{name}",
                        mode="create",
                        chunksize=_PART,
                        max_concurrency=_PARTS_AT_ONCE,
                        timeout=patience,
                    )
                except FileExistsError:
                    return False
                except OSError as error:
                    if last or _code(error) != "ConditionalRequestConflict":
                        raise
                else:
                    return True
        raise AssertionError  # the last try returned or raised

    def size(self, name: str) -> int | None:
        with self._used():
            try:
                return int(self._files.info(f"{self._path}/{name}", timeout=_PATIENCE)["size"])
            except FileNotFoundError as error:
                if _code(error) == "NoSuchBucket":
                    raise
                return None

    def read(self, name: str) -> Iterator[bytes] | None:
        """See `Place`. One request where it is no larger than a piece, as most are."""
        first = self._piece(name, 0)
        return None if first is None else self._pieces(name, first)

    def _pieces(self, name: str, first: bytes) -> Iterator[bytes]:
        piece: bytes | None = first
        start = 0
        while piece:
            yield piece
            start += len(piece)
            piece = self._piece(name, start) if len(piece) == _PIECE else None

    def _piece(self, name: str, start: int) -> bytes | None:
        """What is there from `start` on, at most a piece, and nothing behind its end; None where there is no object."""
        with self._used():
            try:
                found: bytes = self._files.cat_file(
                    f"{self._path}/{name}", start=start, end=start + _PIECE, timeout=_PATIENCE
                )
            except FileNotFoundError as error:
                if _code(error) != "NoSuchKey":
                    raise
                return None
            except OSError as error:
                if _code(error) != "InvalidRange":
                    raise
                return b""
            return found

    def look(self) -> str:
        """See `Place`: one name is listed and, if there is one, its size asked for."""
        prefix = self._path.partition("/")[2]
        with self._used():
            listed: dict[str, Any] = self._files.call_s3(
                "list_objects_v2", Bucket=self._bucket, Prefix=prefix, MaxKeys=1, timeout=_PATIENCE
            )
            for found in listed.get("Contents", ()):
                self._files.call_s3("head_object", Bucket=self._bucket, Key=found["Key"], timeout=_PATIENCE)
        return "it can be listed and read; writing was not tried, since that would change it"

    def tidy(self) -> None:
        """Broken uploads are removed by the rules of the bucket, if it has any: docs/how-to/object-storage.md."""

    @contextmanager
    def _used(self) -> Iterator[None]:
        from aiohttp import ClientError as LineError
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (OSError, ValueError, BotoCoreError, ClientError, LineError) as error:
            raise StoreError(*self._told(error)) from error

    def _told(self, error: Exception) -> tuple[str, str]:
        """What is wrong, and what to do about it. Of the server's words its code alone, which cannot hold others."""
        code, name = _code(error), type(error).__name__
        tells = (
            (code == "NoSuchBucket", f"{self.url} names a bucket that is not there", _MAKE),
            (isinstance(error, PermissionError), f"{self.url} refuses us ({code or name})", _ALLOW),
            (_names(name, "Credential", "Profile", "Token", "SSO"), f"{self.url}: no credentials ({name})", _ALLOW),
            (code in ("NotImplemented", "501"), f"{self.url} cannot create an object only if there is none", _CHOOSE),
            (isinstance(error, TimeoutError) or "Timeout" in name, f"{self.url} does not answer in time", _WAIT),
            (_names(name, "Connect", "SSL", "Proxy"), f"{self.url} cannot be reached ({name})", _WAIT),
        )
        told = ((says, remedy) for fits, says, remedy in tells if fits)
        return next(told, (f"{self.url} failed ({code or name})", _WAIT))


_MAKE = "Make it, or correct [store] attachments."
_ALLOW = "Check AWS_ACCESS_KEY_ID or ~/.aws, and that they may s3:GetObject, s3:PutObject and s3:ListBucket there."
_CHOOSE = "Keep attachments on a server with conditional writes (If-None-Match), or in a folder."
_WAIT = "Check network, endpoint and region; the next try goes on where this one stopped."


def _names(name: str, *words: str) -> bool:
    return any(word in name for word in words)


def _code(error: Exception) -> str:
    """S3's code for what went wrong, if it is S3 that says so."""
    response = getattr(error, "response", None) or getattr(error.__cause__, "response", None)
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    return code if isinstance(code, str) and re.fullmatch(r"[A-Za-z0-9.]{1,64}", code) else ""
