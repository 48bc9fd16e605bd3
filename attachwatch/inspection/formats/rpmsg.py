"""Messages of Outlook under rights management, message.rpmsg ([MS-OXORMMS]): a stand-in for the message itself."""

from collections.abc import Iterator

from attachwatch.model import Cause, Finding

TYPES = ("application/x-microsoft-rpmsg-message",)


def look(_: bytes) -> Iterator[Finding]:
    yield Finding(Cause.RIGHTS_MANAGED, "The whole message is encrypted by rights management.")
