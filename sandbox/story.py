"""The story that `make demo ONCE=1` plays: what a buyer does, through public HTTP only, step by step with its time."""

from collections.abc import Callable
from functools import partial

import httpx
from rich.console import Console
from rich.table import Table

from sandbox.creator_story import buy_a_creator
from sandbox.customer_seat import CustomerSeat
from sandbox.names import slug_of_now
from sandbox.operator_seat import Seat
from sandbox.place import Place
from sandbox.purchase import Blocked, Buyer, Purchase
from sandbox.story_steps import Story, operated


def play(place: Place, *, console: Console, watch: Callable[[], None], ended: Callable[[], bool]) -> int:
    story = Story(place, watch, ended)
    purchase = Purchase(place, Buyer(slug_of_now()))
    code = 0
    try:
        buy_a_site(story, purchase)
        use_the_key(story, purchase)
        operate(story, purchase)
        buy_a_creator(story, place)
    except Blocked as error:
        console.print(f"[red]blocked: {error}")
        console.print(f"logs: {place.folder / 'logs'}")
        code = 1
    finally:
        purchase.close()
    _print(console, story)
    return code


def buy_a_site(story: Story, purchase: Purchase) -> None:
    story.step("configure and get a quote", purchase.quote)
    story.step("order", purchase.order)
    story.step("pay on the Stripe page", purchase.pay)
    story.step("wait until live", lambda: story.wait(lambda: _live(purchase), "going live"))
    story.step("fetch the page on its host", lambda: _fetched(purchase))
    story.step("read the mail", lambda: story.wait(lambda: _mail(story, purchase.buyer.email), "the mail"))


def use_the_key(story: Story, purchase: Purchase) -> None:
    seat, operator = CustomerSeat(story.place, purchase.buyer), Seat(story.place, "operator")
    tenant = operator.tenant(purchase.buyer.slug)["id"]
    seat.ask_for_letter()
    story.step("sign in at the portal by letter", lambda: story.wait(seat.sign_in, "the letter"))
    story.step("key revealed and used to send", lambda: seat.reveal_and_send(tenant))
    seat.close()
    operator.close()


def operate(story: Story, purchase: Purchase) -> None:
    """What operators do over REST: stop it, let it go on, end it for good, each seen from outside."""
    operator, engineer = Seat(story.place, "operator"), Seat(story.place, "engineer")
    tenant = operator.tenant(purchase.buyer.slug)["id"]
    for kind, seen in (("suspend", 503), ("resume", 200), ("offboard", 404)):
        story.step(kind, partial(operated, story, operator, engineer, tenant, kind))
        story.step(f"a visitor gets {seen}", partial(_visited, purchase, seen))
    operator.close()
    engineer.close()


def _visited(purchase: Purchase, status: int) -> str:
    page = purchase.page()
    if page.status_code != status:
        raise Blocked(f"{purchase.buyer.host} answers {page.status_code} instead of {status}")
    return purchase.buyer.host


def _live(purchase: Purchase) -> str | None:
    purchase.look()
    return purchase.url if purchase.is_live else None


def _fetched(purchase: Purchase) -> str:
    page = purchase.page()
    if page.status_code != 200 or purchase.buyer.company not in page.text:
        raise Blocked(f"{purchase.buyer.host} answers {page.status_code}")
    return f"{page.status_code}, {len(page.content)} bytes"


def _mail(story: Story, address: str) -> str | None:
    headers = {"authorization": f"Bearer {story.place.secrets['control_token']}"}
    url = f"{story.place.vendors_url}/resend/_sim/mailbox"
    mails = httpx.get(url, params={"to": address}, headers=headers, trust_env=False).json()["mails"]
    subjects = [mail["subject"] for mail in mails]
    return "; ".join(subjects) if len(subjects) >= 2 else None


def _print(console: Console, story: Story) -> None:
    table = Table("step", "seconds", "", title="The story")
    for name, seconds, said in story.steps:
        table.add_row(name, f"{seconds:.1f}", said)
    console.print(table)
