"""Claiming a domain that another team has verified: a placeholder with new keys, proof by DNS, then the transfer."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sandbox.dns.ask import CannotAsk, ask
from sandbox.kit.store import Doc
from sandbox.resend.api import Call
from sandbox.resend.domains import Domains
from sandbox.resend.errors import invalid, not_found
from sandbox.resend.vendor import Vendor, new_id, stamp

LASTS = timedelta(days=7)
QUIET = timedelta(hours=24)  # the other team must not have sent for so long
FIRST_LOOK, NEXT_LOOK, TRANSFER = 0.1, 5.0, 0.2  # seconds, emulated
OPEN = frozenset({"pending", "verified", "blocked"})
_SHOWN = (
    "id name status domain_id region record blocked_reason failure_reason created_at expires_at".split()
)  # fmt: skip


class Claims:
    def __init__(self, vendor: Vendor, domains: Domains) -> None:
        self._vendor, self._store, self._domains = vendor, vendor.store, domains

    async def create(self, call: Call) -> dict[str, Any]:
        domain = self._domains.parsed(call)
        self._domains.refuse_own(call.team, domain["name"])
        if self._domains.holder(call.team, domain["name"]) is None:
            raise invalid(f"No other team has verified {domain['name']}: create the domain instead.")
        claim = self._new(call.team, domain)
        with self._store.transaction():
            for older in self._store.all("claim", name=domain["name"], status="pending"):
                self._change(older, status="superseded")
            self._store.put("claim", claim["id"], claim)
            self._domains.add({**domain, "claim": claim["id"]})
        return _shown(claim)

    async def get(self, call: Call) -> dict[str, Any]:
        return _shown(self._own(call))

    async def verify(self, call: Call) -> dict[str, Any]:
        claim = self._own(call)
        if claim["status"] not in OPEN:
            raise invalid(f"The claim cannot be verified: it is {claim['status']}.")
        claim = self._change(claim, status="pending", blocked_reason=None)
        self._vendor.jobs.add("claim", claim["id"], after=FIRST_LOOK)
        return _shown(claim)

    async def work(self, job: Doc) -> None:
        claim = self._store.get("claim", job["subject"])
        if claim is None or claim["status"] not in OPEN:
            self._vendor.jobs.done("claim", job["subject"])
        elif claim["status"] == "verified":
            self._transfer(claim)
        else:
            await self._prove(claim)

    async def _prove(self, claim: Doc) -> None:
        proven = await self._is_published(claim)
        with self._store.transaction():
            current = self._store.get("claim", claim["id"])
            if current is None or current["status"] != "pending":
                self._vendor.jobs.done("claim", claim["id"])
            elif self._vendor.clock.now() >= datetime.fromisoformat(claim["expires_at"]):
                self._end(claim, status="expired")
            elif not proven:
                self._vendor.jobs.add("claim", claim["id"], after=NEXT_LOOK)
            elif reason := self._obstacle(claim):
                self._end(claim, status="blocked", blocked_reason=reason)
            else:
                self._change(claim, status="verified")
                self._vendor.jobs.add("claim", claim["id"], after=TRANSFER)

    def _transfer(self, claim: Doc) -> None:
        with self._store.transaction():
            holder = self._domains.holder(claim["team"], claim["name"])
            if holder is not None:
                self._domains.remove(holder)
            placeholder = self._store.get("domain", claim["domain_id"])
            if placeholder is not None:
                self._domains.save({**placeholder, "claim": None})
            self._end(claim, status="completed")

    def _obstacle(self, claim: Doc) -> str | None:
        fault = self._vendor.faults.take("resend", f"claim {claim['name']}", {"blocked"})
        if fault:
            return str(fault.detail.get("reason", "grace_period"))
        holder = self._domains.holder(claim["team"], claim["name"])
        mails = self._store.all("email", team=holder["team"]) if holder else []
        own = [mail for mail in mails if mail["from"].rstrip(">").lower().endswith(f"@{claim['name']}")]
        if any(mail["last_event"] == "scheduled" for mail in own):
            return "pending_scheduled_emails"
        recent = self._vendor.clock.now() - QUIET
        return "recent_owner_activity" if any(datetime.fromisoformat(m["created_at"]) > recent for m in own) else None

    async def _is_published(self, claim: Doc) -> bool:
        home = self._vendor.home
        try:
            return claim["record"]["value"] in await ask(home.dns, home.faults, claim["name"], "TXT")
        except CannotAsk:
            return False

    def _new(self, team: str, domain: Doc) -> Doc:
        now = self._vendor.clock.now()
        value = f"resend-domain-verification={secrets.token_hex(16)}"
        return {
            "id": new_id(),
            "team": team,
            "name": domain["name"],
            "status": "pending",
            "domain_id": domain["id"],
            "region": domain["region"],
            "blocked_reason": None,
            "failure_reason": None,
            "record": {"type": "TXT", "name": domain["name"], "value": value, "ttl": "Auto"},
            "created_at": stamp(now),
            "expires_at": stamp(now + LASTS),
        }

    def _own(self, call: Call) -> Doc:
        found = self._store.all("claim", team=call.team, domain_id=call.id)
        if not found:
            raise not_found("Domain claim")
        return found[-1]

    def _end(self, claim: Doc, **fields: Any) -> None:
        self._change(claim, **fields)
        self._vendor.jobs.done("claim", claim["id"])

    def _change(self, claim: Doc, **fields: Any) -> Doc:
        return self._store.put("claim", claim["id"], {**claim, **fields})


def _shown(claim: Doc) -> dict[str, Any]:
    return {"object": "domain_claim", **{field: claim[field] for field in _SHOWN}}
