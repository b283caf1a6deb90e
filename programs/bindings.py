"""The Workers and what each is bound to, as declared once in edge/bindings.json for programs and tests alike."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from programs.specs import PlatformSpec

EDGE = Path(__file__).parent / "edge"
CPU_MS = {"core": 500, "customer": 5000, "billing": 100, "mailer": 200, "domain": 200}


@dataclass(frozen=True)
class Binding:
    name: str
    type: str
    ref: str = ""  # bucket, namespace, Worker, text or secret, by its name in the program
    entrypoint: str | None = None
    limit: int = 0
    period: int = 0


@dataclass(frozen=True)
class Worker:
    name: str
    bindings: tuple[Binding, ...]

    @property
    def file(self) -> Path:
        return EDGE / "built" / f"{self.name}.mjs"

    @property
    def sha256(self) -> str:
        return sha256(self.file.read_bytes()).hexdigest()

    def services(self) -> set[str]:
        return {binding.ref for binding in self.bindings if binding.type == "service"}


@cache
def _declared() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((EDGE / "bindings.json").read_text())
    return found


def compatibility_date() -> str:
    return str(_declared()["compatibility_date"])


@cache
def workers() -> tuple[Worker, ...]:
    """In the order of deployment: what a Worker is bound to comes before it."""
    declared = _declared()["workers"]
    return tuple(Worker(name, _sorted(Binding(**one) for one in bindings)) for name, bindings in declared.items())


def _sorted(bindings: Iterable[Binding]) -> tuple[Binding, ...]:
    """By name, as the vendor returns them, so that nothing seems to have changed."""
    return tuple(sorted(bindings, key=lambda binding: binding.name))


def secret_names() -> tuple[str, ...]:
    """What the control plane must hand to the platform program besides its spec."""
    refs = {one.ref for worker in workers() for one in worker.bindings if one.type == "secret_text"}
    return tuple(sorted(refs))


def texts(spec: PlatformSpec) -> dict[str, str]:
    """Every plain text a Worker may be bound to."""
    return {
        "environment": spec.env,
        "control_url": spec.control_url.rstrip("/"),
        "ops_host": spec.ops_host,
        "ops_jwks": spec.ops_jwks,
        "portal_origins": json.dumps([spec.url(spec.app_host)]),
        "sites_zone": spec.sites_zone,
        "public_scheme": spec.public_scheme,
        "public_port": spec.public_port,
        "edge_cache": "1",
        "memo_ms": str(spec.memo_ms),
        "stripe_api_url": spec.stripe_api_url,
        "stripe_version": spec.stripe_version,
        "stripe_link_hosts": json.dumps(list(spec.stripe_link_hosts)),
        "resend_api_url": spec.resend_api_url,
        "platform_from": spec.platform_from,
    }
