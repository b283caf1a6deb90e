"""Selling: the webhook door against a bare FastAPI, the inbox against bare arq, the sweep at a million rows."""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from arq.worker import create_worker, func
from sqlalchemy import text
from stripe import WebhookSignature

from controlplane.core.queue import QUICK, Wakeup
from controlplane.gateways import Gateways
from controlplane.inbox import service
from controlplane.settings import Settings
from controlplane.worker import worker_options
from sandbox.ports import free_port
from sandbox.postgres import Postgres
from sandbox.redis import Redis

Row = dict[str, Any]
SECRET = "whsec_bench"
REQUESTS, AT_ONCE, ROUNDS = 600, 8, 5
JOBS = 300
BARE = Path(__file__).with_name("bare_webhook.py")


def run() -> list[Row]:
    with servers() as environment:
        return [webhooks(environment), drain(environment), sweep(environment)]


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Postgres as in production (it syncs), Redis, and an empty database."""
    folder = Path(tempfile.mkdtemp(prefix="controlplane-bench-"))
    folder.chmod(0o755)
    postgres, redis = Postgres(folder / "postgres", free_port()), Redis(folder / "redis", free_port())
    postgres.start(log=folder / "postgres.log")
    redis.start(log=folder / "redis.log")
    try:
        postgres.wait()
        redis.wait()
        postgres.ensure_database("bench")
        environment = {**os.environ, **_environment(folder, postgres.url_of("bench"), redis.url)}
        subprocess.run([sys.executable, "-m", "controlplane", "migrate"], env=environment, check=True)
        yield environment
    finally:
        redis.stop()
        postgres.stop()
        postgres.remove()


def _environment(folder: Path, database: str, redis: str) -> dict[str, str]:
    values = {
        "ENVIRONMENT": "sandbox", "NAME": "bench", "PUBLIC_URL": "http://localhost:8000",
        "DATABASE__URL": database, "REDIS__URL": redis, "KEYS__FOLDER": str(folder / "keys"),
        "STRIPE__SECRET_KEY": "sk_test_bench", "STRIPE__WEBHOOK_SECRETS": json.dumps([SECRET]),
        "RESEND__API_KEY": "re_bench", "RESEND__SENDER": "post@bench.example",
        "CLOUDFLARE__API_TOKEN": "bench", "CLOUDFLARE__ACCOUNT_ID": "0" * 32,
        "CLOUDFLARE__PORTAL_ZONE": "portal.example", "CLOUDFLARE__SITES_ZONE": "sites.example",
        "EDGE__OPS_URL": "http://ops.portal.example", "PULUMI__BACKEND_URL": f"file://{folder}/state",
        "PULUMI__PASSPHRASE": "unused", "TELEMETRY__LOG_LEVEL": "ERROR",
    }  # fmt: skip
    return {f"CP_{name}": value for name, value in values.items()}


@contextmanager
def product(environment: dict[str, str]) -> Iterator[Gateways]:
    """The settings are read from the environment, as everywhere."""
    before = dict(os.environ)
    os.environ.update(environment)
    gateways = Gateways.build(Settings())
    try:
        yield gateways
    finally:
        gateways.close()
        os.environ.clear()
        os.environ.update(before)


# -- the door


def webhooks(environment: dict[str, str]) -> Row:
    """Requests per second including the commit: ours ÷ bare, the median of several rounds, both in each."""
    database = environment["CP_DATABASE__URL"]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE bare_events (id text PRIMARY KEY, type text, at timestamptz DEFAULT now())")
    ratios = []
    with _ours(environment) as ours, _bare(database) as bare:
        for number in range(ROUNDS + 1):
            rates = [asyncio.run(_rate(url, f"{number}{side}")) for side, url in (("o", ours), ("b", bare))]
            ratios.append(rates[0] / rates[1])
    ratio = statistics.median(ratios[1:])  # the first round warms up
    return {
        "name": "webhook requests per second, ours ÷ bare FastAPI",
        "value": ratio,
        "goal": 0.9,
        "met": ratio >= 0.9,
    }


@contextmanager
def _ours(environment: dict[str, str]) -> Iterator[str]:
    port = free_port()
    with _serving([sys.executable, "-m", "controlplane", "serve", "--port", str(port)], environment, port) as url:
        yield url


@contextmanager
def _bare(database: str) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bare_webhook:app", "--app-dir", str(BARE.parent), "--port", str(port)]
    environment = {**os.environ, "DATABASE": database, "SECRET": SECRET}
    with _serving([*command, "--log-level", "error", "--no-access-log"], environment, port) as url:
        yield url


@contextmanager
def _serving(command: list[str], environment: dict[str, str], port: int) -> Iterator[str]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _await(url)
        yield f"{url}/webhooks/stripe"
    finally:
        process.terminate()
        process.wait(20)


def _await(url: str) -> None:
    for _attempt in range(600):
        try:
            httpx.get(url, trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError(url)


async def _rate(url: str, mark: str) -> float:
    events = [_event(f"evt_{mark}_{number}") for number in range(REQUESTS)]
    waiting = iter(events)
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:

        async def sender() -> None:
            for body, headers in waiting:
                answer = await client.post(url, content=body, headers=headers)
                answer.raise_for_status()

        started = time.perf_counter()
        await asyncio.gather(*(sender() for _ in range(AT_ONCE)))
        return REQUESTS / (time.perf_counter() - started)


def _event(identity: str) -> tuple[bytes, dict[str, str]]:
    """The size of a real one: about 2 KiB. Of a kind that we keep and do not follow, as most are."""
    subject = {"id": "in_1", "object": "invoice", "metadata": {"env": "bench"}, "description": "x" * 1800}
    event = {"id": identity, "object": "event", "type": "invoice.paid", "livemode": False, "data": {"object": subject}}
    body = json.dumps(event)
    signature = WebhookSignature.generate_signature_header(body, SECRET, timestamp=int(time.time()))
    return body.encode(), {"stripe-signature": signature}


# -- the inbox


def drain(environment: dict[str, str]) -> Row:
    """Rows per second through claim, work and settle ÷ jobs per second of arq that do nothing. For comparison only."""
    with product(environment) as gateways:
        _fill(gateways, handled=0, due=0)
        wakeups = _concerning_others(gateways, JOBS)
        gateways.queue.push(wakeups)
        ours = JOBS / _burst(worker_options(gateways, QUICK))
        left = _waiting(gateways)
        assert left == 0, f"{left} rows were not handled"
        bare = JOBS / _burst(_bare_options(gateways))
    return {
        "name": "inbox rows per second ÷ empty arq jobs per second",
        "value": ours / bare,
        "goal": None,
        "met": None,
    }


def _concerning_others(gateways: Gateways, count: int) -> list[Wakeup]:
    """Charges of nobody here: everything is done but asking Stripe."""
    ids = []
    with gateways.db.transaction() as session:
        for number in range(count):
            facts = {"kind": "charge", "customer": "cus_of_others"}
            news = service.News("stripe", f"evt_drain_{number}", "charge.refunded", "ch_1", facts, is_ours=True)
            ids.append(service.store(session, gateways, news))
        session.info.clear()  # pushed by the caller
    return [Wakeup(service.HANDLE, str(identity)) for identity in ids]


def _bare_options(gateways: Gateways) -> dict[str, Any]:
    async def nothing(_context: dict[str, Any], *, row_id: str, trace: dict[str, str]) -> None:
        del row_id, trace

    coroutine: Any = nothing
    gateways.queue.push([Wakeup("nothing", str(number), queue="bare") for number in range(JOBS)])
    return {
        **worker_options(gateways, QUICK),
        "queue_name": gateways.queue.name("bare"),
        "functions": [func(coroutine, name="nothing", keep_result=0)],
    }


def _burst(options: dict[str, Any]) -> float:
    """Seconds until the queue is empty."""

    async def work() -> None:
        quiet = {"cron_jobs": [], "burst": True, "poll_delay": 0.01, "handle_signals": False}
        worker = create_worker(type("BenchWorker", (), {**options, **quiet}))
        await worker.async_run()
        await worker.close()

    started = time.perf_counter()
    asyncio.run(work())
    return time.perf_counter() - started


def _waiting(gateways: Gateways) -> int:
    with gateways.db.transaction() as session:
        query = text("SELECT count(*) FROM inbox_events WHERE state = 'waiting' AND external_id LIKE 'evt_drain%'")
        return int(session.connection().execute(query).scalar_one())


# -- the sweep


def sweep(environment: dict[str, str]) -> Row:
    """Finding 10 due rows among a million handled ones ÷ among a thousand."""
    with product(environment) as gateways:
        few = _sweep_seconds(gateways, handled=1_000)
        many = _sweep_seconds(gateways, handled=1_000_000)
    value = many / few
    return {"name": "inbox sweep, 1,000,000 handled rows ÷ 1,000", "value": value, "goal": 1.5, "met": value <= 1.5}


def _sweep_seconds(gateways: Gateways, *, handled: int) -> float:
    _fill(gateways, handled=handled, due=10)

    def once() -> None:
        with gateways.db.transaction() as session:
            assert len(service.due(session, now=gateways.now())) == 10
            service.measure(session, now=gateways.now())

    return _median(once)


def _median(work: Callable[[], None], times: int = 60) -> float:
    found = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return statistics.median(found[10:])


def _fill(gateways: Gateways, *, handled: int, due: int) -> None:
    url = gateways.settings.database.url.get_secret_value()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE inbox_events")
        for state, count, moment in (("handled", handled, "NULL"), ("waiting", due, "now() - interval '1 minute'")):
            connection.execute(
                "INSERT INTO inbox_events (id, source, external_id, type, object_id, facts, state, attempts, fence,"  # noqa: S608
                " next_attempt_at, error, who, reason) SELECT %s || n, 'stripe', %s || n, 'invoice.paid', 'in_1',"
                f" '{{}}', %s, 1, 1, {moment}, '', '', '' FROM generate_series(1, %s) n",
                (state, state, state, count),
            )
        connection.execute("VACUUM ANALYZE inbox_events")
