"""The domain doctor: each required record beside what the world really answers, with the exact line to add.

It asks strangers' servers, so it is never called while a transaction is open.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from controlplane.domains import apex, mail
from controlplane.domains.models import Domain, MailDomain
from controlplane.domains.resolver import CouldNotAsk, look
from controlplane.gateways import Gateways

AT_ONCE = 8


@dataclass(frozen=True)
class Required:
    type: str
    name: str
    value: str

    @property
    def line(self) -> str:
        """As it stands in a zone file."""
        value = f'"{self.value}"' if self.type == "TXT" else self.value
        dot = "." if self.type in {"CNAME", "MX"} else ""
        return f"{self.name}. 300 IN {self.type} {value}{dot}"


@dataclass(frozen=True)
class Compared:
    required: Required
    seen: tuple[str, ...] | None  # None: nobody could be asked
    problem: str = ""
    reaches: bool = False  # by its addresses, where no CNAME can stand
    instead: tuple[str, ...] = ()  # addresses that stand where a CNAME should
    ttl: int | None = None  # seconds for which others may still answer what was seen

    @property
    def ok(self) -> bool | None:
        return None if self.seen is None else self.reaches or _plain(self.required.value) in map(_plain, self.seen)

    def shown(self) -> dict[str, Any]:
        wanted = self.required
        return {
            "type": wanted.type,
            "name": wanted.name,
            "value": wanted.value,
            "line": wanted.line,
            "seen": None if self.seen is None else list(self.seen),
            "ok": self.ok,
            "instead": list(self.instead),
            "ttl": self.ttl,
            "problem": self.problem,
        }


def of_host(domain: Domain) -> list[Required]:
    return [Required(record["type"], record["name"], record["value"]) for record in domain.required]


def of_mail(row: MailDomain) -> list[Required]:
    return [Required(record["type"], record["name"], _mail_value(record)) for record in mail.stack_records(row)]


def compare(gateways: Gateways, wanted: Iterable[Required]) -> list[Compared]:
    """All at once: one slow name server must not make a page wait for the sum of all."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda one: _compare(gateways, one), wanted))


def allows(gateways: Gateways, name: str, issuers: frozenset[str]) -> bool:
    """Whether CAA records let one of them issue: the closest name above that has any decides, none at all allows it."""
    asked, labels = look(gateways.settings.resolver), name.split(".")
    for cut in range(len(labels) - 1):
        said = [value.split(None, 2) for value in asked.at(".".join(labels[cut:]), "CAA").values]
        named = {each[2].strip('"').partition(";")[0].strip() for each in said if each[1] == "issue"}
        if named:
            return bool(named & issuers)
    return True


def _compare(gateways: Gateways, wanted: Required) -> Compared:
    try:
        seen = look(gateways.settings.resolver).at(wanted.name, wanted.type)
        if wanted.type != "CNAME" or seen.values:
            return Compared(wanted, seen.values, ttl=seen.ttl)
        if apex.is_apex(wanted.name):
            addresses, arrives = apex.reaches(gateways, wanted.name, wanted.value)
            return Compared(wanted, addresses, reaches=arrives)
        other = look(gateways.settings.resolver).at(wanted.name, "A")
        return Compared(wanted, (), instead=other.values, ttl=other.ttl)
    except CouldNotAsk as error:
        return Compared(wanted, None, str(error))


def _mail_value(record: dict[str, Any]) -> str:
    return f"{record['priority']} {record['content']}" if record["type"] == "MX" else str(record["content"])


def _plain(value: str) -> str:
    return value.rstrip(".").strip('"')
