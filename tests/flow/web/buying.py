"""The steps of a purchase as a person takes them in a browser."""

from playwright.sync_api import Page, expect

from controlplane.billing.models import Consent
from tests.flow.web.conftest import Site

CARD = {"number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123", "name": "Anna Blum", "line1": "Gartenweg 1",
        "postal_code": "20095", "city": "Hamburg"}  # fmt: skip


def fill_buyer(page: Page, slug: str) -> None:
    given = {
        "name": "Anna <Blum>", "email": f"{slug}@customers.example", "line1": "Gartenweg 1", "postal_code": "20095",
        "city": "Hamburg", "slug": slug,
    }  # fmt: skip
    for name, value in given.items():
        page.fill(f"#{name}", value)


def order(page: Page, site: Site, *, language: str, slug: str) -> str:
    """From the landing page to the payment page; the address of the order at the end."""
    page.goto(f"{site.url}/{language}?utm_source=letter")
    page.locator("article.product a.button").first.click()
    page.locator("[value=site-business]").check()
    page.locator(".total strong", has_text="79").wait_for()
    page.locator("aside button.primary").click()
    page.locator("form#details button.primary").wait_for()
    fill_buyer(page, slug)
    page.locator("form#details button.primary").click()
    page.locator("form#check").wait_for()
    for box in page.locator("input[name=consent]").all()[:3]:
        box.check()
    page.locator("button.big").click()
    page.wait_for_url("**/c/pay/**")
    return page.url


def pay(page: Page) -> None:
    for name, value in CARD.items():
        if page.locator(f"[name={name}]").count():
            page.locator(f"[name={name}]").first.fill(value)
    page.locator("button.go").first.click()


def arrives(page: Page, site: Site, *, slug: str, headline: str) -> None:
    """The open page tells by itself when the platform is there, and says the same when it is asked again."""
    assert "session_id" not in page.url
    site.bring_up()
    expect(page.locator("h1")).to_have_text(headline, timeout=60_000)
    expect(page.locator(".address a")).to_have_text(f"{slug}.sites.example")
    page.reload()
    expect(page.locator("h1")).to_have_text(headline)
    order = site.shop.order_by(slug=slug)
    assert order.locale == page.locator("html").get_attribute("lang")
    assert {row.kind for row in site.shop.rows(Consent) if row.order_id == order.id} == {
        "terms", "processing", "immediate_start",
    }  # fmt: skip
