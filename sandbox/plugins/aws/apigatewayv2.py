"""HTTP and WebSocket APIs."""

from collections.abc import Callable

from sandbox.plugins.aws.client import Client
from sandbox.plugins.aws.resource import aws
from sandbox.plugins.aws.tags import Tagging, as_map
from sandbox.plugins.schema import Call, Property, Resource, flag, mapping, number, obj, some, text
from sandbox.plugins.values import Doc
from sandbox.plugins.wire import decode, encode, pascal

_TAGS = Tagging(listing="get_tags", shape=as_map)

_CORS = {
    "allowCredentials": flag(),
    "allowHeaders": some(text()),
    "allowMethods": some(text()),
    "allowOrigins": some(text()),
    "exposeHeaders": some(text()),
    "maxAge": number(),
}
_API = {
    "name": text(autoname=True),
    "protocolType": text(required=True, choices=("HTTP", "WEBSOCKET"), replaces=True),
    "apiKeySelectionExpression": text(computed=True),
    "corsConfiguration": obj(_CORS),
    "description": text(),
    "disableExecuteApiEndpoint": flag(default=False),
    "ipAddressType": text(computed=True),
    "routeSelectionExpression": text(computed=True),
    "version": text(),
}


def _create_api(client: Client, call: Call) -> None:
    call.id = client.create_api(**encode(_API, call.inputs, pascal), **_TAGS.new(call))["ApiId"]


def _read_api(client: Client, call: Call) -> Doc:
    found = client.get_api(ApiId=call.id)
    partition, _ = call.session.partition(client.region)
    return {
        **decode(_API, found, pascal),
        "apiEndpoint": found.get("ApiEndpoint"),
        "arn": f"arn:{partition}:apigateway:{client.region}::/apis/{call.id}",
        "executionArn": f"arn:{partition}:execute-api:{client.region}:{call.session.id}:{call.id}",
    }


def _update_api(client: Client, call: Call) -> None:
    fields = {key: prop for key, prop in _API.items() if key != "protocolType"}
    client.update_api(ApiId=call.id, **encode(fields, call.inputs, pascal))
    if "corsConfiguration" in call.old and "corsConfiguration" not in call.inputs:
        client.delete_cors_configuration(ApiId=call.id)


def _delete_api(client: Client, call: Call) -> None:
    client.delete_api(ApiId=call.id)


_LIMITS = {
    "dataTraceEnabled": flag(),
    "detailedMetricsEnabled": flag(),
    "loggingLevel": text(computed=True),
    "throttlingBurstLimit": number(),
    "throttlingRateLimit": number(),
}
_STAGE = {
    "accessLogSettings": obj({"destinationArn": text(required=True), "format": text(required=True)}),
    "autoDeploy": flag(default=False),
    "defaultRouteSettings": obj(_LIMITS),
    "deploymentId": text(computed=True),
    "description": text(),
    "stageVariables": mapping(text()),
}
_ROUTE_LIMITS = {"routeKey": text(required=True), **_LIMITS}


def _stage_request(call: Call) -> Doc:
    request = encode(_STAGE, call.inputs, pascal)
    if call.inputs["autoDeploy"]:
        request.pop("DeploymentId", None)  # the service chooses it, and refuses to be told
    limits = call.inputs.get("routeSettings") or []
    if limits or call.old.get("routeSettings"):
        request["RouteSettings"] = {each["routeKey"]: encode(_LIMITS, each, pascal) for each in limits}
    return request


def _create_stage(client: Client, call: Call) -> None:
    client.create_stage(
        ApiId=call.inputs["apiId"], StageName=call.inputs["name"], **_stage_request(call), **_TAGS.new(call)
    )


def _read_stage(client: Client, call: Call) -> Doc:
    api, name = call.known("apiId"), call.known("name") or call.id
    found = client.get_stage(ApiId=api, StageName=name)
    limits = found.get("RouteSettings") or {}
    return {
        "apiId": api,
        "name": name,
        **decode(_STAGE, found, pascal),
        "routeSettings": [{"routeKey": key, **decode(_LIMITS, each, pascal)} for key, each in limits.items()] or None,
        **_stage_addresses(call, client.region, api, name),
    }


def _stage_addresses(call: Call, region: str, api: str, name: str) -> Doc:
    partition, domain = call.session.partition(region)
    path = "" if name == "$default" else f"{name}"
    return {
        "arn": f"arn:{partition}:apigateway:{region}::/apis/{api}/stages/{name}",
        "executionArn": f"arn:{partition}:execute-api:{region}:{call.session.id}:{api}/{name}",
        "invokeUrl": f"https://{api}.execute-api.{region}.{domain}/{path}",
    }


def _update_stage(client: Client, call: Call) -> None:
    request = _stage_request(call)
    gone = {each["routeKey"] for each in call.old.get("routeSettings") or []} - set(request.get("RouteSettings") or {})
    names = {"ApiId": call.inputs["apiId"], "StageName": call.inputs["name"]}
    for key in sorted(gone):
        client.delete_route_settings(**names, RouteKey=key)
    if "accessLogSettings" in call.old and "accessLogSettings" not in call.inputs:
        client.delete_access_log_settings(**names)
    client.update_stage(**names, **request)


def _delete_stage(client: Client, call: Call) -> None:
    client.delete_stage(ApiId=call.known("apiId"), StageName=call.known("name") or call.id)


_AUTHORIZER = {
    "name": text(autoname=True),
    "authorizerType": text(required=True, choices=("JWT", "REQUEST"), replaces=True),
    "authorizerCredentialsArn": text(),
    "authorizerPayloadFormatVersion": text(computed=True),
    "authorizerResultTtlInSeconds": number(computed=True),
    "authorizerUri": text(),
    "enableSimpleResponses": flag(computed=True),
    "identitySources": some(text(), wire="IdentitySource"),
    "jwtConfiguration": obj({"audiences": some(text(), wire="Audience"), "issuer": text()}),
}
_INTEGRATION = {
    "integrationType": text(required=True, replaces=True),
    "connectionId": text(),
    "connectionType": text(default="INTERNET"),
    "credentialsArn": text(),
    "description": text(),
    "integrationMethod": text(computed=True),
    "integrationSubtype": text(replaces=True),
    "integrationUri": text(),
    "passthroughBehavior": text(computed=True),
    "payloadFormatVersion": text(default="1.0"),
    "requestParameters": mapping(text()),
    "templateSelectionExpression": text(),
    "timeoutMilliseconds": number(computed=True, wire="TimeoutInMillis"),
}
_ROUTE = {
    "routeKey": text(required=True),
    "apiKeyRequired": flag(default=False),
    "authorizationScopes": some(text()),
    "authorizationType": text(default="NONE"),
    "authorizerId": text(),
    "operationName": text(),
    "target": text(),
}


def _part(token: str, noun: str, fields: dict[str, Property], outputs: dict[str, str]) -> Resource:
    """A part of an API: its calls are named alike. `outputs` maps further outputs to their names in the answer."""
    key = f"{noun.capitalize()}Id"
    names: Callable[[Call], Doc] = lambda call: {"ApiId": call.known("apiId"), key: call.id}  # noqa: E731

    def create(client: Client, call: Call) -> None:
        answer = getattr(client, f"create_{noun}")(ApiId=call.inputs["apiId"], **encode(fields, call.inputs, pascal))
        call.id = answer[key]

    def read(client: Client, call: Call) -> Doc:
        found = getattr(client, f"get_{noun}")(**names(call))
        more = {name: found.get(wire) for name, wire in outputs.items()}
        return {"apiId": call.known("apiId"), **decode(fields, found, pascal), **more}

    def update(client: Client, call: Call) -> None:
        getattr(client, f"update_{noun}")(**names(call), **encode(fields, call.inputs, pascal))

    def delete(client: Client, call: Call) -> None:
        getattr(client, f"delete_{noun}")(**names(call))

    return aws(
        f"apigatewayv2/{token}",
        "apigatewayv2",
        {"apiId": text(required=True, replaces=True), **fields},
        outputs=tuple(outputs),
        imports="apiId/id",
        create=create,
        read=read,
        update=update,
        delete=delete,
    )


RESOURCES = (
    aws(
        "apigatewayv2/api:Api",
        "apigatewayv2",
        _API,
        outputs=("apiEndpoint", "arn", "executionArn"),
        tagging=_TAGS,
        create=_create_api,
        read=_read_api,
        update=_update_api,
        delete=_delete_api,
    ),
    aws(
        "apigatewayv2/stage:Stage",
        "apigatewayv2",
        {
            "apiId": text(required=True, replaces=True),
            "name": text(autoname=True, replaces=True),
            **_STAGE,
            "routeSettings": some(obj(_ROUTE_LIMITS)),
        },
        outputs=("arn", "executionArn", "invokeUrl"),
        natural=("apiId", "name"),
        imports="apiId/name",
        identity=lambda doc: str(doc["name"]),
        tagging=_TAGS,
        create=_create_stage,
        read=_read_stage,
        update=_update_stage,
        delete=_delete_stage,
    ),
    _part("authorizer:Authorizer", "authorizer", _AUTHORIZER, {}),
    _part(
        "integration:Integration",
        "integration",
        _INTEGRATION,
        {"integrationResponseSelectionExpression": "IntegrationResponseSelectionExpression"},
    ),
    _part("route:Route", "route", _ROUTE, {}),
)
