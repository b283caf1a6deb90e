"""The engine in a process of its own: unseen, with a deadline, nothing of it left. And the shared platform."""

import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from controlplane.core.errors import Conflict
from controlplane.fleet import platform as fleet_platform
from controlplane.provisioning import processes, runner
from controlplane.provisioning.models import Kind, Phase
from tests.fixtures.polling import poll
from tests.fixtures.world import World


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def test_one_that_hangs_is_ended_at_its_deadline_and_was_never_told_secrets_aloud(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PATIENCE", 2.0)
    usual, tenant = world.gateways, world.tenant("hangs")
    pulumi = usual.settings.pulumi.model_copy(update={"deadline_seconds": 8})
    world.gateways = replace(usual, settings=usual.settings.model_copy(update={"pulumi": pulumi}))
    operation = world.ask(tenant, Kind.PROVISION)
    with world.control.fault("cloudflare", "POST */r2/buckets", "hang", times=50) as fault:
        worker = threading.Thread(target=world.work, args=(operation,), kwargs={"attempts": 1})
        worker.start()
        poll(lambda: any(entry["fault"] == fault.id for entry in world.control.injections()), seconds=90)
        running = {pid: (os.getsid(pid), command(pid)) for pid in processes.marked(operation.id)}
        assert len(running) >= 2  # the child, the engine, its plugins
        assert os.getsid(0) not in {session for session, _command in running.values()}
        token = usual.settings.cloudflare.api_token.get_secret_value()
        assert not any(token in said for _session, said in running.values())
        worker.join(90)
    assert processes.marked(operation.id) == set()
    left = world.read(operation)
    assert (left.phase, bool(left.error)) == (Phase.WAITING, True)

    world.gateways = usual
    done = world.work(operation)
    assert (done.phase, done.error) == (Phase.DONE, "")


def test_the_platform_is_previewed_and_belongs_to_one_operator_at_a_time(world: World) -> None:
    answer = fleet_platform.run(world.gateways, "preview", say=lambda _event: None)
    assert set(answer["changes"]) == {"same"}
    with world.gateways.db.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": fleet_platform.LOCK})
        with pytest.raises(Conflict):
            fleet_platform.run(world.gateways, "destroy", say=lambda _event: None)
