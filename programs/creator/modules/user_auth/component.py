"""People: a pool that only we can put them into, the groups, the API's authorizer, and two functions."""

from dataclasses import replace

import pulumi
import pulumi_aws as aws

from programs.base import Outputs
from programs.creator.account import Account
from programs.creator.components.function import function
from programs.creator.components.table import table
from programs.creator.modules.user_auth.plan import AUTH, GROUPS, PRIVACY, TABLES
from programs.creator.modules.user_auth.spec import Spec
from programs.creator.plan import Function
from programs.creator.registry import MODULES, Module

FLOWS = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
DAY = 86_400


class UserAuth(pulumi.ComponentResource):
    def __init__(self, account: Account, spec: Spec) -> None:
        options = pulumi.ResourceOptions(provider=account.provider)
        super().__init__("creator:aws:UserAuth", "user-auth", None, options)
        pool = self._pool(account, spec)
        client = self._client(account, spec, pool)
        issuer = pool.endpoint.apply(lambda endpoint: f"https://{endpoint}")
        authorizer = self._authorizer(account, client, issuer)
        account.authorizer_id = authorizer.id
        account.arns["pool"] = pool.arn
        account.facts |= _facts(account, spec, pool, client)
        account.config |= {"password_min": spec.password_min, "signup": spec.signup, "mfa": spec.mfa}
        for plan in TABLES:
            table(account, self, plan)
        function(account, self, AUTH)
        function(account, self, _reaching(account))
        self.exports: Outputs = {"user_pool_id": pool.id, "user_pool_client_id": client.id, "issuer": issuer}
        self.exports["authorizer_id"] = authorizer.id
        self.register_outputs({})

    def _pool(self, account: Account, spec: Spec) -> aws.cognito.UserPool:
        passwords = aws.cognito.UserPoolPasswordPolicyArgs(
            minimum_length=spec.password_min,
            require_lowercase=False,
            require_uppercase=False,
            require_numbers=False,
            require_symbols=False,
            temporary_password_validity_days=1,
        )
        pool = aws.cognito.UserPool(
            "users",
            name="creator-users",
            username_attributes=["email"],
            username_configuration=aws.cognito.UserPoolUsernameConfigurationArgs(case_sensitive=False),
            auto_verified_attributes=["email"],
            admin_create_user_config=aws.cognito.UserPoolAdminCreateUserConfigArgs(allow_admin_create_user_only=True),
            password_policy=passwords,
            mfa_configuration="OPTIONAL" if spec.mfa == "optional" else "OFF",
            software_token_mfa_configuration=aws.cognito.UserPoolSoftwareTokenMfaConfigurationArgs(
                enabled=spec.mfa == "optional"
            ),
            account_recovery_setting=aws.cognito.UserPoolAccountRecoverySettingArgs(
                recovery_mechanisms=[
                    aws.cognito.UserPoolAccountRecoverySettingRecoveryMechanismArgs(name="admin_only", priority=1)
                ]
            ),
            user_pool_tier=spec.pool_tier,
            deletion_protection="INACTIVE" if account.spec.is_leaving else "ACTIVE",
            opts=account.kept(self),
        )
        for name, precedence in GROUPS.items():
            aws.cognito.UserGroup(
                name, name=name, user_pool_id=pool.id, precedence=precedence, opts=account.options(self)
            )
        return pool

    def _client(self, account: Account, spec: Spec, pool: aws.cognito.UserPool) -> aws.cognito.UserPoolClient:
        units = {"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"}
        return aws.cognito.UserPoolClient(
            "site",
            name="site",
            user_pool_id=pool.id,
            generate_secret=False,
            explicit_auth_flows=FLOWS,
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            access_token_validity=60,
            id_token_validity=60,
            refresh_token_validity=spec.session_days,
            token_validity_units=aws.cognito.UserPoolClientTokenValidityUnitsArgs(**units),
            opts=account.options(self),
        )

    def _authorizer(
        self, account: Account, client: aws.cognito.UserPoolClient, issuer: pulumi.Output[str]
    ) -> aws.apigatewayv2.Authorizer:
        assert account.api is not None
        return aws.apigatewayv2.Authorizer(
            "people",
            name="people",
            api_id=account.api.id,
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration=aws.apigatewayv2.AuthorizerJwtConfigurationArgs(audiences=[client.id], issuer=issuer),
            opts=account.options(self),
        )


def _chosen(account: Account) -> list[Module]:
    return [module for name, module in MODULES.items() if name in account.spec.modules]


def _reaching(account: Account) -> Function:
    """Exports and erasing reach into the tables of each module that keeps something of persons."""
    modules = _chosen(account)
    found = tuple(sorted({name for module in modules for name in module.privacy("TABLES")} - {*PRIVACY.reads}))
    secrets = tuple(sorted({*PRIVACY.secrets, *(name for module in modules for name in module.privacy("SECRETS"))}))
    return replace(PRIVACY, reads=(*PRIVACY.reads, *found), writes=(*PRIVACY.writes, *found), secrets=secrets)


def _facts(
    account: Account, spec: Spec, pool: aws.cognito.UserPool, client: aws.cognito.UserPoolClient
) -> dict[str, pulumi.Input[str]]:
    keeping = [module.folder for module in _chosen(account) if module.has_privacy]
    return {
        "POOL_ID": pool.id,
        "CLIENT_ID": client.id,
        "SESSION_SECONDS": str(spec.session_days * DAY),
        "SIGNUP": spec.signup,
        "MFA": spec.mfa,
        "PRIVACY_MODULES": " ".join(keeping),
    }
