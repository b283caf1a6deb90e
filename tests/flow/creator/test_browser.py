"""The creator's site in a real browser, on the real API: as a fan, as the creator, on a phone, and when things fail."""

import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Route

from controlplane.provisioning.steps import creator_site
from tests.fixtures.browser import picture, violations
from tests.flow.creator.conftest import Creator
from tests.flow.creator.fan import (
    bought,
    came_and_voted,
    joined,
    kept_and_left,
    locked_twice,
    supported,
    watched,
    wrote,
)
from tests.flow.creator.visiting import PNG, Visit, card, deploy, eventually, fill, go, sign_in, visiting

PATHS = (
    "", "stream", "recordings", "events", "shop", "polls", "membership", "donations", "sponsors", "newsletter",
    "contact", "account", "imprint", "privacy", "nowhere",
)  # fmt: skip
ROOMS = (
    "products",
    "orders",
    "access",
    "sponsors",
    "events",
    "polls",
    "stream",
    "donations",
    "newsletter",
    "chat",
    "numbers",
)


@pytest.fixture(scope="module")
def visit(creator: Creator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    with visiting(creator, tmp_path_factory.mktemp("front")) as found:
        yield found


@pytest.fixture
def new_page(visit: Visit) -> Iterator[Callable[..., Page]]:
    yield visit.page
    visit.close()
    found, visit.found = visit.found, []
    assert found == []


@pytest.fixture(scope="module")
def owner(creator: Creator) -> str:
    """The address of the creator's own account."""
    address = creator.sign_up(f"boss{uuid.uuid4().hex[:8]}")
    pool = creator.report["outputs"]["user_pool_id"]
    cognito = creator.aws.client("cognito-idp", creator.member())
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=address, GroupName="admin")
    return address


@pytest.fixture(scope="module")
def goods(creator: Creator, owner: str) -> dict[str, str]:
    """Something of everything; the names are as unpleasant as names can be."""
    token, mark = creator.token(owner), uuid.uuid4().hex[:6]
    date = f"{datetime.now(UTC) + timedelta(days=20):%Y-%m-%dT18:00:00Z}"
    wanted = {
        "product": ("/shop/products", {"title": f"<i>Tasse</i> {mark}", "description": "", "price": 1500, "stock": 3}),
        "event": ("/events", {"title": f"Ernte {mark}", "description": "Im Garten", "date": date, "location": "Bonn",
                              "ticketsAvailable": 5}),
        "poll": ("/polls", {"question": f"Was {mark}?", "options": ["Rosen", "Nelken"],
                            "closesAt": int(time.time()) + 9000}),
    }  # fmt: skip
    for path, body in wanted.values():
        assert creator.call("POST", path, token=token, json=body).status_code == 201
    return {name: str(body.get("title") or body["question"]) for name, (_, body) in wanted.items()}


def test_a_fan_joins_watches_buys_votes_and_leaves(
    creator: Creator, new_page: Callable[..., Page], goods: dict[str, str]
) -> None:
    page = new_page(viewport={"width": 1280, "height": 900}, expected="status of (400|401|409)")
    address = joined(creator, page)
    locked_twice(page, address)
    watched(creator, page)
    bought(creator, page, goods["product"])
    came_and_voted(page, goods)
    supported(page)
    wrote(creator, page)
    kept_and_left(creator, page, address)


def test_the_creator_keeps_the_shop_the_door_and_the_key(
    creator: Creator, new_page: Callable[..., Page], owner: str
) -> None:
    page = new_page(viewport={"width": 1280, "height": 900}, expected="status of 404")
    sign_in(page, owner)
    page.locator("#tools a", has_text="Studio").click()
    title = f"Vase {uuid.uuid4().hex[:6]}"
    fill(page, "main .card form", title=title, price="12.50", stock="4")
    page.set_input_files("main .card [name=image]", {"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    page.locator("main .card form button").click()
    row = page.locator("tr", has=page.get_by_text(title, exact=True))
    row.locator("td", has_text="12,50").wait_for()
    for name in ROOMS:
        go(page, f"/studio/{name}")
        eventually(partial(complete, page))
        looked_at(page, f"studio-{name}", 1280)
    go(page, "/studio/stream")
    page.locator("button", has_text="Neuen Schlüssel erzeugen").click()
    page.locator("dd code", has_text="rtmps://").wait_for()
    go(page, "/studio/events")
    door = page.locator("tr details").first
    if door.count():
        door.locator("summary").click()
        door.locator("[name=code]").fill("not-a-ticket.0000")
        door.locator("button").click()
        door.locator("[role=alert]", has_text="Das ist kein Ticket").wait_for()
    go(page, "/shop")
    picture = card(page, title).locator("img")
    picture.scroll_into_view_if_needed()
    eventually(lambda: picture.evaluate("image => image.naturalWidth > 0"))


def complete(page: Page) -> bool:
    """What a busy machine was late with is asked for again, as a person would."""
    late = page.locator(".piece .notice button")
    if late.count():
        late.first.click()
    return page.locator(".piece .notice").count() == 0


@pytest.mark.parametrize(("language", "width", "scheme"), [("de", 1280, "light"), ("en", 390, "dark")])
def test_every_page_is_calm_fits_and_can_be_used_by_everybody(
    new_page: Callable[..., Page], goods: dict[str, str], language: str, width: int, scheme: Any
) -> None:
    page = new_page(viewport={"width": width, "height": 844}, color_scheme=scheme)
    assert goods
    for path in PATHS:
        go(page, f"/{path}?lang={language}")
        looked_at(page, path or "home", width)
        assert page.locator("h1").count() == 1
    assert page.get_attribute("html", "lang") == language
    go(page, "/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    if width < 800:
        page.locator("summary", has_text="Menu").focus()
        page.keyboard.press("Enter")
        page.locator(".menu a", has_text="Events").focus()
    else:
        page.locator(".wide a", has_text="Events").focus()
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Events").wait_for()
    assert page.evaluate("document.activeElement.id") == "main"
    assert page.title() == "Events · Blumen Anna"


def looked_at(page: Page, name: str, width: int) -> None:
    picture(page, f"creator-{name}-{width}")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), f"{name} scrolls sideways"
    assert violations(page) == [], name


def test_what_fails_is_said_and_can_be_tried_again(
    creator: Creator, new_page: Callable[..., Page], goods: dict[str, str]
) -> None:
    page = new_page(expected="status of (401|503)|ERR_INTERNET_DISCONNECTED|WebSocket")
    address = creator.sign_up(f"bad{uuid.uuid4().hex[:8]}")
    sign_in(page, address)
    go(page, "/?lang=de")

    page.context.set_offline(True)
    page.locator("nav a", has_text="Events").first.click()
    page.locator("[role=alert]", has_text="Keine Verbindung.").wait_for()
    page.context.set_offline(False)  # it is noticed: nobody has to press anything
    card(page, goods["event"]).wait_for()

    keys = list[str]()
    page.route("**/api/events/*/tickets", lambda route: lost_once(route, keys))
    card(page, goods["event"]).locator("button").click()
    card(page, goods["event"]).locator("[role=alert]", has_text="antwortet gerade nicht").wait_for()
    card(page, goods["event"]).locator("button").click()
    card(page, goods["event"]).locator(".told.good").wait_for()
    assert keys[0] == keys[1]  # nobody knew what became of the first try

    refused = list[str]()
    page.route("**/api/auth/me", lambda route: refused_once(route, refused))
    go(page, "/account")  # the token is too old: a new one is asked for, and the person sees nothing of it
    page.locator("h1", has_text="Hallo").wait_for()
    assert len(refused) == 2
    page.context.clear_cookies()
    refused.clear()
    page.locator("nav a", has_text="Events").first.click()
    page.locator("#tools a", has_text="Konto").click()
    page.locator("h2", has_text="Anmelden").wait_for()


def lost_once(route: Route, keys: list[str]) -> None:
    keys.append(route.request.headers["idempotency-key"])
    if len(keys) == 1:
        route.fulfill(status=503, json={"error": {"code": "unavailable", "message": "later"}})
    else:
        route.continue_()


def refused_once(route: Route, refused: list[str]) -> None:
    refused.append(route.request.url)
    if len(refused) == 1:
        route.fulfill(status=401, json={"message": "Unauthorized"})
    else:
        route.continue_()


@pytest.mark.usefixtures("visit")
def test_a_release_is_kept_for_ever_and_what_names_it_is_not(creator: Creator) -> None:
    """The switch is two files: an open page goes on with the files of its own release."""
    host = {"host": creator.report["outputs"]["distribution_domain"]}
    with httpx.Client(base_url=creator.aws.url, headers=host, trust_env=False) as site:
        before = site.get("/config.json").json()["release"]
        made = deploy(creator, name="Garten Anna")
        for path in ("/", "/config.json", "/shop"):
            assert site.get(path).headers["cache-control"] == "no-cache"
        for release in (before, made.release):
            script = site.get(f"/assets/{release}/app.js")
            assert (script.status_code, script.headers["cache-control"]) == (200, creator_site.FOR_EVER)
        assert "Garten Anna" in site.get("/").text
        assert site.get("/config.json").json()["release"] == made.release
    assert deploy(creator).release == before
