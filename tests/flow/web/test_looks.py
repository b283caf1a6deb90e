"""Every page at phone and desktop width: picture, no sideways scroll, and the rules of axe without a finding."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from controlplane.web import language, paths
from controlplane.web.portal.frame import SECTIONS
from tests.fixtures.browser import picture, violations
from tests.fixtures.furnished import Furnished
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
MINE = [f"/{name}" if name != "overview" else "" for name in (*SECTIONS["site"], "plan")]
THEIRS = [f"/{name}" if name != "overview" else "" for name in (*SECTIONS["creator"], "plan")]


def examine(page: Page, name: str, *, pictures: bool = True) -> list[str]:
    """Findings in words, of the phone's view; a picture of each width stays in the build folder."""
    found: list[str] = []
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        if pictures:
            picture(page, f"{name}-{width}")
        found += [f"{name} {width}: sideways scroll: {part}" for part in page.evaluate(TOO_WIDE)]
    return found + rules(page, name)


def rules(page: Page, name: str) -> list[str]:
    """Enough where a page differs from one that was examined in nothing but its colours."""
    return [f"{name}: {one}" for one in violations(page, TAGS)]


class TestPublic:
    @pytest.mark.parametrize("language", ["de", "en"])
    def test_pages_are_accessible_and_fit(self, page: Page, site: Site, language: str) -> None:
        found = []
        pictures = language == "de"  # the same page in shorter words is looked at, and not kept
        for name in PUBLIC:
            page.goto(site.url + paths.path(name, language))
            found += examine(page, f"{name}-{language}", pictures=pictures)
        for line in paths.LINES:
            page.goto(site.url + paths.path("configure", language, line=line))
            found += examine(page, f"configure-{line}-{language}", pictures=pictures)
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
        page = new_page(color_scheme="dark", viewport=PHONE)
        found = []
        for name in ("home", "site", "creator"):
            page.goto(site.url + paths.path(name, "en"))
            found += rules(page, f"{name}-dark")
        assert found == []


@pytest.fixture(scope="module")
def furnished(site: Site) -> Furnished:
    return Furnished(site.shop, "looks-inside", locale="en")


class TestInside:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_the_console_is_accessible_and_fits(
        self, new_page: Callable[..., Page], site: Site, console: dict[str, Any], furnished: Furnished, scheme: Any
    ) -> None:
        page = new_page(storage_state=console, locale="de-DE", color_scheme=scheme, viewport=PHONE)
        addresses = {"start": "/console", **furnished.addresses()}
        addresses |= {"ask": f"/console/tenants/{furnished.site.tenant_id}/ask/suspend"}
        addresses |= {"approval": f"/console/approvals/{furnished.approval.id}"}
        addresses |= {name: f"/console/{name}" for name in STAFF if scheme == "light"}
        found, look = [], examine if scheme == "light" else rules
        for name, address in addresses.items():
            page.goto(site.url + address)
            found += look(page, f"console-{name}-{scheme}")
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
        found += pages_of(plain, site, order.tenant_id, "de", MINE)
        dark = new_page(color_scheme="dark")
        enter(dark, site, furnished.email)
        found += pages_of(dark, site, furnished.site.tenant_id, "en", MINE)
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
        addresses = [f"{paths.path(name, 'en')}?utm_source=longer" for name in PUBLIC]  # kept by itself
        addresses += [paths.path("configure", "en", line=line) for line in paths.LINES]
        addresses += [
            f"/en/order/{furnished.site.token}",
            "/en/nothing",
            "/portal",
            "/portal/data",
            "/portal/referrals",
        ]
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
