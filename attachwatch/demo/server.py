"""An IMAP server within this process, on loopback and in memory: pymap. For the demo alone."""

import asyncio
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import IMAPClient
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

_HOST = "127.0.0.1"


@contextmanager
def serve(username: str, password: str) -> Iterator[tuple[str, int]]:
    """Serve one account with an empty INBOX and a Drafts folder; yield host and port, and end with the context."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="demo-imap", daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(_start(username, password), loop).result(30)
    try:
        port = server.sockets[0].getsockname()[1]
        _make_drafts_folder(port, username, password)
        yield _HOST, port
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


async def _start(username: str, password: str) -> asyncio.Server:
    arguments = Namespace(
        host=_HOST,
        port=0,
        debug=False,
        cert=None,
        key=None,
        tls=False,
        passlib_cfg=None,
        proxy_protocol=None,
        inherited_sockets=None,
        demo_data=False,
        demo_user=username,
        demo_password=password,
    )
    backend, config = await DictBackend.init(arguments, secure_auth=False, reject_dnsbl=False)
    config.apply_context()
    imap = IMAPServer(backend.login, config)

    async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # pymap's own way here starts a task that nothing holds, and that is collected as garbage now and then.
        await imap(reader, writer, SocketInfoLocal(writer))

    return await asyncio.start_server(serve_one, host=_HOST, port=0)


async def _stop(server: asyncio.Server) -> None:
    """Close the listening socket, and end the tasks that still serve a connection, some of which resist at first."""
    server.close()
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # a connection cut short is meant to be
    for _ in range(10):
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if not others:
            return
        for task in others:
            task.cancel()
        await asyncio.wait(others, timeout=1)


def _make_drafts_folder(port: int, username: str, password: str) -> None:
    with IMAPClient(_HOST, port=port, ssl=False, timeout=30) as client:
        client.login(username, password)
        client.create_folder("Drafts")
