"""From the accepted webhook to the live page, measured on everything running: API, workers, vendors, edge, engine."""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psycopg
from sqlmodel import select

from bench import crowd
from bench.sides import Row, ratio
from controlplane.core.ids import new_id
from controlplane.domains import mail
from controlplane.domains.models import MailDomain
from controlplane.gateways import Gateways
from controlplane.provisioning import processes, runner
from controlplane.provisioning.stack import Stack, job
from controlplane.publishing import platform
from controlplane.settings import Settings
from programs.registry import program
from sandbox import product
from sandbox.cluster import CODE, Cluster
from sandbox.leaks import connect
from sandbox.place import Place
from sandbox.purchase import Buyer, Purchase

MANY = 10  # sites at once
SITES = 9  # one after the other: each swings by a tenth
BARE_WORKER = """export default { async fetch(request, env) {
  const object = await env.SITES.get(KEY);
  return new Response(object.body, { headers: { "content-type": object.httpMetadata?.contentType ?? "text/html" } });
} };"""
OURS_BEGINS = "SELECT max(created_at) FROM inbox_events WHERE type = 'checkout.session.completed'"
LIVE = "SELECT count(*) FROM tenants WHERE slug = ANY(%s) AND live_at IS NOT NULL"
STEPS = """SELECT sum(s.seconds) FROM steps s JOIN operations o ON o.id = s.operation_id
           JOIN tenants t ON t.id = o.tenant_id WHERE t.slug = %s AND s.name <> 'stack'"""


class House:
    """The whole sandbox, and our own gateways into it for the bare side."""

    def __init__(self, folder: Path) -> None:
        self.place = Place.open(folder, recognisable=False)
        self.cluster = Cluster(self.place, say=lambda _text: None)
        self.cluster.start()
        values = {name: value for name, value in product.environment(self.place).items() if name.startswith("CP_")}
        self.settings = _settings(values)
        self.gateways = Gateways.build(self.settings)
        self.nursery = runner.Nursery(str(self.settings.pulumi.root))
        self.nursery.warm()
        self.number = 0

    def close(self) -> None:
        self.nursery.close()
        self.gateways.close()
        self.cluster.stop()

    # -- ours

    def bought(self) -> Purchase:
        """Ordered, with the payment page open."""
        self.number += 1
        purchase = Purchase(self.place, Buyer(f"bench-{self.number}"))
        purchase.quote()
        purchase.order()
        return purchase

    def live(self) -> tuple[float, float]:
        """Seconds from the stored webhook to the live tenant; and of those, the vendors' part beside the stack."""
        purchase = self.bought()
        purchase.pay()
        self.until_live([purchase])
        with connect(self.place) as connection:
            began = _one(connection, OURS_BEGINS)
            ended = _one(connection, "SELECT live_at FROM tenants WHERE slug = %s", purchase.buyer.slug)
            vendors = _one(connection, STEPS, purchase.buyer.slug)
        return (ended - began).total_seconds(), float(vendors)

    def per_minute(self) -> float:
        purchases = [self.bought() for _site in range(MANY)]
        began = time.perf_counter()
        with ThreadPoolExecutor(MANY) as customers:
            list(customers.map(Purchase.pay, purchases))
        self.until_live(purchases)
        return MANY * 60 / (time.perf_counter() - began)

    def until_live(self, purchases: list[Purchase]) -> None:
        """Asked of the database: a browser would be told by the stream, and must not be paid for by polling."""
        deadline, slugs = time.monotonic() + 300, [purchase.buyer.slug for purchase in purchases]
        with connect(self.place) as connection:
            while _one(connection, LIVE, slugs) < len(slugs):
                assert time.monotonic() < deadline, slugs
                time.sleep(0.1)

    # -- the other sides

    def bare_up(self) -> float:
        """The same program in a child of a warm process, and nothing else."""
        began = time.perf_counter()
        identity = new_id()
        told = job(
            self.settings.pulumi, self._stack(identity), "up", operation_id=identity, folder=identity,
            options={"first": True},
        )  # fmt: skip
        answer = runner.run(self.nursery, told, on_event=lambda _event: None, should_stop=lambda: False)
        assert answer["ok"], answer["error"]
        return time.perf_counter() - began

    def in_request(self) -> float:
        """A fresh interpreter that serves one request."""
        identity = new_id()
        folder = self.place.folder / "bare" / identity
        folder.mkdir(parents=True)
        stack = self._stack(identity)
        engine = {
            "PULUMI_BACKEND_URL": self.settings.pulumi.backend_url,
            "PULUMI_CONFIG_PASSPHRASE": self.settings.pulumi.passphrase.get_secret_value(),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        told = {"folder": str(folder), "root": str(self.settings.pulumi.root), "stack": stack.name,
                "spec": stack.spec, "environment": {**engine, **stack.environment}}  # fmt: skip
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "bench.bare_up"], input=json.dumps(told), text=True, capture_output=True,
            cwd=CODE, check=True, timeout=120,
        )  # fmt: skip
        return time.perf_counter() - began

    def _stack(self, identity: str) -> Stack:
        cloudflare = self.settings.cloudflare
        with self.gateways.db.transaction() as session:
            shared = platform.outputs(session, self.gateways)
            sending = session.exec(select(MailDomain)).first()  # its records belong to the program as well
        slug = f"bare-{identity[-10:]}"
        spec = {
            "env": "bench",
            "tenant_id": identity,
            "slug": slug,
            "account_id": cloudflare.account_id,
            "sites_zone": cloudflare.sites_zone,
            "sites_zone_id": shared["sites_zone_id"],
            "routing_namespace_id": shared["kv_routing_id"],
            "base_url": cloudflare.api_base,
            "own_hosts": [],
            "mail_records": _as_of(slug, sending),
        }
        token = {"CLOUDFLARE_API_TOKEN": cloudflare.api_token.get_secret_value()}
        return Stack("site", str(program("site").release()), "bench", f"bench-{identity}", spec, token)

    # -- visitors

    def visits(self, host: str, *, count: int = 300, at_once: int = 4) -> float:
        """Requests a second, over connections that stay open."""
        began = time.perf_counter()
        visitors = [threading.Thread(target=self._visit, args=(host, count)) for _visitor in range(at_once)]
        for visitor in visitors:
            visitor.start()
        for visitor in visitors:
            visitor.join()
        return count * at_once / (time.perf_counter() - began)

    def _visit(self, host: str, count: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.place.ports["edge"])
        for _request in range(count):
            connection.request("GET", "/", headers={"host": host})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, body[:200]
        connection.close()


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        rows = crowd.run(_folder(name, "crowd"))
        house = House(_folder(name, "house"))
        try:
            return [*to_live(house), per_minute(house), memory(house), workers(house), *rows]
        finally:
            house.close()


def to_live(house: House) -> list[Row]:
    house.live(), house.bare_up(), house.in_request()
    warm, fresh = [], []
    for _round in range(SITES):
        (ours, vendors), bare, request = house.live(), house.bare_up(), house.in_request()
        warm.append((ours - vendors) / bare)
        fresh.append(ours / request)
    return [
        _row("webhook to live, without the vendors' part / bare up in a warm process", statistics.median(warm), 1.3),
        _row("webhook to live / handler that runs it in the request", statistics.median(fresh), 0.5),
    ]


def per_minute(house: House) -> Row:
    """A shell loop starts an interpreter for each.

    The machine is measured, so without the mail vendor's limit of five calls a second: the loop sends no mail at all.
    """
    headers = {"authorization": f"Bearer {house.place.secrets['control_token']}"}
    url = f"{house.place.url('vendors')}/resend/_sim/limits"
    httpx.post(url, json={"per_second": 1000}, headers=headers, trust_env=False).raise_for_status()
    return ratio("sites a minute: ours / a loop of `up`", house.per_minute, lambda: 60 / house.in_request(), goal=4.0)


def memory(house: House) -> Row:
    """All that one running operation keeps in memory, shared pages counted by share."""
    seen: list[float] = []
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(0.1):
            found = [pid for pid in processes.descendants(house.nursery.pid) if pid]
            seen.append(sum(map(_pss, found)))

    watcher = threading.Thread(target=look)
    watcher.start()
    house.bare_up()
    ended.set()
    watcher.join()
    return {"name": "memory of a running operation, MiB", "value": max(seen), "goal": None, "met": None}


def workers(house: House) -> Row:
    purchase = house.bought()
    purchase.pay()
    house.until_live([purchase])
    bare = deploy_bare(house)
    return ratio(
        "visits a second: Domain Worker / a bare Worker",
        lambda: house.visits(purchase.buyer.host),
        lambda: house.visits(bare),
        goal=0.8,
    )


def deploy_bare(house: House) -> str:
    """A Worker that reads one object and knows nothing else."""
    secrets, host = house.place.secrets, "bare.localhost"
    account = f"/accounts/{secrets['cloudflare_account_id']}"
    headers = {"authorization": f"Bearer {secrets['cloudflare_api_token']}", "cf-r2-jurisdiction": "eu"}
    base = house.settings.cloudflare.api_base
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=30) as client:
        objects = f"{account}/r2/buckets/sp-sandbox-sites/objects"
        keys = [str(entry["key"]) for entry in client.get(objects, params={"per_page": "1000"}).json()["result"]]
        key = next(key for key in keys if client.get(f"{objects}/{quote(key)}").text.lower().startswith("<!doctype"))
        binding = {"type": "r2_bucket", "name": "SITES", "bucket_name": "sp-sandbox-sites", "jurisdiction": "eu"}
        told = {"main_module": "index.mjs", "bindings": [binding], "compatibility_date": "2026-07-01"}
        module = BARE_WORKER.replace("KEY", json.dumps(key))
        files: dict[str, Any] = {
            "metadata": (None, json.dumps(told), "application/json"),
            "index.mjs": ("index.mjs", module, "application/javascript+module"),
        }
        client.put(f"{account}/workers/scripts/bench-bare", files=files).raise_for_status()
        with house.gateways.db.transaction() as session:
            zone = platform.outputs(session, house.gateways)["sites_zone_id"]
        client.post(f"/zones/{zone}/workers/routes", json={"pattern": f"{host}/*", "script": "bench-bare"})
    return host


def _as_of(slug: str, sending: MailDomain | None) -> list[dict[str, Any]]:
    """What a site of ours has to prove its sending domain, under another name."""
    records = mail.stack_records(sending) if sending else []
    return [{**record, "name": f"{slug}.{record['name']}"} for record in records]


def _row(name: str, value: float, goal: float) -> Row:
    return {"name": name, "value": value, "goal": goal, "met": value <= goal}


def _one(connection: "psycopg.Connection[tuple[Any, ...]]", query: str, *values: object) -> Any:
    found = connection.execute(query, values).fetchone()  # type: ignore[arg-type]
    assert found
    return found[0]


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _settings(values: dict[str, str]) -> Settings:
    os.environ.update(values)
    return Settings()


def _folder(parent: str, name: str) -> Path:
    folder = Path(parent, name)
    folder.mkdir()
    folder.chmod(0o755)
    return folder
