"""Is it alive, is it ready, and what is degraded."""

from typing import Any

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from controlplane.api.access import Router
from controlplane.api.deps import GatewaysDep
from controlplane.gateways import Gateways

router = Router(tags=["health"], group="health")


@router.get("/health/live")
def live() -> dict[str, str]:
    """The process answers. A supervisor restarts it when this fails."""
    return {"status": "ok"}


@router.get("/health/ready")
def ready(gateways: GatewaysDep, response: Response) -> dict[str, Any]:
    """Down: do not send traffic. Degraded: it works, but somebody should look."""
    checks = {"database": _database(gateways), "redis": _redis(gateways)}
    status = "down" if checks["database"] != "ok" else "degraded" if set(checks.values()) != {"ok"} else "ok"
    response.status_code = 503 if status == "down" else 200
    return {"status": status, "checks": checks}


@router.get("/metrics", include_in_schema=False)
def metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _database(gateways: Gateways) -> str:
    try:
        with gateways.db.transaction() as session:
            session.connection().execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "unreachable"
    return "ok"


def _redis(gateways: Gateways) -> str:
    from redis import RedisError

    try:
        gateways.queue.ping()
    except RedisError:
        return "unreachable"
    return "ok"
