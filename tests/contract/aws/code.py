"""Handlers of test functions, packed as Lambda wants them, and the roles they run under."""

import io
import json
import zipfile
from typing import Any

import boto3

from tests.contract.aws.conftest import Aws, until

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def packed(source: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("app.py", source)
    return target.getvalue()


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return allow(action, resource, **more) | {"Effect": "Deny"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def role(aws: Aws, session: boto3.Session, name: str, *statements: dict[str, Any], **more: Any) -> str:
    """A role for functions with these statements; its ARN."""
    iam = aws.client("iam", session)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), **more)["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document(*statements))
    return str(arn)


def function(aws: Aws, session: boto3.Session, name: str, source: str, role_arn: str, **more: Any) -> str:
    client = aws.client("lambda", session)
    arn = client.create_function(
        FunctionName=name, Runtime="python3.13", Handler="app.handler", Role=role_arn, Code={"ZipFile": packed(source)},
        **{"Timeout": 10, **more},
    )["FunctionArn"]  # fmt: skip
    assert until(lambda: client.get_function_configuration(FunctionName=name)["State"] == "Active")
    return str(arn)


def open_to_gateway(aws: Aws, session: boto3.Session, name: str) -> None:
    aws.client("lambda", session).add_permission(
        FunctionName=name, StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )


def invoke(aws: Aws, session: boto3.Session, name: str, event: Any = None) -> Any:
    answer = aws.client("lambda", session).invoke(FunctionName=name, Payload=json.dumps(event or {}))
    return json.loads(answer["Payload"].read())
