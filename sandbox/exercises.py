"""What is done with each module of a creator's platform to see that it works. One line below for each."""

import time
from collections.abc import Callable

from sandbox.creator_visit import Visit
from sandbox.purchase import Blocked

Exercise = Callable[[Visit], str]


def people(visit: Visit) -> str:
    return f"{visit.join('berta')} signed up and in; the buyer is {visit.own()}"


def contact(visit: Visit) -> str:
    text = "Wann ist die Premiere?"
    body = {"name": "Dora", "email": "dora@fan.example", "message": text, "website": "", "startedAt": 0}
    visit.ask(202, "POST", "/contact", json=body)
    return visit.found_in_mail(visit.owner_email, "Premiere", sender=f"mail.{visit.host}") + " in the mailbox"


def newsletter(visit: Visit) -> str:
    visit.ask(202, "POST", "/newsletter/subscribe", json={"email": "ida@fan.example"})
    link = visit.found_in_mail("ida@fan.example", r"https?://\S+/api\S+", sender=f"mail.{visit.host}")
    visit.ask(302, "GET", link.partition("/api")[2])
    found = visit.ask(200, "GET", "/newsletter/subscribers?status=confirmed", by="owner")["items"]
    return f"{found[0]['email']} {found[0]['status']}"


def poll(visit: Visit) -> str:
    body = {"question": "Was kommt?", "options": ["A", "B"], "closesAt": int(time.time()) + 600}
    made = visit.ask(201, "POST", "/polls", by="owner", json=body)["pollId"]
    visit.ask(200, "POST", f"/polls/{made}/vote", by="berta", json={"choices": [1]})
    visit.ask(409, "POST", f"/polls/{made}/vote", by="berta", json={"choices": [0]})
    return "one vote, a second one refused"


def event(visit: Visit) -> str:
    body = {"title": "Premiere", "description": "", "date": "2035-01-01T19:00:00Z", "location": "Köln"}
    made = visit.ask(201, "POST", "/events", by="owner", json={**body, "ticketsAvailable": 1})["eventId"]
    path = f"/events/{made}/tickets"
    ticket = visit.ask(201, "POST", path, by="berta", once=True, json={"qty": 1})["tickets"][0]
    visit.ask(409, "POST", path, by="berta", once=True, json={"qty": 1})
    visit.ask(200, "POST", f"/events/{made}/checkin", by="owner", json={"code": ticket["code"]})
    return "one ticket, sold out, checked in"


def health(visit: Visit) -> str:
    found = visit.ask(200, "GET", "/health")
    return f"{len(found['modules'])} modules, version {found['version']}"


def copies(visit: Visit) -> str:
    """Seen from inside by its operators, not by visitors; its part in the story is the update."""
    return f"nightly, in the account of {visit.host}"


def streaming(visit: Visit) -> str:
    live = visit.ask(200, "GET", "/stream/status")["live"]
    return f"live: {live}, {len(visit.ask(200, 'GET', '/stream/recordings')['items'])} recordings"


def chat(visit: Visit) -> str:
    found = visit.ask(200, "POST", "/chat/token", by="berta", json={})
    return f"a token for {found['roomArn'].rpartition('/')[2]}"


def analytics(visit: Visit) -> str:
    visit.ask(204, "POST", "/analytics/collect", json={"type": "pageview", "path": "/"})
    return "a page view counted"


def sponsors(visit: Visit) -> str:
    body = {"company": "Blumen Blum", "slot": "top", "startDate": "2035-01-01", "endDate": "2035-01-02"}
    body |= {"targetUrl": "https://blumen.example/"}
    visit.ask(201, "POST", "/sponsor/bookings", by="berta", once=True, json=body)
    visit.ask(409, "POST", "/sponsor/bookings", by="berta", once=True, json=body)
    return "a slot booked, the same days refused"


def shop(visit: Visit) -> str:
    product = {"title": "Poster", "description": "A2", "price": 1900, "stock": 2}
    made = visit.ask(201, "POST", "/shop/products", by="owner", json=product)["productId"]
    wish = {"items": [{"productId": made, "qty": 1}]}
    order = visit.ask(201, "POST", "/shop/checkout", by="berta", once=True, json=wish)
    visit.pay(order["checkoutUrl"])
    path = f"/shop/orders/{order['orderId']}"
    visit.until(lambda: visit.ask(200, "GET", path, by="berta")["status"] == "paid", "the order is paid")
    return "an order paid on the creator's Stripe page"


def donation(visit: Visit) -> str:
    body = {"amount": 500, "displayName": "Ida", "message": "Weiter so", "public": True}
    visit.pay(visit.ask(201, "POST", "/donations/checkout", once=True, json=body)["checkoutUrl"])
    visit.until(lambda: bool(visit.ask(200, "GET", "/donations/wall")["items"]), "the donation is on the wall")
    return "a donation on the wall"


def membership(visit: Visit) -> str:
    found = visit.ask(200, "GET", "/membership/me", by="berta")["status"]
    return f"{len(visit.ask(200, 'GET', '/membership/plans')['items'])} plans, berta: {found}"


def site(visit: Visit) -> str:
    page = visit.page()
    if page.status_code != 200:
        raise Blocked(f"{visit.host} answers {page.status_code}")
    return f"{page.status_code}, {len(page.content)} bytes"


# In this order: what needs somebody signed in comes after the people.
EXERCISES: dict[str, Exercise] = {
    "s3-website": site,
    "user-auth": people,
    "monitoring": health,
    "contact-form": contact,
    "newsletter": newsletter,
    "polls": poll,
    "events": event,
    "shop": shop,
    "donations": donation,
    "membership": membership,
    "sponsor-system": sponsors,
    "ivs-streaming": streaming,
    "ivs-chat": chat,
    "analytics": analytics,
    "backup": copies,
}
