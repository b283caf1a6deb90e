"""The account, its zones, and the token that asks."""

import hashlib
from typing import Any, Literal

from starlette.routing import BaseRoute

from sandbox.cloudflare.bodies import Body, read
from sandbox.cloudflare.dns_rules import is_host
from sandbox.cloudflare.envelope import ApiError, Result
from sandbox.cloudflare.operation import Api, Call, Doc
from sandbox.cloudflare.paging import page_of
from sandbox.kit import Store

ACCOUNT_NAME = "Sandbox"
BAD_BODY = 1092


class Owner(Body):
    id: str


class NewZone(Body):
    name: str
    account: Owner
    type: Literal["full"] = "full"


def fixed_id(noun: str, name: str) -> str:
    """The same in each sandbox, so that settings can name it."""
    return hashlib.sha256(f"{noun}:{name}".encode()).hexdigest()[:32]


def seed_account(store: Store, *, account: str, zones: tuple[str, ...], now: str) -> None:
    if store.get("account", account) is None:
        store.put("account", account, {"id": account, "name": ACCOUNT_NAME, "type": "standard", "created_on": now})
    for name in zones:
        if store.first("zone", name=name) is None:
            add_zone(store, name, account=account, now=now)


def add_zone(store: Store, name: str, *, account: str, now: str) -> Doc:
    zone: Doc = {
        "id": fixed_id("zone", name), "name": name, "status": "active", "paused": False, "type": "full",
        "name_servers": ["ada.ns.sandbox.invalid", "bob.ns.sandbox.invalid"], "created_on": now, "modified_on": now,
        "activated_on": now, "account": {"id": account, "name": ACCOUNT_NAME}, "permissions": ["#zone:read"],
    }  # fmt: skip
    return store.put("zone", zone["id"], zone)


def zone_of(store: Store, host: str) -> Doc | None:
    """The most specific zone that holds the name."""
    zones = [zone for zone in store.all("zone") if host == zone["name"] or host.endswith(f".{zone['name']}")]
    return max(zones, key=lambda zone: len(zone["name"]), default=None)


def routes(api: Api) -> list[BaseRoute]:
    return [
        api.route("/user/tokens/verify", None, GET=verify),
        api.route("/accounts", "Account Settings", GET=accounts),
        api.route("/accounts/{account_id}", "Account Settings", GET=account),
        api.route("/accounts/{account_id}/tokens/verify", None, GET=verify),
        api.route("/zones", "Zone", GET=zones, POST=create_zone),
        api.route("/zones/{zone_id}", "Zone", GET=zone),
    ]


async def verify(call: Call) -> Any:
    token = call.token
    if token.status == "expired":
        raise ApiError(401, 1000, "Invalid API Token")
    return {"id": token.id, "status": token.status, "expires_on": token.doc["expires_on"]}


async def accounts(call: Call) -> Result:
    return page_of(call, call.cloud.store.all("account"))


async def account(call: Call) -> Any:
    return call.cloud.store.get("account", call.params["account_id"])


async def zones(call: Call) -> Result:
    allowed = call.token.zones
    found = [zone for zone in call.cloud.store.all("zone") if allowed is None or zone["id"] in allowed]
    for name in ("name", "status"):
        if name in call.query:
            found = [zone for zone in found if zone[name] == call.query[name]]
    return page_of(call, found, most=50)


async def create_zone(call: Call) -> Any:
    body = await read(call, NewZone, code=BAD_BODY)
    name, cloud = body.name.lower().rstrip("."), call.cloud
    if body.account.id != cloud.account:
        raise ApiError(403, 10000, "Authentication error")
    if not is_host(name):
        raise ApiError(400, 1001, f"Invalid zone name: {name}")
    if cloud.store.first("zone", name=name) is not None:
        raise ApiError(400, 1061, f"{name} already exists. Please use a different domain.")
    made = add_zone(cloud.store, name, account=cloud.account, now=cloud.now())
    cloud.deployer.table_changed()
    return made


async def zone(call: Call) -> Any:
    return call.zone
