"""A person's data: exported as a bundle, and erased everywhere."""

import io
import json
import uuid
import zipfile
from typing import Any

import httpx

from tests.contract.aws.conftest import until
from tests.flow.creator.conftest import Creator


def done(creator: Creator, path: str, token: str) -> dict[str, str] | None:
    answer = creator.call("GET", path, token=token)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found if found["status"] == "done" else None


class TestExport:
    def test_a_person_gets_the_own_data_and_nobody_elses(self, creator: Creator) -> None:
        mine, other = (creator.token(creator.sign_up(name)) for name in ("emil", "frida"))
        path = f"/auth/me/export/{creator.call('POST', '/auth/me/export', token=mine).json()['requestId']}"
        found = until(lambda: done(creator, path, mine), seconds=30)
        assert found
        with zipfile.ZipFile(io.BytesIO(httpx.get(found["url"], trust_env=False).content)) as bundle:
            assert json.loads(bundle.read("account.json"))["username"] == "emil"
        assert creator.call("GET", path, token=other).status_code == 404


class TestErasing:
    def test_nothing_of_a_person_stays(self, creator: Creator) -> None:
        address = creator.sign_up("gustav")
        token = creator.token(address)
        assert creator.call("DELETE", "/auth/me", token=token, json={"password": "Wrong-Horse-1"}).status_code == 401
        user_id = creator.call("GET", "/auth/me", token=token).json()["userId"]
        gone = creator.call("DELETE", "/auth/me", token=token, json={"password": "Correct-Horse-1"})
        assert gone.status_code == 202
        tables = creator.aws.client("dynamodb", creator.member())
        key = {"requestId": {"S": gone.json()["requestId"]}}
        record = until(lambda: _done(tables.get_item(TableName="creator-privacy-requests", Key=key)), seconds=30)
        assert record
        assert user_id not in json.dumps(record)
        items = tables.scan(TableName="creator-users")["Items"]
        assert "gustav" not in json.dumps(items)
        pool = creator.report["outputs"]["user_pool_id"]
        people = creator.aws.client("cognito-idp", creator.member()).list_users(UserPoolId=pool)["Users"]
        assert address not in json.dumps(people, default=str)
        assert creator.token(creator.sign_up("gustav"))


class TestEveryModule:
    def test_what_a_person_did_everywhere_is_given_out_and_erased(self, creator: Creator) -> None:
        owner, address = creator.owner(), creator.sign_up("hanna")
        token = creator.token(address)
        user_id = creator.call("GET", "/auth/me", token=token).json()["userId"]
        _live_a_little(creator, owner, token, address)
        path = f"/auth/me/export/{creator.call('POST', '/auth/me/export', token=token).json()['requestId']}"
        url = until(lambda: done(creator, path, token), seconds=60)["url"]
        with zipfile.ZipFile(io.BytesIO(httpx.get(url, trust_env=False).content)) as bundle:
            found = {name: json.loads(bundle.read(name)) for name in bundle.namelist()}
        told = {"donations", "events", "ivs_chat", "membership", "newsletter", "polls", "shop", "sponsor_system"}
        assert {name.removesuffix(".json") for name, rows in found.items() if rows} == told | {"account"}

        gone = creator.call("DELETE", "/auth/me", token=token, json={"password": "Correct-Horse-1"}).json()
        tables = creator.aws.client("dynamodb", creator.member())
        key = {"requestId": {"S": gone["requestId"]}}
        assert until(lambda: _done(tables.get_item(TableName="creator-privacy-requests", Key=key)), seconds=60)
        left = {name for name in creator.report["outputs"]["tables"] if _knows(tables, name, user_id, address)}
        assert left <= {"creator-processed-events"}  # which forgets by itself within a day
        subscription = creator.stripe.call(
            "GET", f"subscriptions/{found['membership.json'][0]['stripeSubscriptionId']}"
        )
        assert subscription["status"] == "canceled"


def _live_a_little(creator: Creator, owner: str, token: str, address: str) -> None:
    """Something in every module that keeps something of people."""
    poll = {"question": "Was kommt?", "options": ["A", "B"], "closesAt": 2**33}
    id = creator.call("POST", "/polls", token=owner, json=poll).json()["pollId"]
    assert creator.call("POST", f"/polls/{id}/vote", token=token, json={"choices": [0]}).status_code == 200
    event = {
        "title": "Fest",
        "description": "",
        "date": "2027-01-01T19:00:00Z",
        "location": "Köln",
        "ticketsAvailable": 5,
    }
    id = creator.call("POST", "/events", token=owner, json=event).json()["eventId"]
    assert _asked(creator, f"/events/{id}/tickets", {"qty": 1}, token)["tickets"]
    assert creator.call("POST", "/newsletter/subscribe", json={"email": address}).status_code == 202
    product = {"title": "Tasse", "description": "", "price": 1500, "stock": 2}
    id = creator.call("POST", "/shop/products", token=owner, json=product).json()["productId"]
    home = {"name": "Hanna", "street": "Weg 1", "zip": "50667", "city": "Köln", "country": "DE"}
    _asked(creator, "/shop/checkout", {"items": [{"productId": id, "qty": 1}], "address": home}, token)
    days = {"startDate": "2027-05-01", "endDate": "2027-05-02", "slot": "left", "targetUrl": "https://acme.example/"}
    _asked(creator, "/sponsor/bookings", {"company": "Acme", **days}, token)
    creator.stripe.pay(_asked(creator, "/membership/checkout", {"planId": "gold"}, token)["checkoutUrl"], address)
    gift = {"amount": 900, "displayName": "Hanna", "public": True}
    creator.stripe.pay(_asked(creator, "/donations/checkout", gift)["checkoutUrl"], address)
    room, me = creator.report["outputs"]["room_arn"], creator.call("GET", "/auth/me", token=token).json()["userId"]
    said = {"room": room, "user": me, "content": "Hallo", "sender_attributes": {"username": "hanna", "streamId": "s2"}}
    creator.aws.sim("POST", "/chat/messages", json=said).raise_for_status()
    assert until(lambda: creator.call("GET", "/chat/messages?streamId=s2").json()["items"], seconds=40)
    assert until(lambda: _has_paid(creator, token), seconds=40)


def _has_paid(creator: Creator, token: str) -> bool:
    wall = creator.call("GET", "/donations/wall").json()["items"]
    member = creator.call("GET", "/membership/me", token=token).json()["status"] == "active"
    return member and "Hanna" in {row.get("displayName") for row in wall}


def _asked(creator: Creator, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"idempotency-key": str(uuid.uuid4())}
    answer = creator.call("POST", path, token=token, headers=headers, json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _knows(tables: Any, name: str, user_id: str, address: str) -> bool:
    rows = json.dumps([page["Items"] for page in tables.get_paginator("scan").paginate(TableName=name)])
    return any(mark in rows for mark in (user_id, address, "hanna", "Hanna"))


def _done(answer: dict[str, dict[str, dict[str, str]]]) -> dict[str, dict[str, str]] | None:
    item = answer["Item"]
    return item if item["status"]["S"] == "done" else None
