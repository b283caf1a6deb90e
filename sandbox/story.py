"""The story that `make demo ONCE=1` plays: what a buyer does, through public HTTP only, step by step with its time."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from sandbox.names import slug_of_now
from sandbox.place import Place

PATIENCE = 240.0
CONSENTS = ["terms", "processing"]


class Blocked(Exception):
    """The story cannot go on; the text says which condition blocks and where to look."""


@dataclass
class Story:
    place: Place
    watch: Callable[[], None]
    ended: Callable[[], bool]
    steps: list[tuple[str, float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.api = httpx.Client(base_url=self.place.public_url, timeout=30, trust_env=False)
        self.web = httpx.Client(timeout=30, trust_env=False, follow_redirects=False)

    def step(self, name: str, act: Callable[[], str]) -> None:
        began = time.monotonic()
        said = act()
        self.steps.append((name, time.monotonic() - began, said))

    def wait(self, ask: Callable[[], str | None], what: str) -> str:
        """Until it answers something; parts that die meanwhile are restarted."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.watch()
            answer = ask()
            if answer is not None:
                return answer
            if self.ended():
                raise Blocked("stopped by hand")
            if time.monotonic() > deadline:
                raise Blocked(f"{what} did not happen within {PATIENCE:.0f} s")
            time.sleep(0.2)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.api.post(path, json=body)
        if response.is_error:
            raise Blocked(f"POST {path} answered {response.status_code}: {response.text[:500]}")
        answer: dict[str, Any] = response.json()
        return answer

    def page(self, host: str) -> httpx.Response:
        """As a browser that resolves *.localhost would ask."""
        return self.web.get(f"{self.place.url('edge')}/", headers={"host": host})

    def close(self) -> None:
        self.api.close()
        self.web.close()


def play(place: Place, *, console: Console, watch: Callable[[], None], ended: Callable[[], bool]) -> int:
    story = Story(place, watch, ended)
    code = 0
    try:
        buy_a_site(story)
    except Blocked as error:
        console.print(f"[red]blocked: {error}")
        console.print(f"logs: {place.folder / 'logs'}")
        code = 1
    finally:
        story.close()
    _print(console, story)
    return code


def buy_a_site(story: Story) -> None:
    found: dict[str, Any] = {}
    slug = slug_of_now()

    def quote() -> str:
        wish = {"line": "site", "offers": {"site-business": 1}, "buyer": "company", "locale": "de"}
        found["quote"] = story.post("/v1/quotes", wish)
        return f"quote {found['quote']['id'][-6:]}"

    def order() -> str:
        body = {
            "quote_id": found["quote"]["id"],
            "slug": slug,
            "kind": "company",
            "email": f"{slug}@customer.example",
            "name": "Anna Blum",
            "company": "Blumen Blum",
            "vat_id": "DE123456789",
            "address": {"line1": "Gartenweg 1", "postal_code": "20095", "city": "Hamburg", "country": "DE"},
            "locale": "de",
            "consents": CONSENTS,
        }
        found["order"] = story.post("/v1/checkout", body)
        return slug

    story.step("configure and get a quote", quote)
    story.step("order", order)
    story.step("pay on the Stripe page", lambda: pay(story, found["order"]["checkout_url"]))
    story.step("wait until live", lambda: story.wait(lambda: _live(story, found["order"]["order"]), "going live"))
    story.step("fetch the page on its host", lambda: _fetched(story, f"{slug}.localhost"))
    story.step("read the mail", lambda: story.wait(lambda: _mail(story, f"{slug}@customer.example"), "the mail"))


def pay(story: Story, url: str) -> str:
    """Fill in the hosted page's form as a person would."""
    page = story.web.get(url)
    if page.status_code != 200:
        raise Blocked(f"the payment page answered {page.status_code}")
    action = re.search(r'<form[^>]*action="([^"]+)"', page.text)
    target = httpx.URL(url).join(action[1]) if action else httpx.URL(url)
    form = {
        "method": "card",
        "number": "4242 4242 4242 4242",
        "expiry": "12/34",
        "cvc": "123",
        "action": "pay",
        "email": "anna@customer.example",
        "name": "Anna Blum",
        "line1": "Gartenweg 1",
        "postal_code": "20095",
        "city": "Hamburg",
        "country": "DE",
    }
    answer = story.web.post(target, data=form)
    if answer.status_code not in {302, 303}:
        raise Blocked(f"the payment was not taken: {answer.status_code} {answer.text[:300]}")
    return "card 4242"


def _live(story: Story, token: str) -> str | None:
    answer = story.api.get(f"/v1/orders/{token}")
    if answer.is_error:
        raise Blocked(f"the order's status answered {answer.status_code}")
    tenant = answer.json()["tenant"]
    if tenant is None:
        return None
    for concern, condition in tenant["conditions"].items():
        if condition["health"] == "blocked":
            raise Blocked(f"{concern} {condition['reason']}: {condition['who']} must act ({condition['next_action']})")
    return str(tenant["url"]) if tenant["state"] == "active" else None


def _fetched(story: Story, host: str) -> str:
    page = story.page(host)
    if page.status_code != 200 or "Blumen Blum" not in page.text:
        raise Blocked(f"{host} answers {page.status_code}")
    return f"{page.status_code}, {len(page.content)} bytes"


def _mail(story: Story, address: str) -> str | None:
    headers = {"authorization": f"Bearer {story.place.secrets['control_token']}"}
    url = f"{story.place.vendors_url}/resend/_sim/mailbox"
    mails = story.web.get(url, params={"to": address}, headers=headers).json()["mails"]
    subjects = [mail["subject"] for mail in mails]
    return "; ".join(subjects) if len(subjects) >= 2 else None


def _print(console: Console, story: Story) -> None:
    table = Table("step", "seconds", "", title="The story")
    for name, seconds, said in story.steps:
        table.add_row(name, f"{seconds:.1f}", said)
    console.print(table)
