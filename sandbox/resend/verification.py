"""How the status of a domain follows the DNS: pending until all records are seen, back when they vanish.

A record that was seen and is missing is a temporary failure for 72 hours, then failed. One that was never seen fails
72 hours after verification began. When the DNS cannot be asked nothing changes.
"""

from datetime import datetime, timedelta

from sandbox.kit.store import Doc
from sandbox.resend.domains import Domains
from sandbox.resend.records import SENDING, CannotAsk, is_published
from sandbox.resend.vendor import Vendor

PATIENCE = timedelta(hours=72)
WHILE_OPEN, WHEN_SETTLED = 2.0, 60.0  # seconds between looks, emulated
OPEN = frozenset({"pending", "temporary_failure"})


class Verification:
    def __init__(self, vendor: Vendor, domains: Domains) -> None:
        self._vendor, self._store, self._domains = vendor, vendor.store, domains

    async def look(self, job: Doc) -> None:
        domain = self._store.get("domain", job["subject"])
        if domain is None:
            self._vendor.jobs.done("verify", job["subject"])
            return
        seen = {record["host"] + record["type"]: await self._see(domain, record) for record in domain["records"]}
        with self._store.transaction():
            current = self._store.get("domain", domain["id"])
            if current is not None:
                self._settle(current, seen)

    async def _see(self, domain: Doc, record: Doc) -> bool | None:
        """None: nothing is known."""
        fault = self._vendor.faults.take("resend", f"verify {domain['name']} {record['record']}", {"stuck", "missing"})
        if fault:
            return None if fault.kind == "stuck" else False
        try:
            return await is_published(self._vendor.home, record)
        except CannotAsk:
            return None

    def _settle(self, domain: Doc, seen: dict[str, bool | None]) -> None:
        before = [domain["status"], *(record["status"] for record in domain["records"])]
        for record in domain["records"]:
            self._move(record, seen.get(record["host"] + record["type"]))
        domain["status"] = overall(domain["records"])
        if before != [domain["status"], *(record["status"] for record in domain["records"])]:
            self._domains.save(domain)
        self._plan(domain)

    def _move(self, record: Doc, seen: bool | None) -> None:
        now, status = self._vendor.clock.now(), record["status"]
        if seen is None or status == "not_started":
            return
        if seen and status != "failed":
            record |= {"status": "verified", "since": None}
        elif status == "verified":
            record |= {"status": "temporary_failure", "since": self._vendor.now()}
        elif status in OPEN and now - datetime.fromisoformat(record["since"]) >= PATIENCE:
            record["status"] = "failed"

    def _plan(self, domain: Doc) -> None:
        statuses = {record["status"] for record in domain["records"]}
        if domain["status"] == "failed":
            self._vendor.jobs.done("verify", domain["id"])
        else:
            self._vendor.jobs.add("verify", domain["id"], after=WHILE_OPEN if statuses & OPEN else WHEN_SETTLED)


def overall(records: list[Doc]) -> str:
    """The status of the domain: that of its sending records, and `partially_` when the others lag behind."""
    sending = {record["status"] for record in records if record["record"] in SENDING}
    others = {record["status"] for record in records if record["record"] not in SENDING}
    if sending != {"verified"}:
        return next(status for status in ("failed", "temporary_failure", "pending", "not_started") if status in sending)
    if others <= {"verified"}:
        return "verified"
    return "partially_failed" if others & {"failed", "temporary_failure"} else "partially_verified"
