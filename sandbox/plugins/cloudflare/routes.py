"""Which requests of a zone go to which Worker."""

from sandbox.plugins.cloudflare.api import segment
from sandbox.plugins.cloudflare.objects import api, body, made, outputs, zone
from sandbox.plugins.schema import Call, Resource, text
from sandbox.plugins.values import Doc


def _routes(call: Call) -> str:
    return f"/zones/{segment(call.known('zoneId'))}/workers/routes"


def _route(call: Call) -> str:
    return f"{_routes(call)}/{segment(call.id)}"


def _create(call: Call) -> Doc:
    wanted = body(call, "zoneId")

    def find() -> Doc | None:
        listed = api(call).get(_routes(call))
        return next((route for route in listed if route["pattern"] == wanted["pattern"]), None)

    result = made(lambda: api(call).call("POST", _routes(call), wanted), find)
    call.id = result["id"]
    return {}


def _read(call: Call) -> Doc:
    return {**outputs(call, api(call).get(_route(call))), "zoneId": call.known("zoneId")}


def _update(call: Call) -> Doc:
    api(call).call("PUT", _route(call), body(call, "zoneId"))
    return {}


def _delete(call: Call) -> None:
    api(call).call("DELETE", _route(call))


RESOURCES = (
    Resource(
        token="cloudflare:index/workersRoute:WorkersRoute",
        inputs={"zoneId": zone(), "pattern": text(required=True), "script": text()},
        natural=("pattern",),
        imports="zoneId/id",
        create=_create,
        read=_read,
        update=_update,
        delete=_delete,
    ),
)
