"""The emulator alone in a process of its own, as the sandbox would start it: python server.py FOLDER PORT NODE."""

import asyncio
import os
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.cloudflare.app import build
from sandbox.control.home import open_home


async def main(folder: Path, port: int, node: Path) -> None:
    home = open_home(folder, url=f"http://127.0.0.1:{port}")
    emulator = build(home, edge_port=0, node=node)
    assert emulator.work is not None
    app = Starlette(routes=[Mount("/cloudflare", emulator.app)])
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False, lifespan="off", ws="none")
    server, work = uvicorn.Server(config), asyncio.ensure_future(emulator.work())
    watch = asyncio.create_task(end_with_parent(server, os.getppid()))
    await server.serve()
    for task in (work, watch):
        task.cancel()
    await asyncio.gather(work, watch, return_exceptions=True)


async def end_with_parent(server: uvicorn.Server, parent: int) -> None:
    """A killed test run leaves nothing behind."""
    while os.getppid() == parent:
        await asyncio.sleep(0.5)
    server.should_exit = True


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
