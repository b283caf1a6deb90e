"""Whole programs through the Automation API, the embedded engine and the plugins, against the emulators."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from sandbox.engine.install import Plugin, install
from sandbox.plugins import NAMES
from sandbox.plugins.providers import provider
from tests.contract.cloudflare.harness import Emulator
from tests.contract.plugins import clouds
from tests.contract.plugins.client import ROOT
from tests.contract.plugins.test_aws_lifecycle import KEYS, SERVICES
from tests.fixtures.polling import poll

SECRET = "a-secret-that-no-file-may-hold"
OFFICIAL = os.environ.get(
    "PULUMI_OFFICIAL", ""
)  # a directory with bin/pulumi: the same programs on the official engine
SECONDS = 300


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engine")
    install(folder, [Plugin(name, provider(name).version, "sandbox.plugins") for name in NAMES])
    return folder


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path_factory.mktemp("cloudflare") / "home").start()
    yield emulator
    emulator.stop()
    emulator.process = None


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with clouds.sandbox(tmp_path_factory.mktemp("aws")) as url:
        yield url


def run(program: str, root: Path, folder: Path, **settings: Any) -> dict[str, Any]:
    told = {"program": program, "root": OFFICIAL or str(root), "folder": str(folder), "secret": SECRET, **settings}
    command = [sys.executable, "-m", "tests.contract.plugins.programs.run"]
    env = {**os.environ, "GRPC_VERBOSITY": "ERROR"}
    ended = subprocess.run(
        command, cwd=ROOT, env=env, input=json.dumps(told), capture_output=True, text=True, timeout=SECONDS
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def check(report: dict[str, Any]) -> None:
    created = report["up"]["changes"]["create"]
    assert report["up"]["changes"] == {"create": created}
    assert report["again"]["changes"] == {"same": created}
    assert report["refresh"]["changes"] == {"same": created}
    assert set(report["changed"]["changes"]) == {"same", "update"}
    assert report["destroy"]["changes"] == {"delete": created}
    assert SECRET not in report["state"]


class TestEdge:
    def test_a_platform_lives_and_dies(self, edge: Emulator, root: Path, tmp_path: Path) -> None:
        ask = httpx.Client(base_url=f"{edge.url}/client/v4/", headers=edge.headers(), trust_env=False)
        account, zone = (ask.get(path).json()["result"][0] for path in ("accounts", "zones"))
        report = run(
            "edge",
            root,
            tmp_path,
            token=edge.secrets["cloudflare_api_token"],
            url=f"{edge.url}/client/v4",
            account=account["id"],
            zone=zone["id"],
            zone_name=zone["name"],
        )
        check(report)
        assert report["up"]["outputs"]["etag"] != report["changed"]["outputs"]["etag"]
        assert edge.secrets["cloudflare_api_token"] not in report["state"]
        left = [
            ask.get(path).json()["result"]
            for path in (f"zones/{zone['id']}/dns_records", f"zones/{zone['id']}/workers/routes")
        ]
        ask.close()
        assert left == [[], []]


class TestCreator:
    def test_an_account_lives_and_dies(self, cloud: str, root: Path, tmp_path: Path) -> None:
        account = member(cloud)
        report = run(
            "creator",
            root,
            tmp_path,
            access_key=KEYS["accessKey"],
            secret_key=KEYS["secretKey"],
            role=f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole",
            account=account,
            services=[SDK_NAMES.get(name, name) for name in SERVICES],
            url=cloud,
        )
        check(report)
        assert report["up"]["outputs"]["account"] == [False, account]
        is_secret, stream_key = report["up"]["outputs"]["stream_key"]
        assert is_secret
        assert stream_key not in report["state"]


SDK_NAMES = {"lambda": "lambda_"}


def member(url: str) -> str:
    keys = {"aws_access_key_id": KEYS["accessKey"], "aws_secret_access_key": KEYS["secretKey"]}
    organizations = boto3.client("organizations", endpoint_url=url, region_name="us-east-1", **keys)
    request = organizations.create_account(Email="aws+program@platform.example", AccountName="program")
    id = request["CreateAccountStatus"]["Id"]

    def status() -> Any:
        return organizations.describe_create_account_status(CreateAccountRequestId=id)["CreateAccountStatus"]

    return str(poll(status, until=lambda found: "AccountId" in found, seconds=60)["AccountId"])
