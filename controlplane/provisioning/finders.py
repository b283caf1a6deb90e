"""Where an object that a killed create may have left is looked for: by the name that the program gave it.

A write that replaces itself (KV values, lifecycle rules, scripts) needs no look-up: doing it again is the same.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from controlplane.accounts import pool
from controlplane.core.errors import NeedsPerson
from controlplane.gateways import Gateways
from controlplane.vendors import aws_finders
from controlplane.vendors.aws_lookups import Look, repeatable

if TYPE_CHECKING:
    from controlplane.provisioning.work import Work

Inputs = dict[str, Any]
Finder = Callable[["Work", Inputs], Iterator[str]]
Single = Callable[[Gateways, Inputs], str | None]


def _bucket(gateways: Gateways, inputs: Inputs) -> str | None:
    name = str(inputs["name"])
    return name if gateways.cloudflare.bucket_exists(name, jurisdiction=inputs.get("jurisdiction", "default")) else None


def _hostname(gateways: Gateways, inputs: Inputs) -> str | None:
    found = gateways.cloudflare.custom_hostname(inputs["zoneId"], inputs["hostname"])
    return found.id if found else None


def _record(gateways: Gateways, inputs: Inputs) -> str | None:
    wanted = {"name": inputs["name"], "type": inputs["type"], "content": inputs["content"]}
    return gateways.cloudflare.record_id(inputs["zoneId"], **wanted)


def _namespace(gateways: Gateways, inputs: Inputs) -> str | None:
    return gateways.cloudflare.namespace_id(inputs["title"])


def _route(gateways: Gateways, inputs: Inputs) -> str | None:
    return gateways.cloudflare.route_id(inputs["zoneId"], inputs["pattern"])


def _repeatable(_gateways: Gateways, _inputs: Inputs) -> None:
    return None


def _ours(single: Single) -> Finder:
    """In our own account at the vendor: one object of this name, or none."""

    def find(work: "Work", inputs: Inputs) -> Iterator[str]:
        found = single(work.gateways, inputs)
        yield from [found] if found else []

    return find


def _theirs(look: Look) -> Finder:
    """In the account of the tenant."""

    def find(work: "Work", inputs: Inputs) -> Iterator[str]:
        with work.gateways.db.transaction() as session:
            account = pool.of_tenant(session, work.tenant.id)
        if account is None or not account.account_id:
            raise NeedsPerson("this creator has no account", next_action="look at the accounts, then retry")
        yield from look(work.gateways.aws.member(account.account_id), inputs)

    return find


CLOUDFLARE: dict[str, Single] = {
    "r2Bucket:R2Bucket": _bucket,
    "customHostname:CustomHostname": _hostname,
    "dnsRecord:DnsRecord": _record,
    "workersKvNamespace:WorkersKvNamespace": _namespace,
    "workersRoute:WorkersRoute": _route,
    "workersKv:WorkersKv": _repeatable,
    "r2BucketLifecycle:R2BucketLifecycle": _repeatable,
    "workersScript:WorkersScript": _repeatable,
    "workersScriptSubdomain:WorkersScriptSubdomain": _repeatable,
    "customHostnameFallbackOrigin:CustomHostnameFallbackOrigin": _repeatable,
}
FINDERS: dict[str, Finder] = {
    **{f"cloudflare:index/{kind}": _ours(single) for kind, single in CLOUDFLARE.items()},
    **{f"aws:{kind}": _theirs(look) for kind, look in aws_finders.FINDERS.items()},
}
UNTOLD = {f"aws:{kind}": values for kind, values in aws_finders.UNTOLD.items()}
REPEATABLE = frozenset(
    {f"cloudflare:index/{kind}" for kind, single in CLOUDFLARE.items() if single is _repeatable}
    | {f"aws:{kind}" for kind, look in aws_finders.FINDERS.items() if look is repeatable}
)
