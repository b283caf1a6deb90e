"""AppSync event APIs: the API, its channel namespaces and its keys."""

from datetime import UTC, datetime, timedelta

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.simple import Simple, simple
from sandbox.plugins.aws.tags import Tagging, as_map
from sandbox.plugins.schema import Call, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import camel, decode, encode

_KEY_DAYS = 7
_MODES = some(obj({"authType": text(required=True)}), required=True)
_OWN_MODES = some(obj({"authType": text(required=True)}), computed=True)
_COGNITO = {"userPoolId": text(required=True), "awsRegion": text(required=True), "appIdClientRegex": text()}
_LAMBDA = {
    "authorizerUri": text(required=True),
    "authorizerResultTtlInSeconds": number(computed=True),
    "identityValidationExpression": text(),
}
_OPENID = {
    "issuer": text(required=True),
    "clientId": text(),
    "authTtl": number(wire="authTTL"),
    "iatTtl": number(wire="iatTTL"),
}
_PROVIDER = {
    "authType": text(required=True),
    "cognitoConfig": obj(_COGNITO),
    "lambdaAuthorizerConfig": obj(_LAMBDA),
    "openidConnectConfig": obj(_OPENID, wire="openIDConnectConfig"),
}
_EVENTS = {
    "authProviders": some(obj(_PROVIDER), required=True),
    "connectionAuthModes": _MODES,
    "defaultPublishAuthModes": _MODES,
    "defaultSubscribeAuthModes": _MODES,
    "logConfig": obj(
        {"cloudwatchLogsRoleArn": text(required=True, wire="cloudWatchLogsRoleArn"), "logLevel": text(required=True)}
    ),
}
_API = {
    "name": text(autoname=True),
    "ownerContact": text(),
    "eventConfig": obj(_EVENTS, required=True),
}
_TAGS = Tagging(
    listing="",
    target="resourceArn",
    tags="tags",
    keys="tagKeys",
    shape=as_map,
    of=lambda call, outputs: outputs.get("apiArn") or outputs.get("channelNamespaceArn") or call.id,
)
_NAMESPACE = {
    "codeHandlers": text(),
    "publishAuthModes": _OWN_MODES,
    "subscribeAuthModes": _OWN_MODES,
}


def _names(call: Call) -> Doc:
    return {"apiId": call.known("apiId"), "name": call.known("name")}


def _create_namespace(client: Client, call: Call) -> None:
    client.create_channel_namespace(**_names(call), **encode(_NAMESPACE, call.inputs, camel), **_TAGS.new(call))


def _read_namespace(client: Client, call: Call) -> Doc:
    found = client.get_channel_namespace(**_names(call))["channelNamespace"]
    arn = found.get("channelNamespaceArn")
    return {**_names(call), **decode(_NAMESPACE, found, camel), "channelNamespaceArn": arn, "tags": found.get("tags")}


def _update_namespace(client: Client, call: Call) -> None:
    if call.differs(*_NAMESPACE):
        client.update_channel_namespace(**_names(call), **encode(_NAMESPACE, call.inputs, camel))


def _delete_namespace(client: Client, call: Call) -> None:
    client.delete_channel_namespace(**_names(call))


def _key(call: Call) -> tuple[str, str]:
    api, _, key = call.id.partition(":")
    return api, key


def _expiry(call: Call) -> Doc:
    """AppSync rounds down to the hour; so does the official provider's default of seven days."""
    given = call.inputs.get("expires")
    moment = datetime.fromisoformat(given.replace("Z", "+00:00")) if given else datetime.now(UTC) + timedelta(_KEY_DAYS)
    return {"expires": int(moment.timestamp()) // 3600 * 3600}


def _create_key(client: Client, call: Call) -> None:
    api, description = call.inputs["apiId"], call.inputs["description"]
    found = client.create_api_key(apiId=api, description=description, **_expiry(call))["apiKey"]
    call.id = f"{api}:{found['id']}"


def _read_key(client: Client, call: Call) -> Doc | None:
    api, wanted = _key(call)
    keys = client.pages("list_api_keys", "apiKeys", apiId=api)
    found = next((each for each in keys if each["id"] == wanted), None)
    if found is None:
        return None
    expires = datetime.fromtimestamp(found["expires"], UTC)
    return {
        "apiId": api,
        "apiKeyId": found["id"],
        "key": found["id"],
        "description": found.get("description"),
        "expires": _spelt(call.known("expires"), expires),
    }


def _spelt(known: str | None, actual: datetime) -> str:
    if known:
        told = datetime.fromisoformat(known.replace("Z", "+00:00"))
        if told.replace(minute=0, second=0, microsecond=0) == actual:
            return known
    return actual.strftime("%Y-%m-%dT%H:%M:%SZ")


def _update_key(client: Client, call: Call) -> None:
    api, key = _key(call)
    expiry = _expiry(call) if call.differs("expires") else {}
    client.update_api_key(apiId=api, id=key, description=call.inputs["description"], **expiry)


def _delete_key(client: Client, call: Call) -> None:
    api, key = _key(call)
    if any(each["id"] == key for each in client.pages("list_api_keys", "apiKeys", apiId=api)):
        client.delete_api_key(apiId=api, id=key)


_APIS = Simple(
    noun="api",
    fields=_API,
    key="apiId",
    created="apiId",
    answer="api",
    outputs={key: key for key in ("apiArn", "apiId", "dns", "wafWebAclArn", "xrayEnabled")},
    tagging=_TAGS,
)

RESOURCES = (
    simple("appsync/api:Api", "appsync", _APIS),
    aws(
        "appsync/channelNamespace:ChannelNamespace",
        "appsync",
        {"apiId": text(required=True, replaces=True), "name": text(autoname=True, replaces=True), **_NAMESPACE},
        outputs=("channelNamespaceArn",),
        natural=("apiId", "name"),
        imports="apiId,name",
        identity=lambda doc: f"{doc['apiId']},{doc['name']}",
        tagging=_TAGS,
        create=_create_namespace,
        read=_read_namespace,
        update=_update_namespace,
        delete=_delete_namespace,
    ),
    aws(
        "appsync/apiKey:ApiKey",
        "appsync",
        {
            "apiId": text(required=True, replaces=True),
            "description": text(default="Managed by Pulumi"),
            "expires": text(computed=True),
        },
        outputs=("apiKeyId", "key"),
        secret=("key",),
        create=_create_key,
        read=_read_key,
        update=_update_key,
        delete=_delete_key,
    ),
)
