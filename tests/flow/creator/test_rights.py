"""No function may do more than it needs, and each thing it may do is needed."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
import pytest

from programs.creator.registry import MODULES
from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import Creator

NAMES_NOTHING = {"tag:GetResources"}  # actions that know no resources


@pytest.fixture(scope="module")
def owner(creator: Creator) -> str:
    return creator.owner()


@pytest.fixture(scope="module")
def member(creator: Creator) -> boto3.Session:
    return creator.member()


def policies(creator: Creator, member: boto3.Session) -> Iterator[tuple[str, dict[str, Any]]]:
    iam = creator.aws.client("iam", member)
    for role in iam.list_roles()["Roles"]:
        if role["RoleName"].startswith("creator-"):
            found = iam.get_role_policy(RoleName=role["RoleName"], PolicyName="own")["PolicyDocument"]
            yield role["RoleName"], found if isinstance(found, dict) else json.loads(found)


def test_nobody_may_do_everything(creator: Creator, member: boto3.Session) -> None:
    seen = dict(policies(creator, member))
    assert {f"{name}" for name in creator.report["outputs"]["functions"]} < set(seen)
    for role, policy in seen.items():
        for statement in policy["Statement"]:
            assert not any(action == "*" or action.endswith(":*") for action in statement["Action"]), role
            assert not any(action.startswith("iam:") for action in statement["Action"]), role
            assert "*" not in statement["Resource"] or set(statement["Action"]) <= NAMES_NOTHING, role


def test_roles_are_lent_to_services_only(creator: Creator, member: boto3.Session) -> None:
    iam = creator.aws.client("iam", member)
    for name, _ in policies(creator, member):
        found = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        trust = found if isinstance(found, dict) else json.loads(found)
        assert all(set(statement["Principal"]) == {"Service"} for statement in trust["Statement"]), name


@contextmanager
def without(creator: Creator, member: boto3.Session, function: str, action: str) -> Iterator[None]:
    """The role as it is, but for one action."""
    iam, names = creator.aws.client("iam", member), {"RoleName": f"creator-{function}", "PolicyName": "own"}
    found = iam.get_role_policy(**names)["PolicyDocument"]
    known = found if isinstance(found, dict) else json.loads(found)
    kept = [{**one, "Action": [each for each in one["Action"] if each != action]} for one in known["Statement"]]
    assert kept != known["Statement"], f"{function} may not {action} anyway"
    less = {**known, "Statement": [one for one in kept if one["Action"]]}
    iam.put_role_policy(**names, PolicyDocument=json.dumps(less))
    try:
        yield
    finally:
        iam.put_role_policy(**names, PolicyDocument=json.dumps(known))


Ask = Callable[[Creator, str], httpx.Response]


def asking(method: str, path: str, body: Any = None) -> Ask:
    def ask(creator: Creator, owner: str) -> httpx.Response:
        headers = {
            "idempotency-key": str(uuid.uuid4()),
            "user-agent": "Mozilla/5.0",
            "x-health-token": "health-of-the-test",
        }
        return creator.call(method, path, token=owner, headers=headers, json=body)

    return ask


def uploading(creator: Creator, owner: str) -> httpx.Response:
    """The signed address is worth what its signer may do."""
    product = {"title": "T", "description": "", "price": 100, "stock": 1}
    id = creator.call("POST", "/shop/products", token=owner, json=product).json()["productId"]
    picture = {"contentType": "image/png", "size": 1}
    offer = creator.call("POST", f"/shop/products/{id}/image", token=owner, json=picture).json()["upload"]
    return httpx.put(offer["url"], content=b"1", headers=offer["headers"], trust_env=False)


GIFT = {"amount": 100, "public": False}
LETTER = {"subject": "Neues", "html": "<p>Hallo</p>", "text": "Hallo"}
MESSAGE = {"name": "D", "email": "d@fan.example", "message": "Eine Nachricht.", "website": "", "startedAt": 0}
POLL = {"question": "Was kommt?", "options": ["A", "B"], "closesAt": 2**33}
NEEDED: tuple[tuple[str, str, Ask], ...] = (
    ("auth", "cognito-idp:AdminInitiateAuth", asking("POST", "/auth/login", {"email": "x@y.example", "password": "x"})),
    ("auth", "dynamodb:GetItem", asking("GET", "/auth/me")),
    ("privacy", "lambda:InvokeFunction", asking("POST", "/auth/me/export", {})),
    ("health", "dynamodb:DescribeTable", asking("GET", "/health")),
    ("health", "cognito-idp:DescribeUserPool", asking("GET", "/health")),
    ("health", "secretsmanager:DescribeSecret", asking("GET", "/health")),
    ("events", "dynamodb:Query", asking("GET", "/events")),
    ("polls", "dynamodb:PutItem", asking("POST", "/polls", POLL)),
    ("newsletter", "sqs:SendMessage", asking("POST", "/newsletter/campaigns", LETTER)),
    ("contact", "dynamodb:UpdateItem", asking("POST", "/contact", MESSAGE)),
    ("shop", "dynamodb:Query", asking("GET", "/shop/orders")),
    ("shop", "s3:PutObject", uploading),
    ("donations", "dynamodb:PutItem", asking("POST", "/donations/checkout", GIFT)),
    ("membership", "dynamodb:GetItem", asking("GET", "/membership/me")),
    ("sponsor", "dynamodb:Query", asking("GET", "/sponsor/active")),
    ("stream", "ivs:ListStreamKeys", asking("POST", "/stream/key/rotate", {})),
    ("stream", "ivs:CreateStreamKey", asking("POST", "/stream/key/rotate", {})),
    ("stream", "ivs:DeleteStreamKey", asking("POST", "/stream/key/rotate", {})),
    ("chat", "ivschat:CreateChatToken", asking("POST", "/chat/token", {})),
    ("chat", "ivschat:DeleteMessage", asking("DELETE", "/chat/messages/message00001")),
    ("chat", "ivschat:DisconnectUser", asking("POST", "/chat/users/u1/disconnect", {})),
    ("analytics", "firehose:PutRecord", asking("POST", "/analytics/collect", {"type": "play", "path": "/"})),
    ("analytics", "dynamodb:UpdateItem", asking("POST", "/analytics/collect", {"type": "play", "path": "/"})),
)  # fmt: skip


def test_no_module_with_routes_is_left_out() -> None:
    tried = {function for function, _, _ in NEEDED}
    for name, module in MODULES.items():
        answering = {function.name for function in module.plan().FUNCTIONS if function.routes}
        assert not answering or answering & tried, name


def test_without_its_policy_the_bucket_of_the_site_answers_nobody(creator: Creator, member: boto3.Session) -> None:
    s3, outputs = creator.aws.client("s3", member), creator.report["outputs"]
    bucket = outputs["site_bucket"]
    s3.put_object(Bucket=bucket, Key="rights.txt", Body=b"seen")

    def seen() -> int:
        headers = {"host": outputs["distribution_domain"]}
        return httpx.get(f"{creator.aws.url}/rights.txt", headers=headers, trust_env=False).status_code

    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert until(lambda: seen() == 200)
    s3.delete_bucket_policy(Bucket=bucket)
    try:
        assert seen() == 403
    finally:
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)


@pytest.mark.parametrize(("function", "action", "ask"), NEEDED, ids=lambda each: each if isinstance(each, str) else "")
def test_what_is_allowed_is_needed(
    creator: Creator, member: boto3.Session, owner: str, function: str, action: str, ask: Ask
) -> None:
    with without(creator, member, function, action):
        refused = ask(creator, owner)
    assert refused.status_code >= 500 or refused.status_code == 403, refused.text
    # A key that was deleted stays so: the next call makes another.
    assert until(lambda: ask(creator, owner).status_code < 500, seconds=20)
