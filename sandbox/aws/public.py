"""What S3 gives to callers without credentials: only what a bucket policy gives to everybody."""

from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import AwsError
from sandbox.aws.policy import Request, allows, denies
from sandbox.aws.roles import parse

ANYBODY = {"aws:PrincipalArn": "*", "aws:PrincipalAccount": "anonymous", "aws:SecureTransport": "true"}


def owner_of(cloud: Cloud, bucket: str) -> tuple[str, str] | None:
    """(account, region) of a bucket."""
    s3 = cloud.backend.module("s3")
    owner = s3._bucket_owner_account(bucket) if bucket else None
    if owner is None:
        return None
    return owner, str(s3._buckets.get_scoped(owner, None, bucket).get("region") or "us-east-1")


def require_public(cloud: Cloud, bucket: str, key: str, action: str = "s3:GetObject") -> tuple[str, str]:
    """The owner and region of a bucket whose policy lets everybody do this."""
    found = owner_of(cloud, bucket)
    text = cloud.backend.module("s3")._bucket_policies.get_scoped(found[0], None, bucket) if found else None
    request = Request(action, f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}", ANYBODY)
    policy = parse(text.decode() if isinstance(text, bytes) else text) if text else None
    if found is None or policy is None or denies(policy, request) or not allows(policy, request):
        raise AwsError("AccessDenied", "Access Denied", 403)
    return found
