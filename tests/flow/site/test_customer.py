"""What a customer does with a live site over REST and the command line: publish, go back, use the key, take along."""

import base64
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from controlplane.billing.models import Customer
from controlplane.commands.customers import packed
from controlplane.gateways import OPS_KEY, Gateways, ed25519
from controlplane.identity.models import Principal
from controlplane.provisioning.models import Kind, Phase
from controlplane.publishing import exports
from controlplane.settings import Limits
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.fixtures.http import bearer_of, make_customer
from tests.fixtures.polling import poll
from tests.fixtures.world import World


@dataclass
class Owner:
    world: World
    tenant: Tenant
    customer: Customer
    http: TestClient

    def ask(self, method: str, path: str, **more: Any) -> Any:
        return self.http.request(method, f"/v1/tenants/{self.tenant.id}{path}", **more)

    def publish(self, page: str, **more: Any) -> Any:
        return self.ask("POST", "/releases", content=zipped({"index.html": page}), params=more, headers=ZIP)

    def sees(self, text: str) -> None:
        """Within the moments that a Worker remembers what was live."""
        host = f"{self.tenant.slug}.localhost"
        poll(lambda: text in self.world.gateways.edge.probe(host).body, seconds=60)


ZIP = {"content-type": "application/zip"}


def zipped(files: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


@pytest.fixture
def owner(world: World, build_app: Callable[[Gateways], FastAPI]) -> Owner:
    limits = Limits(api_per_minute=10_000, writes_per_minute=10_000, operations_running=50)
    wide = replace(world.gateways, settings=world.gateways.settings.model_copy(update={"limits": limits}))
    customer = make_customer(world.gateways)
    tenant = world.tenant("customer-site")
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
    with world.gateways.db.transaction() as session:
        session.get_one(Tenant, tenant.id).customer_id = customer.id
    bearer = bearer_of(world.gateways, Principal.CUSTOMER, customer.id)
    client = TestClient(build_app(wide), base_url=wide.settings.public_url, headers=bearer)
    return Owner(world, tenant, customer, client)


def test_a_site_and_its_key_in_the_hands_of_its_owner(owner: Owner, tmp_path: Path) -> None:
    publishes_and_goes_back(owner)
    publishes_hundreds_of_files(owner)
    refuses_what_is_no_site(owner)
    sees_the_draft_before(owner)
    uses_the_key(owner)
    takes_everything_along(owner)
    publishes_a_folder_from_the_command_line(owner, tmp_path)
    leaves(owner)
    assert owner.world.reread(owner.tenant).state == State.DEPROVISIONED


def publishes_and_goes_back(owner: Owner) -> None:
    starter = owner.ask("GET", "/releases").json()["live"]["release"]
    first = owner.publish("<!doctype html><title>A</title><h1>Erste Seite</h1>", expect_live=starter)
    assert first.status_code == 201, first.text
    owner.sees("Erste Seite")
    stale = owner.publish("<!doctype html><title>B</title>", expect_live=starter)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_release")
    again = owner.publish("<!doctype html><title>A</title><h1>Erste Seite</h1>")
    assert (again.json()["release"], again.json()["unchanged"]) == (first.json()["release"], True)
    second = owner.publish("<!doctype html><title>B</title><h1>Zweite Seite</h1>").json()
    owner.sees("Zweite Seite")
    back = owner.ask("POST", "/releases/rollback", json={"release": first.json()["release"]})
    assert back.status_code == 201, back.text
    assert back.json()["n"] == second["n"] + 1
    owner.sees("Erste Seite")
    assert owner.ask("POST", "/releases/rollback", json={"release": "r9-000000000000"}).status_code == 404


def publishes_hundreds_of_files(owner: Owner) -> None:
    """More than the edge tells about in one answer, and than it takes requests in a minute."""
    notes = {f"note-{number}.txt": f"note {number}" for number in range(700)}
    large = {"index.html": "<h1>Viele</h1>", "large.txt": "x" * 400_000}
    before = owner.ask("GET", "/releases").json()["live"]["release"]
    answer = owner.ask("POST", "/releases", content=zipped({**notes, **large}), headers=ZIP)
    assert answer.status_code == 201, answer.text
    owner.sees("Viele")
    edge, host = owner.world.gateways.edge, f"{owner.tenant.slug}.localhost"
    assert edge.probe(host, "/note-699.txt").body == "note 699"
    assert len(edge.probe(host, "/large.txt").body) == 400_000
    assert owner.ask("POST", "/releases/rollback", json={"release": before}).status_code == 201
    owner.sees("Erste Seite")


def refuses_what_is_no_site(owner: Owner) -> None:
    for body, code in (
        (zipped({"index.html": "x", "../evil.html": "x"}), "archive_bad_path"),
        (zipped({"index.html": "x", "run.exe": "x"}), "archive_type_not_allowed"),
        (b"no zip", "archive_not_a_zip"),
    ):
        answer = owner.ask("POST", "/releases", content=body, headers=ZIP)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    fake = owner.ask("POST", "/releases", content=zipped({"index.html": "x", "a.png": "<script>"}), headers=ZIP)
    assert fake.status_code == 422  # the edge looks at the first bytes
    owner.sees("Erste Seite")


def sees_the_draft_before(owner: Owner) -> None:
    found = owner.ask("POST", "/releases/preview").json()
    url = httpx.URL(found["url"])
    edge = owner.world.gateways.settings.edge
    base, headers = f"http://{edge.connect_to}", {"host": f"{url.host}:{url.port}"}
    opened = httpx.get(f"{base}{url.raw_path.decode()}", headers=headers, trust_env=False)
    assert opened.status_code == 303
    cookie = opened.headers["set-cookie"].split(";")[0]
    page = httpx.get(f"{base}/", headers={**headers, "cookie": cookie}, trust_env=False)
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-store")
    assert httpx.get(f"{base}/", headers=headers, trust_env=False).status_code != 200


def uses_the_key(owner: Owner) -> None:
    [known] = owner.ask("GET", "/credentials").json()["credentials"]
    assert "secret" not in known
    assert known["revealed_at"] is None
    secret = owner.ask("POST", "/credentials/reveal").json()["secret"]
    assert owner.ask("POST", "/credentials/reveal").json()["code"] == "already_revealed"
    assert sent(owner, secret, sender=f"anna@mail.{owner.tenant.slug}.localhost") == 200
    assert sent(owner, secret, sender="anna@mail.somebody-else.localhost") in {401, 403}
    fresh = owner.ask("POST", "/credentials/rotate")
    assert (fresh.status_code, fresh.json()["version"]) == (201, 2)
    assert sent(owner, secret, sender=f"anna@mail.{owner.tenant.slug}.localhost") in {401, 403}
    other = owner.ask("POST", "/credentials/reveal").json()["secret"]
    assert sent(owner, other, sender=f"anna@mail.{owner.tenant.slug}.localhost") == 200
    names = [name for _id, name in owner.world.gateways.resend.sending_keys() if owner.tenant.id in name]
    assert len(names) == 1


def sent(owner: Owner, key: str, *, sender: str) -> int:
    body = {"from": sender, "to": ["reader@customer.example"], "subject": "Hallo", "text": "Es geht."}
    url, headers = f"{owner.world.place.vendors_url}/resend/emails", {"authorization": f"Bearer {key}"}
    return poll(
        lambda: httpx.post(url, json=body, headers=headers, trust_env=False).status_code,
        until=lambda status: status != 429,
    )


def takes_everything_along(owner: Owner) -> None:
    gateways = owner.world.gateways
    with gateways.db.transaction() as session:
        row = exports.ask(session, gateways, session.get_one(Tenant, owner.tenant.id), actor="customer:1")
    exports.make(gateways, row.id)
    with gateways.db.transaction() as session:
        row = exports.find(session, owner.tenant.id, row.id)
    with zipfile.ZipFile(io.BytesIO(exports.fetch(gateways, owner.tenant, row))) as archive:
        assert archive.read("site/index.html").decode().endswith("<h1>Erste Seite</h1>")
        assert "signature" in archive.read("manifest.json").decode()


def publishes_a_folder_from_the_command_line(owner: Owner, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>C</title><h1>Aus dem Ordner</h1>")
    (folder / ".secret.html").write_text("never")
    (folder / "link.html").symlink_to("/etc/hostname")
    with zipfile.ZipFile(io.BytesIO(packed(folder))) as archive:
        assert archive.namelist() == ["index.html"]
    answer = owner.ask("POST", "/releases", content=packed(folder), headers=ZIP)
    assert answer.status_code == 201
    owner.sees("Aus dem Ordner")
    done = subprocess.run(
        [sys.executable, "-m", "controlplane", "site", "publish", "--help"],
        capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip
    assert (done.returncode, "{folder}" in done.stdout) == (0, True)


def leaves(owner: Owner) -> None:
    assert owner.world.do(owner.tenant, Kind.SUSPEND).phase == Phase.DONE
    assert owner.publish("<!doctype html>").json()["code"] == "site_closed"
    page = owner.world.gateways.edge.probe(f"{owner.tenant.slug}.localhost")
    assert (page.status, page.headers["retry-after"], page.headers["x-robots-tag"]) == (503, "3600", "noindex")
    gone = owner.world.do(owner.tenant, Kind.OFFBOARD)
    assert (gone.phase, gone.error) == (Phase.DONE, "")
    results = {name: step.result or {} for name, step in owner.world.steps(gone).items()}
    assert results["export"]["files"] == 1
    _kid, key = ed25519(owner.world.gateways.secrets, OPS_KEY)
    said = json.dumps(results["certificate"]["facts"], sort_keys=True, separators=(",", ":"))
    key.public_key().verify(base64.b64decode(results["certificate"]["signature"]), b"export:" + said.encode())
    assert results["certificate"]["facts"]["export_sha256"] == results["export"]["sha256"]
    assert [name for _id, name in owner.world.gateways.resend.sending_keys() if owner.tenant.id in name] == []
