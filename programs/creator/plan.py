"""What a module is made of, in plain values: the resources, the policies and the tests are made from these."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Auth(StrEnum):
    PUBLIC = "NONE"
    PERSON = "JWT"


class Kind(StrEnum):
    """Of the data in a table: what may happen to it."""

    PERSONAL = "personal"
    FINANCIAL = "financial"
    CONTENT = "content"
    BUSINESS = "business"
    LEGAL = "legal"
    AGGREGATE = "aggregate"
    TRANSIENT = "transient"

    @property
    def is_kept(self) -> bool:
        return self not in {Kind.AGGREGATE, Kind.TRANSIENT}


@dataclass(frozen=True)
class Index:
    name: str
    key: str
    sort: str = ""


@dataclass(frozen=True, kw_only=True)
class Table:
    name: str
    key: str
    kind: Kind
    sort: str = ""
    indexes: tuple[Index, ...] = ()
    ttl: str = ""
    numbers: frozenset[str] = frozenset()

    def attributes(self) -> dict[str, str]:
        """The ones that keys are made of, with their types, in a fixed order."""
        named = [self.key, self.sort, *(name for index in self.indexes for name in (index.key, index.sort))]
        return {name: "N" if name in self.numbers else "S" for name in sorted({*named} - {""})}


@dataclass(frozen=True)
class Route:
    key: str
    auth: Auth = Auth.PUBLIC
    rate: int = 0  # requests per second, where the stage's are too many


@dataclass(frozen=True)
class Allow:
    """Resources are templates over the names of `Account.arns`: "{pool}", "{bucket_media}/exports/*"."""

    actions: tuple[str, ...]
    on: tuple[str, ...]
    when: Mapping[str, Mapping[str, str]] | None = None


@dataclass(frozen=True, kw_only=True)
class Alarm:
    errors: int
    minutes: int = 5


@dataclass(frozen=True, kw_only=True)
class Function:
    name: str
    handler: str
    routes: tuple[Route, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    mails: bool = False
    posts: bool = False  # mails that wait in the outbox when they are not taken at once
    tells: tuple[str, ...] = ()  # the live channels it publishes to, by their namespace
    allows: tuple[Allow, ...] = ()
    facts: tuple[str, ...] = ()  # what it is told besides its tables and secrets
    timeout: int = 10
    memory: int = 0  # 0: the tier's
    alarm: Alarm | None = None

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(sorted({*self.reads, *self.writes}))

    @property
    def queues(self) -> bool:
        return any(action.startswith("sqs:") for allow in self.allows for action in allow.actions)


@dataclass(frozen=True)
class Probe:
    """A request of the smoke test, and the status it has to get."""

    route: str
    status: int
    body: Mapping[str, object] | None = None


PROCESSED = Table(name="processed-events", key="eventId", kind=Kind.TRANSIENT, ttl="ttl")  # of the baseline
