"""Back to a moment: every table that holds data into its next generation, nobody let in before the erased are erased
again. A drill does the same after a disaster of its own making, and measures it.
"""

import hashlib
import json
import time
from datetime import UTC, datetime, timedelta

from controlplane.accounts.models import AccountReport
from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.provisioning.steps.creator_stack import apply, member, physical
from controlplane.provisioning.steps.creator_update import kept_tables
from controlplane.provisioning.work import Facts, Work
from programs.creator.plan import Kind as Data
from programs.creator.plan import Table

MARKED = "users"  # the table of every creator
MARKERS = 6
RTO, RPO = timedelta(minutes=60), timedelta(minutes=5)
SECOND = 1.1  # the vendor counts whole seconds


def restored_tables(work: Work) -> list[Table]:
    """All but the journal of what people asked for: that one only goes forward."""
    return [table for table in kept_tables(work) if table.kind is not Data.LEGAL]


def disaster(work: Work) -> Facts:
    """Only in a drill: markers are written at a steady pace, and all of them are lost."""
    if not work.operation.wanted.get("drill"):
        return {}
    entered, table = member(work), physical(work.tenant, MARKED)
    newest = ""
    for number in range(MARKERS):
        newest = datetime.now(UTC).isoformat()
        entered.put_item(table, {**_marker(work, number), "at": {"S": newest}})
        time.sleep(work.gateways.settings.aws.drill_seconds)
    began = datetime.now(UTC)
    time.sleep(SECOND)
    for number in range(MARKERS):
        entered.delete_item(table, _marker(work, number))
    moment = (began + timedelta(seconds=1)).replace(microsecond=0)  # the next whole second: nothing was lost before it
    return {"began": began.isoformat(), "moment": moment.isoformat(), "newest_marker": newest}


def _marker(work: Work, number: int) -> dict[str, dict[str, str]]:
    return {"userId": {"S": f"drill#{work.operation.id}#{number}"}}


def choose(work: Work) -> Facts:
    """The moment, and the generation of each table. It must be one that every table can go back to."""
    moment = work.operation.wanted.get("at") or work.result("disaster").get("moment")
    if not moment:
        raise NeedsPerson("no moment was named", next_action="ask again with the moment to go back to")
    at = datetime.fromisoformat(str(moment)).astimezone(UTC)
    entered = member(work)
    for table in restored_tables(work):
        newest = entered.newest_restorable(physical(work.tenant, table.name))
        if newest is None:
            raise NeedsPerson(f"{table.name} cannot be recovered", next_action="restore it from a copy in the vault")
        if newest < at:
            raise TryLater(f"{table.name} can go back to {newest} so far", after=timedelta(seconds=2))
    generations = work.tenant.facts.get("generations", {})
    names = {table.name: int(generations.get(table.name, 1)) + 1 for table in restored_tables(work)}
    return {"at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "generations": names}


def tables(work: Work) -> Facts:
    """Made from the old ones, with all their settings; functions are pointed at them. The site is paused meanwhile."""
    chosen = work.result("choose")
    facts = work.tenant.facts
    names = {f"creator-{name}-g{generation}": chosen["at"] for name, generation in chosen["generations"].items()}
    work.learn(
        generations={**facts.get("generations", {}), **chosen["generations"]},
        restored_at={**facts.get("restored_at", {}), **names},
        restored_on=work.now.isoformat(),
    )
    return apply(work, suspended=True)


def replay(work: Work) -> Facts:
    """Who was erased after that moment is there again: erased once more, before anybody is let in."""
    entered = member(work)
    pepper = (entered.secret("creator/app") or {}).get("pepper", "")
    journal = {
        row["subjectHash"]["S"]: row["requestId"]["S"]
        for row in entered.items(physical(work.tenant, "privacy-requests"))
        if row["kind"]["S"] == "erase"
    }
    erased = 0
    for row in entered.items(physical(work.tenant, MARKED)):
        user = row["userId"]["S"]
        request = journal.get(hashlib.sha256(f"{pepper}{user}".encode()).hexdigest())
        if request:
            event = json.dumps({"work": "erase", "requestId": request, "userId": user})
            entered.invoke("creator-privacy", event)
            erased += 1
    return {"erased_again": erased}


def open_again(work: Work) -> Facts:
    return apply(work)


def report(work: Work) -> Facts:
    """Only in a drill: how long it took until the proof of life was green, and how much was lost."""
    lost = work.result("disaster")
    if not lost:
        return {}
    entered, table = member(work), physical(work.tenant, MARKED)
    found = [entered.item(table, _marker(work, number)) for number in range(MARKERS)]
    newest = max((row["at"]["S"] for row in found if row), default="")
    began = datetime.fromisoformat(lost["began"])
    rto = datetime.now(UTC) - began
    rpo = began - datetime.fromisoformat(newest) if newest else None
    facts = {
        "rto_seconds": round(rto.total_seconds(), 1),
        "rpo_seconds": round(rpo.total_seconds(), 1) if rpo else None,
        "markers": MARKERS,
        "markers_restored": sum(row is not None for row in found),
        "tables": len(work.result("choose")["generations"]),
        "environment": work.gateways.settings.name,
    }
    passed = rpo is not None and rto < RTO and rpo < RPO
    for number in range(MARKERS):
        entered.delete_item(table, _marker(work, number))
    with work.gateways.db.transaction() as session:
        work.lease.settle(session)
        session.add(AccountReport(kind="drill", tenant_id=work.tenant.id, passed=passed, body=facts))
    return {**facts, "passed": passed}
