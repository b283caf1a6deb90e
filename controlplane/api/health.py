"""Is it alive, is it ready, and what is degraded."""

import ipaddress
from typing import Any

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from controlplane.api.access import Router
from controlplane.api.deps import GatewaysDep
from controlplane.api.readiness import checks
from controlplane.core.errors import NotFound
from controlplane.gateways import Gateways

router = Router(tags=["health"], group="health")
DOWN = frozenset({"database", "migrations"})


@router.get("/health/live")
def live() -> dict[str, str]:
    """The process answers. A supervisor restarts it when this fails."""
    return {"status": "ok"}


@router.get("/health/ready")
def ready(request: Request, gateways: GatewaysDep, response: Response) -> dict[str, Any]:
    """Down: do not send traffic. Degraded: it works, but somebody should look. What exactly, only our own see."""
    found = checks(gateways)
    failed = {name for name, word in found.items() if word != "ok"}
    status = "down" if failed & DOWN else "degraded" if failed else "ok"
    response.status_code = 503 if status == "down" else 200
    return {"status": status, **({"checks": found} if _ours(request, gateways) else {})}


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, gateways: GatewaysDep) -> Response:
    if not _ours(request, gateways):
        raise NotFound()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _ours(request: Request, gateways: Gateways) -> bool:
    """This machine, or a network that was named; never what came through a proxy that we were not told of."""
    if "x-forwarded-for" in request.headers and not gateways.settings.trusted_proxies:
        return False
    try:
        address = ipaddress.ip_address(request.state.address)
    except ValueError:
        return False
    allowed = gateways.settings.telemetry.networks
    return address.is_loopback or any(address in ipaddress.ip_network(network) for network in allowed)
