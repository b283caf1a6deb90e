"""Settings of a stage can be taken away; the backend deletes the whole stage instead."""

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud, serves
from sandbox.aws.errors import AwsError
from sandbox.kit.store import Doc


def _stage(cloud: Cloud, call: Call) -> Doc:
    stages = cloud.backend.module("apigateway")._stages.get_scoped(call.account, call.region, call.text("apiId"))
    found: Doc | None = (stages or {}).get(call.text("stageName"))
    if found is None:
        raise AwsError("NotFoundException", f"Unable to find Stage by name {call.text('StageName')}", 404)
    return found


@serves("apigatewayv2:DeleteAccessLogSettings")
def delete_access_log(cloud: Cloud, call: Call) -> None:
    _stage(cloud, call).pop("accessLogSettings", None)


@serves("apigatewayv2:DeleteRouteSettings")
def delete_route_settings(cloud: Cloud, call: Call) -> None:
    settings, route = _stage(cloud, call).get("routeSettings") or {}, call.text("routeKey")
    if route not in settings:
        raise AwsError("NotFoundException", f"Unable to find RouteSettings for {route}", 404)
    del settings[route]
