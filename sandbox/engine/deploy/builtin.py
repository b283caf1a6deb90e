"""The provider that is part of the engine: stack references."""

from collections.abc import Callable
from typing import Any

from ..properties import Properties, has_secret
from .answers import Observed, ProviderError

ReadOutputs = Callable[[str], Properties]
REFERENCE = "pulumi:pulumi:StackReference"


class BuiltinProvider:
    def __init__(self, read_outputs: ReadOutputs) -> None:
        self._read_outputs = read_outputs

    def describe(self, name: str) -> Properties:
        """Name, outputs, and which of them are secret: what a StackReference is."""
        outputs = self._read_outputs(name)
        secret = [key for key, value in sorted(outputs.items()) if has_secret(value)]
        return {"name": name, "outputs": outputs, "secretOutputNames": secret}

    async def read(
        self, *, urn: str, identity: str, properties: Properties | None, inputs: Properties | None, **_: float
    ) -> Observed:
        _require(urn.split("::")[2].rsplit("$", 1)[-1], REFERENCE)
        name = str((inputs or {}).get("name") or (properties or {}).get("name") or identity)
        return Observed(identity, self.describe(name), {"name": name}, [])

    def invoke(self, token: str, args: Properties) -> dict[str, Any]:
        if token == "pulumi:pulumi:readStackOutputs":
            name = str(args["name"])
            return {"name": name, "outputs": self._read_outputs(name)}
        raise ProviderError(f"unknown function {token}: this engine has no such builtin")


def _require(kind: str, known: str) -> None:
    if kind != known:
        raise ProviderError(f"unsupported builtin resource {kind}: this engine knows {known} only")
