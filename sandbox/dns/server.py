"""A DNS server on loopback, UDP and TCP on one port, that serves the shared table; and its faults."""

import asyncio
import socket
import struct
from typing import cast

from sandbox.dns.replies import Replies
from sandbox.dns.table import DnsTable
from sandbox.kit.faults import Faults

HOST = "127.0.0.1"
IDLE = 10  # seconds that a TCP connection may say nothing


class DnsServer:
    def __init__(self, table: DnsTable, faults: Faults, *, port: int) -> None:
        self.port = port
        self._replies = Replies(table, faults)
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None

    async def start(self) -> None:
        stream, datagram = _bind(self.port)
        self.port = stream.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self._replies), sock=datagram)
        self._tcp = await asyncio.start_server(self._talk, sock=stream)

    def close(self) -> None:
        if self._udp and self._tcp:
            self._udp.close()
            self._tcp.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = struct.unpack("!H", await asyncio.wait_for(reader.readexactly(2), IDLE))
                query = await asyncio.wait_for(reader.readexactly(length), IDLE)
                reply = await self._replies.reply(query, tcp=True)
                if reply is not None:
                    writer.write(struct.pack("!H", len(reply)) + reply)
                    await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, replies: Replies) -> None:
        self._replies = replies
        self._transport: asyncio.DatagramTransport | None = None
        self._open: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.get_running_loop().create_task(self._answer(data, addr))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _answer(self, query: bytes, address: tuple[str, int]) -> None:
        reply = await self._replies.reply(query, tcp=False)
        if reply is not None and self._transport is not None:
            self._transport.sendto(reply, address)


def _bind(port: int) -> tuple[socket.socket, socket.socket]:
    """The same port for both; a free one found for TCP may be taken for UDP."""
    for attempt in range(20):
        stream = socket.create_server((HOST, port))
        datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            datagram.bind((HOST, stream.getsockname()[1]))
        except OSError:
            stream.close()
            datagram.close()
            if port or attempt == 19:
                raise
        else:
            return stream, datagram
    raise AssertionError("unreachable")
