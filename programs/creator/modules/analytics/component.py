"""Analytics: daily sums in a table, each visit without its visitor in a bucket, and a function."""

import pulumi
import pulumi_aws as aws

from programs.base import Outputs
from programs.creator import policies
from programs.creator.account import Account
from programs.creator.components.alarm import alarm
from programs.creator.components.bucket import bucket
from programs.creator.components.function import function
from programs.creator.components.table import table
from programs.creator.modules.analytics.plan import ANALYTICS, LATE, TABLES
from programs.creator.modules.analytics.spec import Spec

STREAM = "creator-visits"
INTO = ("s3:PutObject", "s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:ListBucket")


class Analytics(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        super().__init__("creator:aws:Analytics", "analytics", None, pulumi.ResourceOptions(provider=account.provider))
        kept = bucket(account, self, "analytics", sealed=True, rules=[{"id": "old", "days": spec.retention_days}])
        stream = self._stream(account, kept)
        account.arns["firehose"] = stream.arn
        account.facts |= {
            "FIREHOSE": STREAM,
            "ANALYTICS_DAYS": str(spec.retention_days),
            "SAMPLE": str(spec.sample),
        }
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, ANALYTICS)
        alarm(
            account,
            self,
            "visits-late",
            threshold=LATE,
            above=True,
            namespace="AWS/Firehose",
            metric_name="DeliveryToS3.DataFreshness",
            dimensions={"DeliveryStreamName": STREAM},
            statistic="Maximum",
            period=300,
        )
        self.exports: Outputs = {}
        self.register_outputs({})

    def _stream(self, account: Account, kept: aws.s3.Bucket) -> aws.kinesis.FirehoseDeliveryStream:
        role, policy = self._role(account, kept)
        place = aws.kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs(
            role_arn=role.arn,
            bucket_arn=kept.arn,
            prefix="visits/",
            error_output_prefix="errors/",
            buffering_size=5,
            buffering_interval=300,
            compression_format="GZIP",
        )
        sealed = aws.kinesis.FirehoseDeliveryStreamServerSideEncryptionArgs(enabled=True, key_type="AWS_OWNED_CMK")
        return aws.kinesis.FirehoseDeliveryStream(
            "visits",
            name=STREAM,
            destination="extended_s3",
            extended_s3_configuration=place,
            server_side_encryption=sealed,
            opts=account.options(self, depends_on=[policy]),
        )

    def _role(self, account: Account, kept: aws.s3.Bucket) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        trust = policies.trust("firehose.amazonaws.com")
        role = aws.iam.Role("visits", name="creator-visits", assume_role_policy=trust, opts=account.options(self))
        known = pulumi.Output.all(kept.arn, account.arns["key"])
        policy = aws.iam.RolePolicy(
            "visits",
            name="own",
            role=role.name,
            policy=known.apply(lambda arns: _policy(*arns)),
            opts=account.options(self),
        )
        return role, policy


def _policy(bucket: str, key: str) -> str:
    return policies.document(
        policies.allow(INTO, [bucket, f"{bucket}/*"]),
        policies.allow(("kms:Decrypt", "kms:GenerateDataKey"), [key]),
    )
