"""The checkpoint file: reading, writing, and the same thing as `stack export` prints it."""

import json
from dataclasses import dataclass, field
from typing import Any

from .. import VERSION
from ..errors import CommandFailed
from ..properties import Properties
from .resource import PendingOperation, Resource, now
from .secrets import SecretsManager


@dataclass
class Checkpoint:
    stack: str
    salt: str = ""
    resources: list[dict[str, Any]] = field(default_factory=list)
    pending: list[dict[str, Any]] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)
    manifest: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, content: bytes, *, stack: str) -> "Checkpoint":
        document = json.loads(content)
        if document.get("version") != 3:
            raise CommandFailed(f"unsupported checkpoint version {document.get('version')}: only version 3 is known")
        latest = (document.get("checkpoint") or {}).get("latest") or {}
        return cls.from_deployment(latest, stack=stack)

    @classmethod
    def from_deployment(cls, latest: dict[str, Any], *, stack: str) -> "Checkpoint":
        provider = latest.get("secrets_providers") or {}
        if provider and provider.get("type") not in ("passphrase", ""):
            raise CommandFailed(
                f"unsupported secrets provider {provider.get('type')!r}: this engine knows passphrase only"
            )
        return cls(
            stack=stack,
            salt=(provider.get("state") or {}).get("salt", ""),
            resources=latest.get("resources") or [],
            pending=latest.get("pending_operations") or [],
            metadata=latest.get("metadata") or {},
            manifest=latest.get("manifest") or {},
        )

    def deployment(self) -> dict[str, Any]:
        latest: dict[str, Any] = {"manifest": self.manifest or new_manifest()}
        if self.salt:
            latest["secrets_providers"] = {"type": "passphrase", "state": {"salt": self.salt}}
        if self.resources:
            latest["resources"] = self.resources
        if self.pending:
            latest["pending_operations"] = self.pending
        return {**latest, "metadata": self.metadata}

    def encode(self) -> bytes:
        document = {"version": 3, "checkpoint": {"stack": self.stack, "latest": self.deployment()}}
        return json.dumps(document, indent=4, ensure_ascii=False).encode()

    def find_stack(self) -> dict[str, Any] | None:
        return next((item for item in self.resources if item.get("type") == "pulumi:pulumi:Stack"), None)

    def open_resources(self, secrets: SecretsManager) -> list[Resource]:
        return [open_resource(item, secrets) for item in self.resources]

    def open_pending(self, secrets: SecretsManager) -> list[PendingOperation]:
        return [PendingOperation(open_resource(item["resource"], secrets), item["type"]) for item in self.pending]


def new_manifest() -> dict[str, Any]:
    from hashlib import sha256

    return {"time": now(), "magic": sha256(VERSION.encode()).hexdigest(), "version": VERSION}


def open_resource(data: dict[str, Any], secrets: SecretsManager) -> Resource:
    found = Resource.from_json(data)
    found.inputs, found.outputs = secrets.unseal(found.inputs), secrets.unseal(found.outputs)
    found.replacement_trigger = secrets.unseal(found.replacement_trigger)
    return found


def seal_resource(resource: Resource, secrets: SecretsManager) -> Properties:
    data = resource.to_json(inputs=secrets.seal(resource.inputs), outputs=secrets.seal(resource.outputs))
    if "replacementTrigger" in data:
        data["replacementTrigger"] = secrets.seal(data["replacementTrigger"])
    return data
