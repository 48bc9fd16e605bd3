"""A small IMAP server that says what it was told to say, and is honest where it was told nothing."""

import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from attachwatch.config import MailboxSettings
from tests.servers import PASSWORD_ENV

Send = Callable[[bytes], object]
Told = Callable[[Send, bytes], None]  # what to do, given how to send and the command's tag; then the line is cut
Answer = bytes | Told  # TAG stands for the command's tag, HONEST for what would be said else


@dataclass
class Liar:
    """One message with one file. `answers` replace what is said to a command; of two kinds of FETCH, LIST is that which
    asks for structure or header, and BODY that which asks for parts."""

    message: bytes
    file: bytes  # as encoded
    structure: bytes
    answers: dict[str, Answer] = field(default_factory=dict)
    heard: list[tuple[str, bool]] = field(default_factory=list)  # commands, and whether under TLS
    context: ssl.SSLContext | None = None
    ca_file: Path | None = None
    port: int = 0

    def settings(self, **changes: object) -> MailboxSettings:
        values: dict[str, object] = {
            "name": "foi",
            "host": "localhost",
            "port": self.port,
            "tls": "none",
            "username": "me@newsroom.example",
            "password_env": PASSWORD_ENV,
            "timeout": "1s",
        }
        return MailboxSettings.model_validate(values | changes)

    def heard_in_the_clear(self) -> list[str]:
        return [word for word, is_protected in self.heard if not is_protected]


@contextmanager
def serving(liar: Liar) -> Iterator[Liar]:
    with socket.create_server(("localhost", 0)) as listener:
        liar.port = listener.getsockname()[1]

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=_serve, args=(liar, client), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield liar


def _serve(liar: Liar, client: socket.socket) -> None:
    with suppress(OSError, ValueError):
        _say(liar, client, "GREETING", b"* OK ready\r\n", b"*")
        file, is_protected = client.makefile("rb"), False
        while line := file.readline():
            tag, *words = line.split()
            name = _name(words)
            liar.heard.append((name, is_protected))
            _say(liar, client, name, _honest(liar, name, line), tag)
            if name == "STARTTLS" and liar.context:
                client = liar.context.wrap_socket(client, server_side=True)
                file, is_protected = client.makefile("rb"), True
            if name == "LOGOUT":
                return


def _name(words: list[bytes]) -> str:
    name = words[0].upper().decode()
    if name == "UID":
        name = words[1].upper().decode()
    if name == "FETCH":
        asked = b" ".join(words)
        return "LIST" if any(w in asked for w in (b"BODYSTRUCTURE", b"HEADER", b"INTERNALDATE")) else "BODY"
    return name


def _say(liar: Liar, client: socket.socket, name: str, honest: bytes, tag: bytes) -> None:
    answer = liar.answers.get(name, honest)
    if callable(answer):
        answer(client.sendall, tag)
        client.shutdown(socket.SHUT_RDWR)
    else:
        client.sendall(answer.replace(b"HONEST", honest).replace(b"TAG", tag))


def _honest(liar: Liar, name: str, line: bytes) -> bytes:
    if name == "GREETING":
        return b"* OK ready\r\n"
    done = b"TAG OK done\r\n"
    known: dict[str, bytes] = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1" + (b" STARTTLS" if liar.context else b"") + b"\r\n",
        "EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n",
        "SEARCH": b"* SEARCH 1\r\n",
        "LOGOUT": b"* BYE\r\n",
    }
    if name in ("LIST", "BODY"):
        return b"* 1 FETCH (UID 1" + b"".join(_items(liar, line)) + b")\r\n" + done
    return known.get(name, b"") + done


def _items(liar: Liar, line: bytes) -> Iterator[bytes]:
    head, _, body = liar.message.partition(b"\r\n\r\n")
    for item, value in (
        (b"INTERNALDATE", b'"01-Oct-2024 10:00:00 +0000"'),
        (b"RFC822.SIZE", b"%d" % len(liar.message)),
        (b"BODYSTRUCTURE", liar.structure),
    ):
        if item in line:
            yield b" %s %s" % (item, value)
    sections: dict[bytes, bytes] = {
        b"": liar.message,
        b"1": body[body.index(b"\r\n\r\n") + 4 :].split(b"\r\n--b")[0],
        b"2.MIME": b'Content-Type: application/pdf; name="Annex A.pdf"\r\n\r\n',
        b"2": liar.file,
    }
    for asked in re.finditer(rb"BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", line):
        data = head + b"\r\n\r\n" if asked[1].startswith(b"HEADER") else sections[asked[1]]
        origin = b""
        if asked[2]:
            data = data[int(asked[2]) : int(asked[2]) + int(asked[3])]
            origin = b"<" + asked[2] + b">"
        yield b" BODY[%s]%s {%d}\r\n%s" % (asked[1], origin, len(data), data)


def dripping(said: bytes) -> Told:
    """These bytes, five in a second, so that no timeout comes; then nothing."""

    def drip(send: Send, tag: bytes) -> None:
        for byte in said.replace(b"TAG", tag):
            send(bytes([byte]))
            time.sleep(0.2)

    return drip


def silence(_send: Send, _tag: bytes) -> None:
    time.sleep(3)


def for_ever(piece: bytes) -> Told:
    def go_on(send: Send, _tag: bytes) -> None:
        while True:
            send(piece)

    return go_on
