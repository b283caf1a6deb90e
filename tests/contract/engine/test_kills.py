"""kill -9 of engine, plugin or host at any moment: after the documented recovery the state equals the world."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.engine.actions import Actions
from tests.contract.engine.cloud import Rule
from tests.contract.engine.lab import OFFICIAL, Lab
from tests.contract.engine.test_signals import wait_for
from tests.contract.engine.things import THING, things

_ROUNDS = int(os.environ.get("ENGINE_KILLS", "3"))
_COUNT = 6
_VICTIMS = ("engine", "plugin", "host")


def _host(lab: Lab) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.contract.engine.host", str(lab.folder), str(lab.home), str(_COUNT)]
    root = Path(__file__).parents[3]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=root)


def _engine_of(host: int) -> int | None:
    """The engine that runs the update, among the children of the host."""
    children = Path(f"/proc/{host}/task")
    for task in children.glob("*/children") if children.exists() else ():
        for pid in task.read_text().split():
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if b"up" in words:
                return int(pid)
    return None


def _pids(lab: Lab) -> set[int]:
    return {item["pid"] for item in lab.log.read()}


def _kill(pid: int | None) -> None:
    try:
        if pid:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def _strike(lab: Lab, victim: str, chance: random.Random) -> None:
    """Lets an update begin, and kills at a random moment of its work."""
    lab.log.clear()
    lab.rules(Rule("Create", delay=0.05))
    host = _host(lab)
    engine: list[int] = []
    wait_for(lambda: bool(_pids(lab)) or host.poll() is not None)
    engine = [found] if (found := _engine_of(host.pid)) else []
    time.sleep(chance.uniform(0, 0.6))
    if victim == "plugin":
        for pid in _pids(lab):
            _kill(pid)
    else:
        _kill(host.pid if victim == "host" else next(iter(engine), None))
    host.communicate()
    for pid in engine:  # an engine whose host died ends by itself
        wait_for(lambda pid=pid: not _alive(pid))
    wait_for(lambda: not any(map(_alive, _pids(lab))))
    lab.rules()


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _recover(lab: Lab, victim: str) -> None:
    """Unlock; what may have come into being goes; forget that it was asked for; again from the beginning."""
    stack = lab.stack("dev", things(_COUNT))
    stack.cancel()
    deployment: dict[str, Any] = stack.export_stack().deployment or {}
    for operation in deployment.get("pending_operations") or []:
        if operation["type"] == "creating":
            _delete_by_name(lab, operation["resource"]["inputs"].get("name"))
    if victim == "plugin":  # an engine that saw its plugin die takes what it had asked for as not made
        for name in _asked(lab):
            _delete_by_name(lab, name)
    assert lab.run(Actions(stack).refresh(clear_pending_creates=True)).exception == ""
    operation = lab.run(Actions(stack).up())
    assert operation.exception == "", operation.calls[-1].stdout


def _asked(lab: Lab) -> set[str]:
    creates = (item for item in lab.log.read() if (item["kind"], item.get("method")) == ("request", "Create"))
    return {item["request"]["properties"]["name"] for item in creates}


def _delete_by_name(lab: Lab, name: str | None) -> None:
    """Only what the state does not hold: an object whose creation was recorded is no leftover."""
    held = {item.get("id") for item in (lab.checkpoint() or {}).get("resources") or []}
    objects = lab.cloud.objects()
    kept = {
        key: item
        for key, item in objects.items()
        if item["inputs"].get("name") != name or key.rsplit("/", 1)[-1] in held
    }
    lab.cloud.replace(kept)


def _state(lab: Lab) -> dict[str, Any]:
    resources = (lab.checkpoint() or {}).get("resources") or []
    return {f"{THING}/{item['id']}": item["outputs"] for item in resources if item["type"] == THING}


@pytest.mark.timeout(60 + 30 * _ROUNDS)
@pytest.mark.skipif(bool(OFFICIAL), reason="plugins outlive the official engine")
def test_recovery_after_any_kill(make_lab: Callable[[str], Lab]) -> None:
    seed = int(os.environ.get("ENGINE_SEED", "0")) or random.randrange(1 << 30)
    chance = random.Random(seed)
    for number in range(_ROUNDS):
        victim = _VICTIMS[number % len(_VICTIMS)]
        lab = make_lab(f"kill{number}")
        _strike(lab, victim, chance)
        _recover(lab, victim)
        held, world = _state(lab), {key: item["outputs"] for key, item in lab.cloud.objects().items()}
        assert held == world, f"round {number}, victim {victim}, seed {seed}"
        assert len(held) == _COUNT
        assert not (lab.checkpoint() or {}).get("pending_operations")
