"""Whole ways through the pages: an operator's out of a hole, a customer's to more, a buyer's without a mouse."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from playwright.sync_api import Browser, Page, expect

from controlplane.core.ids import new_id
from controlplane.identity import sign_ins, totp
from controlplane.identity.models import Principal
from controlplane.provisioning.models import Approval, Kind, Operation, OperationEvent, Phase, StateVersion
from tenants.models import Tenant
from tests.fixtures.browser import go, reach, type_into
from tests.fixtures.http import PASSWORD, make_operator
from tests.flow.web import buying
from tests.flow.web.conftest import Site
from tests.flow.web.test_people import bought, enter

URN = "urn:pulumi:t::site::cloudflare:index/r2Bucket:R2Bucket::files"
Pages = Callable[..., Page]


def operator(site: Site, page: Page, role: str) -> str:
    """Signs in through the page; the address."""
    row = make_operator(site.shop.gateways, role, email=f"{role}.{new_id()}@operators.example")
    page.goto(f"{site.url}/console")
    page.fill("#email", row.email)
    page.fill("#password", PASSWORD)
    page.click("main button.primary")
    page.wait_for_url(f"{site.url}/console")
    return row.email


def waits_for_approval(site: Site, tenant: Tenant) -> Operation:
    """As an update leaves it whose preview would replace what holds data."""
    change = {"op": "replace", "urn": URN, "detail": "location"}
    plan = {"critical": [change], "changes": [change]}
    with site.shop.gateways.db.transaction() as session:
        row = Operation(tenant_id=tenant.id, kind=Kind.UPDATE, phase=Phase.APPROVAL, cause="operator", release="9.9.9")
        session.add(row)
        session.flush()
        session.add(
            Approval(operation_id=row.id, tenant_id=tenant.id, requested_by="operator:else", plan=plan, release="9.9.9",
                     plan_hash="0" * 64, expires_at=site.shop.gateways.now() + timedelta(days=2))
        )  # fmt: skip
        session.add(StateVersion(tenant_id=tenant.id, stack="site", version=4, moment="before", digest="a" * 64,
                                 resources=9, body=""))  # fmt: skip
    return row


class TestOperator:
    def test_approves_a_preview_retries_and_restores_what_was_kept(self, new_page: Pages, site: Site) -> None:
        tenant = site.shop.tenant(bought(site, "journey-hole"))
        operation = waits_for_approval(site, tenant)
        one, other = new_page(locale="en-GB"), new_page(locale="en-GB")
        operator(site, one, "engineer")
        one.keyboard.press("j")
        go(one, one.get_by_role("link", name="journey-hole").first)
        expect(one.locator("section.critical")).to_contain_text("files")
        type_into(one, one.locator("#reason"), "looked at the copy")
        go(one, one.get_by_role("button", name="Approve"))
        expect(one.locator("main [role=alert]")).to_contain_text("Type exactly journey-hole")
        expect(one.locator("#reason")).to_have_value("looked at the copy")
        type_into(one, one.locator("#typed"), "journey-hole")
        go(one, one.get_by_role("button", name="Approve"))
        one.wait_for_url(f"{site.url}/console/operations/{operation.id}")
        go(one, one.get_by_role("button", name="Try again now"))
        expect(one.get_by_role("heading", level=1)).to_contain_text("next attempt")
        with site.shop.gateways.db.transaction() as session:
            assert session.get_one(Operation, operation.id).phase == Phase.WAITING
            session.get_one(Operation, operation.id).phase = Phase.DONE
        self._restores(one, other, site, tenant)
        with site.shop.gateways.db.transaction() as session:
            found = session.get_one(Operation, one.url.rsplit("/", 1)[-1])
            assert (found.kind, found.wanted) == (Kind.RESTORE, {"version": 4})

    def _restores(self, one: Page, other: Page, site: Site, tenant: Tenant) -> None:
        """Asked for, agreed to by another person, and then done with one click."""
        one.goto(f"{site.url}/console/tenants/{tenant.id}")
        go(one, one.get_by_role("link", name="State and recovery"))
        go(one, one.locator("tr", has_text="aaaaaaaaaaaa").get_by_role("link", name="Restore"))
        one.wait_for_url("**/recovery/4")
        address = one.url
        type_into(one, one.locator("#typed"), "journey-hole")
        type_into(one, one.locator("#reason"), "the last update was wrong")
        go(one, one.locator("button.danger-button"))
        expect(one.locator("h1")).to_contain_text("second person")
        operator(site, other, "admin")
        other.goto(f"{site.url}/console/approvals")
        asked = other.locator("article", has_text=f"/console/tenants/{tenant.id}/recovery/4")
        expect(asked).to_contain_text("/recovery/4")
        asked.locator("input[name=reason]").fill("agreed on the phone")
        asked.get_by_role("button", name="Approve").click()
        other.wait_for_url(f"{site.url}/console/approvals")
        one.goto(address)
        expect(one.locator("p.banner")).to_contain_text("has agreed")
        go(one, one.locator("button.danger-button"))
        one.wait_for_url(f"{site.url}/console/operations/**")

    def test_watches_what_happens_without_touching_anything(
        self, new_page: Pages, site: Site, console: dict[str, Any]
    ) -> None:
        """The start page and the operation keep up by themselves; neither takes the place or the focus away."""
        tenant = site.shop.tenant(bought(site, "journey-watch"))
        page = new_page(storage_state=console, locale="en-GB", viewport={"width": 1280, "height": 500})
        page.clock.install()
        page.goto(f"{site.url}/console")
        page.evaluate("window.stayed = true")
        reach(page, page.locator("#day-letters"))
        place = page.evaluate("scrollY")
        operation = site.parked(tenant, error_class="journey_watch")
        page.clock.fast_forward(31_000)
        line = page.locator("#group-parked a", has_text="journey-watch")
        expect(line).to_have_count(1, timeout=60_000)
        expect(page.locator("#live-region")).to_contain_text("somebody")
        assert page.evaluate("[document.activeElement.id, scrollY, stayed]") == ["day-letters", place, True]
        page.clock.fast_forward("26:00")
        stay = page.get_by_role("button", name="Stay signed in")
        expect(stay).to_be_visible(timeout=60_000)
        stay.click()
        expect(stay).to_be_hidden(timeout=60_000)
        line.press("Enter")
        page.wait_for_url(f"{site.url}/console/operations/{operation.id}")
        page.evaluate("window.stayed = true")
        self._sees_the_graph_grow(page, site, operation)
        assert page.evaluate("stayed")

    def _sees_the_graph_grow(self, page: Page, site: Site, operation: Operation) -> None:
        boxes, done = page.locator("svg.graph g.node"), page.locator("svg.graph g.node.done")
        outer, mail = "components:Site", "components:Site$components:Mail"
        told = ((outer, "pre", 1, 0), (mail, "pre", 2, 0), (outer, "res_outputs", 2, 1), (mail, "res_outputs", 2, 2))
        for number, (holder, kind, all_of_them, finished) in enumerate(told):
            with site.shop.gateways.db.transaction() as session:
                row = session.get_one(Operation, operation.id)
                row.phase, row.lease_owner, row.lease_until = Phase.RUNNING, "worker", site.shop.gateways.now()
                urn = f"urn:pulumi:t::site::{holder}$cloudflare:index/record:Record::one"
                event = {"step": "stack", "kind": kind, "op": "create", "urn": urn}
                session.add(OperationEvent(operation_id=row.id, sequence=number, **event))
            expect(boxes).to_have_count(all_of_them, timeout=60_000)
            expect(done).to_have_count(finished, timeout=60_000)
        with site.shop.gateways.db.transaction() as session:
            row = session.get_one(Operation, operation.id)
            row.phase, row.lease_owner = Phase.DONE, None
        expect(page.locator("#live .pill").first).to_have_text("Done", timeout=60_000)

    def test_is_not_overwritten_by_a_colleague(self, new_page: Pages, site: Site) -> None:
        one, other = new_page(locale="en-GB"), new_page(locale="en-GB")
        subject = make_operator(site.shop.gateways, "support", email=f"{new_id()}@operators.example")
        for page in (one, other):
            operator(site, page, "admin")
            page.goto(f"{site.url}/console/operators/{subject.id}")
        other.select_option("#role", "engineer")
        other.get_by_role("button", name="Set role").click()
        expect(other.locator(".head .pill")).to_have_text("Engineer")
        one.select_option("#role", "auditor")
        one.get_by_role("button", name="Set role").click()
        expect(one.locator("#errors")).to_contain_text("Somebody else has changed this")
        expect(one.locator("#errors td")).to_have_text(["Engineer", "Auditor", "May sign in", "–"])
        assert one.locator("#role").input_value() == "auditor"
        one.get_by_role("button", name="Set role").click()
        expect(one.locator(".head .pill")).to_have_text("Auditor")

    def test_sets_up_a_second_factor_and_comes_in_with_it(self, new_page: Pages, site: Site, browser: Browser) -> None:
        page = new_page(locale="de-DE")
        email = operator(site, page, "support")
        page.goto(f"{site.url}/console/me")
        page.get_by_role("button", name="Zweiten Faktor einrichten").click()
        expect(page.locator(".qr svg")).to_be_visible()
        seed = page.locator("#seed").inner_text()
        page.fill("#code", totp.code_at(seed, totp.counter_at(site.shop.gateways.now())))
        page.get_by_role("button", name="Einschalten").click()
        expect(page.locator("#codes li")).to_have_count(10)
        spare = page.locator("#codes li").first.inner_text()
        fresh = new_page(locale="de-DE")
        fresh.goto(f"{site.url}/console")
        fresh.fill("#email", email)
        fresh.fill("#password", PASSWORD)
        fresh.click("main button.primary")
        fresh.fill("#password", PASSWORD)
        fresh.fill("#code", spare)
        fresh.click("main button.primary")
        fresh.wait_for_url(f"{site.url}/console")

    def test_keeps_a_view_of_the_list(self, new_page: Pages, site: Site, console: dict[str, Any]) -> None:
        bought(site, "journey-view")
        page = new_page(storage_state=console, locale="en-GB")
        page.goto(f"{site.url}/console/tenants?q=journey-v&product=site")
        page.locator("summary", has_text="Keep these filters").click()
        page.fill("#view-name", "My journeys")
        page.get_by_role("button", name="Save view").click()
        with page.expect_download() as file:
            page.get_by_role("link", name="Download as CSV").click()
        assert "journey-view" in file.value.path().read_text()
        page.goto(f"{site.url}/console/tenants")
        page.get_by_role("link", name="My journeys").click()
        expect(page.locator("tbody th a")).to_have_text(["journey-view"])
        assert page.url.endswith("?product=site&q=journey-v")

    def test_is_told_why_nobody_buys_with_this_access(
        self, new_page: Pages, site: Site, console: dict[str, Any]
    ) -> None:
        page = new_page(storage_state=console)
        page.goto(f"{site.url}/en/configure/site")
        page.locator("aside button.primary").click()
        buying.fill_buyer(page, "journey-staff")
        page.locator("form#details button.primary").click()
        page.locator("button.big").click()
        expect(page.locator("main")).to_contain_text("You are signed in to the console")


class TestCustomer:
    def test_connects_a_domain_and_is_told_line_by_line(self, new_page: Pages, site: Site, browser: Browser) -> None:
        """In English; the journey through the real edge speaks German."""
        order = bought(site, "journey-domain", "en")
        page = new_page(permissions=["clipboard-read", "clipboard-write"])
        enter(page, site, "journey-domain@customers.example")
        page.goto(f"{site.url}/portal/t/{order.tenant_id}/domain")
        page.fill("#host", "not valid")
        page.get_by_role("button", name="Connect domain").click()
        expect(page.locator("[role=alert]")).to_be_visible()
        page.fill("#host", "www.journey-domain.de")
        page.get_by_role("button", name="Connect domain").click()
        expect(page.locator("h2", has_text="www.journey-domain.de")).to_be_visible()
        value = page.locator("tbody code").nth(1)
        page.locator("tbody [data-copy]").nth(1).click()
        assert page.evaluate("navigator.clipboard.readText()") == value.inner_text()
        page.get_by_role("button", name="Check now").click()
        expect(page.locator("h2", has_text="www.journey-domain.de")).to_be_visible()
        self._comes_back_to_what_was_typed(page, site)

    def _comes_back_to_what_was_typed(self, page: Page, site: Site) -> None:
        """The session ends while somebody types; signing in again leads back into the form."""
        page.fill("#host", "shop.journey-domain.de")
        with site.shop.gateways.db.transaction() as session:
            sign_ins.end_all(session, Principal.CUSTOMER, now=site.shop.gateways.now())
        page.get_by_role("button", name="Connect domain").click()
        page.fill("#email", "journey-domain@customers.example")
        page.click("main button.primary")
        page.locator("#code").wait_for()
        letter = site.letter_to("journey-domain@customers.example")
        page.goto(next(word for word in letter.split() if "/sign-in/link" in word).strip("<>()"))
        page.click("main button.primary")
        expect(page.locator("form .banner")).to_contain_text("Not saved yet")
        assert page.input_value("#host") == "shop.journey-domain.de"

    def test_changes_the_plan_for_what_stripe_says_it_costs(self, page: Page, site: Site) -> None:
        order = bought(site, "journey-plan")
        enter(page, site, "journey-plan@customers.example")
        page.goto(f"{site.url}/portal/t/{order.tenant_id}/billing")
        page.get_by_role("link", name="Tarif ändern").click()
        page.locator("[value=site-business]").check()
        page.get_by_role("button", name="Preis ansehen").click()
        expect(page.locator(".review")).to_contain_text("Business")
        page.get_by_role("button", name="Zahlungspflichtig ändern").click()
        page.wait_for_url(f"{site.url}/portal/t/{order.tenant_id}/billing")
        expect(page.locator("main")).to_contain_text("Business")
        assert "site-business" in site.shop.order_by(id=order.id).selection["offers"]


class TestWithoutAMouse:
    def test_a_buyer_comes_from_the_landing_page_to_the_live_page(self, page: Page, site: Site) -> None:
        """In English; the one with a mouse speaks German."""
        page.goto(f"{site.url}/en")
        go(page, page.locator("article.product a.button").first)
        page.wait_for_url("**/configure/**")
        go(page, page.locator("aside button.primary"))
        page.locator("form#details").wait_for()
        page.locator("#name").focus()
        given = {"name": "Anna Blum", "email": "journey-keys@customers.example", "line1": "Gartenweg 1",
                 "postal_code": "20095", "city": "Hamburg", "slug": "journey-keys"}  # fmt: skip
        for name, text in given.items():
            reach(page, page.locator(f"#{name}"))
            page.keyboard.press("Control+A")
            page.keyboard.type(text)
        go(page, page.locator("form#details button.primary"))
        page.locator("form#check").wait_for()
        for box in page.locator("input[name=consent]").all()[:3]:
            reach(page, box)
            page.keyboard.press("Space")
        go(page, page.locator("button.big"))
        page.wait_for_url("**/c/pay/**")
        for name, text in buying.CARD.items():
            if page.locator(f"[name={name}]").count():
                reach(page, page.locator(f"[name={name}]").first)
                page.keyboard.press("Control+A")
                page.keyboard.type(text)
        go(page, page.locator("button.go").first)
        page.wait_for_url(re.compile(r"/en/order/[^?]+$"))
        buying.arrives(page, site, slug="journey-keys", headline="Your site is online")
        reach(page, page.locator(".address a"))
