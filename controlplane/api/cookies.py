"""Cookies: `__Host-` wherever there is TLS, so that no other host and no subdomain can set or read them."""

from fastapi import Request, Response

from controlplane.gateways import Gateways
from controlplane.identity.models import Principal

BROWSER = "browser"


def name_of(gateways: Gateways, purpose: str) -> str:
    prefix = "__Host-" if _secure(gateways) else ""
    return f"{prefix}cp_{purpose}"


def read(gateways: Gateways, request: Request, purpose: str) -> str:
    return request.cookies.get(name_of(gateways, purpose), "")


def put(gateways: Gateways, response: Response, purpose: str, value: str, *, seconds: int | None = None) -> None:
    response.set_cookie(
        name_of(gateways, purpose),
        value,
        max_age=seconds,
        path="/",
        secure=_secure(gateways),
        httponly=True,
        samesite="lax",
    )


def drop(gateways: Gateways, response: Response, principal: Principal) -> None:
    response.delete_cookie(name_of(gateways, principal.value), path="/", secure=_secure(gateways), httponly=True)


def _secure(gateways: Gateways) -> bool:
    return gateways.settings.public_url.startswith("https://")
