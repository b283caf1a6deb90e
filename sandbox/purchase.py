"""One purchase as a customer makes it, through public HTTP, one step at a time so that many can go on side by side."""

import re
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.place import Place

CONSENTS = ["terms", "processing"]


class Blocked(Exception):
    """It cannot go on; the text says which condition blocks and where to look."""


@dataclass(frozen=True)
class Buyer:
    slug: str
    company: str = "Blumen Blum"

    @property
    def email(self) -> str:
        return f"{self.slug}@customer.example"

    @property
    def host(self) -> str:
        return f"{self.slug}.localhost"


class Purchase:
    def __init__(self, place: Place, buyer: Buyer) -> None:
        self.place, self.buyer = place, buyer
        self.state = "new"
        self.url = ""
        self._quote: dict[str, Any] = {}
        self._order: dict[str, Any] = {}
        self._http = httpx.Client(timeout=30, trust_env=False, follow_redirects=False)

    @property
    def is_live(self) -> bool:
        return self.state == "live"

    def advance(self) -> None:
        """The next step, if it can be made now. A step that fails is made again the next time."""
        step = {"new": self.quote, "quoted": self.order, "ordered": self.pay, "paid": self.look}.get(self.state)
        if step:
            step()

    def quote(self) -> None:
        wish = {"line": "site", "offers": {"site-business": 1}, "buyer": "company", "locale": "de"}
        self._quote = self._post("/v1/quotes", wish)
        self.state = "quoted"

    def order(self) -> None:
        body = {
            "quote_id": self._quote["id"],
            "slug": self.buyer.slug,
            "kind": "company",
            "email": self.buyer.email,
            "name": "Anna Blum",
            "company": self.buyer.company,
            "vat_id": "DE123456789",
            "address": {"line1": "Gartenweg 1", "postal_code": "20095", "city": "Hamburg", "country": "DE"},
            "locale": "de",
            "consents": CONSENTS,
        }
        self._order = self._post("/v1/checkout", body)
        self.state = "ordered"

    def pay(self) -> None:
        """Fill in the hosted page's form as a person would; a page that is already paid is fine too."""
        url = self._order["checkout_url"]
        page = self._http.get(url)
        if page.status_code != 200:
            raise Blocked(f"the payment page answered {page.status_code}")
        if re.search(r'<form class="panel"', page.text):
            answer = self._http.post(url, data=_card_form(self.buyer))
            if answer.status_code not in {302, 303}:
                raise Blocked(f"the payment was not taken: {answer.status_code}")
        self.state = "paid"

    def look(self) -> None:
        answer = self._http.get(f"{self.place.public_url}/v1/orders/{self._order['order']}")
        if answer.is_error:
            raise Blocked(f"the order's status answered {answer.status_code}")
        tenant = answer.json()["tenant"]
        if tenant is None:
            return
        for concern, condition in tenant["conditions"].items():
            if condition["health"] == "blocked":
                raise Blocked(f"{concern} {condition['reason']}: {condition['who']}: {condition['next_action']}")
        if tenant["state"] == "active":
            self.url, self.state = str(tenant["url"]), "live"

    def page(self) -> httpx.Response:
        """As a browser that resolves *.localhost would ask."""
        return self._http.get(f"{self.place.url('edge')}/", headers={"host": self.buyer.host})

    def close(self) -> None:
        self._http.close()

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        key = f"{self.buyer.slug}-{path.rsplit('/', 1)[-1]}-{self._quote.get('id', 'first-attempt-of-it')}"
        headers = {"idempotency-key": key[:100]}  # the same attempt again is the same order
        response = self._http.post(f"{self.place.public_url}{path}", json=body, headers=headers)
        if response.is_error:
            raise Blocked(f"POST {path} answered {response.status_code}: {response.text[:500]}")
        answer: dict[str, Any] = response.json()
        return answer


def _card_form(buyer: Buyer) -> dict[str, str]:
    return {
        "action": "pay",
        "method": "card",
        "number": "4242 4242 4242 4242",
        "expiry": "12/34",
        "cvc": "123",
        "email": buyer.email,
        "name": "Anna Blum",
        "line1": "Gartenweg 1",
        "postal_code": "20095",
        "city": "Hamburg",
        "country": "DE",
    }
