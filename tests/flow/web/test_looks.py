"""Every page at phone and desktop width: picture, no sideways scroll, and the rules of axe without a finding."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from controlplane.billing.models import Quote
from controlplane.web import language, paths
from controlplane.web.portal.frame import SECTIONS
from tests.fixtures.browser import picture, violations
from tests.fixtures.furnished import Furnished
from tests.flow.web import buying
from tests.flow.web.conftest import Site
from tests.flow.web.test_journeys import operator
from tests.flow.web.test_people import bought, enter

TOO_WIDE = """() => document.documentElement.scrollWidth > innerWidth
    ? [...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > innerWidth)
        .map(one => one.outerHTML.slice(0, 90)).slice(-1) : []"""
PHONE: Any = {"width": 390, "height": 900}
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
PUBLIC = [name for name, (address, _twin) in paths.TWINS.items() if "{" not in address]
STAFF = (
    "tenants operations approvals decisions customers accounts fleet inbox emails catalog referrals stats audit".split()
)
ALIKE = {*paths.LEGAL, "withdraw", "cancel", "report"} - {"terms", "cancel"}  # made by the template of one of these
IN_THE_DARK = ("start", "tenant", "operation")  # what they are made of stands on the page of all components
MINE = [f"/{name}" if name != "overview" else "" for name in (*SECTIONS["site"], "plan", "cancel")]
OF_PERSONS = ["/portal/referrals", "/portal/data", "/portal"]
THEIRS = ["", "/modules", "/look", "/plan"]  # the others are made as those of a site


def examine(page: Page, name: str, *, pictures: bool = True) -> list[str]:
    """Findings in words, of the phone's view; a picture of each width stays in the build folder."""
    return [*fits(page, name, pictures=pictures), *rules(page, name)]


def fits(page: Page, name: str, *, pictures: bool = True, widths: tuple[int, ...] = (1280, 390)) -> list[str]:
    found: list[str] = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 900})
        if pictures:
            picture(page, f"{name}-{width}")
        found += [f"{name} {width}: sideways scroll: {part}" for part in page.evaluate(TOO_WIDE)]
    return found


def rules(page: Page, name: str) -> list[str]:
    return [f"{name}: {one}" for one in violations(page, TAGS)]


class TestPublic:
    @pytest.mark.parametrize("language", ["de", "en"])
    def test_pages_are_accessible_and_fit(self, page: Page, site: Site, language: str) -> None:
        """Of pages that one template makes one is enough for the rules; in the second language for everything."""
        found = []
        for name in PUBLIC:
            if language == "en" and name in ALIKE:
                continue
            page.goto(site.url + paths.path(name, language))
            found += fits(page, f"{name}-{language}", pictures=language == "de")
            found += rules(page, f"{name}-{language}") if name not in ALIKE else []
        for line in paths.LINES:
            page.goto(site.url + paths.path("configure", language, line=line))
            found += examine(page, f"configure-{line}-{language}", pictures=language == "de")
        assert found == []

    def test_the_steps_of_a_purchase_are_accessible_and_fit(self, page: Page, site: Site) -> None:
        page.goto(f"{site.url}/de/konfigurator/site")
        page.locator("aside button.primary").click()
        page.locator("form#details button.primary").click()
        found = examine(page, "details-errors")
        buying.fill_buyer(page, "looks-good")
        page.locator("form#details button.primary").click()
        page.locator("form#check").wait_for()
        found += examine(page, "check")
        quote_id = page.url.split("/")[-2]
        with site.shop.gateways.db.transaction() as session:
            session.get_one(Quote, quote_id).valid_until = site.shop.gateways.now()
        page.goto(f"{site.url}/de/angebot/{quote_id}/angaben")
        found += examine(page, "repriced")
        page.goto(f"{site.url}/de/gibt-es-nicht")
        found += examine(page, "404")
        order = bought(site, "looks-live")
        page.goto(f"{site.url}/de/bestellung/{order.token}")
        assert [*found, *examine(page, "order-live")] == []

    @pytest.mark.parametrize("language", ["de", "en"])
    def test_every_component_bears_every_width_colour_and_size(self, page: Page, site: Site, language: str) -> None:
        """All of them stand on one page, so that the others need not be looked at in each of these ways."""
        page.goto(f"{site.url}/gallery/{language}")
        found = examine(page, f"gallery-{language}")
        page.emulate_media(color_scheme="dark")
        found += rules(page, f"gallery-{language}-dark")
        picture(page, f"gallery-{language}-dark-390")
        page.emulate_media(color_scheme="light", forced_colors="active")
        found += fits(page, f"gallery-{language}-forced", widths=(390,))
        page.emulate_media(forced_colors="none")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert [*found, *fits(page, f"gallery-{language}-large", widths=(820, 390))] == []


@pytest.fixture(scope="module")
def furnished(site: Site) -> Furnished:
    return Furnished(site.shop, "looks-inside", locale="en")


class TestInside:
    def test_the_console_is_accessible_and_fits(
        self, new_page: Callable[..., Page], site: Site, console: dict[str, Any], furnished: Furnished
    ) -> None:
        page = new_page(storage_state=console, locale="de-DE", viewport=PHONE)
        addresses = {"start": "/console", **furnished.addresses()}
        addresses |= {"ask": f"/console/tenants/{furnished.site.tenant_id}/ask/suspend"}
        addresses |= {"approval": f"/console/approvals/{furnished.approval.id}"}
        addresses |= {name: f"/console/{name}" for name in STAFF}
        found = []
        for name, address in addresses.items():
            page.goto(site.url + address)
            found += examine(page, f"console-{name}-light")
            if name in IN_THE_DARK:
                page.emulate_media(color_scheme="dark")
                found += rules(page, f"console-{name}-dark")
                page.emulate_media(color_scheme="light")
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
        """German and light for one customer, English and dark for another."""
        order = bought(site, "looks-portal")
        plain = new_page()
        plain.goto(f"{site.url}/sign-in")
        found = examine(plain, "portal-sign-in")
        enter(plain, site, "looks-portal@customers.example")
        found += pages_of(plain, site, order.tenant_id, "de", [*MINE, *OF_PERSONS])
        dark = new_page(color_scheme="dark")
        enter(dark, site, furnished.email)
        found += pages_of(dark, site, furnished.site.tenant_id, "en", [*MINE, *OF_PERSONS])
        found += pages_of(dark, site, furnished.creator.tenant_id, "en-creator", THEIRS)
        assert found == []

    def test_longer_texts_fit_a_phone(
        self, new_page: Callable[..., Page], site: Site, furnished: Furnished, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A language whose words are half as long again: no page may become wider than a phone."""
        texts = language.catalogue("en")
        page = new_page(viewport={"width": 360, "height": 800}, locale="en-GB")
        enter(page, site, furnished.email)
        monkeypatch.setattr(language, "catalogue", lambda _code: {key: longer(text) for key, text in texts.items()})
        addresses = [f"{paths.path(name, 'en')}?utm_source=longer" for name in PUBLIC if name not in ALIKE]
        addresses += [paths.path("configure", "en", line=line) for line in paths.LINES]
        addresses += [f"/en/order/{furnished.site.token}", "/en/nothing", *OF_PERSONS]
        addresses += [f"/portal/t/{furnished.site.tenant_id}{part}" for part in MINE]
        addresses += [f"/portal/t/{furnished.creator.tenant_id}{part}" for part in THEIRS]
        wide = []
        for address in addresses:
            page.goto(site.url + address)
            assert "⟦" in (page.locator(".skip").text_content() or "")
            wide += [f"{address}: {part}" for part in page.evaluate(TOO_WIDE)]
        assert wide == []


def longer(text: Any) -> Any:
    """The same gaps, and half of the letters once more, as one word if it is one."""
    if isinstance(text, tuple):
        return tuple(longer(one) for one in text)
    letters = re.sub(r"{.*?}", "", text)
    return f"⟦{text}{letters[: len(letters) // 2 + 1]}⟧"


def pages_of(page: Page, site: Site, tenant_id: str | None, name: str, parts: list[str]) -> list[str]:
    found = []
    for part in parts:
        page.goto(site.url + (part if part in OF_PERSONS else f"/portal/t/{tenant_id}{part}"))
        found += examine(page, f"portal-{name}-{part.rsplit('/', 1)[-1] or 'overview'}")
    return found
