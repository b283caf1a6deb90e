"""Files of people and of the creator: pictures, and bundles of data that somebody asked for."""

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account
from programs.creator.components.bucket import bucket

RULES = (
    {"id": "exports", "prefix": "exports/", "days": 2, "noncurrent_days": 1},
    {"id": "versions", "noncurrent_days": 90},
)


class Media(pulumi.ComponentResource):
    def __init__(self, account: Account) -> None:
        super().__init__("creator:aws:Media", "media", None, pulumi.ResourceOptions(provider=account.provider))
        made = bucket(account, self, "media", rules=RULES)
        account.origins["media"] = made
        account.config["uploads"] = _addresses(account)
        rule = aws.s3.BucketCorsConfigurationCorsRuleArgs(
            allowed_methods=["PUT"],
            allowed_origins=account.spec.origins,
            allowed_headers=["content-type"],
            max_age_seconds=600,
        )
        aws.s3.BucketCorsConfiguration("media-cors", bucket=made.bucket, cors_rules=[rule], opts=account.options(self))
        self.register_outputs({})


def _addresses(account: Account) -> list[str]:
    """Where a signed upload may lead: the site has to allow its own pages to go there."""
    bucket, region = account.spec.bucket_name("media"), account.spec.region
    hosts = [f"https://{bucket}.s3.amazonaws.com", f"https://{bucket}.s3.{region}.amazonaws.com"]
    return [account.spec.base_url] if account.spec.base_url else hosts
