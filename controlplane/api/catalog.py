"""What we sell, in both languages; and for operators whether Stripe sells the same."""

from typing import Any, Literal

from controlplane.api.access import Router, requires
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.billing import catalog_sync, names
from controlplane.billing.catalog import Offer, catalog
from controlplane.billing.checkout import check_slug
from controlplane.billing.quotes import saving
from controlplane.core.errors import Invalid
from tenants import naming

Locale = Literal["de", "en"]
public = Router(prefix="/v1", tags=["catalog"], group="public")
operator = Router(prefix="/v1/catalog", tags=["catalog"], group="platform.read")


@public.get("/offers")
def offers(locale: Locale = "de") -> dict[str, Any]:
    book = catalog()
    return {
        "version": book.version,
        "currency": book.currency,
        "lines": {line: [_shown(offer, locale) for offer in book.of_line(line)] for line in book.lines},
    }


@public.get("/offers/{line}")
def offers_of_line(line: str, locale: Locale = "de") -> dict[str, Any]:
    book = catalog()
    shown = [_shown(offer, locale) for offer in book.of_line(line)]
    return {"version": book.version, "currency": book.currency, "base": book.lines[line]["base"], "offers": shown}


@public.get("/consents")
def consents(locale: Locale = "de") -> dict[str, Any]:
    """What must be agreed to at checkout, word for word."""
    return {
        "consents": [
            {
                "kind": text.kind,
                "version": text.version,
                "required": text.required,
                "buyers": text.buyers,
                "wording": text.wording(locale),
            }
            for text in catalog().consents
        ]
    }


@public.get("/slugs/{slug}")
def slug(slug: str, gateways: GatewaysDep, session: SessionDep, line: str = "site") -> dict[str, Any]:
    """Free, taken, reserved or malformed; with other ideas when it cannot be had."""
    catalog().of_line(line)
    try:
        check_slug(slug, line=line)
    except Invalid as error:
        return {"slug": slug, "free": False, "reason": error.problem_code, "ideas": []}
    if names.is_free(session, gateways, slug):
        return {"slug": slug, "free": True, "reason": "", "ideas": []}
    ideas = [idea for idea in (f"{slug[:30]}-{word}" for word in ("web", "site", "online", "de")) if _fits(idea, line)]
    free = [idea for idea in ideas if names.is_free(session, gateways, idea)]
    return {"slug": slug, "free": False, "reason": "slug_taken", "ideas": free[:3]}


def _fits(slug: str, line: str) -> bool:
    try:
        naming.check_slug(slug, creator=line == "creator")
    except naming.NameRefused:
        return False
    return True


@operator.get("/drift")
def drift(gateways: GatewaysDep) -> dict[str, Any]:
    return {"differences": [vars(one) for one in catalog_sync.drift(gateways)]}


@operator.post("/sync", dependencies=[requires("platform.act")])
def sync(gateways: GatewaysDep) -> dict[str, Any]:
    return {"changed": [vars(one) for one in catalog_sync.sync(gateways)]}


def _shown(offer: Offer, locale: str) -> dict[str, Any]:
    return {
        "key": offer.key,
        "line": offer.line,
        "kind": offer.kind,
        **offer.texts[locale],
        "amounts": {str(interval): amount for interval, amount in offer.amounts.items()},
        "saving_per_year": saving(offer),
        "core": offer.core,
        "max_quantity": offer.max_quantity,
        "requires": offer.requires,
        "excludes": offer.excludes,
        "features": offer.features,
        "limits": offer.limits,
        "included_usage": offer.usage,
    }


routers = (public, operator)
