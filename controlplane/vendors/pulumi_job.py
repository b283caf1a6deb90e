"""What a child process is told to do with a stack, and what it answers. Free of the SDK: anybody may read it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

MASK = "1b47061264138c4ac30d75fd1eb44270"  # how the engine marks an encrypted value


@dataclass(frozen=True)
class Job:
    operation_id: str
    action: str  # up, preview, refresh, drift, destroy, export, import, forget, locks
    program: str
    release: str
    project: str
    stack: str
    spec: dict[str, Any]
    root: str
    home: str
    backend_url: str
    work_dir: str
    parallel: int = 8
    deadline: float = 1800
    secrets_provider: str = "passphrase"
    environment: dict[str, str] = field(default_factory=dict, repr=False)  # short-lived credentials of this tenant
    secrets: dict[str, str] = field(default_factory=dict, repr=False)  # reach the program by closure
    options: dict[str, Any] = field(default_factory=dict)
    state: dict[str, Any] | None = field(default=None, repr=False)  # for `import`
    trace: dict[str, str] = field(default_factory=dict)  # of whoever asked for it

    def line(self) -> bytes:
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass
class Result:
    ok: bool
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: dict[str, Any] = field(default_factory=dict, repr=False)
    changes: dict[str, int] = field(default_factory=dict)
    state: dict[str, Any] | None = None
    error_class: str = ""  # locked, stopped, program, pending, failed
    error: str = ""
    seconds: float = 0.0
    memory_mb: float = 0.0


def pending_in(state: Mapping[str, Any]) -> list[str]:
    """What an interrupted run left open. An `up` on top of it would make things a second time."""
    pending = state.get("deployment", {}).get("pending_operations") or []
    return [f"{entry['type']} {entry['resource']['urn']}" for entry in pending]


def split_outputs(state: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The plain outputs of a stack, and the names of those that are ciphertexts in its state."""
    resources = state.get("deployment", {}).get("resources") or []
    stack: dict[str, Any] = next((entry for entry in resources if entry["type"] == "pulumi:pulumi:Stack"), {})
    outputs: dict[str, Any] = stack.get("outputs") or {}
    hidden = [name for name, value in outputs.items() if MASK in json.dumps(value)]
    return {name: value for name, value in outputs.items() if name not in hidden}, hidden
