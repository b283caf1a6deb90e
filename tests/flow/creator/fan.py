"""What a fan does on a creator's site, step by step, in one page of a browser that stays open."""

import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import Locator, Page

from tests.flow.creator.conftest import Creator, now_shown
from tests.flow.creator.visiting import FILM, PASSWORD, PLAYLIST, PNG, SITE, card, eventually, fill, go

PLAYING = "document.querySelector('video')?.currentTime > 0.2"


def joined(creator: Creator, page: Page) -> str:
    name = f"fan_{uuid.uuid4().hex[:8]}"
    address = f"{name}@fan.example"
    go(page, "/")
    assert page.locator(".hero .lead").text_content() == "Gartenstreams aus Bonn."
    page.locator("#tools a", has_text="Konto").click()
    joining = page.locator("main .card >> nth=1")
    joining.locator("[name=email]").fill(address)
    joining.locator("[name=username]").fill(name)
    joining.locator("[name=password]").fill(PASSWORD)
    joining.locator("[name=consent]").check()
    joining.locator("button").click()
    joining.locator("[name=code]").fill("000000")
    joining.get_by_role("button", name="Bestätigen").click()
    joining.locator("[role=alert]", has_text="Dieser Code stimmt nicht.").wait_for()
    joining.locator("[name=code]").fill(creator.mail.code(address))
    joining.get_by_role("button", name="Bestätigen").click()
    page.locator("h1", has_text=f"Hallo {name}").wait_for()
    page.reload()  # the session is not in the page
    page.locator("h1", has_text=f"Hallo {name}").wait_for()
    return address


def locked_twice(page: Page, address: str) -> None:
    """A code from an app as well, from now on and no longer."""
    page.get_by_role("button", name="Zweiten Faktor einrichten").click()
    seed = page.locator("dd code").text_content() or ""
    proving = page.locator("section.card", has_text="Schlüssel").last
    proving.locator("[name=code]").fill(now_shown(seed))
    proving.get_by_role("button", name="Bestätigen").click()
    kept = page.get_by_role("button", name="Ich habe ihn aufgeschrieben")
    kept.wait_for()
    code = page.locator("dd code").text_content() or ""
    kept.click()
    page.get_by_text("Die Anmeldung fragt auch nach einem Code aus der App.").wait_for()
    page.get_by_role("button", name="Abmelden").click()
    door = page.locator("main .card form").first
    door.locator("[name=email]").fill(address)
    door.locator("[name=password]").fill(PASSWORD)
    assert not door.locator("[name=totp]").is_visible()
    door.get_by_role("button", name="Anmelden").click()
    door.locator("[role=alert]", has_text="Geben Sie noch den Code aus der App ein.").wait_for()
    door.locator("[name=totp]").fill(now_shown(seed))
    door.get_by_role("button", name="Anmelden").click()
    another = renewed(page, seed)
    assert another != code
    page.get_by_role("button", name="Abmelden").click()
    came_back(page, address, wrong=code, right=another)


def renewed(page: Page, seed: str) -> str:
    page.locator("summary", has_text="Neuen Wiederherstellungscode erzeugen").click()
    asking = page.locator("details[open] form")
    asking.locator("[name=password]").fill(PASSWORD)
    asking.locator("[name=totp]").fill(now_shown(seed))
    asking.locator("button").click()
    page.get_by_role("button", name="Ich habe ihn aufgeschrieben").wait_for()
    return page.locator("dd code").text_content() or ""


def came_back(page: Page, address: str, *, wrong: str, right: str) -> None:
    """The device is lost; what was written down lets its owner in."""
    page.locator("summary", has_text="Gerät mit der App verloren?").click()
    lost = page.locator("details[open] form")
    for name, value in {"email": address, "password": PASSWORD, "recovery": wrong}.items():
        lost.locator(f"[name={name}]").fill(value)
    lost.locator("button").click()
    lost.locator("[role=alert]", has_text="Wiederherstellungscode stimmt nicht.").wait_for()
    lost.locator("[name=recovery]").fill(right)
    lost.locator("button").click()
    page.locator(".notice", has_text="Der zweite Faktor ist aus").wait_for()
    page.get_by_role("button", name="Zweiten Faktor einrichten").wait_for()


def watched(creator: Creator, page: Page) -> None:
    """The page is open before it begins: it hears of it, plays, and hears of the end."""
    channel = creator.report["outputs"]["channel_arn"]
    ivs = creator.aws.client("ivs", creator.member())
    page.locator("nav a", has_text="Stream").first.click()
    page.locator(".dark", has_text="Gerade nicht live").wait_for()
    creator.aws.sim("POST", "/streams", json={"channel": channel}).raise_for_status()
    page.locator(".pill.hot", has_text="Jetzt live").wait_for()
    eventually(lambda: page.evaluate(PLAYING))
    page.locator(".chat [role=status]", has_text="Sie sind im Chat.").first.wait_for()
    text = f"Hallo <b>{uuid.uuid4().hex[:6]}</b>"
    page.fill(".chat [name=message]", text)
    page.press(".chat [name=message]", "Enter")
    page.locator(".said", has_text=text).wait_for()
    live = creator.call("GET", "/stream/status").json()["streamId"]
    ivs.stop_stream(channelArn=channel)
    page.locator(".dark").wait_for()
    seen_again(creator, page, live)


def seen_again(creator: Creator, page: Page, stream: str) -> None:
    def kept() -> Any:
        items = creator.call("GET", "/stream/recordings").json()["items"]
        return next((one for one in items if one["streamId"] == stream), None)

    place = eventually(kept)["url"].removeprefix(f"{SITE}/").rpartition("/")[0]
    store, bucket = creator.aws.client("s3", creator.member()), f"cr-anna-{creator.account}-recordings"
    for name, body in {"master.m3u8": PLAYLIST, **FILM}.items():  # what was filmed, which the stand-in leaves out
        store.put_object(Bucket=bucket, Key=f"{place}/{name}", Body=body)
    go(page, "/recordings")
    page.locator("article button").first.click()
    page.locator("video").evaluate("video => { video.muted = true; video.play(); }")
    eventually(lambda: page.evaluate(PLAYING))


def bought(creator: Creator, page: Page, product: str) -> None:
    """A refusal is not the end: the next try is a new order, under a key of its own."""
    page.locator("nav a", has_text="Shop").first.click()
    wanted = card(page, product)
    wanted.locator("summary").click()
    for name, value in {"name": "Kai", "street": "Weg 1", "zip": "x", "city": "Köln"}.items():
        wanted.locator(f"[name={name}]").fill(value)
    wanted.locator("button").click()
    wanted.locator("[role=alert]", has_text="Bitte prüfen Sie Ihre Angaben.").wait_for()
    assert wanted.locator("[name=zip]").get_attribute("aria-invalid") == "true"
    wanted.locator("[name=zip]").fill("50667")
    assert says(wanted.locator(".due")) == f"Zu zahlen: 19,90 € (1 × {product}, Versand 4,90 €, inkl. MwSt.)"
    wanted.locator("button").click()
    page.wait_for_url(f"{creator.stripe.url.removesuffix('/stripe')}/**")
    creator.stripe.pay(page.url)
    go(page, "/shop/orders?paid=1")
    page.locator(".notice.good", has_text="Danke!").wait_for()

    def paid() -> bool:
        go(page, "/shop/orders")
        return page.locator("article", has_text="Bezahlt").count() == 1

    eventually(paid)
    assert "19,90" in (page.locator("article .price").text_content() or "")


def came_and_voted(page: Page, goods: dict[str, str]) -> None:
    go(page, "/events")
    card(page, goods["event"]).locator("button").click()
    card(page, goods["event"]).locator(".told", has_text="Ihr Ticket liegt im Konto bereit.").wait_for()
    go(page, "/polls")
    poll = card(page, goods["poll"])
    poll.get_by_label("Nelken", exact=True).first.check()
    poll.locator("button").click()
    poll.locator(".told", has_text="Ihre Stimme zählt.").wait_for()
    poll.locator(".bars li", has_text="1 · 100 %").wait_for()
    poll.get_by_label("Rosen", exact=True).first.check()
    poll.locator("button").click()
    poll.locator("[role=alert]", has_text="Sie haben hier schon abgestimmt.").wait_for()


def supported(page: Page) -> None:
    """As far as the pages of the payment service."""
    go(page, "/donations")
    fill(page, "main form", amount="7.50", displayName="Kai", message="Weiter so")
    assert says(page.locator(".due")) == "Zu zahlen: 7,50 € (Spende an Blumen Anna)"
    leads_to_payment(page, "main form button")
    eventually(lambda: priced(page))
    assert says(page.locator("article .price")) == "5,00 € je Monat"
    assert says(page.locator(".due")) == "Zu zahlen: 5,00 € je Monat (Mitgliedschaft Gold)"
    page.locator("#tools a", has_text="English").click()
    page.locator(".due", has_text="To pay").wait_for()
    assert says(page.locator(".due")) == "To pay: €5.00 per month (Membership Gold)"
    page.locator("#tools a", has_text="Deutsch").click()
    page.locator(".due", has_text="Zu zahlen").wait_for()
    leads_to_payment(page, "article form button")
    go(page, "/sponsors")
    first = datetime.now(UTC) + timedelta(days=int(time.time()) % 300 + 30)
    fill(page, "main form", company="Kai GmbH", targetUrl="https://kai.example/")
    fill(page, "main form", startDate=f"{first:%Y-%m-%d}", endDate=f"{first + timedelta(days=1):%Y-%m-%d}")
    assert says(page.locator(".due")) == "Zu zahlen: 10,00 € (Oben, 2 × 5,00 € je Tag)"
    page.set_input_files("[name=image]", {"name": "a.png", "mimeType": "image/png", "buffer": PNG})
    leads_to_payment(page, "main form button")
    go(page, "/sponsors?left=1")
    page.locator("article", has_text="Wird geprüft").wait_for()


def priced(page: Page) -> bool:
    """Asked again where the payment service was not quick enough: without a price nobody can join."""
    go(page, "/membership")
    return page.locator("article .price").count() == 1


def says(place: Locator) -> str:
    return (place.first.text_content() or "").replace("\N{NO-BREAK SPACE}", " ")


def leads_to_payment(page: Page, button: str) -> None:
    page.locator(button).first.click()
    page.wait_for_url(re.compile(r"^http://127\.0\.0\.1:"))


def wrote(creator: Creator, page: Page) -> None:
    go(page, "/contact")
    text = f"Eine Frage {uuid.uuid4().hex}"
    fill(page, "main form", name="Kai", email="kai@fan.example", message=text)
    start = page.evaluate("performance.now()")
    eventually(lambda: page.evaluate("performance.now()") > start + 3000)  # who is faster is a machine
    page.locator("main form button").click()
    page.locator(".told", has_text="Danke, Ihre Nachricht ist unterwegs.").wait_for()
    eventually(lambda: [mail for mail in creator.mail.to("owner@creator.example") if text in mail["text"]])
    go(page, "/newsletter")
    reader = f"reader_{uuid.uuid4().hex[:8]}@fan.example"
    fill(page, "main form", email=reader)
    page.locator("main form button").click()
    page.locator(".told", has_text="Bitte bestätigen Sie den Link").wait_for()
    [mail] = eventually(lambda: creator.mail.to(reader))
    page.goto(re.search(r"https://\S+/confirm\S+", mail["text"])[0])  # type: ignore[index]
    page.locator(".notice", has_text="Ihr Abonnement ist bestätigt.").wait_for()
    table = creator.aws.client("dynamodb", creator.member())  # nobody else's letter should count this reader
    table.delete_item(TableName="creator-subscribers", Key={"email": {"S": reader}})


def kept_and_left(creator: Creator, page: Page, address: str) -> None:
    go(page, "/account")
    page.locator("#tickets code").wait_for()
    page.locator("button", has_text="Daten zusammenstellen").click()
    link = page.locator("a", has_text="Herunterladen")
    link.wait_for()
    assert (link.get_attribute("href") or "").startswith(f"{creator.aws.url}/cr-anna-")
    page.locator("summary", has_text="Konto löschen").click()
    leaving = page.locator("details[open] form")
    leaving.locator("[name=password]").fill("wrong")
    leaving.locator("[type=checkbox]").check()
    leaving.locator("button").click()
    leaving.locator("[role=alert]", has_text="Adresse oder Passwort stimmt nicht.").wait_for()
    leaving.locator("[name=password]").fill(PASSWORD)
    leaving.locator("button").click()
    page.locator(".notice", has_text="Ihr Konto wird gelöscht.").wait_for()
    body = {"email": address, "password": PASSWORD}
    assert creator.call("POST", "/auth/login", json=body).status_code == 401
