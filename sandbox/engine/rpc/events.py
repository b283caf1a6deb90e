"""The event stream: JSON objects to a gRPC server or into a file."""

import asyncio
import json
import time
from typing import Any, Protocol, TextIO

from ..errors import CommandFailed
from .messages import LIMITS, events_pb2, events_pb2_grpc, grpc

_PATIENCE = 2.0  # a server that is gone must not hold the command up


class EventSink(Protocol):
    def send(self, text: str) -> None: ...
    async def close(self) -> None: ...


class NoSink:
    def send(self, text: str) -> None:
        pass

    async def close(self) -> None:
        pass


class FileSink:
    def __init__(self, path: str) -> None:
        self._stream: TextIO = open(path, "a", encoding="utf-8")  # noqa: SIM115 - closed with the stream of events

    def send(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    async def close(self) -> None:
        self._stream.close()


class GrpcSink:
    def __init__(self, address: str) -> None:
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._channel = grpc.aio.insecure_channel(address, options=LIMITS)
        self._task = asyncio.create_task(self._stream())

    def send(self, text: str) -> None:
        self._queue.put_nowait(text)

    async def _stream(self) -> None:
        call = events_pb2_grpc.EventsStub(self._channel).StreamEvents()
        try:
            while (text := await self._queue.get()) is not None:
                await call.write(events_pb2.EventRequest(event=text))
            await call.done_writing()
            await call
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):  # the listener died: the update goes on without it
            pass

    async def close(self) -> None:
        self._queue.put_nowait(None)
        await asyncio.wait({self._task}, timeout=_PATIENCE)
        self._task.cancel()
        await self._channel.close()


def open_sink(target: str) -> EventSink:
    if not target:
        return NoSink()
    scheme, separator, address = target.partition("://")
    if not separator:
        return FileSink(target)
    if scheme == "tcp":
        return GrpcSink(address)
    if scheme == "file":
        return FileSink(address)
    raise CommandFailed(f"unsupported event log {target!r}")


class EventLog:
    """Numbers and stamps events."""

    def __init__(self, sink: EventSink) -> None:
        self._sink, self._next = sink, 0

    def write(self, kind: str, body: dict[str, Any]) -> None:
        event = {"sequence": self._next, "timestamp": int(time.time()), kind: body}
        self._next += 1
        self._sink.send(json.dumps(event, ensure_ascii=False, separators=(",", ":")))

    async def close(self) -> None:
        await self._sink.close()
