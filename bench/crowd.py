"""A thousand tenants and a hundred thousand, side by side: what operators and sweeps ask must not care."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import text

from bench.house import servers, settings
from bench.sides import Row, ratio
from controlplane.app import create_app
from controlplane.gateways import Gateways
from controlplane.identity import sign_ins
from controlplane.identity.models import Operator, Principal, Role
from controlplane.settings import Limits
from controlplane.tables import metadata
from controlplane.worker import TICKS

SIZES = (1_000, 100_000)
TIMES = 20
# Everyone is live, one in a hundred has something wrong, one in a thousand an operation that waits.
FILL = (
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL session_replication_role = replica",  # no check of a million references
    """INSERT INTO tenants (id, order_id, customer_id, product, slug, name, locale, state, spec, facts, revision,
                            created_at, changed_at, next_drift_at)
       SELECT lpad(n::text, 26, '0'), 'o' || n, 'c' || n % 5000, 'site', 's' || n, 'Tenant ' || n, 'de',
              CASE WHEN n % 500 = 0 THEN 'suspended' ELSE 'active' END, '{}', '{}', 1, now(), now(), now() + '1 day'
       FROM generate_series(1, :count) n""",
    """INSERT INTO conditions (tenant_id, concern, health, reason, detail, next_action, who, since)
       SELECT id, concern, CASE WHEN right(id, 2) = '00' AND concern = 'cloud' THEN 'blocked' ELSE 'ok' END,
              '', '', '', 'nobody', now()
       FROM tenants, unnest(ARRAY['billing', 'cloud', 'domain', 'email', 'site']) concern""",
    """INSERT INTO operations (id, tenant_id, kind, phase, priority, cause, requested_by, wanted, attempt, crashes,
                               failures, fence, next_attempt_at, error_class, error, who, next_action,
                               held_by, cancel_requested, correlation)
       SELECT 'p' || id, id, 'provision', CASE WHEN right(id, 3) = '000' THEN 'waiting' ELSE 'done' END,
              0, 'paid', 'x', '{}', 1, 0, 0, 1, now() + '1 day', '', '', '', '', '', false, '{}'
       FROM tenants""",
    # What came of each of them so far, none of it due.
    """INSERT INTO approvals (id, operation_id, tenant_id, requested_by, reason, plan, plan_hash, release, expires_at,
                              decision)
       SELECT id, 'p' || id, id, 'x', '', '{}', '', '', now() - interval '1 day', 'approved' FROM tenants""",
    """INSERT INTO emails (id, dedup, kind, "to", locale, data, sealed, customer_id, order_id, state, vendor_id,
                           attempts, fence, error, sent_at)
       SELECT id, id, 'tenant_live', 'x', 'de', '{}', '', '', order_id, 'delivered', id, 1, 1, '', now()
       FROM tenants""",
    """INSERT INTO inbox_events (id, source, external_id, type, object_id, facts, state, attempts, fence, handled_at,
                                 error, who, reason)
       SELECT id, 'stripe', id, 'invoice.paid', id, '{}', 'handled', 1, 1, now(), '', '', '' FROM tenants""",
    """INSERT INTO oauth_grants (id, digest, client_id, customer_id, sign_in_id, redirect_uri, challenge, auth_at,
                                 expires_at, used_at)
       SELECT id, id, 'edge', customer_id, '', '', '', now(), now(), now() FROM tenants""",
    "ANALYZE",
)


def run(folder: Path) -> list[Row]:
    with (
        servers(folder) as gateways,
        crowded(gateways, folder, SIZES[0]) as few,
        crowded(gateways, folder, SIZES[1]) as many,
    ):
        return [
            row("operator list", lambda: listing(many, {}), lambda: listing(few, {})),
            row("list of what is blocked", lambda: listing(many, BLOCKED), lambda: listing(few, BLOCKED)),
            row("every sweep", lambda: sweeping(many), lambda: sweeping(few)),
        ]


BLOCKED = {"health": "blocked"}


def row(what: str, many: Callable[[], float], few: Callable[[], float]) -> Row:
    return ratio(f"{what}: 100,000 tenants / 1,000", many, few, goal=1.5, at_least=False)


def listing(side: "tuple[TestClient, Gateways]", query: dict[str, str]) -> float:
    began = time.perf_counter()
    for _time in range(TIMES):
        answer = side[0].get("/v1/tenants", params=query)
        assert answer.status_code == 200, answer.text
    return time.perf_counter() - began


def sweeping(side: "tuple[TestClient, Gateways]") -> float:
    began = time.perf_counter()
    for _time in range(TIMES):
        for tick in TICKS:
            if tick.hour is None:
                tick.run(side[1])
    return time.perf_counter() - began


@contextmanager
def crowded(base: Gateways, folder: Path, count: int) -> Iterator[tuple[TestClient, Gateways]]:
    name = f"crowd_{count}"
    with base.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = base.settings.database.url.get_secret_value().rsplit("/", 1)[0] + f"/{name}"
    wide = settings(folder, url, base.settings.redis.url.get_secret_value())
    gateways = Gateways.build(wide.model_copy(update={"limits": Limits(api_per_minute=1_000_000)}))
    metadata.create_all(gateways.db.engine)
    with gateways.db.engine.begin() as connection:
        for statement in FILL:
            connection.execute(text(statement), {"count": count} if ":count" in statement else {})
    client = TestClient(create_app(gateways), base_url="http://localhost", headers=operator(gateways))
    try:
        yield client, gateways
    finally:
        gateways.close()


def operator(gateways: Gateways) -> dict[str, str]:
    person = Operator(email="bench@operators.example", role=Role.ENGINEER, password="unused")  # noqa: S106
    with gateways.db.transaction() as session:
        session.add(person)
        session.flush()
        _row, token = sign_ins.start(session, gateways, Principal.OPERATOR, person.id, factors=["password"])
    return {"authorization": f"Bearer {token}"}
