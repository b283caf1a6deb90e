"""Two creators beside each other: no route, no role and no bucket of one leads to what belongs to the other."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.flow.platform.conftest import Creators

PASSWORD = "Correct-Horse-1"
CONFIG = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, s3={"addressing_style": "path"})


@dataclass
class One:
    slug: str
    account: str
    facts: dict[str, Any]


def session(creators: Creators, one: One, role: str) -> boto3.Session:
    """In the shoes of a role of this account: it trusts nobody but its service, so the account's admin lends it."""
    member = creators.world.gateways.aws.member(one.account)
    who = {"AWS": f"arn:aws:iam::{one.account}:root", "Service": "lambda.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
    member.caller.call(
        "iam", "update_assume_role_policy", RoleName=role,
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )  # fmt: skip
    arn = f"arn:aws:iam::{one.account}:role/{role}"
    keys = member.caller.call("sts", "assume_role", RoleArn=arn, RoleSessionName="neighbour")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name="eu-central-1")


def refused(client: Any, operation: str, **params: Any) -> str:
    try:
        getattr(client, operation)(**params)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def sign_in(creators: Creators, one: One) -> str:
    member, who = creators.world.gateways.aws.member(one.account), f"{one.slug}@fan.example"
    user = member.make_person(one.facts["user_pool_id"], who, PASSWORD)
    row = {"userId": user, "email": who, "username": one.slug, "role": "member", "status": "active"}
    member.put_item("creator-users", {name: {"S": value} for name, value in row.items()})
    body = {"email": who, "password": PASSWORD}
    seen = creators.world.gateways.visitor.ask(f"{one.slug}.localhost", "POST", "/api/auth/login", json=body)
    return str(json.loads(seen.body)["accessToken"])


def neither_reaches_the_other(creators: Creators, left: One, right: One) -> None:
    assert left.account != right.account
    by_route(creators, left, right)
    function = session(creators, left, "creator-privacy")
    by_role(function, creators.world.place.url("aws"), right)
    by_bucket(creators, function, left, right)
    assert creators.world.gateways.visitor.ask(f"{left.slug}.localhost", "GET", "/config.json").status == 200
    policies(creators, left)


def by_route(creators: Creators, left: One, right: One) -> None:
    """A token of one is nothing to the other."""
    ask = creators.world.gateways.visitor.ask
    token = {"authorization": f"Bearer {sign_in(creators, left)}"}
    assert ask(f"{left.slug}.localhost", "GET", "/api/auth/me", headers=token).status == 200
    assert ask(f"{right.slug}.localhost", "GET", "/api/auth/me", headers=token).status == 401


def by_role(function: boto3.Session, url: str, right: One) -> None:
    """Not with the role of a function, and not by taking the platform's role in the other account."""
    tables = function.client("dynamodb", endpoint_url=url, config=CONFIG)
    own = {"userId": {"S": "nobody"}}
    other = f"arn:aws:dynamodb:eu-central-1:{right.account}:table/creator-users"
    assert refused(tables, "get_item", TableName="creator-users", Key=own) == ""
    denied = {"AccessDeniedException", "ResourceNotFoundException"}
    assert refused(tables, "get_item", TableName=other, Key=own) in denied
    assert "Denied" in refused(tables, "scan", TableName="creator-users")
    gate = function.client("sts", endpoint_url=url, config=CONFIG)
    admin = f"arn:aws:iam::{right.account}:role/OrganizationAccountAccessRole"
    assert refused(gate, "assume_role", RoleArn=admin, RoleSessionName="neighbour") == "AccessDenied"
    secrets = function.client("secretsmanager", endpoint_url=url, config=CONFIG)
    foreign = f"arn:aws:secretsmanager:eu-central-1:{right.account}:secret:creator/app"
    assert refused(secrets, "get_secret_value", SecretId=foreign) != ""


def by_bucket(creators: Creators, function: boto3.Session, left: One, right: One) -> None:
    """Not as a function next door, and not even as the administrator next door."""
    keys = creators.world.gateways.aws.member(left.account).caller.keys()
    neighbour = boto3.Session(
        keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], keys["AWS_SESSION_TOKEN"], region_name="eu-central-1"
    )
    for one in (function, neighbour):
        files = one.client("s3", endpoint_url=creators.world.place.url("aws"), config=CONFIG)
        for purpose in ("site", "media", "logs"):
            bucket = f"cr-{right.slug}-{right.account}-{purpose}"
            assert "Denied" in refused(files, "list_objects_v2", Bucket=bucket)
            assert "Denied" in refused(files, "put_object", Bucket=bucket, Key="x", Body=b"x")
            assert "Denied" in refused(files, "get_object", Bucket=bucket, Key="index.html")


def policies(creators: Creators, left: One) -> None:
    """Without a statement that it needs a function fails its proof of life; with `*` it fails the reading."""
    member = creators.world.gateways.aws.member(left.account)
    found = member.caller.call("iam", "get_role_policy", RoleName="creator-auth", PolicyName="own")["PolicyDocument"]
    document = json.loads(found) if isinstance(found, str) else found
    assert too_wide(document) == []
    assert signing_in(creators, left) == 401
    for needed in ("cognito-idp:AdminInitiateAuth", "dynamodb:UpdateItem"):
        less = [statement for statement in document["Statement"] if needed not in statement["Action"]]
        assert len(less) == len(document["Statement"]) - 1
        put(member, {**document, "Statement": less})
        assert signing_in(creators, left) >= 500, needed
        put(member, document)
        assert signing_in(creators, left) == 401
    for statement in ({"Action": ["dynamodb:*"], "Resource": ["x"]}, {"Action": ["s3:GetObject"], "Resource": ["*"]}):
        assert too_wide({"Statement": [*document["Statement"], {"Effect": "Allow", **statement}]})


def signing_in(creators: Creators, left: One) -> int:
    body = {"email": "somebody@fan.example", "password": "wrong-password"}
    return creators.world.gateways.visitor.ask(f"{left.slug}.localhost", "POST", "/api/auth/login", json=body).status


def put(member: Any, document: dict[str, Any]) -> None:
    text = json.dumps(document)
    member.caller.call("iam", "put_role_policy", RoleName="creator-auth", PolicyName="own", PolicyDocument=text)


def too_wide(document: dict[str, Any]) -> list[Any]:
    allowed = [statement for statement in document["Statement"] if statement["Effect"] == "Allow"]
    return [s for s in allowed if "*" in s["Resource"] or any(action.endswith(":*") for action in s["Action"])]
