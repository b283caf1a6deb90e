"""After the storm: each buyer has exactly what was paid for, the vendors hold nothing else, no secret lies about."""

import json
from pathlib import Path
from typing import Any

import httpx

from sandbox.place import Place
from sandbox.purchase import Buyer, Purchase

SECRETS = ("stripe_secret_key", "cloudflare_api_token", "pulumi_passphrase", "stripe_webhook_secret")
# Where a secret of the sandbox belongs: its own note, and the keys of the vendors' emulators.
ALLOWED = ("secrets.json", "stripe", "resend", "cloudflare", "keys")


def verdict(place: Place, buyers: list[Buyer]) -> list[str]:
    return [*_pages(place, buyers), *_objects(place, buyers), *_mails(place, buyers), *_states(place), *_secrets(place)]


def _pages(place: Place, buyers: list[Buyer]) -> list[str]:
    wrong = []
    for buyer in buyers:
        purchase = Purchase(place, buyer)
        page = purchase.page()
        purchase.close()
        if page.status_code != 200 or buyer.company not in page.text:
            wrong.append(f"{buyer.host} answers {page.status_code}")
    return wrong


def _objects(place: Place, buyers: list[Buyer]) -> list[str]:
    """One bucket, one sending domain and one key for each buyer, and no orphan."""
    account = place.secrets["cloudflare_account_id"]
    buckets = _get(place, "cloudflare", f"/client/v4/accounts/{account}/r2/buckets", per_page="1000")["result"][
        "buckets"
    ]
    vaults = [bucket["name"] for bucket in buckets if len(bucket["name"].rsplit("-", 1)[-1]) == 26]
    domains = [entry["name"] for entry in _all(place, "/domains") if entry["name"].startswith("mail.")]
    keys = [entry["name"] for entry in _all(place, "/api-keys") if entry["name"].startswith("sandbox-")]
    wanted = {f"mail.{buyer.host}" for buyer in buyers}
    wrong = [f"{len(found)} {what} for {len(buyers)} sites" for what, found in _counts(vaults, domains, keys, buyers)]
    return wrong + [f"no sending domain {name}" for name in wanted - set(domains)]


def _counts(vaults: list[str], domains: list[str], keys: list[str], buyers: list[Buyer]) -> list[tuple[str, list[str]]]:
    found = (("buckets", vaults), ("sending domains", domains), ("keys", keys))
    return [(what, names) for what, names in found if len(names) != len(buyers)]


def _mails(place: Place, buyers: list[Buyer]) -> list[str]:
    """Each mail once: none lost, none doubled."""
    wrong = []
    for buyer in buyers:
        mails = _get(place, "resend", "/_sim/mailbox", key="control_token", to=buyer.email)["mails"]
        subjects = [mail["subject"] for mail in mails]
        if len(subjects) != len(set(subjects)) or len(subjects) < 2:
            wrong.append(f"{buyer.email} has {len(subjects)} mails: {subjects}")
    return wrong


def _states(place: Place) -> list[str]:
    """No lock is left and no operation is pending in any state."""
    root = place.folder / "states" / ".pulumi"
    wrong = [f"a lock is left: {lock.name}" for lock in (root / "locks").rglob("*.json")]
    for file in (root / "stacks").rglob("*.json"):
        latest = json.loads(file.read_text())["checkpoint"].get("latest") or {}
        if latest.get("pending_operations"):
            wrong.append(f"{file.stem} has pending operations")
    return wrong


def _secrets(place: Place) -> list[str]:
    """Logs, database files, Redis, engine states: none of them holds a secret in clear."""
    needles = {name: place.secrets[name].encode() for name in SECRETS if name in place.secrets}
    found = []
    for file in _files(place.folder):
        content = file.read_bytes()
        found += [f"{name} in clear in {file.name}" for name, value in needles.items() if value in content]
    return found


def _files(folder: Path) -> list[Path]:
    roots = [entry for entry in folder.iterdir() if entry.name not in ALLOWED]
    return [file for root in roots for file in ([root] if root.is_file() else root.rglob("*")) if file.is_file()]


def _all(place: Place, path: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        page = _get(place, "resend", path, limit="100", **after)
        entries += page["data"]
        if not page.get("has_more"):
            return entries
        after = {"after": entries[-1]["id"]}


def _get(place: Place, vendor: str, path: str, *, key: str = "", **query: str) -> dict[str, Any]:
    names = {"cloudflare": "cloudflare_api_token", "resend": "resend_api_key"}
    headers = {"authorization": f"Bearer {place.secrets[key or names[vendor]]}"}
    url = f"{place.vendors_url}/{vendor}{path}"
    response = httpx.get(url, params=query, headers=headers, timeout=30, trust_env=False).raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer
