"""Prices for a configuration."""

from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controlplane.api.access import Router
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.billing import quotes
from controlplane.billing.catalog import Interval
from controlplane.billing.models import Quote
from controlplane.billing.quotes import Asked
from controlplane.billing.running_cost import ExpectedUsage
from controlplane.core.errors import NotFound

router = Router(prefix="/v1/quotes", tags=["quotes"], group="public")

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{0,20}$")]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Mark = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Za-z0-9_.-]*$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class UsageAsked(Strict):
    stream_hours: int = Field(0, ge=0, le=744)
    viewers: int = Field(0, ge=0, le=1_000_000)
    resolution: Literal["sd", "hd", "fhd"] = "hd"
    page_views: int = Field(0, ge=0, le=1_000_000_000)


class QuoteAsked(Strict):
    line: Literal["site", "creator"]
    interval: Literal["month", "year"] = "month"
    offers: dict[Key, Annotated[int, Field(ge=1, le=1000)]] = Field(max_length=40)
    buyer: Literal["private", "company"] = "private"
    country: Country = "DE"
    locale: Literal["de", "en"] = "de"
    discount_code: Code = ""
    referral_code: Code = ""
    usage: UsageAsked | None = None
    attribution: dict[Literal["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term"], Mark] = {}


@router.post("", status_code=201)
def create(
    body: QuoteAsked, gateways: GatewaysDep, session: SessionDep, response: Response, dry_run: bool = False
) -> dict[str, Any]:
    """`dry_run` prices without keeping: for a page that shows the price while somebody chooses."""
    if dry_run:
        response.status_code = 200
    work = quotes.prepare if dry_run else quotes.create
    quote, selection = work(session, gateways, _asked(body))
    return {**shown(quote), "id": None if dry_run else quote.id, "added": selection.added}


@router.get("/{quote_id}")
def read(quote_id: str, session: SessionDep) -> dict[str, Any]:
    quote = session.get(Quote, quote_id)
    if quote is None:
        raise NotFound("There is no such quote.", code="quote_unknown")
    return shown(quote)


def _asked(body: QuoteAsked) -> Asked:
    usage = ExpectedUsage(**body.usage.model_dump()) if body.usage else None
    plain = body.model_dump(exclude={"usage", "interval", "attribution"})
    return Asked(
        **plain,
        interval=Interval(body.interval),
        usage=usage,
        attribution={str(name): value for name, value in body.attribution.items()},
    )


def shown(quote: Quote) -> dict[str, Any]:
    names = (
        "id line locale buyer country selection lines currency subtotal discount total recurring tax_estimate "
        "discount_code trial_days referral_code running_cost catalog_version valid_until"
    )
    return {name: getattr(quote, name) for name in names.split()}
