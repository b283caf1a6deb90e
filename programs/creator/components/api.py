"""The HTTP API that all functions share: explicit routes, one stage, named so that the CDN need not rewrite paths."""

import json

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account
from programs.creator.components.payments.plan import API_VERSION

STAGE = "api"
# No query strings (codes and tokens stand there) and no addresses of people.
FIELDS = {
    "id": "$context.requestId", "route": "$context.routeKey", "status": "$context.status",
    "ms": "$context.responseLatency", "bytes": "$context.responseLength", "error": "$context.error.responseType",
}  # fmt: skip


class Api(pulumi.ComponentResource):
    def __init__(self, account: Account) -> None:
        super().__init__("creator:aws:Api", "api", None, pulumi.ResourceOptions(provider=account.provider))
        self.api = aws.apigatewayv2.Api("api", name="creator", protocol_type="HTTP", opts=account.options(self))
        self.log = aws.cloudwatch.LogGroup(
            "api-log",
            name="/aws/apigateway/creator",
            retention_in_days=account.spec.limits.logs_days,
            kms_key_id=account.arns["key"],
            opts=account.options(self),
        )
        account.api = self.api
        account.facts |= {"STRIPE_ENDPOINT": account.spec.stripe_url, "STRIPE_VERSION": API_VERSION}
        account.facts["API_HOST"] = self.api.api_endpoint.apply(lambda url: url.partition("://")[2])

    def open(self, account: Account) -> None:
        """Last: limits of a route are refused as long as the route is not there."""
        limits, closed = account.spec.limits, account.spec.suspended
        aws.apigatewayv2.Stage(
            "stage",
            api_id=self.api.id,
            name=STAGE,
            auto_deploy=True,
            default_route_settings=aws.apigatewayv2.StageDefaultRouteSettingsArgs(
                throttling_rate_limit=0 if closed else limits.rate, throttling_burst_limit=0 if closed else limits.burst
            ),
            route_settings=[_settings(key, 0 if closed else rate) for key, rate in sorted(account.rates.items())],
            access_log_settings=aws.apigatewayv2.StageAccessLogSettingsArgs(
                destination_arn=self.log.arn, format=json.dumps(FIELDS)
            ),
            opts=account.options(self, depends_on=account.routes),
        )
        self.register_outputs({})


def _settings(key: str, rate: int) -> aws.apigatewayv2.StageRouteSettingArgs:
    return aws.apigatewayv2.StageRouteSettingArgs(
        route_key=key, throttling_rate_limit=rate, throttling_burst_limit=rate * 2
    )
