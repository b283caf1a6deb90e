"""Handlers in this process, their tables and pool in a stand-in of AWS in memory, called as the HTTP API calls them."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import pytest
from moto import mock_aws

from programs.creator.components.mail import plan as mailing
from programs.creator.components.payments import plan as payments
from programs.creator.components.payments.handlers import webhook
from programs.creator.plan import PROCESSED, Auth, Function, Table
from programs.creator.registry import MODULES
from programs.creator.runtime import mail, secrets
from programs.creator.runtime.aws import client
from tests.unit.creator.stripe_account import SECRET, StripeAccount, event, signed

REGION = "eu-central-1"
SECRETS = {
    "app": {"pepper": "p", "cursor": "c", "health": "h"},
    "mail": {"resend_key": "re_test"},
    "stripe": {"secret_key": "sk_test", "webhook_secret": SECRET},
}


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]
    cookies: list[str]


@dataclass
class Site:
    """The API of a creator."""

    mails: list[mail.Mail] = field(default_factory=list)
    ip: str = "192.0.2.1"

    def call(
        self, method: str, path: str, body: Any = None, *, token: str = "", headers: dict[str, str] | None = None,
        cookies: tuple[str, ...] = (),
    ) -> Reply:  # fmt: skip
        bare, _, query = path.partition("?")
        function, key, parameters = find(method, bare)
        event: dict[str, Any] = {"routeKey": key, "pathParameters": parameters, "cookies": list(cookies)}
        bearer = {"authorization": f"Bearer {token}"} if token else {}
        event |= {"headers": bearer | (headers or {}), "body": None if body is None else json.dumps(body)}
        event["queryStringParameters"] = dict(pair.split("=", 1) for pair in query.split("&") if pair) or None
        event["requestContext"] = {"http": {"sourceIp": self.ip}}
        if authorized(function, key):
            if not token:
                return Reply(401, None, {}, [])
            event["requestContext"]["authorizer"] = {"jwt": {"claims": claims(token)}}
        return reply(self.handler(function)(event, None))

    def handler(self, function: Function) -> Any:
        module, _, name = function.handler.rpartition(".")
        return getattr(import_module(module), name)

    def person(self, name: str, *groups: str) -> str:
        """An access token, without the pool."""
        found = {"sub": name, "token_use": "access", "cognito:groups": f"[{' '.join(groups or ('member',))}]"}
        return f".{base64.urlsafe_b64encode(json.dumps(found).encode()).decode()}."

    def code(self, address: str) -> str:
        text = next(one.text for one in reversed(self.mails) if one.to == address)
        found = re.search(r"\b\d{6}\b", text)
        assert found
        return found[0]


def find(method: str, path: str) -> tuple[Function, str, dict[str, str]]:
    for function in functions():
        for route in function.routes:
            verb, _, pattern = route.key.partition(" ")
            match = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern), path)
            # As at the gateway, what is written out goes before what is open.
            if verb == method and match and (not match.groups() or not written(method, path)):
                return function, route.key, match.groupdict()
    raise AssertionError(f"no route for {method} {path}")


def written(method: str, path: str) -> bool:
    return any(route.key == f"{method} {path}" for function in functions() for route in function.routes)


def functions() -> list[Function]:
    plans = [mailing, payments, *(module.plan() for module in MODULES.values())]
    return [function for plan in plans for function in plan.FUNCTIONS]


def authorized(function: Function, key: str) -> bool:
    return any(route.key == key and route.auth is Auth.PERSON for route in function.routes)


def claims(token: str) -> dict[str, str]:
    body = token.split(".")[1]
    found = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return {name: f"[{' '.join(value)}]" if isinstance(value, list) else str(value) for name, value in found.items()}


def reply(event: dict[str, Any]) -> Reply:
    body = json.loads(event["body"]) if event["body"] else None
    return Reply(event["statusCode"], body, event["headers"], event["cookies"])


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "s", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    secrets._KNOWN.clear()
    with mock_aws():
        yield


@pytest.fixture
def site(cloud: None, monkeypatch: pytest.MonkeyPatch) -> Site:
    del cloud
    for plan in (PROCESSED, *(table for module in MODULES.values() for table in module.plan().TABLES)):
        create(plan)
        monkeypatch.setenv(f"TABLE_{plan.name.upper().replace('-', '_')}", plan.name)
    keeper = client("secretsmanager")
    for name, value in SECRETS.items():
        arn = keeper.create_secret(Name=f"creator/{name}", SecretString=json.dumps(value))["ARN"]
        monkeypatch.setenv(f"SECRET_{name.upper()}", arn)
    for name, text in {"SITE_ORIGIN": "https://anna.example", "LOCALE": "de", "TENANT_ID": "t"}.items():
        monkeypatch.setenv(name, text)
    return Site()


@pytest.fixture
def mails(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[mail.Mail]:
    """What was sent, instead of sending it."""

    def keep(one: mail.Mail, **_: int) -> str:
        site.mails.append(one)
        return str(len(site.mails))

    for place in ("runtime.outbox", "components.mail.handlers.mailer", "modules.newsletter.handlers.sender"):
        monkeypatch.setattr(f"programs.creator.{place}.send", keep)
    return site.mails


@pytest.fixture
def stripe(site: Site, mails: list[mail.Mail], monkeypatch: pytest.MonkeyPatch) -> StripeAccount:
    del site, mails
    account = StripeAccount()
    monkeypatch.setattr("programs.creator.runtime.stripe._call", account.call)
    selling = " ".join(module.folder for module in MODULES.values() if module.sells)
    for name, text in {"PAYMENT_MODULES": selling, "BUCKET_MEDIA": "media"}.items():
        monkeypatch.setenv(name, text)
    client("s3").create_bucket(
        Bucket="media", CreateBucketConfiguration={"LocationConstraint": REGION}
    )  # fmt: skip
    return account


def told(site: Site, type: str, about: dict[str, Any], id: str = "") -> int:
    """What the site answers when Stripe tells it."""
    found = event(type, about, id)
    return site.call("POST", "/webhooks/stripe", found, headers={"stripe-signature": signed(found)}).status


def swept() -> None:
    webhook.handle({"source": "aws.events"})


def create(plan: Table) -> None:
    keys = schema(plan.key, plan.sort)
    indexes = [
        {"IndexName": each.name, "KeySchema": schema(each.key, each.sort), "Projection": {"ProjectionType": "ALL"}}
        for each in plan.indexes
    ]
    client("dynamodb").create_table(
        TableName=plan.name, KeySchema=keys, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in plan.attributes().items()],
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )  # fmt: skip


def schema(key: str, sort: str) -> list[dict[str, str]]:
    found = [{"AttributeName": key, "KeyType": "HASH"}]
    return found + ([{"AttributeName": sort, "KeyType": "RANGE"}] if sort else [])
