"""What a person would set up once at each vendor, done through the vendors' own interfaces."""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from sandbox import product
from sandbox.place import Place

Verb = Callable[..., None]
Ask = Callable[..., Any]
CODE = Path(__file__).resolve().parent.parent
LEFT_OUT = {"__pycache__", "node_modules"}
TRIES = 3


def prepare(place: Place) -> None:
    """Engine and plugins, while the servers start."""
    from sandbox.engine.install import Plugin, install
    from sandbox.plugins import NAMES
    from sandbox.plugins.providers import provider

    plugins = [Plugin(name, provider(name).version, "sandbox.plugins") for name in NAMES]
    install(place.folder / "engine", plugins=plugins)
    (place.folder / "states").mkdir(exist_ok=True)


def vendors(place: Place) -> None:
    _zones(place)
    _sender(place)


def webhooks(place: Place, *, ask: Ask) -> None:
    """As an operator would enter them: the product says which events it follows."""
    entered = {"stripe": _stripe_webhook, "resend": _resend_webhook}
    lacking = [vendor for vendor in entered if place.secrets.get(f"{vendor}_webhook_url") != _door(place, vendor)]
    told = ask("webhooks", "--json") if lacking else {}
    for vendor in lacking:
        place.keep_secret(f"{vendor}_webhook_secret", entered[vendor](place, told[vendor]["events"]))
        place.keep_secret(f"{vendor}_webhook_url", _door(place, vendor))


def product_data(done: "Done", place: Place, *, verb: Verb) -> None:
    """What an operator does once, and again when it has changed: operators, the catalogue, the shared platform."""
    for name, role in (("operator", "admin"), ("engineer", "engineer")):  # two: some acts need a second person
        email, password = place.secrets[f"{name}_email"], place.secrets[f"{name}_password"]
        arguments = ("operators", "create", "--email", email, "--role", role, "--password-stdin")
        done.once(name, [], partial(verb, *arguments, said=f"{password}\n"))
    done.once("catalog", ["controlplane/billing"], lambda: verb("catalog", "sync"))
    done.once("platform", ["programs"], lambda: _patiently(lambda: verb("platform", "up", "--yes")))


def _patiently(act: Callable[[], None]) -> None:
    """As an operator would: on a busy machine the edge may be late for the first Workers. Again is safe."""
    for _again in range(TRIES - 1):
        with suppress(RuntimeError):
            return act()
    return act()


class Done:
    """What need not be done again: each thing with the digest of the files that it depends on."""

    def __init__(self, place: Place) -> None:
        self._file = place.folder / "done.json"
        self._ports = json.dumps(place.ports, sort_keys=True)  # addresses are part of what was done

    def once(self, name: str, sources: list[str], act: Callable[[], None]) -> None:
        known = json.loads(self._file.read_text()) if self._file.exists() else {}
        digest = _digest(sources) + self._ports
        if known.get(name) != digest:
            act()
            self._file.write_text(json.dumps({**known, name: digest}))


def _digest(sources: list[str]) -> str:
    whole = hashlib.sha256()
    for source in sources:
        for path in sorted((CODE / source).rglob("*")):
            if path.is_file() and not LEFT_OUT & set(path.parts):
                whole.update(f"{path.relative_to(CODE)}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def _door(place: Place, vendor: str) -> str:
    return f"{place.url('api')}/webhooks/{vendor}"


def _stripe_webhook(place: Place, events: list[str]) -> str:
    body = {"url": _door(place, "stripe"), **{f"enabled_events[{at}]": event for at, event in enumerate(events)}}
    return str(_post(place, "stripe", "/v1/webhook_endpoints", key="stripe_secret_key", data=body)["secret"])


def _resend_webhook(place: Place, events: list[str]) -> str:
    body = {"endpoint": _door(place, "resend"), "events": events}
    return str(_post(place, "resend", "/webhooks", key="resend_api_key", json=body)["signing_secret"])


def _zones(place: Place) -> None:
    with _client(place, "cloudflare", "cloudflare_api_token") as client:
        for name in (product.PORTAL_ZONE, product.SITES_ZONE):
            found = client.get("/client/v4/zones", params={"name": name}).raise_for_status().json()["result"]
            if not found:
                account = {"id": place.secrets["cloudflare_account_id"]}
                client.post(
                    "/client/v4/zones", json={"name": name, "account": account, "type": "full"}
                ).raise_for_status()


def _sender(place: Place) -> None:
    """The platform's own sending domain: its records are set at Cloudflare, then Resend is asked to look."""
    with _client(place, "resend", "resend_api_key") as resend:
        domains = resend.get("/domains").raise_for_status().json()["data"]
        if any(domain["name"] == product.PORTAL_ZONE for domain in domains):
            return
        body = {"name": product.PORTAL_ZONE, "region": "eu-west-1"}
        domain = resend.post("/domains", json=body).raise_for_status().json()
        _publish(place, domain["records"])
        resend.post(f"/domains/{domain['id']}/verify").raise_for_status()


def _publish(place: Place, records: list[dict[str, Any]]) -> None:
    with _client(place, "cloudflare", "cloudflare_api_token") as client:
        zones = client.get("/client/v4/zones", params={"name": product.PORTAL_ZONE}).raise_for_status().json()
        zone = zones["result"][0]["id"]
        for record in records:
            body = {"type": record["type"], "name": _full(record["name"]), "content": record["value"], "ttl": 300}
            if record["type"] == "MX":
                body["priority"] = record["priority"]
            client.post(f"/client/v4/zones/{zone}/dns_records", json=body).raise_for_status()


def _full(name: str) -> str:
    return name if name.endswith(product.PORTAL_ZONE) else f"{name}.{product.PORTAL_ZONE}"


def _post(place: Place, vendor: str, path: str, *, key: str, **body: Any) -> dict[str, Any]:
    with _client(place, vendor, key) as client:
        answer: dict[str, Any] = client.post(path, **body).raise_for_status().json()
        return answer


def _client(place: Place, vendor: str, key: str) -> httpx.Client:
    headers = {"authorization": f"Bearer {place.secrets[key]}"}
    return httpx.Client(base_url=f"{place.vendors_url}/{vendor}", headers=headers, timeout=20, trust_env=False)
