"""What all programs share: how one is run, how its outputs leave it, and how its resources are marked as ours."""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import SETTINGS, get_engine

Outputs = dict[str, Any]
Build = Callable[[Any, Mapping[str, str]], Outputs]


def entry(build: Build, spec: object, secrets: Mapping[str, str]) -> Callable[[], None]:
    """The inline program. Specs and secrets come by closure: none is put on a command line or into settings."""

    def program() -> None:
        _hush()
        for name, value in build(spec, secrets).items():
            pulumi.export(name, value)

    return program


class _Quiet:
    """The engine, spared of what the SDK says for its own developers: four blocking calls for every resource."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def Log(self, request: Any) -> Any:
        return None if request.severity == engine_pb2.DEBUG else self._engine.Log(request)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def _hush() -> None:
    engine = get_engine()
    if engine is not None and not isinstance(engine, _Quiet):
        SETTINGS.engine = _Quiet(engine)


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
