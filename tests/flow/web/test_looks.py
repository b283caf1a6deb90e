"""Every page at phone and desktop width: picture, no sideways scroll, and the rules of axe without a finding."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from controlplane.web import paths
from tests.fixtures.browser import picture, violations
from tests.fixtures.furnished import Furnished
from tests.flow.web.conftest import Site
from tests.flow.web.test_journeys import operator
from tests.flow.web.test_people import bought, enter

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PUBLIC = ("home", "site", "creator", *paths.LEGAL, "withdraw", "cancel", "report", "consent")
STAFF = (
    "tenants operations approvals decisions customers accounts fleet inbox emails catalog referrals stats audit".split()
)
MINE = ("", "/domain", "/credentials", "/billing", "/plan", "/team")


def examine(page: Page, name: str) -> list[str]:
    """Findings in words, of the phone's view; a picture of each width stays in the build folder."""
    found: list[str] = []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, f"{name}-{width}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{name} {width}: sideways scroll")
    return found + [f"{name}: {one}" for one in violations(page, TAGS)]


class TestPublic:
    @pytest.mark.parametrize("language", ["de", "en"])
    def test_pages_are_accessible_and_fit(self, page: Page, site: Site, language: str) -> None:
        found = []
        for name in PUBLIC:
            page.goto(site.url + paths.path(name, language))
            found += examine(page, f"{name}-{language}")
        for line in paths.LINES:
            page.goto(site.url + paths.path("configure", language, line=line))
            found += examine(page, f"configure-{line}-{language}")
        assert found == []

    def test_the_steps_of_a_purchase_are_accessible_and_fit(self, page: Page, site: Site) -> None:
        from tests.flow.web import buying

        page.goto(f"{site.url}/de/konfigurator/site")
        page.locator("aside button.primary").click()
        page.locator("form#details button.primary").click()
        found = examine(page, "details-errors")
        buying.fill_buyer(page, "looks-good")
        page.locator("form#details button.primary").click()
        page.locator("form#check").wait_for()
        found += examine(page, "check")
        page.goto(f"{site.url}/de/gibt-es-nicht")
        found += examine(page, "404")
        order = bought(site, "looks-live")
        page.goto(f"{site.url}/de/bestellung/{order.token}")
        assert [*found, *examine(page, "order-live")] == []

    def test_dark_colours_have_the_contrast_too(self, new_page: Callable[..., Page], site: Site) -> None:
        page = new_page(color_scheme="dark")
        found = []
        for name in ("home", "site", "creator"):
            page.goto(site.url + paths.path(name, "en"))
            found += examine(page, f"{name}-dark")
        assert found == []


@pytest.fixture(scope="module")
def furnished(site: Site) -> Furnished:
    return Furnished(site.shop, "looks-inside", locale="en")


class TestInside:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_the_console_is_accessible_and_fits(
        self, new_page: Callable[..., Page], site: Site, console: dict[str, Any], furnished: Furnished, scheme: Any
    ) -> None:
        page = new_page(storage_state=console, locale="de-DE", color_scheme=scheme)
        addresses = {"start": "/console", **furnished.addresses()}
        addresses |= {"ask": f"/console/tenants/{furnished.site.tenant_id}/ask/suspend"}
        addresses |= {"approval": f"/console/approvals/{furnished.approval.id}"}
        addresses |= {name: f"/console/{name}" for name in STAFF if scheme == "light"}
        found = []
        for name, address in addresses.items():
            page.goto(site.url + address)
            found += examine(page, f"console-{name}-{scheme}")
        assert found == []

    def test_people_are_accessible_and_fit(self, new_page: Callable[..., Page], site: Site) -> None:
        page = new_page(locale="en-GB")
        operator(site, page, "admin")
        page.goto(f"{site.url}/console/operators")
        found = examine(page, "console-operators")
        page.locator("tbody a").first.click()
        found += examine(page, "console-operator")
        page.goto(f"{site.url}/console/me")
        page.get_by_role("button", name="Set up").click()
        assert [*found, *examine(page, "console-factor")] == []

    def test_the_portal_is_accessible_and_fits(
        self, new_page: Callable[..., Page], site: Site, furnished: Furnished
    ) -> None:
        """English and dark for one customer, German and light for another."""
        order = bought(site, "looks-portal")
        plain, found = new_page(), []
        plain.goto(f"{site.url}/sign-in")
        found += examine(plain, "portal-sign-in")
        enter(plain, site, "looks-portal@customers.example")
        found += pages_of(plain, site, order.tenant_id, "de", (*MINE, "/releases"))
        dark = new_page(color_scheme="dark")
        enter(dark, site, furnished.email)
        found += pages_of(dark, site, furnished.site.tenant_id, "en", MINE)
        found += pages_of(dark, site, furnished.creator.tenant_id, "en-creator", ("", "/modules", "/plan"))
        assert found == []


def pages_of(page: Page, site: Site, tenant_id: str | None, name: str, parts: tuple[str, ...]) -> list[str]:
    found = []
    for address in (
        *(f"/portal/t/{tenant_id}{part}" for part in parts),
        "/portal/referrals",
        "/portal/data",
        "/portal",
    ):
        page.goto(site.url + address)
        last = address.rsplit("/", 1)[-1]
        found += examine(page, f"portal-{name}-{'overview' if last == tenant_id else last}")
    return found
