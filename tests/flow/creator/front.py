"""The edge as a browser sees it: TLS, and every name of the creator's world, in front of the AWS stand-in.

A connection carries one request, then only bytes: so WebSockets pass as they are."""

import asyncio
import datetime
import re
import ssl
import threading
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = re.compile(rb"\r\nhost: *([^\r]+)", re.IGNORECASE)
KEPT = re.compile(rb"\r\nconnection: *keep-alive", re.IGNORECASE)


class Front:
    """`names`: which host is asked for under which other name; `files`: what the video service answers."""

    def __init__(self, folder: Path, port: int, names: Mapping[str, str], files: Mapping[str, bytes]) -> None:
        self.upstream, self.names, self.files = port, names, dict(files)
        self.tasks = set[asyncio.Task[None] | None]()  # the loop itself holds them only weakly
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(folder))
        self.server = self._run(asyncio.start_server(self._answer, "127.0.0.1", 0, ssl=context, backlog=128))
        self.port = int(self.server.sockets[0].getsockname()[1])

    def close(self) -> None:
        self._run(self._stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    async def _stop(self) -> None:
        self.server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.current_task())
        try:
            await self._one(reader, writer)
        finally:
            writer.close()
            self.tasks.discard(asyncio.current_task())

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):  # the browser may go away at any moment
            head = await reader.readuntil(b"\r\n\r\n")
            found = HOST.search(head)
            host = found.group(1).decode() if found else ""
            if host.endswith(".live-video.net"):
                writer.write(self._video(head.split(b" ")[1].decode()))
            else:
                await self._through(host, head, reader, writer)
            writer.close()
            await writer.wait_closed()

    async def _through(
        self, host: str, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        name = self.names.get(host, host).encode()
        told = KEPT.sub(b"\r\nconnection: close", HOST.sub(b"\r\nhost: " + name, head, count=1))
        upstream, down = await asyncio.open_connection("127.0.0.1", self.upstream)
        down.write(told)
        there = asyncio.ensure_future(_pass_on(reader, down))
        try:
            await _pass_on(upstream, writer)
        finally:
            there.cancel()
            await asyncio.gather(there, return_exceptions=True)
            down.close()

    def _video(self, path: str) -> bytes:
        name = path.rsplit("/", 1)[-1]
        body = self.files.get(name, self.files["live.m3u8"])
        kind = "video/mp4" if name.endswith(".mp4") else "application/vnd.apple.mpegurl"
        lines = (f"content-type: {kind}", f"content-length: {len(body)}", "access-control-allow-origin: *")
        return "\r\n".join(("HTTP/1.1 200 OK", *lines, "connection: close", "", "")).encode() + body


async def _pass_on(one: asyncio.StreamReader, other: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while got := await one.read(65536):
            other.write(got)
            await other.drain()


def certificate(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "front")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made: Any = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(start).not_valid_after(start + datetime.timedelta(days=3)).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "front.pem").write_bytes(private + made.public_bytes(pem))
    return folder / "front.pem"
