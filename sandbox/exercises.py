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
    link = visit.found_in_mail("ida@fan.example", r"https://\S+/api\S+", sender=f"mail.{visit.host}")
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
    visit.ask(200, "GET", "/sponsor/active")
    return "slots answer"


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
}
# Bought and exercised as soon as the program has them.
COMING: dict[str, Exercise] = {
    "ivs-streaming": streaming,
    "ivs-chat": chat,
    "analytics": analytics,
    "sponsor-system": sponsors,
}
