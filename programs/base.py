"""What all programs share: how one is run, how its outputs leave it, and how its resources are marked as ours."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

Outputs = dict[str, Any]
Build = Callable[[Any, Mapping[str, str]], Outputs]


def entry(build: Build, spec: object, secrets: Mapping[str, str]) -> Callable[[], None]:
    """The inline program. Specs and secrets come by closure: none is put on a command line or into settings."""

    def program() -> None:
        for name, value in build(spec, secrets).items():
            pulumi.export(name, value)

    return program


def secret(secrets: Mapping[str, str], name: str) -> pulumi.Output[str]:
    if not secrets.get(name):
        raise ValueError(f"the program needs the secret {name}")
    return pulumi.Output.secret(secrets[name])


def tags(*, env: str, program: str, tenant_id: str | None = None) -> dict[str, str]:
    """On everything that can carry them: how an orphan is recognised and whose it is."""
    found = {"managed-by": "controlplane", "environment": env, "program": program}
    return found | ({"tenant": tenant_id} if tenant_id else {})


def comment(*, env: str, program: str, tenant_id: str | None = None) -> str:
    """The same where only a sentence fits."""
    return " ".join(filter(None, ("controlplane", env, program, tenant_id)))
