"""One AWS stand-in for all tests of this folder; each test that writes takes accounts of its own."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import httpx
import pytest
from botocore.config import Config
from botocore.loaders import Loader

SECRETS = {
    "control_token": "control-token",
    "aws_access_key_id": "AKIASANDBOXPLATFORM0",
    "aws_secret_access_key": "sandbox-secret-access-key",
}
CONFIG = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, s3={"addressing_style": "path"})
LOADER = Loader()
ADMIN = "OrganizationAccountAccessRole"


def until(look: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Look again until something is there."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.02)


def signed_in(key: str, secret: str, token: str | None = None) -> boto3.Session:
    core = botocore.session.get_session()
    core.register_component("data_loader", LOADER)  # the service descriptions are read once, not per session
    return boto3.Session(key, secret, token, region_name="eu-central-1", botocore_session=core)


@dataclass
class Aws:
    """A running stand-in and the ways into it."""

    folder: Path
    process: subprocess.Popen[str]
    url: str
    clients: dict[tuple[str, ...], Any] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self, name: str, session: boto3.Session | None = None, region: str = "eu-central-1") -> Any:
        session = session or self.platform()
        key = (session.get_credentials().access_key, session.get_credentials().secret_key, name, region)
        if key not in self.clients:
            self.clients[key] = session.client(name, endpoint_url=self.url, region_name=region, config=CONFIG)
        return self.clients[key]

    def platform(self) -> boto3.Session:
        return signed_in(SECRETS["aws_access_key_id"], SECRETS["aws_secret_access_key"])

    def assume(self, account: str, role: str = ADMIN, by: boto3.Session | None = None, **more: Any) -> boto3.Session:
        arn = f"arn:aws:iam::{account}:role/{role}"
        found = self.client("sts", by).assume_role(RoleArn=arn, RoleSessionName="test", **more)["Credentials"]
        return signed_in(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    def new_account(self, name: str = "creator") -> str:
        organizations = self.client("organizations")
        email = f"aws+{os.urandom(6).hex()}@platform.example"
        request = organizations.create_account(Email=email, AccountName=name)["CreateAccountStatus"]["Id"]
        status = until(lambda: self._created(organizations, request))
        assert status["State"] == "SUCCEEDED", status
        return str(status["AccountId"])

    def _created(self, organizations: Any, request: str) -> dict[str, Any] | None:
        found = organizations.describe_create_account_status(CreateAccountRequestId=request)["CreateAccountStatus"]
        return found if found["State"] != "IN_PROGRESS" else None

    def sim(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {SECRETS['control_token']}"}
        return httpx.request(method, f"{self.url}/_sim{path}", headers=headers, **more)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)


def start(folder: Path, port: int = 0) -> Aws:
    secrets = folder / "secrets.json"
    secrets.write_text(json.dumps(SECRETS))
    secrets.chmod(0o600)
    command = [sys.executable, "-m", "sandbox.aws", "--folder", str(folder), "--port", str(port)]
    process = subprocess.Popen([*command, "--parent", str(os.getpid())], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], 30)[0], "the stand-in did not start"
    return Aws(folder, process, json.loads(process.stdout.readline())["ready"])


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    running = start(tmp_path_factory.mktemp("aws"))
    yield running
    running.stop()
    assert running.process.stdout is not None
    running.process.stdout.close()


@pytest.fixture(scope="session")
def account(aws: Aws) -> str:
    return aws.new_account()


@pytest.fixture(scope="session")
def member(aws: Aws, account: str) -> boto3.Session:
    return aws.assume(account)
