"""The house: an answer of our API against a bare FastAPI, and a job of ours against a bare arq job."""

import asyncio
import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import structlog
import uvicorn
from arq import func
from arq.connections import RedisSettings, create_pool
from arq.worker import Worker
from fastapi import FastAPI

from bench.sides import Row, ratio
from controlplane.app import create_app
from controlplane.core.queue import Wakeup, dumps, loads
from controlplane.gateways import Gateways
from controlplane.jobs import Job, as_arq_function
from controlplane.settings import Settings
from sandbox.ports import free_port
from sandbox.postgres import Postgres
from sandbox.redis import Redis

REQUESTS, JOBS = 400, 300


def run() -> list[Row]:
    with tempfile.TemporaryDirectory() as name, servers(Path(name)) as gateways:
        return [hello(gateways), defer_to_run(gateways)]


def hello(gateways: Gateways) -> Row:
    bare = FastAPI()

    @bare.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "ok"}

    with served(create_app(gateways)) as ours, served(bare) as theirs:
        return ratio(
            "API hello, requests a second: ours / bare FastAPI", lambda: rate(ours), lambda: rate(theirs), goal=0.5
        )


def rate(url: str) -> float:
    with httpx.Client(base_url=url, trust_env=False) as client:
        began = time.perf_counter()
        for _request in range(REQUESTS):
            client.get("/health/live")
        return REQUESTS / (time.perf_counter() - began)


def defer_to_run(gateways: Gateways) -> Row:
    return ratio(
        "jobs a second, from defer to done: ours / bare arq",
        lambda: asyncio.run(ours_drained(gateways)),
        lambda: asyncio.run(bare_drained(gateways)),
        goal=0.8,
    )


async def ours_drained(gateways: Gateways) -> float:
    done: list[str] = []
    job = Job("bench.job", lambda _gateways, row_id: done.append(row_id))
    began = time.perf_counter()
    for number in range(JOBS):
        gateways.queue.push([Wakeup("bench.job", str(number))])
    worker = Worker(
        functions=[as_arq_function(job)],
        queue_name=gateways.queue.name("quick"),
        ctx={"gateways": gateways},
        job_serializer=dumps,
        job_deserializer=loads,
        **burst(gateways),
    )
    await worker.async_run()
    await worker.close()
    assert len(done) == JOBS
    return JOBS / (time.perf_counter() - began)


async def bare_drained(gateways: Gateways) -> float:
    done: list[int] = []

    async def work(_context: dict[str, Any], number: int) -> None:
        done.append(number)

    pool = await create_pool(redis_settings(gateways), default_queue_name="bare")
    began = time.perf_counter()
    for number in range(JOBS):
        await pool.enqueue_job("work", number)
    worker = Worker(functions=[func(work, name="work")], queue_name="bare", **burst(gateways))
    await worker.async_run()
    await worker.close()
    await pool.aclose()
    assert len(done) == JOBS
    return JOBS / (time.perf_counter() - began)


def burst(gateways: Gateways) -> dict[str, Any]:
    return {
        "redis_settings": redis_settings(gateways),
        "burst": True,
        "poll_delay": 0.01,
        "max_jobs": 20,
        "keep_result": 0,
        "handle_signals": False,
    }


def redis_settings(gateways: Gateways) -> RedisSettings:
    return RedisSettings.from_dsn(gateways.settings.redis.url.get_secret_value())


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@contextmanager
def servers(folder: Path) -> Iterator[Gateways]:
    folder.chmod(0o755)
    postgres = Postgres(folder / "postgres", free_port(), fsync=False)
    redis = Redis(folder / "redis", free_port())
    postgres.start(log=folder / "postgres.log")
    redis.start(log=folder / "redis.log")
    postgres.wait()
    redis.wait()
    postgres.ensure_database()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    gateways = Gateways.build(settings(folder, postgres.url, redis.url))
    try:
        yield gateways
    finally:
        gateways.close()
        redis.stop()
        postgres.stop()
        postgres.remove()


def settings(folder: Path, database: str, redis: str) -> Settings:
    return Settings.model_validate(
        {
            "environment": "sandbox",
            "name": "bench",
            "public_url": "http://localhost",
            "database": {"url": database},
            "redis": {"url": redis, "prefix": "bench"},
            "keys": {"folder": folder / "keys"},
            "stripe": {"secret_key": "sk_test_unused"},
            "resend": {"api_key": "re_unused", "sender": "post@portal.example"},
            "cloudflare": {
                "api_token": "unused",
                "account_id": "0" * 32,
                "portal_zone": "portal.example",
                "sites_zone": "sites.example",
            },
            "edge": {"ops_url": "http://ops.portal.example"},
            "pulumi": {"backend_url": f"file://{folder}/states", "passphrase": "unused"},
        }
    )
