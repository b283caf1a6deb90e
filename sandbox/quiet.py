"""The truth in the database after a storm: first wait until nothing is awake, then count."""

import time

from sandbox.leaks import connect
from sandbox.place import Place

PATIENCE = 180.0
# Each is a number of rows that somebody still has to work on.
AWAKE = {
    "operations that are not done": "SELECT count(*) FROM operations WHERE phase IN ('waiting', 'running')",
    "mails that are not sent": "SELECT count(*) FROM emails WHERE state IN ('queued', 'sending')",
    "events that are not handled": "SELECT count(*) FROM inbox_events WHERE state = 'waiting'",
}
# Each must be empty: what it answers is wrong, and why.
WRONG = {
    "operation stands still": "SELECT tenant_id || ' ' || kind || ': ' || error FROM operations "
    "WHERE phase IN ('parked', 'approval')",
    "lease left": "SELECT id FROM operations WHERE lease_owner IS NOT NULL",
    "paid order without exactly one tenant": "SELECT o.id FROM orders o LEFT JOIN tenants t ON t.order_id = o.id "
    "GROUP BY o.id HAVING count(t.id) <> (o.funded_at IS NOT NULL)::int",
    "tenant with two open operations": "SELECT tenant_id FROM operations WHERE phase IN "
    "('waiting', 'running', 'approval', 'parked') AND kind NOT IN ('drift', 'inspect') "
    "GROUP BY tenant_id HAVING count(*) > 1",
    "tenant that is not active": "SELECT slug || ' ' || state FROM tenants WHERE state <> 'active'",
    "finished step without a result": "SELECT operation_id || ' ' || name FROM steps "
    "WHERE finished_at IS NOT NULL AND result IS NULL",
    "mail that was not sent": "SELECT dedup || ' ' || state || ' ' || error FROM emails "
    "WHERE state NOT IN ('sent', 'delivered')",
    "event that a person must look at": "SELECT source || ' ' || type || ': ' || error FROM inbox_events "
    "WHERE state = 'parked'",
    "tenant with something wrong": "SELECT t.slug || ' ' || c.concern || ' ' || c.reason FROM conditions c "
    "JOIN tenants t ON t.id = c.tenant_id WHERE c.health NOT IN ('ok', 'working')",
    "move that does not go on where the last one ended": "SELECT tenant_id || ': ' || before || ' -> ' || after FROM ("
    "SELECT *, lag(after) OVER (PARTITION BY tenant_id, subject ORDER BY id) AS last FROM tenant_history"
    ") moves WHERE before <> coalesce(last, before)",
    "tenant without exactly one living key": "SELECT t.id FROM tenants t LEFT JOIN credentials c "
    "ON c.tenant_id = t.id AND c.revoked_at IS NULL GROUP BY t.id HAVING count(c.id) <> 1",
}


def awake(place: Place) -> dict[str, int]:
    with connect(place) as connection:
        counts = {what: connection.execute(query).fetchone() for what, query in AWAKE.items()}
    return {what: int(row[0]) for what, row in counts.items() if row and row[0]}


def wait(place: Place, *, watch: object = None) -> list[str]:
    """What is still awake when the time is up: a liveness bug."""
    deadline = time.monotonic() + PATIENCE
    while found := awake(place):
        if callable(watch):
            watch()
        if time.monotonic() > deadline:
            return [f"still {count} {what}" for what, count in found.items()]
        time.sleep(0.5)
    return []


def wrong(place: Place, *, sites: int) -> list[str]:
    found = []
    with connect(place) as connection:
        for what, query in WRONG.items():
            rows = connection.execute(query).fetchall()
            found += [f"{what}: {row[0]}" for row in rows]
        (live,) = connection.execute("SELECT count(*) FROM tenants WHERE state = 'active'").fetchone() or (0,)
    return found if live == sites else [*found, f"{live} tenants are active, {sites} were paid"]


def mails(place: Place) -> dict[str, list[str]]:
    """By address: the vendor's ids of all that was written down as sent."""
    with connect(place) as connection:
        rows = connection.execute('SELECT "to", vendor_id FROM emails').fetchall()
    by: dict[str, list[str]] = {}
    for address, vendor_id in rows:
        by.setdefault(str(address), []).append(str(vendor_id))
    return by
