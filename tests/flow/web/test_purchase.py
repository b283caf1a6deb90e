"""From the landing page to a live platform, in both languages, in a real browser."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from controlplane.billing.models import Order, Quote
from tests.flow.web import buying
from tests.flow.web.conftest import Site


class TestPurchase:
    def test_a_buyer_comes_from_the_landing_page_to_a_live_platform(self, page: Page, site: Site) -> None:
        """In German; in English somebody comes all the way without a mouse."""
        buying.order(page, site, language="de", slug="buy-de")
        buying.pay(page)
        page.wait_for_url(f"{site.url}/de/**")
        buying.arrives(page, site, slug="buy-de", headline="Ihre Seite ist online")

    def test_without_script_the_same_forms_lead_to_the_payment_page(
        self, new_page: Callable[..., Page], site: Site
    ) -> None:
        page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 844})
        page.goto(f"{site.url}/de/konfigurator/site?base=site-start&interval=year")
        assert "190" in (page.locator(".total strong").text_content() or "")
        page.locator("aside button.primary").click()
        page.locator("[name=kind][value=company]").check()
        buying.fill_buyer(page, "no-script")
        page.fill("#company", "Blumen Blum")
        page.fill("#vat_id", "DE123456789")
        page.locator("form#details button.primary").click()
        assert "zzgl. 19\xa0% MwSt." in (page.locator(".review.due").text_content() or "")
        for box in page.locator("input[name=consent]").all()[:2]:
            box.check()
        page.locator("button.big").click()
        page.wait_for_url("**/c/pay/**")
        assert site.shop.order_by(slug="no-script").buyer["company"] == "Blumen Blum"
        self._comes_back_after_days(page, new_page(java_script_enabled=False), site)

    def _comes_back_after_days(self, page: Page, other: Page, site: Site) -> None:
        """On another device, with nothing but the address: it says how things stand, and is asked again by hand."""
        buying.pay(page)
        page.wait_for_url(re.compile(r"/de/bestellung/[^?]+$"))
        other.goto(page.url)
        again = other.get_by_role("link", name="Aktualisieren")
        expect(again).to_be_visible()
        site.bring_up()
        again.click()
        expect(other.locator("h1")).to_have_text("Ihre Seite ist online")
        expect(other.locator("#st-build")).to_contain_text("fertig")

    def test_mistakes_are_said_at_the_field_and_nothing_typed_is_lost(self, page: Page, site: Site) -> None:
        page.goto(f"{site.url}/en/configure/site")
        page.locator("aside button.primary").click()
        page.fill("#name", "Anna")
        page.fill("#slug", "admin")
        page.locator("form#details button.primary").click()
        expect(page).to_have_title(re.compile("^Error:"))
        expect(page.locator("#slug-error")).to_contain_text("reserved")
        assert page.locator(".errors li").count() >= 4
        assert page.input_value("#name") == "Anna"
        assert page.locator("#email").get_attribute("aria-invalid") == "true"
        page.get_by_role("button", name="Deutsch").click()
        expect(page.locator("h1")).to_have_text("Wer bestellt?")
        assert (page.input_value("#name"), page.input_value("#slug")) == ("Anna", "admin")
        page.locator("#name").press("Enter")  # the enter key goes on, it does not change the language
        expect(page.locator("#slug-error")).to_contain_text("reserviert")
        page.reload()
        buying.fill_buyer(page, "speaks-both")
        page.locator("form#details button.primary").click()
        page.locator("input[name=consent]").first.check()
        page.get_by_role("button", name="English").click()
        expect(page.locator("h1")).to_have_text("Is everything right?")
        assert page.locator("input[name=consent]").first.is_checked()
        page.goto(page.url)  # by its address alone it begins where the details are asked for
        expect(page.locator("h1")).to_have_text("Who is ordering?")

    def test_nothing_is_ordered_without_the_consents(self, page: Page, site: Site) -> None:
        page.goto(f"{site.url}/de/konfigurator/site")
        page.locator("aside button.primary").click()
        buying.fill_buyer(page, "no-consent")
        page.locator("form#details button.primary").click()
        page.locator("button.big").click()
        expect(page.locator(".errors li")).to_have_count(3)
        assert "no-consent" not in {order.slug for order in site.shop.rows(Order)}

    def test_a_chosen_module_brings_what_it_needs_and_says_so(self, page: Page, site: Site) -> None:
        page.goto(f"{site.url}/de/konfigurator/creator")
        page.locator("[value=ivs-chat]").check()
        expect(page.locator("#price .note")).to_contain_text("Live-Streaming")
        expect(page.locator(".total strong")).to_contain_text("373")
        assert "extra=ivs-chat" in page.url
        page.reload()
        expect(page.locator(".total strong")).to_contain_text("373")

    def test_marks_of_a_campaign_are_kept_on_the_quote(self, page: Page, site: Site) -> None:
        page.goto(f"{site.url}/de/start/site?utm_campaign=autumn")
        page.locator(".hero a.primary").click()
        page.locator("aside button.primary").click()
        page.wait_for_url("**/angebot/**")
        quote = next(row for row in site.shop.rows(Quote) if row.id in page.url)
        assert quote.attribution == {"utm_campaign": "autumn"}
