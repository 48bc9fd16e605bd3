"""Messages from the server into blobs: parts decoded and hashed as they come, many in flight, none whole in memory."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import Protocol

from attachwatch.mail import folders, text
from attachwatch.mail.interface import BlobStore, BlobWriter, Fetched, Listed
from attachwatch.mail.owntext import OwnText
from attachwatch.mail.streams import Sink, Wanted
from attachwatch.mime.names import file_name
from attachwatch.mime.parts import Part, TextPart
from attachwatch.mime.transfer import decoder
from attachwatch.mime.tree import holds_parts, is_binary
from attachwatch.model import Attachment, Message

_LONGEST_HEADER = 65536  # bytes of a part's header
_COMMITS = 4  # files that are made durable side by side, while the next ones come
_LARGEST_WHOLE = 16 << 20  # bytes of a message that is taken apart in memory
_START = 8192  # bytes of a text
_MOST_BEGUN = 64  # messages that are not durable yet


class Streaming(Protocol):
    """Lets sinks take what a server has; see `Session.stream`."""

    def stream(self, wanted: Iterable[Wanted], in_flight: int) -> Iterator[tuple[Wanted, str]]: ...


def fetch(
    session: Streaming, messages: Iterable[Listed], blobs: BlobStore, largest: int, in_flight: int
) -> Generator[Fetched]:
    """Read text and parts of `messages` from the open folder, and yield each once all its files are durable.

    A part over `largest` bytes is not kept: its attachment has an empty `sha256`, and the size that was announced.
    Raises ServerError where the line breaks for good; what was yielded by then is whole.
    """
    begun: deque[_Assembly] = deque()
    misread: list[Listed] = []
    owners: dict[int, _Assembly] = {}
    with ThreadPoolExecutor(_COMMITS, thread_name_prefix="commit") as committing:

        def wanted() -> Iterator[Wanted]:
            for listed in messages:
                kind = _Whole if listed.is_opaque else _Assembly
                assembly = kind(listed, blobs, largest, committing)
                begun.append(assembly)
                for one in assembly.wanted():
                    owners[id(one)] = assembly
                    yield one

        try:
            for one, problem in session.stream(wanted(), in_flight):
                owners.pop(id(one)).answered(one, problem)
                while begun and (begun[0].is_done or (len(begun) > _MOST_BEGUN and not begun[0].is_awaited)):
                    yield from _sure(begun.popleft(), misread)
            while begun:
                yield from _sure(begun.popleft(), misread)
        finally:
            for assembly in begun:
                assembly.abandon()
    if misread:
        yield from fetch(session, misread, blobs, largest, in_flight)


def _sure(assembly: "_Assembly", misread: list[Listed]) -> Iterator[Fetched]:
    """What came, unless its text is none: then it is misread, and to be read as a whole."""
    came = assembly.result()
    if assembly.is_misread:
        misread.append(replace(came.listed, is_opaque=True))
    else:
        yield came


class _Assembly:
    """One message on its way."""

    def __init__(self, listed: Listed, blobs: BlobStore, largest: int, committing: ThreadPoolExecutor) -> None:
        self._listed = listed
        self._blobs = blobs
        self._committing = committing
        self._text = _Text(listed.text, blobs, largest) if listed.text else None
        self._html = _Kept()
        self._files = {part.section: _File(part, blobs, largest) for part in listed.parts}
        self._awaited = len(self._files) + (listed.text is not None) + (listed.html is not None)
        self._commits: list[Future[None]] = []
        self._problem = ""

    @property
    def is_awaited(self) -> bool:
        """Whether the server has not answered for all of it."""
        return self._awaited > 0

    @property
    def is_misread(self) -> bool:
        """Whether the server took for text what is a file."""
        start = bytes(self._text.start) if self._text and not self._problem else b""
        return is_binary(start) or holds_parts(start)

    @property
    def is_done(self) -> bool:
        return not self.is_awaited and all(c.done() for c in self._commits)

    def wanted(self) -> Iterator[Wanted]:
        uid = self._listed.key.uid
        if self._text:
            yield self._text.wanted(uid)
        if html := self._listed.html:
            yield Wanted(uid, {html.section: self._html}, {html.section: text.LONGEST})
        for file in self._files.values():
            yield file.wanted(uid)

    def answered(self, one: Wanted, problem: str) -> None:
        self._awaited -= 1
        file = next((self._files[s] for s in one.sinks if s in self._files), None)
        if file and not problem and file.is_withheld(one):
            problem = f"the server gives nothing of part {next(s for s in one.sinks if s in self._files)}"
        self._problem = self._problem or problem
        if file and not problem:
            self._commits.append(self._committing.submit(file.commit))

    def result(self) -> Fetched:
        for commit in self._commits:
            commit.result()
        if self._problem:
            self.abandon()
            return Fetched(self._listed, None, self._problem)
        listed = self._listed
        words, in_text = self._text.result() if self._text else ("", ())
        if html := listed.html:
            words = text.with_its_links(words, text.words(html, _decoded(html, self._html)))
        attachments = (*(file.attachment() for file in self._files.values()), *in_text)
        message = Message(listed.key, listed.received, listed.header, words, attachments, unread=listed.unread)
        return Fetched(listed, message)

    def abandon(self) -> None:
        for commit in self._commits:
            commit.cancel()
        for file in self._files.values():
            file.close()
        if self._text:
            self._text.close()


class _Text:
    """A sink for the message's own text, of which so much is asked for as may be looked at."""

    def __init__(self, part: TextPart, blobs: BlobStore, largest: int) -> None:
        self._part = part
        self._decode = decoder(part.encoding)
        self._own = OwnText(part, blobs, largest)
        self.start = bytearray()  # by which it is told from a file
        self._most = max(text.LONGEST, largest) if part.subtype == "plain" else text.LONGEST
        self.taken = 0

    def wanted(self, uid: int) -> Wanted:
        return Wanted(uid, {self._part.section: self}, {self._part.section: self._most})

    def write(self, data: bytes, /) -> None:
        self.taken += len(data)
        decoded = self._decode.feed(data)
        self.start += decoded[: _START - len(self.start)]
        self._own.write(decoded)

    def result(self) -> tuple[str, tuple[Attachment, ...]]:
        with self._own:
            self._own.write(self._decode.end())
            return self._own.result()

    def close(self) -> None:
        self._own.close()


def _decoded(part: TextPart, kept: "_Kept") -> bytes:
    decode = decoder(part.encoding)
    return decode.feed(bytes(kept.data)) + decode.end()


class _Whole(_Assembly):
    """A message of which the server does not tell the parts: it is taken apart here, as one that lies in a file."""

    _raw: "_Kept"

    def wanted(self) -> Iterator[Wanted]:
        self._raw, self._awaited = _Kept(), 1
        yield Wanted(self._listed.key.uid, {"": self._raw}, {"": _LARGEST_WHOLE})

    @property
    def is_misread(self) -> bool:
        return False

    def result(self) -> Fetched:
        listed, raw = self._listed, bytes(self._raw.data)
        if self._problem or (listed.size and not raw):
            return Fetched(listed, None, self._problem or "the server gives nothing of it")
        if len(raw) < _LARGEST_WHOLE:
            message = folders.message(raw, listed.key, self._blobs)
            return Fetched(listed, replace(message, received=listed.received, header=listed.header))
        whole = Attachment("0", "", "message/rfc822", max(listed.size, len(raw)), "")
        return Fetched(listed, Message(listed.key, listed.received, listed.header, "", (whole,)))


class _Kept:
    """A sink for what is small, by how it is asked for."""

    def __init__(self) -> None:
        self.data = bytearray()

    @property
    def taken(self) -> int:
        return len(self.data)

    def write(self, data: bytes, /) -> None:
        self.data += data


class _File:
    """A sink for one part, which is decoded into a blob; beyond `largest` bytes it is read and dropped."""

    def __init__(self, part: Part, blobs: BlobStore, largest: int) -> None:
        self._part = part
        self._header = _Kept()
        self._decode = decoder(part.encoding)
        self._blobs = blobs
        self._largest = largest
        self._stack = ExitStack()
        self._writer: BlobWriter | None = None
        self._announced = part.size * 3 // 4 if part.encoding == "base64" else part.size
        self._size = 0
        self._sha256 = ""
        self.taken = 0

    @property
    def _is_too_large(self) -> bool:
        return max(self._announced, self._size) > self._largest

    def wanted(self, uid: int) -> Wanted:
        # The part's own header, since servers mend names on their own and not always well.
        header, section = f"{self._part.section}.MIME", self._part.section
        sinks: dict[str, Sink] = {header: self._header}
        if not self._is_too_large:
            sinks[section] = self
        return Wanted(uid, sinks, {header: _LONGEST_HEADER})

    def is_withheld(self, one: Wanted) -> bool:
        """Whether the server announced it, and answered without it; what that would be taken for is an empty file."""
        section = self._part.section
        return bool(self._part.size and section in one.sinks and not one.has(section))

    def write(self, data: bytes, /) -> None:
        self.taken += len(data)
        if not self._is_too_large:
            self._keep(self._decode.feed(data))

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        if self._is_too_large:  # the structure lied about it
            self.close()
            return
        if self._writer is None:
            self._writer = self._stack.enter_context(self._blobs.writer())
        self._writer.write(data)

    def commit(self) -> None:
        """Make it durable; in a thread of its own, since that waits for the disk."""
        if not self._is_too_large:
            self._keep(self._decode.end())
        if not self._is_too_large and self._writer is not None:
            self._sha256, self._size = self._writer.commit()
        self.close()

    def close(self) -> None:
        self._stack.close()

    def attachment(self) -> Attachment:
        part, size = self._part, self._size if self._sha256 else max(self._announced, self._size)
        name = file_name(bytes(self._header.data)) or part.name
        return Attachment(part.section, name, part.content_type, size, self._sha256, part.containers)
