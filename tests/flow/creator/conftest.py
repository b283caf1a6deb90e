"""One creator's account on the AWS stand-in, made by the program through the engine and the provider plugin."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from sandbox.engine.install import Plugin, install
from sandbox.plugins.providers import provider
from tests.contract.aws.conftest import SECRETS, Aws, start, until

ROOT = Path(__file__).parents[3]
SECONDS = 100
APP = {"pepper": "pepper-of-the-test", "cursor": "cursor-of-the-test", "health": "health-of-the-test"}


class MailServer:
    """Takes what is sent to Resend."""

    def __init__(self) -> None:
        self.mails: list[dict[str, Any]] = []
        box = self.mails

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                mail = json.loads(self.rfile.read(int(self.headers["content-length"])))
                box.append({**mail, "authorization": self.headers["authorization"]})
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b'{"id": "mail-1"}')

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def to(self, address: str) -> list[dict[str, Any]]:
        return [mail for mail in self.mails if mail["to"] == [address]]

    def code(self, address: str) -> str:
        mails = until(lambda: self.to(address))
        found = re.search(r"\b\d{6}\b", mails[-1]["text"])
        assert found, mails
        return found[0]


@dataclass
class Creator:
    aws: Aws
    mail: MailServer
    account: str
    spec: dict[str, Any]
    folder: Path
    root: Path
    report: dict[str, Any] = field(default_factory=dict)

    def run(self, action: str, **changed: Any) -> dict[str, Any]:
        self.spec |= changed
        keys = {"AWS_ACCESS_KEY_ID": SECRETS["aws_access_key_id"]}
        keys |= {"AWS_SECRET_ACCESS_KEY": SECRETS["aws_secret_access_key"]}
        told = {"action": action, "spec": self.spec, "folder": str(self.folder), "root": str(self.root), "keys": keys}
        ended = subprocess.run(
            [sys.executable, "-m", "tests.flow.creator.stack"], cwd=ROOT, env={**os.environ, "GRPC_VERBOSITY": "ERROR"},
            input=json.dumps(told), capture_output=True, text=True, timeout=SECONDS,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr[-6000:]
        found: dict[str, Any] = json.loads(ended.stdout)
        return found

    def member(self) -> boto3.Session:
        return self.aws.assume(self.account)

    def call(self, method: str, path: str, *, token: str = "", **more: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        url = f"{self.aws.url}/_aws/execute-api/{self.report['outputs']['api_id']}/api{path}"
        headers |= more.pop("headers", {})
        return httpx.request(method, url, headers=headers, timeout=20, trust_env=False, **more)

    def sign_up(self, name: str) -> str:
        """A confirmed person's address."""
        address = f"{name}@fan.example"
        body = {"email": address, "password": "Correct-Horse-1", "username": name, "consent": True}
        user_id = self.call("POST", "/auth/signup", json=body).json()["userId"]
        done = self.call("POST", "/auth/confirm", json={"userId": user_id, "code": self.mail.code(address)})
        assert done.status_code == 200, done.text
        return address

    def owner(self) -> str:
        """The creator's own access token."""
        name = f"owner{len(self.mail.mails)}"
        address = self.sign_up(name)
        pool = self.report["outputs"]["user_pool_id"]
        cognito = self.aws.client("cognito-idp", self.member())
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=address, GroupName="admin")
        return self.token(address)

    def token(self, address: str) -> str:
        answer = self.call("POST", "/auth/login", json={"email": address, "password": "Correct-Horse-1"})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["accessToken"])


MODULES: dict[str, dict[str, Any]] = {
    "s3-website": {},
    "events": {"max_tickets_per_user": 2},
    "newsletter": {"from_name": "Anna"},
    "polls": {"live_results": True},
    "user-auth": {},
    "monitoring": {"alarm_emails": ["owner@creator.example"]},
    "backup": {},
    "contact-form": {"recipient": "owner@creator.example", "topics": ["Presse"], "rate_per_ip": 100},
}


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("engine")
    install(folder, [Plugin("aws", provider("aws").version, "sandbox.plugins")])
    return folder


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    aws = start(tmp_path_factory.mktemp("aws"))
    yield aws
    aws.stop()
    assert aws.process.stdout is not None
    aws.process.stdout.close()


@pytest.fixture(scope="session")
def mail() -> Iterator[MailServer]:
    found = MailServer()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture(scope="session")
def creator(tmp_path_factory: pytest.TempPathFactory, cloud: Aws, mail: MailServer, engine: Path) -> Creator:
    return make(cloud, mail, engine, tmp_path_factory.mktemp("stack"), "anna", MODULES)


def make(
    aws: Aws, mail: MailServer, engine: Path, folder: Path, slug: str, modules: dict[str, dict[str, Any]]
) -> Creator:
    """A creator whose account is up, with the values that the program leaves to others."""
    account = aws.new_account()
    spec = {
        "env": "test", "tenant_id": slug[0] * 26, "slug": slug, "account_id": account, "tier": "small",
        "domain": f"{slug}.example", "owner_email": "owner@creator.example", "locale": "de", "modules": modules,
        "runtime_version": "1.0.0", "resend_url": mail.url, "base_url": aws.url,
    }  # fmt: skip
    made = Creator(aws, mail, account, spec, folder, engine)
    made.report = made.run("up")
    secrets = aws.client("secretsmanager", made.member())
    secrets.put_secret_value(SecretId="creator/app", SecretString=json.dumps(APP))
    secrets.put_secret_value(SecretId="creator/mail", SecretString=json.dumps({"resend_key": "re_test"}))
    return made
