"""Is a service of a fresh account usable? Each probe uses it for real, under a name of its own, and cleans up."""

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from controlplane.core.errors import TryLater
from controlplane.vendors.aws import AwsMissing, AwsPresent, AwsRefused, Caller

NAME = "creator-probe"
SOON = timedelta(seconds=2)
Probe = Callable[[Caller, str], None]


def sts(caller: Caller, account_id: str) -> None:
    found = caller.call("sts", "get_caller_identity")["Account"]
    if found != account_id:
        raise AwsRefused(f"the role leads into {found} instead of {account_id}", "WrongAccount")


def s3(caller: Caller, account_id: str) -> None:
    bucket = f"probe-{account_id}"
    where = {"LocationConstraint": "eu-central-1"}
    with suppress(AwsPresent):
        caller.call("s3", "create_bucket", Bucket=bucket, CreateBucketConfiguration=where)
    caller.call("s3", "put_object", Bucket=bucket, Key="probe", Body=b"probe")
    caller.call("s3", "get_object", Bucket=bucket, Key="probe")["Body"].read()
    caller.call("s3", "delete_object", Bucket=bucket, Key="probe")
    caller.call("s3", "delete_bucket", Bucket=bucket)


def stores(caller: Caller, _account_id: str) -> None:
    for service, operation in (
        ("dynamodb", "list_tables"), ("kms", "list_keys"), ("sqs", "list_queues"), ("logs", "describe_log_groups"),
        ("secretsmanager", "list_secrets"),
    ):  # fmt: skip
        caller.call(service, operation)


def functions(caller: Caller, account_id: str) -> None:
    """Made, called and deleted; its role may take a while to be believed in."""
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    with suppress(AwsPresent):
        caller.call("iam", "create_role", RoleName=NAME, AssumeRolePolicyDocument=policy)
    role = f"arn:aws:iam::{account_id}:role/{NAME}"
    try:
        with suppress(AwsPresent, TryLater):  # a conflict: it is there from an earlier try
            caller.call(
                "lambda", "create_function", FunctionName=NAME, Runtime="python3.13", Role=role, Handler="probe.handle",
                Code={"ZipFile": _code()}, Architectures=["arm64"],
            )  # fmt: skip
        answer = caller.call("lambda", "invoke", FunctionName=NAME)
    except AwsRefused as error:
        if "InvalidParameterValue" in error.code:
            raise TryLater("the role is not known everywhere yet", after=SOON) from None
        raise
    if answer.get("FunctionError"):
        raise AwsRefused(f"the function failed: {answer['FunctionError']}", "FunctionError")
    for service, operation, names in (
        ("lambda", "delete_function", {"FunctionName": NAME}),
        ("iam", "delete_role", {"RoleName": NAME}),
        ("logs", "delete_log_group", {"logGroupName": f"/aws/lambda/{NAME}"}),
    ):
        with suppress(AwsMissing):
            caller.call(service, operation, **names)


def _code() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("probe.py", "def handle(event, context):\n    return 'ok'\n")
    return target.getvalue()


def people(caller: Caller, _account_id: str) -> None:
    found = caller.call("cognito-idp", "list_user_pools", MaxResults=60)["UserPools"]
    mine = [pool["Id"] for pool in found if pool["Name"] == NAME]
    mine = mine or [caller.call("cognito-idp", "create_user_pool", PoolName=NAME)["UserPool"]["Id"]]
    for pool in mine:
        caller.call("cognito-idp", "delete_user_pool", UserPoolId=pool)


def delivery(caller: Caller, _account_id: str) -> None:
    """A disabled distribution: accounts that the vendor still has to verify are refused here. It goes when it may."""
    found = list(caller.call("cloudfront", "list_distributions").get("DistributionList", {}).get("Items") or [])
    mine = [entry["Id"] for entry in found if entry.get("Comment") == NAME]
    identity = mine[0] if mine else _distribution(caller)
    seen = caller.call("cloudfront", "get_distribution", Id=identity)
    if seen["Distribution"]["Status"] != "Deployed":
        raise TryLater("the distribution is not everywhere yet", after=timedelta(seconds=30))
    caller.call("cloudfront", "delete_distribution", Id=identity, IfMatch=seen["ETag"])


def _distribution(caller: Caller) -> str:
    origin = {"Id": "o", "DomainName": "probe.invalid.example", "CustomOriginConfig": {
        "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only",
    }}  # fmt: skip
    behaviour = {
        "TargetOriginId": "o", "ViewerProtocolPolicy": "https-only",
        "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    }  # fmt: skip
    config = {
        "CallerReference": NAME, "Comment": NAME, "Enabled": False, "DefaultCacheBehavior": behaviour,
        "Origins": {"Quantity": 1, "Items": [origin]},
    }  # fmt: skip
    made = caller.call("cloudfront", "create_distribution", DistributionConfig=config)
    return str(made["Distribution"]["Id"])


def streams(caller: Caller, _account_id: str) -> None:
    caller.call("ivs", "list_channels")
    caller.call("ivschat", "list_rooms")


def mail(caller: Caller, _account_id: str) -> None:
    caller.call("sesv2", "get_account")


def watching(caller: Caller, account_id: str) -> None:
    caller.call("backup", "list_backup_vaults")
    caller.call("cloudtrail", "describe_trails")
    caller.call("budgets", "describe_budgets", AccountId=account_id)
    caller.call("apigatewayv2", "get_apis")


PROBES: dict[str, Probe] = {
    "sts": sts, "s3": s3, "stores": stores, "functions": functions, "people": people, "delivery": delivery,
    "streams": streams, "mail": mail, "watching": watching,
}  # fmt: skip
