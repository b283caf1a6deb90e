"""Two creators beside each other: no route, no role and no bucket of one leads to what belongs to the other."""

import json
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.flow.creator.conftest import Creator


def neither_reaches_the_other(left: Creator, right: Creator) -> None:
    assert left.account != right.account
    by_route(left, right)
    function = in_the_shoes_of(left, "creator-privacy")
    by_role(left, function, right)
    for one in (function, left.member()):  # not even as the administrator next door
        by_name(left, one, right)
    assert left.call("GET", "/health").status_code == 200
    policies(left)


def in_the_shoes_of(creator: Creator, role: str) -> boto3.Session:
    """It trusts nobody but its service, so the account's admin lends it, for a moment: others look at it, too."""
    iam = creator.aws.client("iam", creator.member())
    found = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    known = found if isinstance(found, str) else json.dumps(found)
    who = {"AWS": f"arn:aws:iam::{creator.account}:root", "Service": "lambda.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=document)
    try:
        return creator.aws.assume(creator.account, role, by=creator.member())
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=known)


def refused(client: Any, operation: str, **params: Any) -> str:
    try:
        getattr(client, operation)(**params)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def by_route(left: Creator, right: Creator) -> None:
    """A token of one is nothing to the other."""
    token = left.token(left.sign_up("nora"))
    assert left.call("GET", "/auth/me", token=token).status_code == 200
    assert right.call("GET", "/auth/me", token=token).status_code == 401


def by_role(left: Creator, function: boto3.Session, right: Creator) -> None:
    """Not with the role of a function, and not by taking the platform's role in the other account."""
    tables, own = left.aws.client("dynamodb", function), {"userId": {"S": "nobody"}}
    other = f"arn:aws:dynamodb:eu-central-1:{right.account}:table/creator-users"
    denied = {"AccessDeniedException", "ResourceNotFoundException"}
    assert refused(tables, "get_item", TableName="creator-users", Key=own) == ""
    assert refused(tables, "get_item", TableName=other, Key=own) in denied
    assert "Denied" in refused(tables, "scan", TableName="creator-users")
    admin = f"arn:aws:iam::{right.account}:role/OrganizationAccountAccessRole"
    gate = left.aws.client("sts", function)
    assert refused(gate, "assume_role", RoleArn=admin, RoleSessionName="neighbour") == "AccessDenied"
    secret = f"arn:aws:secretsmanager:eu-central-1:{right.account}:secret:creator/app"
    assert refused(left.aws.client("secretsmanager", function), "get_secret_value", SecretId=secret) != ""


def by_name(left: Creator, one: boto3.Session, right: Creator) -> None:
    """Whose names are the world's, and what can be named by its account."""
    files = left.aws.client("s3", one)
    for purpose in ("site", "media", "logs"):
        bucket = f"cr-{right.spec['slug']}-{right.account}-{purpose}"
        assert "Denied" in refused(files, "list_objects_v2", Bucket=bucket)
        assert "Denied" in refused(files, "put_object", Bucket=bucket, Key="x", Body=b"x")
        assert "Denied" in refused(files, "get_object", Bucket=bucket, Key="index.html")
    table = f"arn:aws:dynamodb:eu-central-1:{right.account}:table/creator-users"
    assert refused(left.aws.client("dynamodb", one), "scan", TableName=table) != ""
    function = f"arn:aws:lambda:eu-central-1:{right.account}:function:creator-auth"
    assert refused(left.aws.client("lambda", one), "invoke", FunctionName=function) != ""


def policies(creator: Creator) -> None:
    """Without a statement that it needs a function fails its proof of life; with `*` it fails the reading."""
    iam = creator.aws.client("iam", creator.member())
    found = iam.get_role_policy(RoleName="creator-auth", PolicyName="own")["PolicyDocument"]
    document = json.loads(found) if isinstance(found, str) else found
    assert too_wide(document) == []
    assert signing_in(creator) == 401
    for needed in ("cognito-idp:AdminInitiateAuth", "dynamodb:UpdateItem"):
        less = [statement for statement in document["Statement"] if needed not in statement["Action"]]
        assert len(less) == len(document["Statement"]) - 1
        put(iam, {**document, "Statement": less})
        assert signing_in(creator) >= 500, needed
        put(iam, document)
        assert signing_in(creator) == 401
    for statement in ({"Action": ["dynamodb:*"], "Resource": ["x"]}, {"Action": ["s3:GetObject"], "Resource": ["*"]}):
        assert too_wide({"Statement": [*document["Statement"], {"Effect": "Allow", **statement}]})


def signing_in(creator: Creator) -> int:
    body = {"email": "somebody@fan.example", "password": "wrong-password"}
    return creator.call("POST", "/auth/login", json=body).status_code


def put(iam: Any, document: dict[str, Any]) -> None:
    iam.put_role_policy(RoleName="creator-auth", PolicyName="own", PolicyDocument=json.dumps(document))


def too_wide(document: dict[str, Any]) -> list[Any]:
    allowed = [statement for statement in document["Statement"] if statement["Effect"] == "Allow"]
    return [s for s in allowed if "*" in s["Resource"] or any(action.endswith(":*") for action in s["Action"])]
