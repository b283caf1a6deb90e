"""Everything an update tells: events, human text and the counts of the summary."""

import sys
import time
from collections import Counter
from typing import Any

from ..deploy.steps import Step
from ..properties import mask
from ..rpc.events import EventLog
from ..state.resource import Resource
from .planned import Plan
from .text import Text

_PREFIXES = {"debug": "debug: ", "warning": "warning: ", "error": "error: "}


class Reporter:
    def __init__(self, log: EventLog, text: Text, *, preview: bool, color: str) -> None:
        self.log, self.text, self.preview, self.color = log, text, preview, color
        self.changes: Counter[str] = Counter()
        self.steps = 0
        self.started = time.monotonic()
        self._seconds = 0
        self.plan: Plan | None = None  # instead of the text, when JSON is wanted

    def prelude(self, config: dict[str, str]) -> None:
        self.log.write("preludeEvent", {"config": config})
        self.text.headline()

    def diagnostic(
        self, severity: str, message: str, *, urn: str = "", stream: int = 0, ephemeral: bool = False
    ) -> None:
        body: dict[str, Any] = {"urn": urn} if urn else {}
        if prefix := _PREFIXES.get(severity):
            body["prefix"] = prefix
        body |= {"message": message + "\n", "color": self.color, "severity": severity}
        if stream:
            body["streamID"] = stream
        if ephemeral:
            body["ephemeral"] = True
        self.log.write("diagnosticEvent", body)
        if self.plan:
            self.plan.diagnose(severity, message, urn)
        if severity != "debug" and not ephemeral:
            self.text.diagnostic(severity, message, urn)

    def error(self, message: str, *, urn: str = "") -> None:
        self.diagnostic("error", message, urn=urn)

    def pre(self, step: Step) -> None:
        self.steps += 1
        step.started = time.monotonic()
        self._step("resourcePreEvent", step, step.op)
        self.text.begin(step)
        if self.plan:
            self.plan.add(step)

    def outputs(self, step: Step) -> None:
        self._step("resOutputsEvent", step, step.result_op or step.op)
        self.text.done(step)

    def count(self, step: Step) -> None:
        if step.counted:
            self.changes[step.result_op or step.op] += 1

    def whole(self, step: Step) -> None:
        """A step without an operation of its own: begun and done at once."""
        self.pre(step)
        self.count(step)
        self.outputs(step)

    def failed(self, step: Step, message: str, *, partial: bool) -> None:
        self.error(message, urn=step.urn)
        body = {"metadata": metadata(step, step.op), "status": int(partial), "steps": self.steps}
        self.log.write("resOpFailedEvent", body)
        self.text.failed(step, message)

    def _step(self, kind: str, step: Step, op: str) -> None:
        body: dict[str, Any] = {"metadata": metadata(step, op)}
        if self.preview:
            body["planning"] = True
        self.log.write(kind, body)

    def summary(self, result: str) -> None:
        seconds = int(time.monotonic() - self.started) + 1
        body = {
            "maybeCorrupt": False,
            "durationSeconds": seconds,
            "resourceChanges": dict(sorted(self.changes.items())),
            "PolicyPacks": {},
            "isPreview": self.preview,
            "result": result,
        }
        self.log.write("summaryEvent", body)
        self._seconds = seconds

    async def close(self) -> None:
        """Texts come last: plugins may have had something to say at their end."""
        self.text.summary(self.changes, self._seconds)
        if self.plan:
            sys.stdout.write(self.plan.text(self.changes) + "\n")
        self.log.write("cancelEvent", {})
        await self.log.close()


def metadata(step: Step, op: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "op": op,
        "urn": step.urn,
        "type": step.subject.type,
        "old": _state(step.old),
        "new": _state(step.new),
    }
    if step.keys:
        body["keys"] = step.keys
    if step.diffs:
        body["diffs"] = step.diffs
    body["detailedDiff"] = step.detailed
    if step.logical:
        body["logical"] = True
    return {**body, "provider": step.provider}


def _state(resource: Resource | None) -> dict[str, Any] | None:
    if resource is None:
        return None
    body: dict[str, Any] = {"type": resource.type, "urn": resource.urn}
    if resource.custom:
        body["custom"] = True
    if resource.delete:
        body["delete"] = True
    if resource.external:
        body["external"] = True
    body |= {"id": resource.id, "parent": resource.parent}
    if resource.protect:
        body["protect"] = True
    if resource.retain_on_delete:
        body["retainOnDelete"] = True
    body |= {"inputs": mask(resource.inputs), "outputs": mask(resource.outputs), "provider": resource.provider}
    if resource.init_errors:
        body["initErrors"] = resource.init_errors
    return body
