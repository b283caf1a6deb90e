"""What every account has before any module: a key, an audit trail, a budget, topics, and empty secrets."""

import pulumi
import pulumi_aws as aws

from programs.creator import policies
from programs.creator.account import Account
from programs.creator.components.bucket import bucket
from programs.creator.components.table import table
from programs.creator.plan import PROCESSED

SECRETS = ("stripe", "mail", "app")
TRAIL = "creator-audit"
OCCASIONS = (("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))


class Baseline(pulumi.ComponentResource):
    def __init__(self, account: Account) -> None:
        super().__init__("creator:aws:Baseline", "baseline", None, pulumi.ResourceOptions(provider=account.provider))
        spec = account.spec
        account.arns |= {"account": spec.account_id, "region": spec.region}
        self._key(account)
        self._doors(account)
        self._audit(account)
        self._topics(account)
        self._budget(account)
        for name in SECRETS:
            self._secret(account, name)
        table(account, self, PROCESSED)
        self.register_outputs({})

    def _key(self, account: Account) -> None:
        policy = policies.of_key(account_id=account.spec.account_id, region=account.spec.region)
        key = aws.kms.Key(
            "key",
            description="creator",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=policy,
            opts=account.kept(self),
        )
        aws.kms.Alias("key", name="alias/creator", target_key_id=key.key_id, opts=account.options(self))
        account.arns["key"] = key.arn

    def _doors(self, account: Account) -> None:
        aws.s3.AccountPublicAccessBlock(
            "doors",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=account.options(self),
        )
        aws.iam.AccountPasswordPolicy(
            "passwords",
            minimum_password_length=14,
            require_symbols=True,
            require_numbers=True,
            require_uppercase_characters=True,
            require_lowercase_characters=True,
            password_reuse_prevention=24,
            max_password_age=90,
            opts=account.options(self),
        )

    def _audit(self, account: Account) -> None:
        spec = account.spec
        trail = f"arn:aws:cloudtrail:{spec.region}:{spec.account_id}:trail/{TRAIL}"
        logs = bucket(account, self, "logs", sealed=True, rules=[{"id": "old", "days": 400, "noncurrent_days": 30}])
        allowed = logs.arn.apply(lambda arn: policies.of_trail_bucket(arn, trail, spec.account_id))
        policy = aws.s3.BucketPolicy("logs-policy", bucket=logs.bucket, policy=allowed, opts=account.options(self))
        aws.cloudtrail.Trail(
            "audit",
            name=TRAIL,
            s3_bucket_name=logs.bucket,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            kms_key_id=account.arns["key"],
            enable_logging=True,
            opts=account.options(self, depends_on=[policy]),
        )

    def _topics(self, account: Account) -> None:
        """Alarms act in their own region, and those of CloudFront live in us-east-1; they name no persons."""
        for name, region, key in (
            ("topic", account.spec.region, account.arns["key"]),
            ("topic_global", "us-east-1", None),
        ):
            arn = f"arn:aws:sns:{region}:{account.spec.account_id}:creator-alarms"
            topic = aws.sns.Topic(
                name,
                name="creator-alarms",
                kms_master_key_id=key,
                policy=policies.of_topic(arn, account.spec.account_id),
                region=region,
                opts=account.options(self),
            )
            account.arns[name] = topic.arn
            if account.spec.alarms_url:
                self._subscription(account, name, topic, account.spec.alarms_url, region)

    def _subscription(self, account: Account, name: str, topic: aws.sns.Topic, url: str, region: str) -> None:
        protocol = url.partition(":")[0]
        aws.sns.TopicSubscription(
            name, topic=topic.arn, protocol=protocol, endpoint=url, region=region, opts=account.options(self)
        )

    def _budget(self, account: Account) -> None:
        notifications = [
            aws.budgets.BudgetNotificationArgs(
                comparison_operator="GREATER_THAN",
                notification_type=kind,
                threshold=percent,
                threshold_type="PERCENTAGE",
                subscriber_sns_topic_arns=[account.arns["topic"]],
            )
            for kind, percent in OCCASIONS
        ]
        aws.budgets.Budget(
            "budget",
            name="creator-month",
            budget_type="COST",
            limit_amount=str(account.spec.limits.budget),
            limit_unit="USD",
            time_unit="MONTHLY",
            notifications=notifications,
            opts=account.options(self),
        )

    def _secret(self, account: Account, name: str) -> None:
        """Empty: a value that passed through here would stay in the history of the state."""
        secret = aws.secretsmanager.Secret(
            f"secret-{name}",
            name=f"creator/{name}",
            kms_key_id=account.arns["key"],
            recovery_window_in_days=7,
            opts=account.options(self),
        )
        account.arns[f"secret_{name}"] = secret.arn
