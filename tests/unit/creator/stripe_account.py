"""A Stripe account in memory, for handlers in this process: pages, subscriptions, refunds, and signed events."""

import hmac
import json
import time
import uuid
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from programs.creator.runtime.stripe import Doc, Rejected

SECRET = "whsec_test"


@dataclass
class StripeAccount:
    docs: dict[str, Doc] = field(default_factory=dict)
    asked: list[tuple[str, str, Doc, str]] = field(default_factory=list)
    keys: dict[str, Doc] = field(default_factory=dict)
    refuses: bool = False

    def call(self, method: str, path: str, fields: Doc | None = None, key: str = "") -> Doc:
        self.asked.append((method, path, fields or {}, key))
        if self.refuses:
            raise Rejected("unavailable", "no")
        if path.startswith("billing_portal/configurations?"):
            return {"data": []}
        if method == "GET":
            return self._named(path.rpartition("/")[2].partition("?")[0])
        if method == "DELETE":
            return self._ended(path.rpartition("/")[2])
        if key not in self.keys or not key:
            self.keys[key] = self._made(path, fields or {})
        return self.keys[key]

    def pay(self, id: str, **more: Any) -> Doc:
        page = self.docs[id]
        assert page["status"] == "open"
        about = {"status": "complete", "payment_status": "paid", "payment_intent": f"pi_{id}"}
        page |= about | {"customer_details": {"email": "buyer@fan.example"}} | more
        charge = {"id": f"ch_{id}", "object": "charge", "metadata": page["metadata"], "refunded": True}
        self.docs[charge["id"]] = charge
        return page

    def expire(self, id: str) -> Doc:
        self.docs[id]["status"] = "expired"
        return self.docs[id]

    def subscription(self, id: str, marks: Doc, **more: Any) -> Doc:
        about = {"id": id, "object": "subscription", "metadata": marks, "customer": "cus_1", "status": "active"}
        self.docs[id] = {**about, "items": {"data": [{"current_period_end": int(time.time()) + 86_400}]}, **more}
        return self.docs[id]

    def _named(self, id: str) -> Doc:
        if id not in self.docs:
            raise Rejected("unavailable", "there is no such object")
        return dict(self.docs[id])

    def _ended(self, id: str) -> Doc:
        self._named(id)
        self.docs[id]["status"] = "canceled"
        return self.docs[id]

    def _made(self, path: str, fields: Doc) -> Doc:
        if path.endswith("/expire"):
            id = path.split("/")[-2]
            if self.docs[id]["status"] != "open":
                raise Rejected("unavailable", "it is not open")
            return self.expire(id)
        if path != "checkout/sessions":
            return {"id": uuid.uuid4().hex, "url": f"https://stripe.example/{path}", **fields}
        id = f"cs_{uuid.uuid4().hex}"
        total = sum(line["quantity"] * line["price_data"]["unit_amount"] for line in fields["line_items"]
                    if "price_data" in line)  # fmt: skip
        page = {"id": id, "object": "checkout.session", "status": "open", "payment_status": "unpaid"}
        page |= {"url": f"https://stripe.example/{id}", "amount_total": total, "metadata": fields["metadata"]}
        self.docs[id] = page
        return page


def event(type: str, found: Doc, id: str = "") -> Doc:
    return {"id": id or f"evt_{uuid.uuid4().hex}", "type": type, "data": {"object": {**found}}}


def signed(event: Doc, secret: str = SECRET, at: int | None = None) -> str:
    at = int(time.time()) if at is None else at
    body = f"{at}.{json.dumps(event)}".encode()
    return f"t={at},v1={hmac.new(secret.encode(), body, sha256).hexdigest()}"
