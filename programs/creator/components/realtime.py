"""Live channels (AppSync Events): functions publish by their own rights, sites listen. Commands never come this way."""

import pulumi
import pulumi_aws as aws

from programs.creator.account import Account

PUBLIC = ("stream", "polls", "donations")
MEMBERS = ("moderation",)
KEY, ROLE, PEOPLE = "API_KEY", "AWS_IAM", "AMAZON_COGNITO_USER_POOLS"


class Realtime(pulumi.ComponentResource):
    def __init__(self, account: Account) -> None:
        super().__init__("creator:aws:Realtime", "realtime", None, pulumi.ResourceOptions(provider=account.provider))
        self.has_key = account.spec.realtime_until is not None
        api = self._api(account)
        for name in (*PUBLIC, *MEMBERS):
            self._namespace(account, api, name)
        host = api.dns.apply(lambda dns: dns["HTTP"])
        account.arns["realtime"] = api.api_arn
        account.facts |= {
            "REALTIME_HOST": host,
            "REALTIME_ENDPOINT": account.spec.base_url or host.apply(lambda name: f"https://{name}"),
        }
        account.config["realtime"] = {"host": host, "socket": api.dns.apply(lambda dns: dns["REALTIME"])}
        if self.has_key:
            account.config["realtime"]["key"] = self._key(account, api)
        self.register_outputs({})

    def _api(self, account: Account) -> aws.appsync.Api:
        people = aws.appsync.ApiEventConfigAuthProviderCognitoConfigArgs(
            user_pool_id=account.facts["POOL_ID"], aws_region=account.spec.region
        )
        kinds = [ROLE, PEOPLE, *([KEY] if self.has_key else [])]
        providers = [
            aws.appsync.ApiEventConfigAuthProviderArgs(
                auth_type=kind, cognito_config=people if kind == PEOPLE else None
            )
            for kind in kinds
        ]
        modes = [aws.appsync.ApiEventConfigConnectionAuthModeArgs(auth_type=kind) for kind in kinds]
        config = aws.appsync.ApiEventConfigArgs(
            auth_providers=providers,
            connection_auth_modes=modes,
            default_publish_auth_modes=[aws.appsync.ApiEventConfigDefaultPublishAuthModeArgs(auth_type=ROLE)],
            default_subscribe_auth_modes=[aws.appsync.ApiEventConfigDefaultSubscribeAuthModeArgs(auth_type=PEOPLE)],
        )
        return aws.appsync.Api("realtime", name="creator", event_config=config, opts=account.options(self))

    def _namespace(self, account: Account, api: aws.appsync.Api, name: str) -> None:
        heard = [PEOPLE, *([KEY] if self.has_key and name in PUBLIC else [])]
        aws.appsync.ChannelNamespace(
            f"live-{name}",
            api_id=api.api_id,
            name=name,
            publish_auth_modes=[aws.appsync.ChannelNamespacePublishAuthModeArgs(auth_type=ROLE)],
            subscribe_auth_modes=[aws.appsync.ChannelNamespaceSubscribeAuthModeArgs(auth_type=kind) for kind in heard],
            opts=account.options(self),
        )

    def _key(self, account: Account, api: aws.appsync.Api) -> pulumi.Output[str]:
        """Every visitor's browser has it: it opens public channels for listening, and is no secret."""
        expires = f"{account.spec.realtime_until}T00:00:00Z"
        key = aws.appsync.ApiKey(
            "live", api_id=api.api_id, description="visitors", expires=expires, opts=account.options(self)
        )
        return pulumi.Output.unsecret(key.key)
