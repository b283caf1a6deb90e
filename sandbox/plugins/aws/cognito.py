"""Cognito user pools, their clients and groups."""

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.cognito_pool import RESOURCES as POOLS
from sandbox.plugins.aws.resource import aws, given
from sandbox.plugins.schema import Call, flag, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_CLIENT = {
    "name": text(autoname=True, wire="ClientName"),
    "explicitAuthFlows": some(text()),
    "preventUserExistenceErrors": text(computed=True),
    "enableTokenRevocation": flag(computed=True),
    "enablePropagateAdditionalUserContextData": flag(computed=True),
    "accessTokenValidity": number(computed=True),
    "idTokenValidity": number(computed=True),
    "refreshTokenValidity": number(computed=True),
    "authSessionValidity": number(computed=True),
    "tokenValidityUnits": obj(
        {
            "accessToken": text(default="hours"),
            "idToken": text(default="hours"),
            "refreshToken": text(default="days"),
        },
        computed=True,
    ),
    "allowedOauthFlows": some(text(), wire="AllowedOAuthFlows"),
    "allowedOauthFlowsUserPoolClient": flag(computed=True, wire="AllowedOAuthFlowsUserPoolClient"),
    "allowedOauthScopes": some(text(), wire="AllowedOAuthScopes"),
    "callbackUrls": some(text(), wire="CallbackURLs"),
    "logoutUrls": some(text(), wire="LogoutURLs"),
    "defaultRedirectUri": text(wire="DefaultRedirectURI"),
    "readAttributes": some(text(), computed=True),
    "writeAttributes": some(text(), computed=True),
    "supportedIdentityProviders": some(text()),
}


def _pool(call: Call) -> str:
    return str(call.known("userPoolId"))


def _create_client(client: Client, call: Call) -> None:
    wanted = {"GenerateSecret": bool(call.inputs.get("generateSecret")), **encode(_CLIENT, call.inputs, pascal)}
    call.id = client.create_user_pool_client(UserPoolId=_pool(call), **wanted)["UserPoolClient"]["ClientId"]


def _read_client(client: Client, call: Call) -> Doc:
    found = client.describe_user_pool_client(UserPoolId=_pool(call), ClientId=call.id)["UserPoolClient"]
    secret = found.get("ClientSecret")
    given_secret = call.known("generateSecret")
    return {
        "userPoolId": _pool(call),
        **decode(_CLIENT, found, pascal),
        "generateSecret": bool(secret) if given_secret is None else given_secret,
        "clientSecret": secret or "",
    }


def _update_client(client: Client, call: Call) -> None:
    client.update_user_pool_client(UserPoolId=_pool(call), ClientId=call.id, **encode(_CLIENT, call.inputs, pascal))


def _delete_client(client: Client, call: Call) -> None:
    client.delete_user_pool_client(UserPoolId=_pool(call), ClientId=call.id)


def _group(call: Call) -> Doc:
    pool, _, name = call.id.partition("/")
    return {"UserPoolId": pool or _pool(call), "GroupName": name or call.inputs["name"]}


def _create_group(client: Client, call: Call) -> None:
    client.create_group(**_group(call), **_group_settings(call))


def _group_settings(call: Call) -> Doc:
    return given(call, Description="description", Precedence="precedence", RoleArn="roleArn")


def _read_group(client: Client, call: Call) -> Doc:
    found = client.get_group(**_group(call))["Group"]
    return {
        "userPoolId": found["UserPoolId"],
        "name": found["GroupName"],
        "description": found.get("Description"),
        "precedence": found.get("Precedence"),
        "roleArn": found.get("RoleArn"),
    }


def _update_group(client: Client, call: Call) -> None:
    client.update_group(**_group(call), **{"Description": "", **_group_settings(call)})


def _delete_group(client: Client, call: Call) -> None:
    client.delete_group(**_group(call))


RESOURCES = (
    *POOLS,
    aws(
        "cognito/userPoolClient:UserPoolClient",
        "cognito-idp",
        {
            "userPoolId": text(required=True, replaces=True),
            "generateSecret": flag(replaces=True),
            **_CLIENT,
        },
        outputs=("clientSecret",),
        secret=("clientSecret",),
        imports="userPoolId/id",
        create=_create_client,
        read=_read_client,
        update=_update_client,
        delete=_delete_client,
    ),
    aws(
        "cognito/userGroup:UserGroup",
        "cognito-idp",
        {
            "userPoolId": text(required=True, replaces=True),
            "name": text(autoname=True, replaces=True),
            "description": text(),
            "precedence": number(),
            "roleArn": text(),
        },
        natural=("userPoolId", "name"),
        identity=lambda doc: f"{doc['userPoolId']}/{doc['name']}",
        create=_create_group,
        read=_read_group,
        update=_update_group,
        delete=_delete_group,
    ),
)
