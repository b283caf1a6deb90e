"""The two loopback interfaces of the sidecar: its configuration and its stores."""

import asyncio
import time
from collections.abc import AsyncIterator
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


class StoreClient:
    """KV values and R2 objects. Every call may be repeated, so a reload in between goes unnoticed."""

    def __init__(self, port: int, token: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", headers={"x-token": token}, timeout=120, trust_env=False
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def call(
        self, method: str, path: str, *, query: dict[str, str], body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        async with asyncio.timeout(RELOAD + 120):
            return await self._repeat(method, path, query=query, body=body, headers=headers, stream=False)

    async def open(self, path: str, *, query: dict[str, str]) -> httpx.Response:
        """A GET whose body the caller streams and closes."""
        return await self._repeat("GET", path, query=query, body=None, headers=None, stream=True)

    async def _repeat(
        self, method: str, path: str, *, query: dict[str, str], body: Any, headers: dict[str, str] | None, stream: bool
    ) -> httpx.Response:
        deadline, again = time.monotonic() + RELOAD, False
        while True:
            content = _replayable(body)
            request = self._http.build_request(method, path, params=query, content=content, headers=headers)
            try:
                response = await self._http.send(request, stream=stream)
            except httpx.TransportError as error:
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
