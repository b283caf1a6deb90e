"""After the storm: each buyer has exactly what was paid for, the vendors hold nothing else, no secret lies about."""

import json
from collections import Counter
from typing import Any

import httpx

from sandbox import leaks, quiet
from sandbox.place import Place
from sandbox.purchase import Buyer, Purchase
from sandbox.verdict_creators import accounts

Json = dict[str, Any]
MAIL_RECORDS = 3  # that Resend asks for, in our zone, for each sending domain


def verdict(place: Place, sites: list[Buyer], creators: list[Buyer], *, watch: Any = None) -> list[str]:
    awake, everybody = quiet.wait(place, watch=watch), [*sites, *creators]
    outside = [*_pages(place, sites), *_cloudflare(place, sites, everybody)]
    outside += [line for check in (_resend, _stripe, _mails) for line in check(place, everybody)]
    outside += _stacks(place, {"site-tenant": len(sites), "creator-tenant": len(creators)})
    outside += accounts(place, creators) if creators else []
    return [*awake, *quiet.wrong(place, sites=len(everybody)), *outside, *leaks.leaks(place)]


def _pages(place: Place, buyers: list[Buyer]) -> list[str]:
    wrong = []
    for buyer in buyers:
        purchase = Purchase(place, buyer)
        page = purchase.page()
        purchase.close()
        if page.status_code != 200 or buyer.company not in page.text:
            wrong.append(f"{buyer.host} answers {page.status_code}")
    return wrong


def _cloudflare(place: Place, buyers: list[Buyer], everybody: list[Buyer]) -> list[str]:
    """A vault, two routing entries and the mail records for each; host names and buckets of nobody else."""
    account, zone = f"/accounts/{place.secrets['cloudflare_account_id']}", _zone(place)
    buckets = _cf(place, f"{account}/r2/buckets", per_page="1000")["result"]["buckets"]
    vaults = [bucket["name"] for bucket in buckets if len(bucket["name"].rsplit("-", 1)[-1]) == 26]
    spaces = _cf(place, f"{account}/storage/kv/namespaces")["result"]
    routing = next(space["id"] for space in spaces if space["title"].endswith("-routing"))
    keys = _cf(place, f"{account}/storage/kv/namespaces/{routing}/keys", limit="1000", prefix="h:")["result"]
    records = _cf(place, f"/zones/{zone}/dns_records", per_page="5000")["result"]
    marked = [record for record in records if " site " in str(record["comment"])]
    customs = _cf(place, f"/zones/{zone}/custom_hostnames")["result"]
    wanted = {"vaults": (vaults, 1), "mail records": (marked, MAIL_RECORDS), "custom host names": (customs, 0)}
    wrong = [_count(what, found, each * len(buyers)) for what, (found, each) in wanted.items()]
    hosts = Counter(str(key["name"]).removeprefix("h:") for key in keys)
    ours = {name for buyer in buyers for name in (buyer.host, f"{buyer.slug}--preview.localhost")}
    wrong += [f"no routing entry for {name}" for name in sorted(ours - set(hosts))]
    theirs = {name for name in hosts if not any(name.startswith((f"{b.slug}.", f"{b.slug}--")) for b in everybody)}
    wrong += [f"a routing entry of nobody: {name}" for name in sorted(theirs)]
    return [line for line in wrong if line]


def _resend(place: Place, buyers: list[Buyer]) -> list[str]:
    domains = Counter(entry["name"] for entry in _all(place, "/domains") if entry["name"].startswith("mail."))
    keys = [entry["name"] for entry in _all(place, "/api-keys") if entry["name"].startswith("sandbox-")]
    wanted = {f"mail.{buyer.host}" for buyer in buyers}
    wrong = [f"{domains[name]} sending domains {name}" for name in wanted if domains[name] != 1]
    wrong += [f"a sending domain of nobody: {name}" for name in set(domains) - wanted]
    return [*wrong, *filter(None, [_count("sending keys", keys, len(buyers))])]


def _stripe(place: Place, buyers: list[Buyer]) -> list[str]:
    """Paid once each: one customer, one living subscription, one paid invoice."""
    wrong = []
    for kind in ("customers", "subscriptions", "invoices"):
        rows = _listed(place, kind)
        good = [row for row in rows if row.get("status", "active") in {"active", "paid"}]
        wrong.append(_count(kind, good, len(buyers)))
    return [line for line in wrong if line]


def _stacks(place: Place, wanted: dict[str, int]) -> list[str]:
    """A stack for each, no lock left, no operation pending in any state."""
    root = place.folder / "states" / ".pulumi"
    wrong = [f"a lock is left: {lock.name}" for lock in (root / "locks").rglob("*.json")]
    stacks = Counter(file.parent.name for file in (root / "stacks").rglob("*.json"))
    for file in (root / "stacks").rglob("*.json"):
        latest = json.loads(file.read_text())["checkpoint"].get("latest") or {}
        if latest.get("pending_operations"):
            wrong.append(f"{file.stem} has pending operations")
    return wrong + [
        f"{stacks[project]} stacks of {project} instead of {count}"
        for project, count in wanted.items()
        if stacks[project] != count
    ]


def _mails(place: Place, buyers: list[Buyer]) -> list[str]:
    """None lost, none doubled: what the database calls sent is in the mailbox, each once, and nothing else is."""
    sent, wrong = quiet.mails(place), []
    for buyer in buyers:
        mails = _get(place, "resend", "/_sim/mailbox", key="control_token", to=buyer.email)["mails"]
        ids, subjects = Counter(mail["id"] for mail in mails), [mail["subject"] for mail in mails]
        if ids != Counter(sent.get(buyer.email, [])) or len(subjects) != len(set(subjects)) or len(subjects) < 2:
            wrong.append(f"{buyer.email} has {len(subjects)} mails: {subjects}; sent: {sent.get(buyer.email)}")
    return wrong


def _count(what: str, found: list[Any], wanted: int) -> str:
    return "" if len(found) == wanted else f"{len(found)} {what} instead of {wanted}"


def _zone(place: Place) -> str:
    return str(_cf(place, "/zones", name="localhost")["result"][0]["id"])


def _cf(place: Place, path: str, **query: str) -> Json:
    return _get(place, "cloudflare", f"/client/v4{path}", **query)


def _listed(place: Place, kind: str) -> list[Json]:
    rows: list[Json] = []
    after: dict[str, str] = {}
    while True:
        page = _get(place, "stripe", f"/v1/{kind}", limit="100", **after)
        rows += page["data"]
        if not page["has_more"]:
            return rows
        after = {"starting_after": rows[-1]["id"]}


def _all(place: Place, path: str) -> list[Json]:
    entries: list[Json] = []
    after: dict[str, str] = {}
    while True:
        page = _get(place, "resend", path, limit="100", **after)
        entries += page["data"]
        if not page.get("has_more"):
            return entries
        after = {"after": entries[-1]["id"]}


def _get(place: Place, vendor: str, path: str, *, key: str = "", **query: str) -> Json:
    names = {"cloudflare": "cloudflare_api_token", "resend": "resend_api_key", "stripe": "stripe_secret_key"}
    headers = {"authorization": f"Bearer {place.secrets[key or names[vendor]]}", "cf-r2-jurisdiction": "eu"}
    url = f"{place.vendors_url}/{vendor}{path}"
    response = httpx.get(url, params=query, headers=headers, timeout=30, trust_env=False).raise_for_status()
    answer: Json = response.json()
    return answer
