"""Bringing the shared platform up: an operator's act, held by a lock in the database while it runs."""

import shutil
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from controlplane.core.errors import Conflict, Refused
from controlplane.core.ids import new_id
from controlplane.core.log import scrub
from controlplane.gateways import Gateways
from controlplane.provisioning import engine, runner
from controlplane.provisioning.stack import Stack, job
from controlplane.publishing import platform

Say = Callable[[dict[str, Any]], None]
LOCK = "platform"


def run(gateways: Gateways, action: str, *, say: Say) -> dict[str, Any]:
    """`up`, `preview` or `destroy`. The Workers, their stores, names and routes."""
    with gateways.db.engine.connect() as connection:
        held = connection.execute(text("SELECT pg_try_advisory_lock(hashtext(:name))"), {"name": LOCK}).scalar_one()
        connection.commit()
        if not held:
            raise Conflict("Somebody is working on the platform just now.")
        try:
            return _run(gateways, action, say)
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": LOCK})


def _run(gateways: Gateways, action: str, say: Say) -> dict[str, Any]:
    settings = gateways.settings.pulumi
    identity = new_id()
    told = job(settings, _stack(gateways), action, operation_id=identity, folder=identity)
    try:
        nursery = engine.nursery(str(settings.root or ""))
        answer = runner.run(nursery, told, on_event=say, should_stop=lambda: False)
    finally:
        shutil.rmtree(told.work_dir, ignore_errors=True)
    if not answer["ok"]:
        raise Refused(scrub(answer["error"]))
    if action == "up":
        with gateways.db.transaction() as session:
            platform.remember(session, gateways, release=told.release, outputs=answer["outputs"])
    return answer


def _stack(gateways: Gateways) -> Stack:
    return Stack(
        program="platform",
        release=platform.release(),
        project=platform.PROJECT,
        name=gateways.settings.name,
        spec=platform.spec(gateways),
        environment={"CLOUDFLARE_API_TOKEN": gateways.settings.cloudflare.api_token.get_secret_value()},
        secrets=platform.worker_secrets(gateways),
    )
