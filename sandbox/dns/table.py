"""The one DNS table of the sandbox: what Cloudflare, Route 53 and the customers' registrars have published."""

from dataclasses import asdict, dataclass

from sandbox.kit.store import Store


@dataclass(frozen=True)
class Record:
    name: str  # lower case, no trailing dot; `*.zone` matches one or more labels
    type: str
    value: str
    ttl: int = 300
    priority: int | None = None
    owner: str = "registrar"  # who published it: registrar, cloudflare:<zone id>, route53:<zone id>

    @property
    def id(self) -> str:
        return f"{self.owner}|{self.name}|{self.type}|{self.value}"


class DnsTable:
    def __init__(self, store: Store) -> None:
        self._store = store

    def publish(self, record: Record) -> None:
        self._store.put("record", record.id, asdict(record))

    def withdraw(self, record: Record) -> bool:
        return self._store.delete("record", record.id)

    def withdraw_all(self, owner: str) -> None:
        for record in self.records(owner=owner):
            self.withdraw(record)

    def records(self, **equal: str) -> list[Record]:
        return [Record(**doc) for doc in self._store.all("record", **equal)]

    def version(self) -> tuple[int, int]:
        """Differs from an earlier one when records may have changed in between."""
        return self._store.version()

    def lookup(self, name: str, type: str) -> list[Record]:
        """The records of a name, else those of the closest wildcard; no CNAME is followed here."""
        name = name.lower().rstrip(".")
        exact = self.records(name=name)
        found = exact or self._wildcard(name)
        return [record for record in found if record.type == type.upper()]

    def exists(self, name: str) -> bool:
        name = name.lower().rstrip(".")
        return bool(self.records(name=name) or self._wildcard(name))

    def _wildcard(self, name: str) -> list[Record]:
        labels = name.split(".")
        for cut in range(1, len(labels)):
            found = self.records(name=".".join(["*", *labels[cut:]]))
            if found:
                return found
        return []
