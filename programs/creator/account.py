"""The account while it is being described: what modules name for each other, and how their parts are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
import pulumi_aws as aws

from programs.base import tags
from programs.creator.plan import PROCESSED, Table
from programs.creator.registry import MODULES
from programs.creator.spec import CreatorSpec

SERVICES = (
    "acm", "apigatewayv2", "appautoscaling", "appsync",
    "backup", "budgets", "cloudfront", "cloudtrail", "cloudwatch", "cognitoidp", "dynamodb",
    "events", "firehose", "iam", "ivs", "ivschat", "kms", "lambda_", "logs", "route53", "s3", "s3control",
    "secretsmanager", "sesv2", "sns", "sqs", "sts",
)  # fmt: skip


@dataclass
class Account:
    spec: CreatorSpec
    provider: aws.Provider
    arns: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    facts: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)  # what the site's own code is told
    origins: dict[str, aws.s3.Bucket] = field(default_factory=dict)  # by the path under which they are delivered
    made: dict[str, list[Any]] = field(
        default_factory=lambda: {"functions": [], "routes": [], "tables": [], "alarms": []}
    )
    routes: list[pulumi.Resource] = field(default_factory=list)
    rates: dict[str, int] = field(default_factory=dict)
    api: aws.apigatewayv2.Api | None = None
    authorizer_id: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        """Names are fixed, so functions need not wait for tables, nor one module for a later one's."""
        for plan in self._plans():
            place = f"{self.spec.region}:{self.spec.account_id}:table/{self.spec.table_name(plan.name)}"
            self.arns[f"table_{plan.name}"] = f"arn:aws:dynamodb:{place}"

    def tables(self) -> list[str]:
        return sorted(self.spec.table_name(plan.name) for plan in self._plans())

    def _plans(self) -> list[Table]:
        return [PROCESSED, *(table for name in self.spec.modules for table in MODULES[name].plan().TABLES)]

    def options(self, parent: pulumi.Resource, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=parent, provider=self.provider, **more)

    def kept(self, parent: pulumi.Resource, **more: Any) -> pulumi.ResourceOptions:
        """For what holds data: nothing deletes it before the creator leaves."""
        stays = not self.spec.is_leaving
        return self.options(parent, protect=stays, retain_on_delete=stays, **more)

    def known(self) -> pulumi.Output[Mapping[str, str]]:
        return pulumi.Output.all(**self.arns)

    def output(self, kind: str) -> list[Any]:
        return sorted(self.made[kind])


def provider(spec: CreatorSpec) -> aws.Provider:
    role = f"arn:aws:iam::{spec.account_id}:role/{spec.role}"
    where = [aws.ProviderEndpointArgs(**dict.fromkeys(SERVICES, spec.base_url))] if spec.base_url else None
    marks = tags(env=spec.env, program="creator", tenant_id=spec.tenant_id)
    marks |= {"product": "creator", "tier": spec.tier, "runtime": spec.runtime_version}
    return aws.Provider(
        "aws",
        region=spec.region,
        assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=role, session_name="creator")],
        allowed_account_ids=[spec.account_id],
        default_tags=aws.ProviderDefaultTagsArgs(tags=marks),
        endpoints=where,
        s3_use_path_style=bool(spec.base_url),
    )
