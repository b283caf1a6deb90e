"""Policies, code and other documents that the examples carry."""

import json

from sandbox.plugins.values import ARCHIVE, ASSET, SIGNATURE
from tests.contract.plugins.client import Doc

DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*"}],
    }
)
AUTHORIZED = {
    "authProviders": [{"authType": "AWS_IAM"}, {"authType": "API_KEY"}],
    "connectionAuthModes": [{"authType": "API_KEY"}],
    "defaultPublishAuthModes": [{"authType": "AWS_IAM"}],
    "defaultSubscribeAuthModes": [{"authType": "API_KEY"}],
}


def policy(*actions: str, principal: Doc | str = "*") -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def inline(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trail_policy(bucket: str) -> str:
    """What CloudTrail asks of its bucket."""
    principal = {"Service": "cloudtrail.amazonaws.com"}
    resources = {"s3:GetBucketAcl": f"arn:aws:s3:::{bucket}", "s3:PutObject": f"arn:aws:s3:::{bucket}/AWSLogs/*"}
    statements = [
        {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource}
        for action, resource in resources.items()
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def code(hash: str) -> Doc:
    """An archive of one small text asset, as the SDK sends it."""
    text = f"def handler(event, context):\n    return {hash}\n"
    return {SIGNATURE: ARCHIVE, "hash": hash, "assets": {"main.py": {SIGNATURE: ASSET, "hash": hash, "text": text}}}
