"""`preview --json`: the plan as one JSON object."""

import json
import time
from typing import Any

from ..deploy.steps import Step
from ..properties import redact
from ..state.resource import Resource


class Plan:
    def __init__(self, config: dict[str, str]) -> None:
        self.config = config
        self._steps: list[dict[str, Any]] = []
        self._diagnostics: list[dict[str, Any]] = []
        self._started = time.monotonic_ns()

    def add(self, step: Step) -> None:
        """Resources that stay as they are would only be noise; the stack heads the list in any case."""
        if step.op != "same" or step.subject.is_stack:
            self._steps.append(_step(step))

    def diagnose(self, severity: str, message: str, urn: str) -> None:
        if severity != "debug":
            self._diagnostics.append({**({"urn": urn} if urn else {}), "message": message + "\n", "severity": severity})

    def text(self, changes: dict[str, int]) -> str:
        body: dict[str, Any] = {"config": self.config, "steps": self._steps}
        if self._diagnostics:
            body["diagnostics"] = self._diagnostics
        body["duration"] = time.monotonic_ns() - self._started
        body["changeSummary"] = dict(sorted(changes.items()))
        return json.dumps(body, indent=2, ensure_ascii=False)


def _step(step: Step) -> dict[str, Any]:
    body: dict[str, Any] = {"op": step.op, "urn": step.urn}
    if step.provider:
        body["provider"] = step.provider
    for name, resource in (("oldState", step.old), ("newState", step.new)):
        if resource is not None:
            body[name] = _state(resource)
    if step.diffs:
        body["diffReasons"] = step.diffs
    if step.keys:
        body["replaceReasons"] = step.keys
    body["detailedDiff"] = None
    if step.detailed:
        items = step.detailed.items()
        body["detailedDiff"] = {
            path: {"kind": item["diffKind"], "inputDiff": item["inputDiff"]} for path, item in items
        }
    return body


def _state(resource: Resource) -> dict[str, Any]:
    shown = resource.copy(replacement_trigger=redact(resource.replacement_trigger))
    return shown.to_json(inputs=redact(resource.inputs), outputs=redact(resource.outputs))
