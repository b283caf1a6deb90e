"""The Cloudflare emulator: API under `/client/v4`, inspection under `/_sim`, a page under `/`."""

import asyncio
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from sandbox.cloudflare import (
    account,
    bucket_domains,
    bucket_rules,
    buckets,
    custom_hostnames,
    dns_records,
    fallback_origin,
    kv_namespaces,
    kv_values,
    objects,
    script_views,
    scripts,
    worker_domains,
    worker_routes,
)
from sandbox.cloudflare.cipher import Cipher
from sandbox.cloudflare.cloud import VENDOR, Cloud, stamp
from sandbox.cloudflare.control import Control
from sandbox.cloudflare.deployer import Deployer
from sandbox.cloudflare.dns_publish import republish
from sandbox.cloudflare.envelope import fault_shape
from sandbox.cloudflare.operation import METHODS, Api
from sandbox.cloudflare.page import Page
from sandbox.cloudflare.special_faults import FAULTS
from sandbox.cloudflare.ticker import Ticker
from sandbox.cloudflare.tokens import seed_token
from sandbox.cloudflare.visible import DnsView
from sandbox.edge import Edge, NodeInstallation
from sandbox.edge.install import shared_folder
from sandbox.kit.faults import FaultMiddleware
from sandbox.kit.home import Emulator, Home

__all__ = ["FAULTS", "build"]

ZONES = ("localhost", "portal.localhost")
RESOURCES = (
    account, dns_records, kv_namespaces, kv_values, bucket_rules, objects, buckets, scripts, script_views,
    worker_routes, worker_domains, bucket_domains, fallback_origin, custom_hostnames,
)  # fmt: skip


def build(
    home: Home, *, edge_port: int | None = None, zones: tuple[str, ...] = ZONES, node: Path | None = None
) -> Emulator:
    cloud = open_cloud(home, edge_port=edge_port, zones=zones, node=node)
    app = FaultMiddleware(api_app(cloud), vendor=VENDOR, faults=home.faults, shape=fault_shape)
    return Emulator(VENDOR, app, Work(cloud).run)


def open_cloud(home: Home, *, edge_port: int | None, zones: tuple[str, ...], node: Path | None) -> Cloud:
    store, cipher = home.store(VENDOR), Cipher(home.folder / VENDOR / "secrets.key")
    identity = home.secrets.get("cloudflare_account_id") or account.fixed_id("account", "sandbox")
    account.seed_account(store, account=identity, zones=zones, now=stamp(home.clock.now()))
    seed_token(store, home.secrets["cloudflare_api_token"])
    edge = Edge(home.folder, installation=NodeInstallation(node or shared_folder(home.folder)), port=edge_port)
    dns = DnsView(home.dns)
    return Cloud(home, store, edge, Deployer(home, store, edge, cipher, dns), cipher, dns, identity)


def api_app(cloud: Cloud) -> Starlette:
    api = Api(cloud)
    known: list[BaseRoute] = [route for resource in RESOURCES for route in resource.routes(api)]
    return Starlette(
        routes=[
            Route("/", Page(cloud).show, methods=["GET"]),
            Mount("/_sim", Control(cloud, api).app()),
            Mount("/client/v4", routes=[*known, Route("/{rest:path}", api.unknown, methods=METHODS)]),
        ]
    )


class Work:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    async def run(self) -> None:
        cloud = self._cloud
        for zone in cloud.store.all("zone"):
            republish(cloud.home.dns, cloud.store, zone["id"])
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(cloud.edge.run(cloud.deployer.first_config()))
            tasks.create_task(cloud.deployer.run())
            tasks.create_task(Ticker(cloud).run())
