"""Who does it: made once per request, given to every rule as an argument."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActorKind(StrEnum):
    ANONYMOUS = "anonymous"
    OPERATOR = "operator"
    CUSTOMER = "customer"
    CLIENT = "client"
    EDGE = "edge"


@dataclass(frozen=True)
class Actor:
    kind: ActorKind
    id: str = ""
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    customer_id: str | None = None
    tenant_id: str | None = None  # only where the proof itself names it (edge)
    auth_time: datetime | None = None
    factors: tuple[str, ...] = ()
    request_id: str = ""
    sign_in_id: str | None = None

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.id}" if self.id else self.kind.value


ANONYMOUS = Actor(kind=ActorKind.ANONYMOUS)
