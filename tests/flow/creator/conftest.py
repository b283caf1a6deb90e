"""One creator's account on the AWS stand-in, made by the program through the engine and the provider plugin."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from controlplane.identity import totp
from programs.creator.components.payments.plan import API_VERSION, EVENTS
from sandbox.engine.install import Plugin, install
from sandbox.plugins.providers import provider
from tests.contract.aws.conftest import SECRETS, Aws, start, until

ROOT = Path(__file__).parents[3]
STRIPE = {"stripe_secret_key": "sk_test_creator", "control_token": "control"}
APP = {"pepper": "pepper-of-the-test", "cursor": "cursor-of-the-test", "health": "health-of-the-test"}


def now_shown(seed: str) -> str:
    """What an app for second factors shows."""
    return totp.code_at(seed, int(time.time()) // totp.STEP)


class MailServer:
    """Takes what is sent to Resend."""

    def __init__(self) -> None:
        self.mails: list[dict[str, Any]] = []
        self.refuses = False
        box, server = self.mails, self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                mail = json.loads(self.rfile.read(int(self.headers["content-length"])))
                if server.refuses:
                    self.send_response(503)
                    self.end_headers()
                    return
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


class Stripe:
    """The creator's own account, with an endpoint that tells the site."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, **fields: Any) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {STRIPE['stripe_secret_key']}"}
        answer = httpx.request(method, f"{self.url}/v1/{path}", headers=headers, data=fields, trust_env=False)
        assert answer.status_code < 300, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def pay(self, page: str, email: str = "buyer@fan.example") -> None:
        """What the buyer fills in on the hosted page."""
        card = {"method": "card", "number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
        body = {"action": "pay", "email": email, "name": "Buyer", "country": "DE", **card}
        assert httpx.post(page, data=body, trust_env=False).status_code == 303

    def price(self, amount: int) -> str:
        product = self.call("POST", "products", name="Gold")["id"]
        fields = {"product": product, "currency": "eur", "unit_amount": amount, "recurring[interval]": "month"}
        return str(self.call("POST", "prices", **fields)["id"])


class Stacks:
    """The process that acts on stacks, as long as somebody may ask it to."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.flow.creator.stack"]
        environment = {**os.environ, "GRPC_VERBOSITY": "ERROR"}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True)

    def act(self, told: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(told) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer

    def close(self) -> None:
        self._process.communicate(timeout=60)


def stacks() -> Stacks:
    return _of_thread(threading.get_ident())  # a measurement acts on several at the same time


@cache
def _of_thread(_identity: int) -> Stacks:
    return Stacks()


@dataclass
class Creator:
    aws: Aws
    mail: MailServer
    account: str
    spec: dict[str, Any]
    stripe: Stripe
    folder: Path
    root: Path
    report: dict[str, Any] = field(default_factory=dict)

    def run(self, action: str, **changed: Any) -> dict[str, Any]:
        self.spec |= changed
        keys = {"AWS_ACCESS_KEY_ID": SECRETS["aws_access_key_id"]}
        keys |= {"AWS_SECRET_ACCESS_KEY": SECRETS["aws_secret_access_key"]}
        told = {"action": action, "spec": self.spec, "folder": str(self.folder), "root": str(self.root), "keys": keys}
        return stacks().act(told)

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
    "shop": {"shipping": "flat", "flat_shipping": 490},
    "donations": {"goal": 100_000},
    "membership": {"plans": []},
    "sponsor-system": {"price_per_day": 500},
    "ivs-streaming": {},
    "ivs-chat": {"blocked_words": ["spam"]},
    "analytics": {},
    "events": {"max_tickets_per_user": 2},
    "newsletter": {"from_name": "Anna"},
    "polls": {"live_results": True},
    "user-auth": {},
    "monitoring": {"alarm_emails": ["owner@creator.example"]},
    "backup": {},
    "contact-form": {"recipient": "owner@creator.example", "topics": ["Presse"], "rate_per_ip": 100},
}


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("engine")
    install(folder, [Plugin("aws", provider("aws").version, "sandbox.plugins")])
    yield folder
    stacks().close()


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
def stripe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stripe]:
    folder = tmp_path_factory.mktemp("stripe")
    (folder / "secrets.json").write_text(json.dumps(STRIPE))
    (folder / "secrets.json").chmod(0o600)
    command = [sys.executable, "-m", "sandbox.vendors", "--folder", str(folder), "--port", "0", "--only", "stripe"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    yield Stripe(f"{json.loads(process.stdout.readline())['ready']}/stripe")
    process.terminate()
    process.communicate(timeout=60)


@dataclass(frozen=True)
class Outside:
    """All that is not the creator's."""

    aws: Aws
    mail: MailServer
    stripe: Stripe
    engine: Path


@pytest.fixture(scope="session")
def outside(cloud: Aws, mail: MailServer, stripe: Stripe, engine: Path) -> Outside:
    return Outside(cloud, mail, stripe, engine)


@pytest.fixture(scope="session")
def creator(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Creator:
    plan = {"id": "gold", "name": "Gold", "stripe_price_id": outside.stripe.price(500), "perks": ["Chat"]}
    modules = {**MODULES, "membership": {"plans": [plan]}}
    return make(outside, tmp_path_factory.mktemp("stack"), "anna", modules)


def make(
    outside: Outside, folder: Path, slug: str, modules: dict[str, dict[str, Any]], *, tier: str = "small"
) -> Creator:
    """A creator whose account is up, with the values that the program leaves to others."""
    aws, mail = outside.aws, outside.mail
    account = aws.new_account()
    spec = {
        "env": "test", "tenant_id": slug[0] * 26, "slug": slug, "account_id": account, "tier": tier,
        "domain": f"{slug}.example", "owner_email": "owner@creator.example", "locale": "de", "modules": modules,
        "runtime_version": "1.0.0", "resend_url": mail.url, "base_url": aws.url,
        "stripe_url": outside.stripe.url, "realtime_until": f"{datetime.now(UTC) + timedelta(days=300):%Y-%m-%d}",
    }  # fmt: skip
    made = Creator(aws, mail, account, spec, outside.stripe, folder, outside.engine)
    made.report = made.run("up")
    secrets = aws.client("secretsmanager", made.member())
    secrets.put_secret_value(SecretId="creator/app", SecretString=json.dumps(APP))
    secrets.put_secret_value(SecretId="creator/mail", SecretString=json.dumps({"resend_key": "re_test"}))
    if "shop" in modules:
        secrets.put_secret_value(SecretId="creator/stripe", SecretString=json.dumps(told_by_stripe(made)))
    return made


def told_by_stripe(creator: Creator) -> dict[str, str]:
    """What the account's own secret holds: the key, and the seal of an endpoint that leads to the site."""
    url = f"{creator.aws.url}/_aws/execute-api/{creator.report['outputs']['api_id']}/api/webhooks/stripe"
    wanted = {f"enabled_events[{at}]": name for at, name in enumerate(EVENTS)}
    made = creator.stripe.call("POST", "webhook_endpoints", url=url, api_version=API_VERSION, **wanted)
    return {"secret_key": STRIPE["stripe_secret_key"], "webhook_secret": made["secret"]}
