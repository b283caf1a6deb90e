"""Compares what an operation did with what the official engine did when it was recorded."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from difflib import unified_diff
from pathlib import Path
from typing import Any

from tests.contract.engine import normal
from tests.contract.engine.lab import Lab, Operation

RECORDED = Path(__file__).parent / "recorded"


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text())
    states = found.pop("states", [])
    for event in found.get("events", []):
        for body in event.values():
            if "metadata" in body:
                for side in ("old", "new"):
                    number = body["metadata"][side]
                    body["metadata"][side] = None if number is None else states[number]
    return found


class Replay:
    """Runs operations of one chapter and collects every difference."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.differences: list[str] = []

    def __call__(
        self, name: str, action: Callable[[Callable[[Any], None]], Any], *, stack: str = "dev", brief: bool = True
    ) -> Operation:
        """`brief`: without the SDK's own look at outputs and history after an update (half of the time)."""
        operation = self.lab.run(action, stack=stack, brief=brief)
        self.differences += [f"{name}: {line}" for line in differences(load(name), operation, brief=brief)]
        return operation

    def report(self) -> str:
        return "\n".join(self.differences)


def differences(recorded: dict[str, Any], operation: Operation, *, brief: bool) -> Iterable[str]:
    if recorded["exception"] != operation.exception:
        yield f"exception {operation.exception or 'none'}, recorded {recorded['exception'] or 'none'}"
    expected = recorded["calls"][: len(operation.calls)] if brief else recorded["calls"]
    yield from _compare("command line", expected, _calls(operation))
    if "events" in recorded:
        yield from _events(recorded["events"], normal.events(operation.events))
    if "provider" in recorded:
        yield from _provider(recorded["provider"], operation, failed=bool(recorded["exception"]))
    if "state" in recorded:
        yield from _state(recorded["state"], normal.state(operation.state))


def _calls(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "argv": normal.argv(call.argv),
            "exit": call.exit,
            "stdout": normal.stdout(call.argv, call.stdout),
            "stderr": normal.text(call.stderr),
        }
        for call in operation.calls
    ]


def _events(recorded: list[dict[str, Any]], happened: list[dict[str, Any]]) -> Iterable[str]:
    """The same events; in the same order for each resource; prelude first, the cancel event last."""
    before, after = _by_urn(recorded), _by_urn(happened)
    certain = _certain(recorded)
    for urn in sorted({*before, *after}):
        if certain is None or urn in certain or not _one_begins_with_the_other(before.get(urn, []), after.get(urn, [])):
            yield from _compare(f"events of {urn or 'no resource'}", before.get(urn, []), after.get(urn, []))
    if happened and (next(iter(happened[0])), next(iter(happened[-1]))) != ("preludeEvent", "cancelEvent"):
        yield "events do not begin with the prelude and end with the cancel event"


def _certain(events: list[dict[str, Any]]) -> set[str] | None:
    """Of a failed update, the URNs whose fate is certain: how far the others came when it stopped was chance."""
    summary = next((event["summaryEvent"] for event in events if "summaryEvent" in event), {})
    if summary.get("result") == "succeeded":
        return None
    return {event["diagnosticEvent"].get("urn", "") for event in events if "diagnosticEvent" in event} | {""}


def _one_begins_with_the_other(left: list[Any], right: list[Any]) -> bool:
    shorter = min(len(left), len(right))
    return left[:shorter] == right[:shorter]


def _by_urn(events: list[dict[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for event in events:
        body = next(iter(event.values()))
        found[body.get("metadata", body).get("urn", "")].append(event)
    return found


def _provider(recorded: list[dict[str, Any]], operation: Operation, *, failed: bool) -> Iterable[str]:
    requests = [item for item in operation.provider if item["kind"] == "request"]
    before, after = _by_subject(recorded), _by_subject(normal.provider_calls(requests))
    for subject in sorted({*before, *after}):
        if failed and _one_begins_with_the_other(before.get(subject, []), after.get(subject, [])):
            continue
        yield from _compare(f"provider calls for {subject}", before.get(subject, []), after.get(subject, []))


def _by_subject(calls: list[dict[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for call in calls:
        request = call["request"]
        found[request.get("urn") or request.get("tok") or call["method"]].append(call)
    return found


def _state(recorded: dict[str, Any], happened: dict[str, Any]) -> Iterable[str]:
    """The order of independent resources is chance."""
    for key in recorded:
        before, after = recorded[key], happened[key]
        if key == "resources" and before and after:
            before, after = (
                sorted(items, key=lambda item: (item["urn"], normal.canonical(item))) for items in (before, after)
            )
        yield from _compare(f"state, {key}", before, after)


def _compare(what: str, recorded: Any, happened: Any) -> Iterable[str]:
    if recorded != happened:
        before, after = (
            json.dumps(item, indent=1, sort_keys=True, ensure_ascii=False).splitlines() for item in (recorded, happened)
        )
        lines = list(unified_diff(before, after, "recorded", "happened", lineterm="", n=1))
        yield f"{what}\n" + "\n".join(f"    {line}" for line in lines[2:42])
