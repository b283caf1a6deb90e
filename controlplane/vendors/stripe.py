"""Stripe. The only importer of its SDK; everybody else sees our words and the frozen values of `stripe_values`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from controlplane.core.errors import NeedsPerson, Refused, TryLater
from controlplane.core.lacks import Lack, unheard
from controlplane.settings import Stripe as StripeSettings
from controlplane.vendors import stripe_rights
from controlplane.vendors import stripe_values as values
from controlplane.vendors.stripe_values import (
    ChargeSeen,
    ClaimSeen,
    EventSeen,
    InvoiceSeen,
    NewSession,
    Raw,
    Session,
    SubscriptionSeen,
    identity,
    metadata,
)

if TYPE_CHECKING:
    from stripe import StripeClient

SECONDS = 20
PAGE_SHOWS = ("invoice_history", "payment_method_update")


class Stripe:
    def __init__(self, settings: StripeSettings, *, environment: str) -> None:
        self._settings, self._environment = settings, environment

    @cached_property
    def _client(self) -> "StripeClient":
        import stripe

        return stripe.StripeClient(
            self._settings.secret_key.get_secret_value(),
            base_addresses={"api": self._settings.api_base},
            max_network_retries=2,
            http_client=stripe.RequestsClient(timeout=SECONDS),
        )

    def check(self) -> list[Lack]:
        """What is missing: a right, or the secret of the endpoint that tells us of events."""
        lacks = [] if self._settings.webhook_secrets else [unheard("stripe")]
        return [*lacks, *stripe_rights.missing(self._try)]

    def _try(self, method: str, path: str) -> None:
        with _asking(f"{method} {path}"):
            self._client.raw_request(method, path)

    def create_customer(self, order_id: str, *, details: Mapping[str, Any], marks: Mapping[str, str]) -> str:
        body = {**details, "metadata": self._marks(order=order_id, **marks)}
        return str(self._post("customers", f"customer:{order_id}", body)["id"])

    def create_session(self, new: NewSession) -> Session:
        return values.session(self._post("checkout.sessions", f"session:{new.order_id}", self._session_body(new)))

    def _session_body(self, new: NewSession) -> dict[str, Any]:
        marks = self._marks(order=new.order_id, **new.marks)
        lines = [{"price": price} | ({} if count is None else {"quantity": count}) for price, count in new.prices]
        body: dict[str, Any] = {
            "mode": "subscription",
            "customer": new.customer,
            "client_reference_id": new.order_id,
            "metadata": marks,
            "subscription_data": {"metadata": marks},
            "line_items": lines,
            "success_url": new.success_url,
            "cancel_url": new.cancel_url,
            "locale": "en" if new.locale == "en" else "de",
            "automatic_tax": {"enabled": self._settings.automatic_tax},
            "customer_update": {"address": "auto", "name": "auto"},
            "tax_id_collection": {"enabled": new.collects_vat_id},
            "expires_at": int(new.expires_at.timestamp()),
        }
        if new.coupon:
            body["discounts"] = [{"coupon": new.coupon}]
        if new.trial_days:
            body["subscription_data"]["trial_period_days"] = new.trial_days
        return body

    def session(self, session_id: str) -> Session:
        return values.session(self._get("checkout.sessions", session_id))

    def expire_session(self, session_id: str) -> Session:
        with _asking("expire the session"):
            return values.session(_plain(self._client.v1.checkout.sessions.expire(session_id)))

    def subscription(self, subscription_id: str) -> SubscriptionSeen:
        return values.subscription(self._get("subscriptions", subscription_id))

    def subscriptions(self, *, after: str, limit: int) -> tuple[list[SubscriptionSeen], str]:
        """One page of this environment's, ended ones too, and where the next page begins."""
        page, cursor = self._page("subscriptions", after, limit, status="all")
        seen = (values.subscription(raw) for raw in page)
        return [one for one in seen if one.env == self._environment], cursor

    def invoice(self, invoice_id: str) -> InvoiceSeen:
        return values.invoice(self._get("invoices", invoice_id))

    def invoices(self, **filters: Any) -> list[InvoiceSeen]:
        return [values.invoice(raw) for raw in self._all("invoices", **filters)]

    def charge(self, charge_id: str) -> ChargeSeen:
        return values.charge(self._get("charges", charge_id))

    def charges(self, customer: str) -> list[ChargeSeen]:
        return [values.charge(raw) for raw in self._all("charges", customer=customer)]

    def claims(self, charge_id: str) -> list[ClaimSeen]:
        found: list[ClaimSeen] = []
        for resource in ("refunds", "disputes", "radar.early_fraud_warnings"):
            found += [values.claim(raw) for raw in self._all(resource, charge=charge_id)]
        return found

    def charge_of(self, kind: str, object_id: str) -> str:
        """The charge that a refund, dispute or warning is about."""
        resource = {"refund": "refunds", "dispute": "disputes"}.get(kind, "radar.early_fraud_warnings")
        return identity(self._get(resource, object_id).get("charge"))

    def invoice_of(self, payment_intent: str) -> str:
        if not payment_intent:
            return ""
        about = {"type": "payment_intent", "payment_intent": payment_intent}
        return next((identity(raw.get("invoice")) for raw in self._all("invoice_payments", payment=about)), "")

    def customer(self, customer_id: str) -> Raw | None:
        return self._maybe("customers", customer_id)

    def customer_is_gone(self, customer_id: str) -> bool:
        found = self.customer(customer_id)
        return found is None or bool(found.get("deleted"))

    def undelivered(self, since: datetime, *, after: str, limit: int) -> tuple[list[EventSeen], str]:
        begin = {"gte": int(since.timestamp())}
        page, cursor = self._page("events", after, limit, delivery_success=False, created=begin)
        return [EventSeen(raw["id"], raw["type"], raw) for raw in page], cursor

    def change_items(self, subscription_id: str, items: list[dict[str, Any]], *, key: str) -> SubscriptionSeen:
        body = {"items": items, "proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
        with _asking("change the subscription"):
            changed = self._client.v1.subscriptions.update(subscription_id, body, self._key(key))  # type: ignore[arg-type]
        return values.subscription(_plain(changed))

    def preview_items(self, subscription_id: str, items: list[dict[str, Any]]) -> InvoiceSeen:
        details = {"items": items, "proration_behavior": "always_invoice"}
        body: Any = {"subscription": subscription_id, "subscription_details": details}
        with _asking("preview the change"):
            return values.invoice({"id": "preview", **_plain(self._client.v1.invoices.create_preview(body))})

    def cancel(self, subscription_id: str, *, at_period_end: bool, key: str) -> SubscriptionSeen:
        if at_period_end:
            return self._plan_end(subscription_id, True, key)
        present = self.subscription(subscription_id)
        if present.is_over:
            return present
        with _asking("cancel the subscription"):
            return values.subscription(_plain(self._client.v1.subscriptions.cancel(subscription_id)))

    def keep(self, subscription_id: str, *, key: str) -> SubscriptionSeen:
        """Take a planned cancellation back."""
        return self._plan_end(subscription_id, False, key)

    def _plan_end(self, subscription_id: str, at_period_end: bool, key: str) -> SubscriptionSeen:
        body: Any = {"cancel_at_period_end": at_period_end}
        with _asking("plan the end of the subscription"):
            changed = self._client.v1.subscriptions.update(subscription_id, body, self._key(key))
        return values.subscription(_plain(changed))

    def refund(self, charge_id: str, *, amount: int, decision: str) -> ClaimSeen:
        body = {"charge": charge_id, "amount": amount, "metadata": self._marks(decision=decision)}
        return values.claim(self._post("refunds", f"refund:{decision}:{charge_id}", body))

    def credit(self, customer: str, *, amount: int, currency: str, text: str, why: str) -> str:
        """Less on the next invoice. Looked up first: an idempotency key is forgotten after a day."""
        for raw in self._all("invoice_items", customer=customer):
            if metadata(raw, "why") == why:
                return str(raw["id"])
        body = {"customer": customer, "amount": -amount, "currency": currency, "description": text}
        return str(self._post("invoice_items", f"credit:{why}", {**body, "metadata": self._marks(why=why)})["id"])

    def billing_page(self, customer: str, *, back_to: str, locale: str) -> str:
        """Stripe's own page, where a customer changes the card and reads invoices; good for minutes."""
        pages = self._all("billing_portal.configurations", active=True)
        found = next((raw for raw in pages if metadata(raw, "env") == self._environment), None)
        made = found or self._post("billing_portal.configurations", "billing_page", self._billing_page())
        body: Any = {"customer": customer, "return_url": back_to, "locale": "en" if locale == "en" else "de"}
        body["configuration"] = made["id"]
        with _asking("open the billing page"):
            return str(self._client.v1.billing_portal.sessions.create(body).url)

    def _billing_page(self) -> dict[str, Any]:
        """Cards and invoices only: plans are changed and ended here, where the platform follows."""
        return {"features": {name: {"enabled": True} for name in PAGE_SHOWS}, "metadata": self._marks()}

    def delete_customer(self, customer_id: str) -> None:
        with _asking("delete the customer"):
            if not self.customer_is_gone(customer_id):
                self._client.v1.customers.delete(customer_id)

    def report_usage(self, *, event: str, customer: str, value: int, identifier: str, at: datetime) -> None:
        payload = {"stripe_customer_id": customer, "value": str(value)}
        body = {"event_name": event, "payload": payload, "identifier": identifier, "timestamp": int(at.timestamp())}
        try:
            self._post("billing.meter_events", f"usage:{identifier}", body)
        except Refused as error:
            if "already exists" not in error.reason:  # told before the key was forgotten
                raise

    def catalogue(self, resource: str, **filters: Any) -> list[Raw]:
        return self._all(resource, **filters)

    def put_catalogue(self, resource: str, key: str, body: Mapping[str, Any]) -> Raw:
        return self._post(resource, f"catalogue:{key}", {**body})

    def change_catalogue(self, resource: str, object_id: str, body: Mapping[str, Any]) -> None:
        with _asking(f"change {resource}"):
            self._service(resource).update(object_id, {**body})

    # -- wire

    def _service(self, resource: str) -> Any:
        found: Any = self._client.v1
        for name in resource.split("."):
            found = getattr(found, name)
        return found

    def _get(self, resource: str, object_id: str) -> Raw:
        with _asking(f"read {resource}"):
            return _plain(self._service(resource).retrieve(object_id))

    def _maybe(self, resource: str, object_id: str) -> Raw | None:
        with suppress(Missing):
            return self._get(resource, object_id)
        return None

    def _all(self, resource: str, **filters: Any) -> list[Raw]:
        return list(self._paged(resource, **filters))

    def _paged(self, resource: str, **filters: Any) -> Iterator[Raw]:
        """Page after page as it is read: an account of any size never lies in memory as a whole."""
        with _asking(f"list {resource}"):
            page = self._service(resource).list({"limit": 100, **filters})
            for entry in page.auto_paging_iter():
                yield _plain(entry)

    def _page(self, resource: str, after: str, limit: int, **filters: Any) -> tuple[list[Raw], str]:
        """For work that stops and goes on later: the cursor is empty when there is nothing more."""
        begin = {"starting_after": after} if after else {}
        with _asking(f"list {resource}"):
            page = self._service(resource).list({"limit": limit, **begin, **filters})
            found: list[Raw] = [_plain(entry) for entry in page.data]
        return found, str(found[-1]["id"]) if found and page.has_more else ""

    def _post(self, resource: str, key: str, body: Mapping[str, Any]) -> Raw:
        with _asking(f"create {resource}"):
            return _plain(self._service(resource).create({**body}, self._key(key)))

    def _key(self, name: str) -> Any:
        return {"idempotency_key": f"{self._environment}:{name}"}

    def _marks(self, **marks: str) -> dict[str, str]:
        return {"env": self._environment, **marks}


class Missing(Refused):
    """The vendor knows no such object (any more)."""


def _plain(found: Any) -> dict[str, Any]:
    document: dict[str, Any] = found.to_dict()
    return document


@contextmanager
def _asking(what: str) -> Iterator[None]:
    import stripe

    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise NeedsPerson(f"Stripe, {what}: {error.user_message}", next_action="check the Stripe key") from error
    except stripe.RateLimitError as error:
        raise TryLater(f"Stripe, {what}: too many requests", after=timedelta(seconds=5)) from error
    except stripe.IdempotencyError as error:  # the same key is busy, or was used for something else
        raise TryLater(f"Stripe, {what}: {error.user_message}", after=timedelta(seconds=5)) from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        kind = Missing if error.code == "resource_missing" else Refused
        raise kind(f"Stripe, {what}: {error.user_message or error.code}") from error
    except stripe.StripeError as error:
        raise TryLater(f"Stripe, {what}: {type(error).__name__}") from error
