"""An IMAP server within this process, on loopback and in memory: pymap. For the demo alone."""

import asyncio
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager

from imapclient import IMAPClient
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

_HOST = "127.0.0.1"


@contextmanager
def serve(username: str, password: str) -> Iterator[tuple[str, int]]:
    """Serve one account with an empty INBOX and a Drafts folder; yield host and port, and end with the context."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="demo-imap", daemon=True)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(_start(username, password), loop).result(30)
        port = server.sockets[0].getsockname()[1]
        _make_drafts_folder(port, username, password)
        yield _HOST, port
    finally:
        asyncio.run_coroutine_threadsafe(_stop(), loop).result(30)
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
    serve_one = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
    return await asyncio.start_server(serve_one, host=_HOST, port=0)


async def _stop() -> None:
    """Cancel what still serves, the listening socket with it."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def _make_drafts_folder(port: int, username: str, password: str) -> None:
    with IMAPClient(_HOST, port=port, ssl=False, timeout=30) as client:
        client.login(username, password)
        client.create_folder("Drafts")
