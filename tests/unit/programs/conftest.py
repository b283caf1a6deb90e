"""Runs a program against mocks that record every resource and refuse every call to a provider."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks
from pulumi.runtime.rpc import _special_secret_sig, _special_sig_key
from pulumi.runtime.stack import run_pulumi_func
from pulumi.runtime.sync_await import _sync_await

from programs.base import Build


@dataclass
class Recorded(Mocks):
    resources: dict[str, MockResourceArgs] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[Any, Any]]:
        assert args.name not in self.resources, f"{args.name} is made twice"
        self.resources[args.name] = args
        return f"{args.name}-id", dict(args.inputs)

    def call(self, args: MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"unexpected call {args.token}")

    def named(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = plain(self.resources[name].inputs)
        return found

    def sealed(self, name: str) -> set[str]:
        """The inputs that the engine was told to keep secret."""
        return {key for key, value in self.resources[name].inputs.items() if is_secret(value)}

    def kinds(self) -> dict[str, str]:
        return {name: one.typ.rsplit(":", 1)[-1] for name, one in self.resources.items() if one.typ}


def is_secret(value: Any) -> bool:
    return isinstance(value, dict) and value.get(_special_sig_key) == _special_secret_sig


def plain(value: Any) -> Any:
    if is_secret(value):
        return plain(value["value"])
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


Run = Callable[[Build, object, Mapping[str, str]], Recorded]


@pytest.fixture
def run() -> Iterator[Run]:
    def build_all(build: Build, spec: object, secrets: Mapping[str, str]) -> Recorded:
        recorded = Recorded()
        pulumi.runtime.set_mocks(recorded, project="test", stack="test", preview=False)

        def program() -> None:
            outputs = build(spec, secrets)
            pulumi.Output.all(**outputs).apply(recorded.outputs.update)

        _sync_await(run_pulumi_func(program))
        return recorded

    loop = asyncio.new_event_loop()  # another test may have left the thread without one
    asyncio.set_event_loop(loop)
    yield build_all
    asyncio.set_event_loop(None)
    loop.close()
