"""Customers and operators at work in a real browser."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from controlplane.billing.ledger import Subscription
from controlplane.billing.models import Order
from controlplane.provisioning.models import Phase
from controlplane.web.language import Language
from controlplane.web.shell import CONSENT_VERSION
from tests.flow.web.conftest import Site


def bought(site: Site, slug: str, language: str = "de") -> Order:
    order = site.shop.order(slug=slug, email=f"{slug}@customers.example", quoted={"locale": language})
    site.shop.pay(order)
    site.bring_up()
    return site.shop.order_by(id=order.id)


def enter(page: Page, site: Site, address: str) -> None:
    page.goto(f"{site.url}/portal")
    page.fill("#email", address)
    page.click("main button.primary")
    page.locator("#code").wait_for()
    link = next(word for word in site.letter_to(address).split() if "/sign-in/link" in word)
    page.goto(link.strip("<>()"))
    page.click("main button.primary")


class TestCustomer:
    @pytest.mark.parametrize("language", ["de", "en"])
    def test_signs_in_sees_every_page_cancels_and_changes_their_mind(
        self, new_page: Callable[..., Page], site: Site, language: str
    ) -> None:
        t, slug = Language(language), f"portal-{language}"
        order = bought(site, slug, language)
        page = new_page(locale=language)
        page.goto(f"{site.url}/portal")
        expect(page.locator("h1")).to_have_text(t("enter.title"))
        enter(page, site, f"{slug}@customers.example")
        home = f"{site.url}/portal/t/{order.tenant_id}"
        page.wait_for_url(home)
        for name in ("domain", "credentials", "billing", "releases", "team"):
            answer = page.goto(f"{home}/{name}")
            assert answer
            assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
            expect(page.locator("h1")).to_have_text(t(f"portal.{name}"))
        page.goto(f"{site.url}/portal/referrals")
        expect(page.locator("#link")).to_contain_text("?ref=")
        self._pays_elsewhere_and_comes_back(page, site, home, t)
        page.get_by_role("link", name=t("leave.title")).click()
        page.get_by_role("button", name=t("billing.cancel")).click()
        expect(page.locator(".answer")).to_have_text(t("leave.planned", day=self._end(site, order, t)))
        page.get_by_role("button", name=t("billing.keep")).click()
        expect(page.get_by_role("link", name=t("leave.title"))).to_have_count(1)

    def _pays_elsewhere_and_comes_back(self, page: Page, site: Site, home: str, t: Language) -> None:
        page.goto(f"{home}/billing")
        page.get_by_role("button", name=t("billing.page_do")).click()
        page.wait_for_url(f"{site.shop.vendors.url}/**")
        page.goto(f"{site.url}/portal/billing")
        page.wait_for_url(f"{home}/billing")

    def _end(self, site: Site, order: Order, t: Language) -> str:
        [row] = [row for row in site.shop.rows(Subscription) if row.order_id == order.id]
        return t.day(row.period_end)

    def test_cannot_see_what_belongs_to_somebody_else(self, page: Page, site: Site) -> None:
        other, _mine = bought(site, "portal-other"), bought(site, "portal-mine")
        enter(page, site, "portal-mine@customers.example")
        answer = page.goto(f"{site.url}/portal/t/{other.tenant_id}")
        assert answer
        assert answer.status == 404
        expect(page.locator("h1")).not_to_contain_text("portal-other")


class TestOperator:
    def test_finds_a_stopped_operation_and_lets_it_go_on(
        self, new_page: Callable[..., Page], site: Site, console: dict[str, Any]
    ) -> None:
        order = bought(site, "needs-help")
        operation = site.parked(site.shop.tenant(order))
        page = new_page(storage_state=console, locale="de-DE")
        page.goto(f"{site.url}/console")
        page.get_by_role("link", name="needs-help").first.click()
        expect(page.locator(".banner.danger")).to_contain_text("<b>The vendor said no</b>")
        page.get_by_role("button", name="Jetzt erneut versuchen").click()
        expect(page.locator("h1")).to_contain_text("wartet auf den nächsten Versuch")
        with site.shop.gateways.db.transaction() as session:
            assert session.get_one(type(operation), operation.id).phase == Phase.WAITING

    def test_must_type_the_name_before_a_platform_is_closed(
        self, new_page: Callable[..., Page], site: Site, console: dict[str, Any]
    ) -> None:
        order = bought(site, "stays-open")
        page = new_page(storage_state=console, locale="en-GB")
        page.goto(f"{site.url}/console/tenants/{order.tenant_id}/ask/suspend")
        page.fill("#typed", "something-else")
        page.click("button.danger-button")
        expect(page.locator("[role=alert]")).to_contain_text("Type exactly stays-open")

    def test_finds_a_tenant_by_the_beginning_of_its_address(
        self, new_page: Callable[..., Page], site: Site, console: dict[str, Any]
    ) -> None:
        bought(site, "searched-for")
        page = new_page(storage_state=console)
        page.goto(f"{site.url}/console")
        page.keyboard.press("/")
        page.keyboard.type("searched")
        page.keyboard.press("Enter")
        expect(page.locator("tbody th a")).to_have_text(["searched-for"])


class TestDoors:
    def test_a_wrong_password_is_refused_and_the_address_stays(self, page: Page, site: Site) -> None:
        page.goto(f"{site.url}/console/sign-in?back=https://evil.example")
        page.fill("#email", "nobody@operators.example")
        page.fill("#password", "wrong wrong wrong")
        page.click("main button.primary")
        expect(page.locator("[role=alert]")).to_be_visible()
        assert page.input_value("#email") == "nobody@operators.example"
        assert page.locator("[name=back]").input_value() == "/console"


class TestConsent:
    def test_nothing_is_counted_before_consent_and_the_choice_can_be_changed(self, page: Page, site: Site) -> None:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url) if "statistics" in request.url else None)
        page.goto(f"{site.url}/de")
        expect(page.locator("#consent")).to_be_visible()
        assert sent == []
        page.locator("#consent button[value=all]").click()
        expect(page.locator("#consent")).to_be_hidden()
        assert [url.removeprefix(site.url) for url in sent] == ["/statistics/view"]
        page.goto(f"{site.url}/de/datenschutz-einstellungen")
        page.locator("main button[value=none]").click()
        expect(page.locator("main")).to_contain_text("Es wird nichts gezählt.")
        at = Language("de").moment(site.shop.gateways.now())
        expect(page.locator("main")).to_contain_text(f"Entschieden am {at}, Fassung {CONSENT_VERSION}.")
