"""Many people at the same moment: what may not happen twice does not."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.flow.creator.conftest import Creator

PEOPLE = 4


@pytest.fixture(scope="module")
def owner(creator: Creator) -> str:
    return creator.owner()


@pytest.fixture(scope="module")
def tokens(creator: Creator) -> list[str]:
    return [creator.token(creator.sign_up(f"crowd{number}")) for number in range(PEOPLE)]


def test_an_event_is_not_oversold(creator: Creator, owner: str, tokens: list[str]) -> None:
    event = {"title": "Premiere", "description": "", "date": "2027-01-01T19:00:00Z", "location": "Köln"}
    made = creator.call("POST", "/events", token=owner, json={**event, "ticketsAvailable": 5})
    path = f"/events/{made.json()['eventId']}"

    def book(token: str) -> int:
        headers = {"idempotency-key": str(uuid.uuid4())}
        return creator.call("POST", f"{path}/tickets", token=token, headers=headers, json={"qty": 1}).status_code

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(book, tokens * 3))
    while 503 in states:  # turned away by the crowd, not by the seats: these people try again
        states.remove(503)
        states.extend(book(token) for token in tokens[:1])
    assert creator.call("GET", path).json()["ticketsSold"] == states.count(201) == 5


def test_the_last_cup_and_the_last_day_go_once(creator: Creator, owner: str, tokens: list[str]) -> None:
    product = {"title": "Becher", "description": "", "price": 900, "stock": 3}
    cup = creator.call("POST", "/shop/products", token=owner, json=product).json()["productId"]
    home = {"name": "A", "street": "Weg 1", "zip": "50667", "city": "Köln", "country": "DE"}
    order = {"items": [{"productId": cup, "qty": 1}], "address": home}
    days = {"slot": "right", "startDate": "2027-03-30", "endDate": "2027-04-02", "targetUrl": "https://a.example/"}

    def ask(path: str, token: str, body: dict[str, object]) -> int:
        headers = {"idempotency-key": str(uuid.uuid4())}
        return creator.call("POST", path, token=token, headers=headers, json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        orders = list(pool.map(lambda token: ask("/shop/checkout", token, order), tokens * 2))
        booked = list(pool.map(lambda token: ask("/sponsor/bookings", token, {"company": "A", **days}), tokens * 2))
    assert set(orders + booked) <= {201, 409, 503}
    assert creator.call("GET", f"/shop/products/{cup}").json()["stock"] == 3 - orders.count(201) >= 0
    if 201 not in booked:  # they stood in each other's way
        booked.append(ask("/sponsor/bookings", tokens[0], {"company": "A", **days}))
    assert booked.count(201) == 1


def test_nobody_votes_twice(creator: Creator, owner: str, tokens: list[str]) -> None:
    body = {"question": "Was kommt?", "options": ["A", "B"], "closesAt": int(time.time()) + 600}
    poll = creator.call("POST", "/polls", token=owner, json=body).json()["pollId"]

    def vote(token: str) -> int:
        return creator.call("POST", f"/polls/{poll}/vote", token=token, json={"choices": [1]}).status_code

    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(vote, tokens * 3))
    assert set(states) <= {200, 409, 503}
    assert creator.call("GET", f"/polls/{poll}").json()["counts"] == [0, states.count(200)]
    assert states.count(200) <= PEOPLE
