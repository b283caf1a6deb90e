"""A bucket with its versions, encryption and rules."""

from collections.abc import Sequence
from typing import Any

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account


def bucket(
    account: Account,
    parent: pulumi.Resource,
    purpose: str,
    *,
    rules: Sequence[dict[str, Any]],
    sealed: bool = False,
) -> aws.s3.Bucket:
    """`sealed` is encrypted with the account's key; what the world may read needs no key of ours."""
    name = account.spec.bucket_name(purpose)
    made = aws.s3.Bucket(
        f"{purpose}-bucket", bucket=name, force_destroy=account.spec.is_leaving, opts=account.kept(parent)
    )
    aws.s3.BucketVersioning(
        f"{purpose}-versions",
        bucket=made.bucket,
        versioning_configuration=aws.s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=account.options(parent),
    )
    aws.s3.BucketServerSideEncryptionConfiguration(
        f"{purpose}-encryption", bucket=made.bucket, rules=[_encryption(account, sealed)], opts=account.options(parent)
    )
    aws.s3.BucketLifecycleConfiguration(
        f"{purpose}-rules", bucket=made.bucket, rules=[_rule(**rule) for rule in rules], opts=account.options(parent)
    )
    account.arns[f"bucket_{purpose}"] = made.arn
    account.facts[f"BUCKET_{purpose.upper()}"] = name
    return made


def _encryption(account: Account, sealed: bool) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="aws:kms" if sealed else "AES256", kms_master_key_id=account.arns["key"] if sealed else None
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=default, bucket_key_enabled=sealed or None
    )


def _rule(
    *, id: str, prefix: str = "", days: int = 0, noncurrent_days: int = 0
) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    expiration, versions = None, None
    if days:
        expiration = aws.s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days)
    if noncurrent_days:
        versions = aws.s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=noncurrent_days
        )
    return aws.s3.BucketLifecycleConfigurationRuleArgs(
        id=id,
        status="Enabled",
        filter=aws.s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        expiration=expiration,
        noncurrent_version_expiration=versions,
    )
