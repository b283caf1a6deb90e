"""The second half of the story: somebody buys a creator platform, uses it, and leaves again."""

import secrets
from functools import partial

import httpx

from sandbox.creator_visit import Visit
from sandbox.exercises import EXERCISES
from sandbox.operator_seat import Seat
from sandbox.place import Place
from sandbox.purchase import Blocked, Buyer, Purchase
from sandbox.story_steps import Story, operated

ALWAYS = {"s3-website", "user-auth", "monitoring", "backup"}  # in every platform, whoever buys what


class CreatorPurchase(Purchase):
    modules: tuple[str, ...] = tuple(name for name in EXERCISES if name not in ALWAYS)

    def quote(self) -> None:
        modules = dict.fromkeys(self.modules, 1)
        wish = {"line": "creator", "offers": {"creator-small": 1, **modules}, "buyer": "company", "locale": "de"}
        self._quote = self._post("/v1/quotes", wish)
        self.state = "quoted"

    def page(self) -> httpx.Response:
        return self._http.get(f"{self.place.url('aws')}/", headers={"host": self.buyer.host})


class SmallPurchase(CreatorPurchase):
    """What every platform has, and no more."""

    modules = ()


def buy_a_creator(story: Story, place: Place) -> None:
    purchase = CreatorPurchase(place, Buyer(_slug()))
    visit = Visit(place, purchase.buyer.host, purchase.buyer.email)
    operator, engineer = Seat(place, "operator"), Seat(place, "engineer")
    try:
        _buy(story, purchase)
        tenant = operator.tenant(purchase.buyer.slug)["id"]
        _connect(story, place, operator, tenant)
        for name, exercise in EXERCISES.items():
            story.step(f"use {name}", partial(exercise, visit))
        _operate(story, operator, engineer, visit, tenant)
    finally:
        for each in (purchase, visit, operator, engineer):
            each.close()


def _slug() -> str:
    """Letters only: a code in a mail is six digits, and the name stands in that mail, too."""
    return "anna-" + "".join(secrets.choice("bcdfghjkmnpqrstvwxyz") for _letter in range(5))


def _buy(story: Story, purchase: CreatorPurchase) -> None:
    story.step("quote for a creator platform", purchase.quote)
    story.step("order it", purchase.order)
    story.step("pay for it", purchase.pay)
    story.step("wait until it is live", lambda: story.wait(lambda: _live(purchase), "going live"))


def _live(purchase: CreatorPurchase) -> str | None:
    purchase.look()
    return purchase.url if purchase.is_live else None


def _operate(story: Story, operator: Seat, engineer: Seat, visit: Visit, tenant: str) -> None:
    account = next(row for row in operator.get("/v1/accounts", state="active")["items"] if row["tenant_id"] == tenant)
    story.step("its account", lambda: f"{account['account_id']}, {account['unit']}")
    _change(story, operator, engineer, tenant)
    for kind, seen in (("suspend", 503), ("resume", 200), ("offboard", None)):
        story.step(f"{kind} the platform", partial(operated, story, operator, engineer, tenant, kind))
        if seen:
            story.step(f"its visitors get {seen}", partial(_visited, visit, seen))
    story.step("the account is closed", partial(_closed, operator, account["id"]))


def _connect(story: Story, place: Place, operator: Seat, tenant: str) -> None:
    """The creator's own Stripe account; here it is the same emulated one."""
    update = operator.connect_payments(tenant, place.secrets["stripe_secret_key"])
    done = partial(_reached, operator, update, "done")
    story.step("connect the creator's payments", lambda: story.wait(done, "connecting payments"))


def _change(story: Story, operator: Seat, engineer: Seat, tenant: str) -> None:
    """Polls are switched off and erased: every table that goes is agreed to by name, after a copy of all of them."""
    update = operator.switch(tenant, "polls", on=False, erase=True)
    phase = partial(_reached, operator, update)
    story.step("switch polls off, with its data", lambda: story.wait(partial(phase, "approval"), "the plan"))
    story.step("a second person approves", partial(engineer.approve, update))
    story.step("update with a copy before it", lambda: story.wait(partial(phase, "done"), "the update"))


def _reached(operator: Seat, operation: str, wanted: str) -> str | None:
    found = operator.operation(operation)
    if found["phase"] in {"parked", "cancelled"}:
        raise Blocked(f"the update is {found['phase']}: {found['error']}")
    copied = [step for step in found["steps"] if step["name"] == "backup" and step["result"]]
    text = f"{len(copied[0]['result']['backups'])} copies" if copied else "waits for an approval"
    return text if found["phase"] == wanted else None


def _visited(visit: Visit, status: int) -> str:
    page = visit.page()
    if page.status_code != status:
        raise Blocked(f"{visit.host} answers {page.status_code} instead of {status}")
    return visit.host


def _closed(operator: Seat, row: str) -> str:
    found = operator.get(f"/v1/accounts/{row}")
    if found["state"] != "closed":
        raise Blocked(f"the account is {found['state']}")
    return f"{found['account_id']}, closed at {found['closed_at']}"
