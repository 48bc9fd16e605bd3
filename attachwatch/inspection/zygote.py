"""The process that workers are forked from: single-threaded, with every engine imported and warm. It parses nothing.

Warm, because a confined worker can import and open nothing any more, and an engine that fails for want of a file
must not be taken for a file that fails. Each worker reads one document, from a handle, and answers through another.
"""

import contextlib
import gc
import io
import logging
import os
import pkgutil
import selectors
import signal
import socket
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn

from attachwatch.inspection import answer, confinement
from attachwatch.inspection.protocol import (
    EXTRACT,
    FRAME,
    INSPECT,
    KILL,
    LOST,
    OUT_OF_MEMORY,
    PAINT,
    PIECE,
    REPORT,
    REQUEST,
    TEXT,
    WHOLE,
)

_IMPORT_LATE = (  # parts of themselves, when they need them
    *("encodings", "email", "asn1crypto", "tnefparse"),
    *("pikepdf", "pypdf", "pypdfium2", "msoffcrypto"),
)
_NOT_NEEDED = ("__main__", "_cli", "mbcs", "oem")


def serve(handle: int) -> NoReturn:
    """Fork a worker for each request that comes over the socket `handle`, until its other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    logging.disable(logging.CRITICAL)  # what an engine has to say stands in its report
    control = socket.socket(fileno=handle)
    gc.disable()  # what is imported stays, and to look for garbage in it takes an eighth of the time
    warm_up()
    gc.enable()
    gc.collect()
    gc.freeze()
    zygote = _Zygote(control)  # which holds the wakeup handle open until the very end
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the parent is gone before it had a use for us
        zygote.run()
    # A worker may end at any moment, and Python would complain if it had no handle to write to.
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os._exit(0)


def warm_up() -> None:
    """Import whatever an engine may import late, and take each of them once through a document."""
    for name in _IMPORT_LATE:
        for module in pkgutil.walk_packages(import_module(name).__path__, f"{name}."):
            if not any(part in module.name for part in _NOT_NEEDED):
                with contextlib.suppress(Exception):  # what cannot be imported here cannot be needed
                    import_module(module.name)
    from PIL import Image

    from attachwatch.inspection.examination import gather

    Image.init()
    for data in _first_documents():
        for _ in gather(data):
            pass


def _first_documents() -> Iterable[bytes]:
    """One of each way that an engine takes: encrypted (random numbers, ciphers), and kinds other than PDF."""
    import pikepdf

    for encryption in (False, pikepdf.Encryption(owner="owner", user="", R=6)):
        pdf = pikepdf.new()
        pdf.add_blank_page(page_size=(200, 200))
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        pdf.pages[0].obj.Contents = pdf.make_stream(b"BT /F1 12 Tf 20 20 Td (warm) Tj ET")
        out = io.BytesIO()
        pdf.save(out, encryption=encryption)
        yield out.getvalue()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<w/>")
        archive.writestr("[Content_Types].xml", "<Types/>")
    yield packed.getvalue()
    yield b"plain text\n"
    yield b"Subject: warm\nMIME-Version: 1.0\nContent-Type: application/pdf; name=warm.pdf\n\n%PDF-1.7"
    yield b"\x78\x9f\x3e\x22\x01\x00\x02\x05\x90\x06\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00"  # winmail.dat
    yield bytes.fromhex("301806092a864886f70d010703a00b3009020100310004000500")  # S/MIME


@dataclass(frozen=True, slots=True)
class _Job:
    what: bytes
    memory: int
    seconds: float
    argument: int
    document: int
    answer: int


class _Zygote:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._workers: dict[int, int] = {}  # pid -> number
        self._woken, self._waker = socket.socketpair()
        for end in (self._woken, self._waker):
            end.setblocking(False)

    def run(self) -> None:
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._fork(0, _tell_confinement)
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ, self._take_request)
            selector.register(self._woken, selectors.EVENT_READ, self._reap)
            open_still = True
            while open_still:
                went_on = [key.data() for key, _ in selector.select()]
                open_still = all(went_on)
        for pid in self._workers:  # the parent is gone
            os.kill(pid, signal.SIGKILL)

    def _take_request(self) -> bool:
        message, handles, _, _ = socket.recv_fds(self._control, REQUEST.size, 2)
        if len(message) != REQUEST.size:
            return False
        what, number, memory, seconds, argument = REQUEST.unpack(message)
        if what == KILL:
            for pid in [p for p, n in self._workers.items() if n == number]:
                os.kill(pid, signal.SIGKILL)  # not reaped yet, so the pid is still its own
            return True
        job = _Job(what, memory, seconds, argument, *handles)
        self._fork(number, lambda: _work(job))
        for handle in handles:
            os.close(handle)
        return True

    def _fork(self, number: int, work: Callable[[], int]) -> None:
        parent = os.getpid()
        pid = os.fork()
        if pid:
            self._workers[pid] = number
            return
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            confinement.die_with(parent)
            for end in (self._control, self._woken, self._waker):
                end.close()
            status = work()
        except MemoryError:
            status = OUT_OF_MEMORY
        finally:
            os._exit(status)

    def _reap(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            self._woken.recv(1024)
        while self._workers:
            pid, status, used = os.wait4(-1, os.WNOHANG)
            if not pid:
                break
            self._control.sendall(REPORT.pack(self._workers.pop(pid), status, used.ru_maxrss))
        return True


# --- in the worker --------------------------------------------------------------------------------------------


def _tell_confinement() -> int:
    held = confinement.confine()
    return held.landlock << 1 | held.seccomp


def _work(job: _Job) -> int:
    confinement.bound(job.memory, job.seconds)
    confinement.confine()
    with open(job.document, "rb") as file:  # noqa: PTH123 - a handle, not a path
        data = file.read()
    with open(job.answer, "wb", buffering=0) as out:  # noqa: PTH123
        out.writelines(_TASKS[job.what](data, job.argument))
    return 0


def _inspect(data: bytes, _: int) -> Iterable[bytes]:
    from attachwatch.inspection.examination import gather

    return answer.lines(gather(data))


def _paint(data: bytes, number: int) -> Iterable[bytes]:
    from attachwatch.inspection.readers.pdfium import picture

    return picture(data, number)


def _text(data: bytes, pages: int) -> Iterable[bytes]:
    from attachwatch.inspection.readers.pdfium import text

    return text(data, pages)


def _extract(data: bytes, first: int) -> Iterable[bytes]:
    """The files inside, from the one numbered `first` on, as far as all of them together keep to the bound."""
    from attachwatch.inspection.contained import members
    from attachwatch.inspection.formats.file import MOST_BYTES

    left = MOST_BYTES
    for pieces in members(data, first):
        end = LOST
        with contextlib.suppress(Exception):  # libraries raise anything on hostile files, and the others still come
            for piece in pieces:
                if len(piece) > left:
                    break
                left -= len(piece)
                yield FRAME.pack(PIECE, len(piece)) + piece
            else:
                end = WHOLE
        yield FRAME.pack(end, 0)


_TASKS: dict[bytes, Callable[[bytes, int], Iterable[bytes]]] = {
    INSPECT: _inspect,
    PAINT: _paint,
    EXTRACT: _extract,
    TEXT: _text,
}
