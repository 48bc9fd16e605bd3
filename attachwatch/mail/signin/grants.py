"""Where the grants of sign-ins are kept: the system's keyring where there is one, else a file that only we can read."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from filelock import FileLock, Timeout

from attachwatch.config import MailboxSettings
from attachwatch.errors import SignInError, StoreError
from attachwatch.mail.signin.interface import remedy

_SERVICE = "attachwatch sign-in"
_LOCK_SECONDS = 60  # longer than a refresh takes


@dataclass(frozen=True, slots=True)
class Grant:
    """What is kept, and whether in the file."""

    text: str = field(repr=False)
    in_file: bool


@dataclass(frozen=True, slots=True)
class Grants:
    """The one grant of one mailbox, found by who signs in with what; so a changed configuration finds no other's."""

    settings: MailboxSettings
    account: str
    file: Path

    @classmethod
    def of(cls, settings: MailboxSettings, store: Path) -> Self:
        account = f"{settings.sign_in} {settings.client_id} {settings.username}"
        name = hashlib.sha256(account.encode()).hexdigest()[:16]
        return cls(settings, account, store / f"sign-in-{name}.json")

    @contextmanager
    def locked(self) -> Iterator[None]:
        lock = FileLock(self.file.with_suffix(".lock"), timeout=_LOCK_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise StoreError(
                f"mailbox {self.settings.name!r}: another attachwatch has been signing in for {_LOCK_SECONDS} s",
                "Look what it waits for.",
            ) from None
        except OSError as error:
            raise self._failed(error) from None
        try:
            yield
        finally:
            lock.release()

    def read(self) -> Grant:
        """What is kept; raise SignInError where nobody has signed in yet."""
        try:
            handle = os.open(self.file, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise self._failed(error) from None
        else:
            with os.fdopen(handle, encoding="utf-8") as file:
                return Grant(file.read(), in_file=True)
        if kept := self._in_keyring():
            return Grant(kept, in_file=False)
        raise SignInError(
            f"mailbox {self.settings.name!r}: nobody has signed in as {self.settings.username!r} yet",
            f"Do so: attachwatch signin {self.settings.name}",
        )

    def keep(self, text: str, *, in_file: bool) -> str:
        """Keep a new grant in place of any other; where, in words."""
        if not in_file and self._put_into_keyring(text):
            with suppress(FileNotFoundError):
                self.file.unlink()  # which would be read first
            return "the system keyring"
        self._write(text)
        self._forget_in_keyring()
        return str(self.file)

    def replace(self, former: Grant, text: str) -> None:
        """Keep what a refresh made of `former`, where that was."""
        if former.in_file:
            self._write(text)
        elif not self._put_into_keyring(text):
            raise StoreError(
                f"mailbox {self.settings.name!r}: the system keyring does not take the renewed sign-in",
                f"{remedy(self.settings)} --in-file",
            )

    def _write(self, text: str) -> None:
        """The file is the former or the new one, whole, whatever happens; the lock keeps others from writing."""
        new = self.file.with_suffix(".new")
        try:
            with suppress(FileNotFoundError):
                new.unlink()
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.file)
            folder = os.open(self.file.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> StoreError:
        return StoreError(
            f"mailbox {self.settings.name!r}: the sign-in cannot be kept in {self.file.parent}: {error.strerror}",
            "Check [store] path, its permissions and free space.",
        )

    def _in_keyring(self) -> str | None:
        import keyring
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(_SERVICE, self.account)
        except KeyringError:
            return None

    def _put_into_keyring(self, text: str) -> bool:
        """Whether it is there now: a keyring may take and forget, or be none."""
        import keyring
        from keyring.errors import KeyringError

        try:
            keyring.set_password(_SERVICE, self.account, text)
        except KeyringError:
            return False
        return self._in_keyring() == text

    def _forget_in_keyring(self) -> None:
        import keyring
        from keyring.errors import KeyringError

        with suppress(KeyringError):
            keyring.delete_password(_SERVICE, self.account)
