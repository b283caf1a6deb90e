"""A running edge with scripts given as text, and raw requests to it."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from sandbox.edge import Edge, EdgeConfig, NodeInstallation

NODE = Path(__file__).parents[3] / ".sandbox" / "node"


def script(name: str, source: str, *bindings: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name, "main": "index.mjs", "modules": [{"name": "index.mjs", "type": "ESModule", "text": source}],
        "compatibility_date": "2026-07-01", "compatibility_flags": [], "bindings": list(bindings),
    }  # fmt: skip


def service(name: str, target: str, entrypoint: str | None = None) -> dict[str, Any]:
    return {"type": "service", "name": name, "service": target, "entrypoint": entrypoint}


@asynccontextmanager
async def running(folder: Path, config: EdgeConfig, *, route_to: str | None = None) -> AsyncIterator[Edge]:
    edge = Edge(folder, installation=NodeInstallation(NODE), port=0)
    await edge.start(config)
    try:
        if route_to is not None:
            await publish(edge, route_to)
        yield edge
    finally:
        await edge.stop()


async def publish(edge: Edge, name: str) -> None:
    """Every name below `localhost` goes to one script."""
    zone = {"names": {"*.localhost": True}, "routes": [{"host": "*", "path": "/*", "script": name}]}
    table = json.dumps({"zones": {"localhost": zone}, "customs": {}})
    await (await edge.stores()).call("PUT", "/kv", query={"store": "KV:__edge", "key": "table"}, body=table)


def visit(edge: Edge, path: str = "/", *, host: str = "a.localhost", **options: Any) -> httpx.Response:
    headers = {"host": host, **options.pop("headers", {})}
    with httpx.Client(trust_env=False, timeout=60) as http:
        return http.request(options.pop("method", "GET"), f"{edge.url}{path}", headers=headers, **options)


def raw(edge: Edge, request: bytes) -> bytes:
    """What no HTTP client would send."""
    with socket.create_connection(("127.0.0.1", edge.port), timeout=60) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer
