"""A cookie comes along whoever caused the request: so a change needs proof that our own page caused it."""

from fastapi import Request

from controlplane.api.hosts import LOOPBACK, origin
from controlplane.core.errors import Forbidden
from controlplane.gateways import Gateways
from controlplane.identity import sign_ins
from controlplane.identity.actor import Actor

HEADER, FIELD = "x-csrf-token", "csrf_token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NO_AUTHORITY = frozenset({"sign-in", "oauth"})  # what a cookie does not help with


def check_origin(gateways: Gateways, request: Request, *, required: bool) -> None:
    """Browsers send Origin with every POST; machines send none. A foreign one is never right."""
    given, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if given == "null" and site == "same-origin":  # a page of ours that sends no referrer
        return
    if given is not None and not _ours(gateways, request, given):
        raise Forbidden("This request comes from another site.", code="foreign_origin")
    if site not in {None, "same-origin", "none"}:
        raise Forbidden("This request comes from another site.", code="foreign_origin")
    if required and given is None and site is None:
        raise Forbidden("A change by cookie needs an Origin header.", code="origin_missing")


async def given_token(request: Request) -> str:
    if HEADER in request.headers:
        return request.headers[HEADER]
    if request.headers.get("content-type", "").startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return str((await request.form()).get(FIELD, ""))
    return ""


def check_token(gateways: Gateways, actor: Actor, token: str) -> None:
    if not actor.sign_in_id or not sign_ins.csrf_right(gateways, actor.sign_in_id, token):
        raise Forbidden(
            "The token of your session is missing or old.", code="csrf", next_step="Load the page again and repeat it."
        )


def _ours(gateways: Gateways, request: Request, given: str) -> bool:
    own = origin(gateways.settings.public_url)
    if given.lower() == own:
        return True
    # the same machine under another of its names, and only as the page itself was called
    local = own.startswith("http://") and request.url.hostname in LOOPBACK
    return local and given.lower() == f"http://{request.headers.get('host', '')}".lower()
