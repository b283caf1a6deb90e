"""Bringing the shared platform up: an operator's act, held by a lock in the database while it runs."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from controlplane.core.errors import Conflict, Refused
from controlplane.core.ids import new_id
from controlplane.core.log import scrub
from controlplane.gateways import Gateways
from controlplane.provisioning import runner
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
    nursery = runner.Nursery(str(gateways.settings.pulumi.root or ""))
    job = _job(gateways, action)
    deadline = gateways.settings.pulumi.deadline_seconds
    try:
        answer = runner.run(nursery, job, on_event=say, should_stop=lambda: False, deadline=deadline)
    finally:
        nursery.close()
        shutil.rmtree(job["work_dir"], ignore_errors=True)
    if not answer["ok"]:
        raise Refused(scrub(answer["error"]))
    if action == "up":
        with gateways.db.transaction() as session:
            platform.remember(session, gateways, release=job["release"], outputs=answer["outputs"])
    return answer


def _job(gateways: Gateways, action: str) -> dict[str, Any]:
    settings = gateways.settings
    identity = new_id()
    token = settings.cloudflare.api_token.get_secret_value()
    passphrase = settings.pulumi.passphrase.get_secret_value()
    return {
        "operation_id": identity,
        "action": action,
        "program": "platform",
        "release": platform.release(),
        "project": platform.PROJECT,
        "stack": settings.name,
        "spec": platform.spec(gateways),
        "root": str(settings.pulumi.root or ""),
        "home": str(settings.pulumi.home or ""),
        "backend_url": settings.pulumi.backend_url,
        "work_dir": str(Path(settings.pulumi.work_folder or "/tmp") / identity),  # noqa: S108
        "parallel": settings.pulumi.parallel,
        "deadline": settings.pulumi.deadline_seconds,
        "secrets_provider": settings.pulumi.secrets_provider,
        "environment": {"CLOUDFLARE_API_TOKEN": token, "PULUMI_CONFIG_PASSPHRASE": passphrase},
        "secrets": platform.worker_secrets(gateways),
        "options": {},
        "state": None,
    }
