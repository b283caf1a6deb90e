"""Everything that the operations share."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sandbox.cloudflare.cipher import Cipher
from sandbox.cloudflare.visible import DnsView
from sandbox.edge import Edge
from sandbox.edge.client import StoreClient
from sandbox.kit import Clock, Faults, Store
from sandbox.kit.home import Home

if TYPE_CHECKING:
    from sandbox.cloudflare.deployer import Deployer

VENDOR = "cloudflare"


@dataclass
class Delays:
    """Seconds of emulated time between the states of a certificate and a fallback origin."""

    initializing: float = 0.5
    issuance: float = 0.5
    deployment: float = 0.5


@dataclass
class Cloud:
    home: Home
    store: Store
    edge: Edge
    deployer: "Deployer"
    cipher: Cipher
    dns: DnsView
    account: str
    delays: Delays = field(default_factory=Delays)
    hostname_quota: int = 50_000
    in_motion: set[str] = field(default_factory=set)  # custom hostnames whose state changes within moments

    async def stores(self) -> StoreClient:
        return await self.edge.stores()

    @property
    def clock(self) -> Clock:
        return self.home.clock

    @property
    def faults(self) -> Faults:
        return self.home.faults

    def now(self) -> str:
        return stamp(self.clock.now())


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def new_id() -> str:
    return uuid.uuid4().hex
