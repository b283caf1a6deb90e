"""The other side: a FastAPI handler that runs the program inside the request, in an interpreter of its own.

As the public examples do it: `python -m bench.bare_up` reads the request from standard input, serves it once, and
says how long it took. Nothing is kept, recovered or looked at afterwards.
"""

import asyncio
import json
import sys
from typing import Any

import httpx
from fastapi import FastAPI
from pulumi import automation as auto

from programs import registry

app = FastAPI()


@app.post("/sites")
def make(told: dict[str, Any]) -> dict[str, Any]:
    program = registry.program("site")
    workspace = auto.LocalWorkspaceOptions(
        work_dir=told["folder"],
        pulumi_home=told["root"],
        project_settings=auto.ProjectSettings(name="bench-bare", runtime="python", main=told["folder"]),
        env_vars=told["environment"],
        pulumi_command=auto.PulumiCommand(root=told["root"]),
    )
    stack = auto.create_or_select_stack(
        stack_name=told["stack"],
        project_name="bench-bare",
        program=program.entry(program.read(told["spec"]), {}),
        opts=workspace,
    )
    done = stack.up()
    return {"outputs": sorted(done.outputs), "result": done.summary.result}


async def serve() -> dict[str, Any]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench", timeout=300) as client:
        answer = await client.post("/sites", json=json.loads(sys.stdin.read()))
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(serve())))
