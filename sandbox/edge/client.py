"""The two loopback interfaces of the sidecar: its configuration and its stores."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx

RELOAD = 15.0  # seconds that a call waits for workerd to come back; a reload takes 0.2 to 0.6
PAUSE = 0.03


class StoreError(Exception):
    """workerd refused: the message is the runtime's."""


class NotThere(StoreError):
    pass


class StoreGone(Exception):
    """workerd did not come back in time."""


Connect = Callable[[], Awaitable[httpx.AsyncClient]]


def store_connection(port: int, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers={"x-token": token}, timeout=120, trust_env=False
    )


class StoreClient:
    """KV values and R2 objects. Every call may be repeated, so a restart in between goes unnoticed.

    `connect` is asked before each attempt: after a restart of Node the stores are at another port, with another token.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect

    async def call(
        self, method: str, path: str, *, query: dict[str, str], body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        return await self._repeat(method, path, query=query, body=body, headers=headers, stream=False)

    async def open(self, path: str, *, query: dict[str, str]) -> httpx.Response:
        """A GET whose body the caller streams and closes."""
        return await self._repeat("GET", path, query=query, body=None, headers=None, stream=True)

    async def _repeat(
        self, method: str, path: str, *, query: dict[str, str], body: Any, headers: dict[str, str] | None, stream: bool
    ) -> httpx.Response:
        deadline, again = time.monotonic() + RELOAD, False
        while True:
            http = await self._connect()
            try:
                content = _replayable(body)
                request = http.build_request(method, path, params=query, content=content, headers=headers)
                response = await http.send(request, stream=stream)
            except (httpx.TransportError, RuntimeError) as error:
                if not isinstance(error, httpx.TransportError) and not http.is_closed:
                    raise
                if time.monotonic() > deadline:
                    raise StoreGone(type(error).__name__) from error
                again = True
                await asyncio.sleep(PAUSE)
                continue
            return await _checked(response, forgive_missing=again and method == "DELETE")


def _replayable(body: Any) -> Any:
    if not hasattr(body, "seek"):
        return body
    body.seek(0)
    return _chunks(body)


async def _chunks(file: Any) -> AsyncIterator[bytes]:
    while chunk := file.read(1 << 18):
        yield chunk


async def _checked(response: httpx.Response, *, forgive_missing: bool) -> httpx.Response:
    if response.is_success or (response.status_code == 404 and forgive_missing):
        return response
    await response.aread()
    await response.aclose()
    text = response.json()["error"] if response.content else ""
    raise NotThere(text) if response.status_code == 404 else StoreError(text)
