"""Signals and crashes in the middle of parallel Creates, and what can be done afterwards."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pulumi import automation as auto

from tests.contract.engine import programs
from tests.contract.engine.actions import Actions
from tests.contract.engine.cloud import Rule
from tests.contract.engine.lab import OFFICIAL, Lab, Operation
from tests.contract.engine.replay import Replay

RECORDED = json.loads((Path(__file__).parent / "recorded" / "signals.json").read_text())
_SLOW = 1.2  # seconds that a Create takes
_PATIENCE = 120.0

Act = Callable[[Lab], None]


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def send(*numbers: int, group: bool = False) -> Act:
    def act(lab: Lab) -> None:
        process = lab.command.process
        assert process
        for position, number in enumerate(numbers):
            if position:  # the second must find the first one understood
                wait_for(lambda: any(call["method"] == "Cancel" for call in _requests(lab)))
            (os.killpg if group else os.kill)(process.pid, number)

    return act


def _requests(lab: Lab) -> list[dict[str, Any]]:
    return [item for item in lab.log.read() if item["kind"] == "request"]


def kill_plugins(lab: Lab) -> None:
    for pid in {item["pid"] for item in lab.log.read()}:
        os.kill(pid, signal.SIGKILL)


@dataclass
class Interrupted:
    operation: Operation
    pending: list[str] = field(default_factory=list)
    resources: list[str] = field(default_factory=list)


def interrupt(
    lab: Lab, act: Act, *, cancellable: bool = False, verb: str = "Create", delay: float = _SLOW
) -> Interrupted:
    """Starts an update with slow operations and acts when they are under way."""
    program = programs.many(6) if verb == "Create" else programs.mixed
    stack = lab.stack("dev", program)
    if verb != "Create":
        lab.run(Actions(stack).up())
        if verb == "Update":
            stack.set_config("tier", auto.ConfigValue("pro"))
    lab.rules(Rule(verb, "R2Bucket::m" if verb == "Create" else "logs", delay=delay, cancellable=cancellable))
    method = Actions(stack).destroy if verb == "Delete" else Actions(stack).up
    busy = ("m", 3) if verb == "Create" else ("logs", 1)
    actor = threading.Thread(target=_act_when_busy, args=(lab, act, *busy))
    lab.log.clear()
    actor.start()
    operation = lab.run(method(parallel=3))
    actor.join()
    lab.rules()
    latest = lab.checkpoint() or {}
    return Interrupted(operation, _names(latest.get("pending_operations")), _names(latest.get("resources")))


def _act_when_busy(lab: Lab, act: Act, slow: str, count: int) -> None:
    """When as many of the slow operations are under way as can be, and nothing else is."""

    def is_busy() -> bool:
        names = _pending_names(lab)
        return len(names) == count == _unanswered(lab) and all(name.startswith(slow) for name in names)

    wait_for(is_busy)
    act(lab)


def _unanswered(lab: Lab) -> int:
    slow = ("Create", "Update", "Delete")
    calls = [item for item in lab.log.read() if item.get("method") in slow]
    return sum(1 if item["kind"] == "request" else -1 for item in calls)


def _names(items: Any) -> list[str]:
    return sorted(item.get("resource", item)["urn"].rsplit("::", 1)[-1] for item in items or [])


@pytest.mark.parametrize(
    ("case", "act"),
    [
        ("int1", send(signal.SIGINT)),
        ("int1_cancellable", send(signal.SIGINT)),
        ("int2", send(signal.SIGINT, signal.SIGINT)),
        ("term1", send(signal.SIGTERM)),
        ("term2", send(signal.SIGTERM, signal.SIGTERM)),
        ("hup", send(signal.SIGHUP)),
        ("kill_group", send(signal.SIGKILL, group=True)),
        ("plugin_killed", kill_plugins),
    ],
)
def test_as_recorded(make_lab: Callable[[str], Lab], case: str, act: Act) -> None:
    lab = make_lab(case)
    found = interrupt(lab, act, cancellable=case == "int1_cancellable")
    recorded = RECORDED[case]
    call = found.operation.calls[-1]
    summaries = [event["summaryEvent"] for event in found.operation.events if "summaryEvent" in event]
    happened = {
        "exception": found.operation.exception,
        "exit": call.exit,
        "stderr": call.stderr,
        "results": [summary["result"] for summary in summaries],
        "pending": len(found.pending),
        "resources": len(found.resources),
        "locks": len(lab.locks()),
        "history": [entry["result"] for entry in lab.history()],
    }
    assert happened == recorded


def test_cancel_from_another_process_only_removes_the_lock(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("cancel")

    def act(lab: Lab) -> None:
        for path in lab.locks():
            path.unlink()

    found = interrupt(lab, act)
    assert found.operation.exception == ""
    assert len(found.resources) == 8
    assert lab.history()[-1]["result"] == "succeeded"


@pytest.fixture(scope="module")
def crashed(make_lab: Callable[[str], Lab]) -> Lab:
    """Killed in three Creates; the lock of the dead is gone, its pending operations are there."""
    lab = make_lab("crashed")
    found = interrupt(lab, send(signal.SIGKILL))
    assert len(found.pending) == 3
    replay = Replay(lab)
    replay("pending_up_locked", lambda listener: Actions(_selected(lab)).up()(listener))
    assert not replay.differences, replay.report()
    _stop_orphans(lab)
    _selected(lab).cancel()
    return lab


def _selected(lab: Lab) -> auto.Stack:
    return lab.stack("dev", programs.many(6), auto.select_stack)


def _stop_orphans(lab: Lab) -> None:
    """Ours end by themselves; so that no object appears later, wait for it."""
    pids = {item["pid"] for item in lab.log.read()}
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def _pending_names(lab: Lab) -> list[str]:
    return _names((lab.checkpoint() or {}).get("pending_operations"))


@pytest.mark.parametrize("way", ["preview", "up", "refresh", "refresh_clear", "up_refresh", "destroy"])
def test_pending_creates(crashed: Lab, way: str) -> None:
    lab = crashed.copy(f"pending-{way}-{time.monotonic_ns()}")
    replay = Replay(lab)
    stack = lab.stack("dev", programs.many(6), auto.select_stack)
    act = Actions(stack)
    steps: dict[str, list[tuple[str, Any]]] = {
        "preview": [("pending_create_preview", act.preview())],
        "up": [("pending_create_up", act.up()), ("pending_create_up_2", act.up())],
        "refresh": [("pending_create_refresh", act.refresh())],
        "refresh_clear": [("pending_create_refresh_clear", act.refresh(clear_pending_creates=True))],
        "up_refresh": [("pending_create_up_refresh", act.up(refresh=True))],
        "destroy": [
            ("pending_create_destroy", act.destroy()),
            ("pending_create_destroy_2", lambda _: stack.workspace.remove_stack("dev")),
        ],
    }
    before = _pending_names(lab)
    for name, action in steps[way]:
        replay(name, action)
        if name != "pending_create_destroy_2":
            assert _pending_names(lab) == ([] if way == "refresh_clear" else before)
    replay.differences = [line for line in replay.differences if not _which_ones(line)]
    assert not replay.differences, replay.report()


def _which_ones(line: str) -> bool:
    """Which three of the six were under way is chance; their names are in the warning."""
    return "interrupted while creating" in line


@pytest.mark.parametrize("verb", ["Update", "Delete"])
@pytest.mark.parametrize("way", ["up", "refresh"])
def test_other_pending_operations(make_lab: Callable[[str], Lab], verb: str, way: str) -> None:
    lab = make_lab(f"pending-{verb}")
    found = interrupt(lab, send(signal.SIGKILL), verb=verb, delay=5.0)
    assert found.pending == ["logs"]
    _stop_orphans(lab)
    lab.cloud.replace(_as_if_done(lab, verb))
    stack = lab.stack("dev", programs.mixed, auto.select_stack)
    stack.cancel()
    replay = Replay(lab)
    replay(f"pending_{verb.lower()}_{way}", getattr(Actions(stack), way)())
    assert _pending_names(lab) == []
    assert not replay.differences, replay.report()


def _as_if_done(lab: Lab, verb: str) -> dict[str, Any]:
    """When this was recorded, the plugin lived on and finished the operation."""
    objects = lab.cloud.objects()
    key = next(name for name in objects if name.startswith("aws:"))
    if verb == "Delete":
        del objects[key]
    else:
        for side in ("outputs", "inputs"):
            objects[key][side]["tags"]["tier"] = "pro"
    return objects


@pytest.mark.skipif(bool(OFFICIAL), reason="the official engine leaves this to the plugin")
def test_plugins_end_with_a_killed_engine(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("orphans")
    interrupt(lab, send(signal.SIGKILL))
    _stop_orphans(lab)
    assert lab.cloud.objects() == {}
