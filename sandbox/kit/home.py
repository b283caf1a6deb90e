"""What the sandbox hands to each emulator, and what it expects back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.types import ASGIApp

from sandbox.dns.table import DnsTable
from sandbox.kit.clock import Clock
from sandbox.kit.faults import Faults
from sandbox.kit.store import Store


@dataclass(frozen=True)
class Home:
    folder: Path  # the state of this sandbox; an emulator keeps its files in a sub-folder of its name
    url: str  # how the vendors' process is reached, without a trailing slash
    secrets: Mapping[str, str]  # keys that the sandbox generated: stripe_secret_key, resend_api_key, ...
    clock: Clock
    faults: Faults
    dns: DnsTable

    def store(self, vendor: str) -> Store:
        return Store(self.folder / vendor / "state.sqlite")


@dataclass(frozen=True)
class Emulator:
    name: str  # also the path under which it is mounted
    app: ASGIApp
    work: Callable[[], Awaitable[None]] | None = None  # runs as long as the process: deliveries, timers
