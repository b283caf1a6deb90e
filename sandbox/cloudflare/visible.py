"""The whole DNS table at one moment, with an index: a round of checks asks it a thousand questions."""

from collections import defaultdict

from sandbox.dns.table import DnsTable, Record

LONGEST_CHAIN = 8


class DnsView:
    """Read and indexed again only when somebody has written."""

    def __init__(self, table: DnsTable) -> None:
        self._table = table
        self._version: tuple[int, int] | None = None
        self._seen = VisibleDns([])

    def now(self) -> "VisibleDns":
        version = self._table.version()
        if version != self._version:
            self._seen = VisibleDns(self._table.records())
            self._version = version
        return self._seen


class VisibleDns:
    """Compared by identity: another object means that something may have changed."""

    def __init__(self, records: list[Record]) -> None:
        self._by_name: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            self._by_name[record.name].append(record)

    def lookup(self, name: str, kind: str) -> list[Record]:
        """Like a resolver, but without following: the name's own records, else the closest wildcard's."""
        return [record for record in self._at(name.lower().rstrip(".")) if record.type == kind]

    def texts(self, name: str) -> set[str]:
        target = self.chain(name)[-1]
        return {record.value.strip('"') for record in self.lookup(target, "TXT")}

    def addresses(self, name: str) -> set[str]:
        target = self.chain(name)[-1]
        return {record.value for kind in ("A", "AAAA") for record in self.lookup(target, kind)}

    def chain(self, name: str) -> list[str]:
        """The name and every CNAME target after it."""
        names = [name.lower().rstrip(".")]
        while len(names) <= LONGEST_CHAIN and (found := self.lookup(names[-1], "CNAME")):
            target = found[0].value.lower().rstrip(".")
            if target in names:
                break
            names.append(target)
        return names

    def _at(self, name: str) -> list[Record]:
        if name in self._by_name:
            return self._by_name[name]
        labels = name.split(".")
        wildcards = (".".join(["*", *labels[cut:]]) for cut in range(1, len(labels)))
        return next((self._by_name[name] for name in wildcards if name in self._by_name), [])
