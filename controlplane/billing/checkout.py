"""From a quote to a payment page. Calling it again for the same quote gives the same order and the same page."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.billing import names, quotes, referrals
from controlplane.billing.catalog import Interval, catalog, price_key
from controlplane.billing.models import CatalogPrice, Consent, Customer, Order, OrderState, Quote
from controlplane.core.errors import Conflict, Gone, Invalid, Unavailable
from controlplane.gateways import Gateways
from controlplane.vendors.stripe_values import NewSession
from controlplane.vendors.stripe_values import Session as Page
from tenants import naming
from tenants import service as tenants

FIRST_CHECK = timedelta(minutes=2)
HELD_LONGER = timedelta(minutes=15)  # than the page lives: its end is told with a delay


@dataclass(frozen=True)
class Purchase:
    """What a buyer types and agrees to."""

    quote_id: str
    email: str
    kind: str
    name: str
    company: str
    vat_id: str
    address: Mapping[str, str]
    slug: str
    locale: str
    consents: frozenset[str]
    source: str = "checkout"


def start(gateways: Gateways, purchase: Purchase) -> Order:
    with gateways.db.transaction() as session:
        quote = _locked_quote(session, gateways, purchase.quote_id)
        order = session.exec(select(Order).where(Order.quote_id == quote.id)).first()
        if order is None:
            order = _place(session, gateways, quote, purchase)
        _require_payable(order)
    if order.state == OrderState.DRAFT:
        order = _open_page(gateways, order, quote)
    return order


def _locked_quote(session: Session, gateways: Gateways, quote_id: str) -> Quote:
    """Held, so that two clicks on the button take turns."""
    session.exec(select(Quote.id).where(Quote.id == quote_id).with_for_update()).first()
    quote = quotes.usable(session, quote_id, now=gateways.now())
    if quote.replaces_order:
        raise Invalid("This quote is for a change of plan.", code="quote_kind")
    return quote


def _require_payable(order: Order) -> None:
    if order.state in {OrderState.EXPIRED, OrderState.CANCELLED, OrderState.PAYMENT_FAILED}:
        raise Gone("This order is over.", code="order_over", next_step="Ask for a new quote.")
    if order.state in {OrderState.FUNDED, OrderState.REFUNDED}:
        raise Conflict("This order is paid.", code="order_paid", order=order.token)


def _place(session: Session, gateways: Gateways, quote: Quote, purchase: Purchase) -> Order:
    _check(quote, purchase)
    customer = _customer(session, purchase)
    order = Order(
        token=secrets.token_urlsafe(16),
        quote_id=quote.id,
        customer_id=customer.id,
        product=quote.line,
        slug=purchase.slug,
        name=purchase.company or purchase.name,
        locale=purchase.locale,
        buyer=_buyer(purchase),
        selection=quote.selection,
        currency=quote.currency,
        total=quote.total,
        check_at=gateways.now() + FIRST_CHECK,
        # fixed here, because each attempt to open the page must ask Stripe for exactly the same
        session_expires_at=gateways.now() + timedelta(minutes=max(31, gateways.settings.selling.checkout_minutes)),
    )
    session.add(order)
    session.flush()
    _hold(session, gateways, order)
    referrals.attribute(session, quote, order)
    _agree(session, gateways, order, purchase)
    actor = f"customer:{customer.id}"
    record(session, actor=actor, action="order.placed", object_type="order", object_id=order.id, stream="money")
    return order


def _check(quote: Quote, purchase: Purchase) -> None:
    if quote.buyer != purchase.kind:
        text = f"The quote was made for a {quote.buyer} buyer."
        raise Invalid(text, code="buyer_differs", next_step="Ask for a new quote for this kind of buyer.")
    if quote.buyer == "company" and not (purchase.company and purchase.vat_id):
        raise Invalid("A company needs its name and its VAT id.", code="company_incomplete")
    if purchase.address.get("country", quote.country) != quote.country:
        raise Invalid("The quote was made for another country.", code="country_differs")
    needed = {text.kind for text in catalog().consents if text.required and quote.buyer in text.buyers}
    missing = sorted(needed - purchase.consents)
    if missing:
        text = f"Not agreed to: {', '.join(missing)}."
        step = "Show the wording that GET /v1/consents gives, and send what was agreed to."
        raise Invalid(text, code="consent_missing", next_step=step, consents=missing)
    discount = catalog().discounts.get(quote.discount_code)
    if discount and discount.percent == 100 and email_key(purchase.email) not in discount.allowed:
        raise Invalid("This code is not for this address.", code="code_not_allowed")


def email_key(email: str) -> str:
    """One mailbox, one key: case and `+tags` make no new person."""
    local, _at, domain = email.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _customer(session: Session, purchase: Purchase) -> Customer:
    """Found by address. What is known of a customer is not overwritten by somebody who has not signed in."""
    key = email_key(purchase.email)
    found = session.exec(select(Customer).where(Customer.email_key == key).with_for_update()).first()
    if found is None:
        found = Customer(
            email=purchase.email.strip(),
            email_key=key,
            kind=purchase.kind,
            name=purchase.name,
            company=purchase.company,
            vat_id=purchase.vat_id,
            country=purchase.address.get("country", "DE"),
            address=dict(purchase.address),
            locale=purchase.locale,
        )
        session.add(found)
        session.flush()
    return found


def _buyer(purchase: Purchase) -> dict[str, Any]:
    return {
        "email": purchase.email.strip(),
        "kind": purchase.kind,
        "name": purchase.name,
        "company": purchase.company,
        "vat_id": purchase.vat_id,
        "address": dict(purchase.address),
    }


def _hold(session: Session, gateways: Gateways, order: Order) -> None:
    check_slug(order.slug, line=order.product)
    now = gateways.now()
    until = (order.session_expires_at or now) + HELD_LONGER
    free = names.is_free(session, gateways, order.slug)
    if not free or not tenants.hold_name(session, order.slug, holder=order.id, until=until, now=now):
        raise Conflict("This name is taken.", code="slug_taken", next_step="Choose another name.")


def check_slug(slug: str, *, line: str) -> None:
    try:
        naming.check_slug(slug, creator=line == "creator")
    except naming.NameRefused as error:
        raise Invalid("This name cannot be used.", code=error.code, next_step="Choose another name.") from error


def _agree(session: Session, gateways: Gateways, order: Order, purchase: Purchase) -> None:
    for text in catalog().consents:
        if text.kind in purchase.consents:
            wording = text.wording(purchase.locale)
            consent = Consent(
                customer_id=order.customer_id,
                order_id=order.id,
                kind=text.kind,
                version=text.version,
                language=purchase.locale,
                text_hash=hashlib.sha256(wording.encode()).hexdigest(),
                wording=wording,
                source=purchase.source,
                given_at=gateways.now(),
            )
            session.add(consent)


def _open_page(gateways: Gateways, order: Order, quote: Quote) -> Order:
    """Every call carries the order's id as its key: a lost answer is asked for again."""
    with gateways.db.transaction() as session:
        prices = _prices(session, quote)
    details = _stripe_details(order)
    customer = gateways.stripe.create_customer(order.id, details=details, marks={"customer": order.customer_id})
    page = gateways.stripe.create_session(_new_session(gateways, order, quote, customer, prices))
    return _opened(gateways, order.id, customer, page)


def _prices(session: Session, quote: Quote) -> tuple[tuple[str, int | None], ...]:
    found: list[tuple[str, int | None]] = []
    for line in quote.lines:
        key = price_key(line["offer"], Interval(line["interval"]), quote.buyer)
        found.append((living_price(session, key), line["quantity"]))
    if quote.line == "creator":
        meters = [meter for meter in catalog().meters.values() if meter.line == quote.line]
        found += [(living_price(session, price_key(meter.key, Interval.MONTH, quote.buyer)), None) for meter in meters]
    return tuple(found)


def living_price(session: Session, lookup_key: str) -> str:
    query = select(CatalogPrice).where(CatalogPrice.lookup_key == lookup_key, col(CatalogPrice.archived_at).is_(None))
    found = session.exec(query).first()
    if found is None:
        raise Unavailable("This cannot be bought just now.", code="price_missing", lookup_key=lookup_key)
    return found.stripe_price


def _stripe_details(order: Order) -> dict[str, Any]:
    buyer = order.buyer
    details: dict[str, Any] = {
        "email": buyer["email"],
        "name": buyer["company"] or buyer["name"],
        "preferred_locales": [order.locale],
    }
    address = {name: value for name, value in buyer["address"].items() if value}
    if address:
        details["address"] = address
    if buyer["vat_id"]:
        details["tax_id_data"] = [{"type": "eu_vat", "value": buyer["vat_id"]}]
    return details


def _new_session(
    gateways: Gateways, order: Order, quote: Quote, customer: str, prices: tuple[tuple[str, int | None], ...]
) -> NewSession:
    discount, page = catalog().discounts.get(quote.discount_code), gateways.settings.public_url + order.page
    return NewSession(
        order_id=order.id,
        customer=customer,
        prices=prices,
        success_url=page + "?session_id={CHECKOUT_SESSION_ID}",
        cancel_url=page + "?cancelled=1",
        locale=order.locale,
        expires_at=order.session_expires_at or gateways.now(),
        coupon=discount.code if discount and discount.percent else "",
        trial_days=quote.trial_days,
        collects_vat_id=quote.buyer == "company" and not order.buyer["vat_id"],
        marks={"quote": quote.id},
    )


def _opened(gateways: Gateways, order_id: str, customer: str, page: Page) -> Order:
    with gateways.db.transaction() as session:
        order = session.exec(select(Order).where(Order.id == order_id).with_for_update()).one()
        order.stripe_customer, order.stripe_session = customer, page.id
        if order.state == OrderState.DRAFT:
            order.state = OrderState.AWAITING_PAYMENT
            order.checkout_url, order.session_expires_at = page.url, page.expires_at
        session.add(order)
    return order
