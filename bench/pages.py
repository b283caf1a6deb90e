"""Pages: storefront and console against a bare template of the same size, and the list of a hundred thousand."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from fastapi import FastAPI, Response
from jinja2 import Environment
from sqlalchemy import text

from bench import house
from bench.sides import Row, ratio
from controlplane.app import create_app
from controlplane.core.ids import new_id
from controlplane.gateways import Gateways
from controlplane.identity import sign_ins
from controlplane.identity.models import Operator, Principal, Role
from controlplane.settings import Limits, Settings
from controlplane.tables import metadata

REQUESTS = 40
FEW, MANY = 1_000, 100_000
TENANTS = """
INSERT INTO tenants (id, order_id, customer_id, product, slug, name, locale, state, spec, facts, revision, created_at,
  changed_at, live_at)
SELECT lpad(n::text, 26, '0'), 'o' || n, 'c' || n, CASE WHEN n % 9 = 0 THEN 'creator' ELSE 'site' END, 'slug-' || n,
  'Name ' || n, 'de', CASE WHEN n % 20 = 0 THEN 'suspended' ELSE 'active' END, '{}', '{}', 0,
  now() - n * interval '1 minute', now(), now() FROM generate_series(1, :count) AS n"""
CONDITIONS = """
INSERT INTO conditions (tenant_id, concern, health, reason, detail, next_action, who, since)
SELECT id, concern, 'ok', '', '', '', 'nobody', now() FROM tenants, unnest(ARRAY['billing', 'cloud', 'domain', 'email'])
  AS concern"""


def run() -> list[Row]:
    with TemporaryDirectory() as name, house.servers(Path(name)) as gateways:
        return _measured(gateways)


def _measured(plain: Gateways) -> list[Row]:
    with filled(plain, "few", FEW) as few, filled(plain, "many", MANY) as many:
        return _compared(few, many)


def _compared(few: "Filled", many: "Filled") -> list[Row]:
    with house.served(create_app(few.gateways)) as small, house.served(create_app(many.gateways)) as large:
        return [
            against_bare("landing page", small, "/de", {}, goal=2.0),
            against_bare("landing page not changed (304)", small, "/de", _tag(small), goal=0.5),
            against_bare("start page of the console", small, "/console", few.headers, goal=3.0),
            against_bare("list of tenants", large, "/console/tenants", many.headers, goal=3.0),
            growth("list of tenants", large, small, "/console/tenants", many, few),
            growth("list of tenants, filtered", large, small, "/console/tenants?state=suspended", many, few),
            growth("list of tenants, sought in vain", large, small, "/console/tenants?q=anna", many, few),
        ]


class Filled:
    """A database of so many tenants, and somebody who may read them."""

    def __init__(self, gateways: Gateways, count: int) -> None:
        self.gateways = gateways
        metadata.create_all(gateways.db.engine)
        with gateways.db.transaction() as session:
            session.connection().execute(text("SET LOCAL statement_timeout = 0"))
            session.connection().execute(text(TENANTS), {"count": count})
            session.connection().execute(text(CONDITIONS))
            session.add(row := Operator(id=new_id(), email="one@operators.example", role=Role.ENGINEER, password=""))
            session.flush()
            _row, token = sign_ins.start(session, gateways, Principal.OPERATOR, row.id, factors=["password"])
            session.connection().execute(text("ANALYZE"))
        self.headers = {"authorization": f"Bearer {token}"}


@contextmanager
def filled(plain: Gateways, name: str, count: int) -> Iterator[Filled]:
    with plain.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = plain.db.engine.url.set(database=name).render_as_string(hide_password=False)
    settings: Settings = plain.settings.model_copy(
        update={
            "database": plain.settings.database.model_copy(update={"url": type(plain.settings.database.url)(url)}),
            "limits": Limits(api_per_minute=1_000_000, writes_per_minute=1_000_000),
        }
    )
    gateways = Gateways.build(settings)
    try:
        yield Filled(gateways, count)
    finally:
        gateways.close()


def against_bare(name: str, url: str, path: str, headers: dict[str, str], *, goal: float) -> Row:
    """The bare side renders as many bytes, line by line, and knows nothing."""
    lines = httpx.get(f"{url}{path}", headers={**headers, "if-none-match": ""}, trust_env=False).text.splitlines()
    template = Environment(autoescape=True).from_string("{% for line in lines %}{{ line }}\n{% endfor %}")
    bare = FastAPI()

    @bare.get("/")
    def page() -> Response:
        return Response(template.render(lines=lines), media_type="text/html")

    with house.served(bare) as theirs:
        return ratio(
            f"server time, {name}: ours / bare template of the same size",
            lambda: seconds(url, path, headers),
            lambda: seconds(theirs, "/", {}),
            goal=goal,
            at_least=False,
        )


def growth(name: str, large: str, small: str, path: str, many: Filled, few: Filled) -> Row:
    return ratio(
        f"server time, {name}: {MANY:,} / {FEW:,} rows",
        lambda: seconds(large, path, many.headers),
        lambda: seconds(small, path, few.headers),
        goal=1.5,
        at_least=False,
    )


def seconds(url: str, path: str, headers: dict[str, str]) -> float:
    """The median of a request: what else the machine did in between is in none of half of them."""
    taken = []
    with httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        for _request in range(REQUESTS):
            began = time.perf_counter()
            answer = client.get(path)
            taken.append(time.perf_counter() - began)
            assert answer.status_code in {200, 304}, answer.status_code
    return statistics.median(taken)


def _tag(url: str) -> dict[str, str]:
    return {"if-none-match": httpx.get(f"{url}/de", trust_env=False).headers["etag"]}
