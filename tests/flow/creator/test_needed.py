"""Everything that a function may do is done by somebody: what nobody needs, nobody is allowed.

The stand-in enforces policies, so what it has let a function do is what would fail without the statement.
"""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import Creator, now_shown
from tests.flow.creator.exercised import took, until_needed
from tests.flow.creator.test_live import recorded
from tests.flow.creator.test_money import asked, put, seen
from tests.flow.creator.test_privacy import done

PASSWORD = "Correct-Horse-1"
PERSON = {"user-agent": "Mozilla/5.0"}


@contextmanager
def refusing(creator: Creator) -> Iterator[None]:
    creator.mail.refuses = True
    try:
        yield
    finally:
        creator.mail.refuses = False


def people(creator: Creator, owner: str) -> None:
    name = f"rita{uuid.uuid4().hex[:6]}"
    address = creator.sign_up(name)
    again = {"email": address, "password": PASSWORD, "username": f"{name}x", "consent": True}
    assert creator.call("POST", "/auth/signup", json=again).status_code == 202
    taken = {**again, "email": f"{name}x@fan.example", "username": name}
    assert creator.call("POST", "/auth/signup", json=taken).status_code == 409
    _, seed = locked(creator, address)
    both = {"email": address, "password": PASSWORD, "totp": now_shown(seed)}
    assert creator.call("POST", "/auth/login", json=both).status_code == 200
    assert creator.call("POST", "/auth/unlock", token=owner, json={"email": address}).status_code == 204
    with refusing(creator):
        assert creator.call("POST", "/auth/forgot", json={"email": address}).status_code == 202
        body = {"name": "D", "email": "d@fan.example", "message": uuid.uuid4().hex, "website": "", "startedAt": 0}
        assert creator.call("POST", "/contact", json=body).status_code == 202
        reader = {"email": f"{name}@news.example"}
        assert creator.call("POST", "/newsletter/subscribe", json=reader).status_code == 202
        assert until(lambda: took(creator, "mailer", "sqs:ChangeMessageVisibility"), seconds=60)
    assert until(lambda: creator.mail.to(reader["email"]), seconds=60)  # nothing was lost


def locked(creator: Creator, address: str) -> tuple[str, str]:
    """With a second factor: a token, and the seed."""
    token = creator.token(address)
    seed = creator.call("POST", "/auth/me/totp", token=token).json()["secret"]
    right = {"code": now_shown(seed)}
    assert creator.call("POST", "/auth/me/totp/confirm", token=token, json=right).status_code == 200
    return token, seed


def leaving(creator: Creator) -> None:
    address = creator.sign_up(f"ruth{uuid.uuid4().hex[:6]}")
    token, seed = locked(creator, address)
    path = f"/auth/me/export/{creator.call('POST', '/auth/me/export', token=token).json()['requestId']}"
    found = until(lambda: done(creator, path, token), seconds=60)
    assert httpx.get(found["url"], trust_env=False).status_code == 200
    become_member(creator, token)
    both = {"password": PASSWORD, "totp": now_shown(seed)}
    assert creator.call("DELETE", "/auth/me", token=token, json=both).status_code == 202


def money(creator: Creator, owner: str) -> None:
    token = creator.token(creator.sign_up(f"kim{uuid.uuid4().hex[:6]}"))
    product = {"title": "T", "description": "", "price": 100, "stock": 1}
    id = creator.call("POST", "/shop/products", token=owner, json=product).json()["productId"]
    picture = {"contentType": "image/png", "size": 4}
    offer = creator.call("POST", f"/shop/products/{id}/image", token=owner, json=picture).json()["upload"]
    assert put(offer, b"1234") == 200
    address = {"name": "Kai", "street": "Weg 1", "zip": "50667", "city": "Köln", "country": "DE"}
    order = asked(creator, "/shop/checkout", {"items": [{"productId": id, "qty": 1}], "address": address}, token)
    with refusing(creator):
        creator.stripe.pay(order["checkoutUrl"])
        seen(creator, f"/shop/orders/{order['orderId']}", "status", "paid", token)
        assert until(lambda: took(creator, "stripe-webhook", "sqs:SendMessage"), seconds=60)
    creator.call("GET", "/shop/orders", token=token)
    raised = creator.call("GET", "/donations/wall").json()["raised"]
    creator.stripe.pay(asked(creator, "/donations/checkout", {"amount": 300, "public": True})["checkoutUrl"])
    seen(creator, "/donations/wall", "raised", raised + 300)
    become_member(creator, token)
    subscription = creator.stripe.call("GET", "subscriptions", status="active")["data"][0]["id"]
    creator.stripe.call("DELETE", f"subscriptions/{subscription}")


def become_member(creator: Creator, token: str) -> None:
    creator.stripe.pay(asked(creator, "/membership/checkout", {"planId": "gold"}, token)["checkoutUrl"])
    seen(creator, "/auth/me", "subscription", "premium", token)


def sponsored(creator: Creator, owner: str) -> None:
    token = creator.token(creator.sign_up(f"lou{uuid.uuid4().hex[:6]}"))
    first = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m-%d}"
    body = {"company": "Acme", "slot": "left", "targetUrl": "https://acme.example/"}
    booking = asked(creator, "/sponsor/bookings", {**body, "startDate": first, "endDate": first}, token)
    path = f"/sponsor/bookings/{booking['sponsorId']}"
    picture = creator.call("POST", f"{path}/image", token=token, json={"contentType": "image/png", "size": 4}).json()
    assert put(picture["upload"], b"1234") == 200
    creator.stripe.pay(booking["checkoutUrl"])
    active = {"status": "active"}
    assert until(lambda: creator.call("PATCH", path, token=owner, json=active).status_code == 200, seconds=60)
    creator.call("GET", "/sponsor/bookings", token=owner)


def gathered(creator: Creator, owner: str) -> None:
    body = {"question": "Was kommt?", "options": ["A", "B"], "closesAt": 2**33}
    poll = creator.call("POST", "/polls", token=owner, json=body).json()["pollId"]
    assert creator.call("POST", f"/polls/{poll}/vote", token=owner, json={"choices": [1]}).status_code == 200
    event = {"title": "E", "description": "", "date": "2035-01-01T19:00:00Z", "location": "Bonn", "price": 500}
    made = creator.call("POST", "/events", token=owner, json={**event, "ticketsAvailable": 3}).json()["eventId"]
    asked(creator, f"/events/{made}/tickets", {"qty": 1}, owner)
    free = creator.call("POST", "/events", token=owner, json={**event, "price": 0, "ticketsAvailable": 1}).json()
    asked(creator, f"/events/{free['eventId']}/tickets", {"qty": 1}, owner)
    for path in ("/events", "/polls", "/events/tickets/mine"):
        assert creator.call("GET", path, token=owner).status_code == 200
    for path in ("/polls", "/shop/orders", "/donations", "/sponsor/bookings", "/stream/recordings"):
        assert creator.call("GET", f"{path}?next=forged", token=owner).status_code == 400  # the seal is looked at
    for kind in ("pageview", "play"):
        sent = {"type": kind, "path": "/"}
        assert creator.call("POST", "/analytics/collect", headers=PERSON, json=sent).status_code == 204
    assert creator.call("GET", "/analytics/summary", token=owner).status_code == 200
    assert creator.call("GET", "/health", headers={"x-health-token": "health-of-the-test"}).status_code == 200


def on_air(creator: Creator, owner: str) -> None:
    channel = creator.report["outputs"]["channel_arn"]
    creator.aws.sim("POST", "/streams", json={"channel": channel}).raise_for_status()
    live = until(lambda: creator.call("GET", "/stream/status").json().get("streamId"), seconds=60)
    assert creator.call("POST", "/chat/token", token=owner, json={}).status_code == 200
    assert creator.call("GET", "/chat/messages").status_code == 200
    assert creator.call("DELETE", "/chat/messages/message00001", token=owner).status_code == 204
    assert creator.call("POST", "/chat/users/nobody/disconnect", token=owner).status_code == 204
    creator.aws.client("ivs", creator.member()).stop_stream(channelArn=channel)
    assert until(lambda: recorded(creator, live), seconds=60)
    assert creator.call("POST", "/stream/key/rotate", token=owner).status_code == 200
    function = creator.aws.client("lambda", creator.member())
    for name in ("chat", "stream"):  # what their clocks would call a quarter of an hour later
        function.invoke(FunctionName=f"creator-{name}", Payload=b'{"source": "aws.events"}')


def lettered(creator: Creator, owner: str) -> None:
    """To so many that a second page is needed."""
    table = creator.aws.client("dynamodb", creator.member())
    readers = [f"r{number}@needed.example" for number in range(25)]
    for address in readers:
        row = {"email": {"S": address}, "status": {"S": "confirmed"}, "createdAt": {"S": "2026"}}
        table.put_item(TableName="creator-subscribers", Item=row)
    headers = {"idempotency-key": str(uuid.uuid4())}
    letter = {"subject": "Neues", "html": "<p>Hallo</p>", "text": "Hallo"}
    started = creator.call("POST", "/newsletter/campaigns", token=owner, headers=headers, json=letter)
    assert started.status_code == 202
    assert until(lambda: creator.mail.to(readers[-1]), seconds=60)
    for address in readers:
        table.delete_item(TableName="creator-subscribers", Key={"email": {"S": address}})


@pytest.mark.timeout(600)
def test_no_function_may_do_what_none_of_its_visitors_needs(creator: Creator) -> None:
    owner = creator.owner()
    people(creator, owner)
    leaving(creator)
    money(creator, owner)
    sponsored(creator, owner)
    gathered(creator, owner)
    on_air(creator, owner)
    lettered(creator, owner)
    unneeded = until_needed(creator, creator.report["outputs"]["functions"])
    assert json.dumps(unneeded) == "{}"
