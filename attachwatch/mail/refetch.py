"""One part once more, by other commands than the first time: in slices, one after the other.

A server finds its place in the part for each of them, so what it kept wrong of the whole, or lost on the way, shows.
"""

from attachwatch.mail.fetch import Streaming
from attachwatch.mail.interface import BlobStore, BlobWriter, Copy
from attachwatch.mail.streams import Wanted
from attachwatch.mime.parts import Part
from attachwatch.mime.transfer import decoder

_SLICE = 1 << 20  # bytes, as encoded


def fetch_again(session: Streaming, uid: int, part: Part, blobs: BlobStore, largest: int) -> Copy:
    """Fetch `part` of a message in the open folder. Raises ServerError where the line breaks for good."""
    with blobs.writer() as writer:
        sink = _Sink(writer, part.encoding)
        before = -1
        while sink.taken > before:  # a server may give less than it was asked for, but nothing only at the end
            before = sink.taken
            slice_ = Wanted(uid, {part.section: sink}, {part.section: before + _SLICE})
            for _, problem in session.stream([slice_], 1):
                if problem:
                    return Copy(problem=problem)
            if sink.size > largest:
                return Copy(problem="it came larger than the limit")
        sink.end()
        return Copy(*writer.commit())


class _Sink:
    """Decodes what it is given, into a blob."""

    def __init__(self, writer: BlobWriter, encoding: str) -> None:
        self._writer = writer
        self._decode = decoder(encoding)
        self.taken = self.size = 0

    def write(self, data: bytes, /) -> None:
        self.taken += len(data)
        self._keep(self._decode.feed(data))

    def end(self) -> None:
        self._keep(self._decode.end())

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        self._writer.write(data)
