"""A customer in a real browser, with everything behind it real: portal, identity, studio in the Workers, DNS."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from sqlmodel import col, select

from controlplane.delivery import sending
from controlplane.delivery.models import Email
from controlplane.domains.models import Domain
from controlplane.gateways import Gateways
from controlplane.identity import tasks as identity
from controlplane.identity.models import Grant
from controlplane.provisioning import hostnames
from controlplane.provisioning.models import Kind, Phase
from controlplane.web.language import Language
from tenants.models import Tenant
from tests.fixtures.http import make_customer
from tests.fixtures.polling import poll
from tests.fixtures.vendors import wait_for
from tests.fixtures.world import World
from tests.flow.web.test_looks import examine

EMAIL = "journey@customers.example"
STUDIO = {
    "de": {
        "language": "Deutsch",
        "heading": "Aus dem Studio",
        "plan_go": "In den Entwurf übernehmen",
        "upload_done": "Der Entwurf ist aktualisiert.",
        "preview": "Vorschau öffnen",
        "publish": "Jetzt veröffentlichen",
        "published": "Version {n} ist online.",
    },
    "en": {
        "language": "English",
        "heading": "From the studio",
        "plan_go": "Put into the draft",
        "upload_done": "The draft is up to date.",
        "preview": "Open preview",
        "publish": "Publish now",
        "published": "Version {n} is online.",
    },
}
BEFORE_ENTERING = "401 (Unauthorized)"  # the studio asks who is there, and is told: nobody


@dataclass
class Site:
    world: World
    url: str
    tenant: Tenant

    @property
    def home(self) -> str:
        return f"{self.url}/portal/t/{self.tenant.id}"

    def link(self) -> str:
        """The one in the newest letter, as the emulated vendor delivered it."""
        gateways = self.world.gateways
        with gateways.db.transaction() as session:
            query = select(Email).where(Email.kind == "sign_in", Email.to == EMAIL)
            letter = session.exec(query.order_by(col(Email.id).desc())).first()
        assert letter
        sending.run(gateways, letter.id)
        headers = {"authorization": f"Bearer {self.world.place.secrets['control_token']}"}
        mailbox = f"{self.world.place.vendors_url}/resend/_sim/mailbox"
        mails = httpx.get(mailbox, params={"to": EMAIL}, headers=headers, trust_env=False).json()["mails"]
        found = re.search(r"http://\S+/sign-in/link\S+", str(mails[0]["text"]))
        assert found
        return found.group().rstrip(">)")


@pytest.fixture
def site(world: World, build_app: Callable[[Gateways], FastAPI]) -> Iterator[Site]:
    gateways, port = world.gateways, world.place.ports["api"]
    config = uvicorn.Config(build_app(gateways), port=port, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started or None)
    tenant = world.tenant("journey")
    customer = make_customer(gateways, email=EMAIL)
    assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
    with gateways.db.transaction() as session:
        row = session.get_one(Tenant, tenant.id)
        row.customer_id = customer.id
        row.live_at = row.live_at or gateways.now()
    yield Site(world, gateways.settings.public_url, tenant)
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(reduced_motion="reduce", locale="de-DE", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    found: list[str] = []
    opened = context.new_page()
    opened.on("console", lambda line: found.append(line.text) if line.type in {"error", "warning"} else None)
    opened.on("pageerror", lambda error: found.append(str(error)))
    yield opened
    context.close()
    assert [line for line in found if BEFORE_ENTERING not in line and "422" not in line] == []


def test_the_journey_of_a_customer(site: Site, page: Page, tmp_path: Path) -> None:
    enters_by_letter(site, page)
    connects_a_domain(site, page)
    sees_a_key_once(site, page)
    lets_somebody_in(site, page)
    works_in_the_studio(site, page, tmp_path / "de", STUDIO["de"], version=2)
    goes_back_in_the_portal(site, page, Language("de"), version=1)
    speaks_english(site, page)
    works_in_the_studio(site, page, tmp_path / "en", STUDIO["en"], version=4)
    goes_back_in_the_portal(site, page, Language("en"), version=3)
    leaves_everywhere(site, page)
    assert page.url.startswith(site.world.gateways.edge.address("app.portal.localhost"))


def enters_by_letter(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/portal")
    page.fill("#email", EMAIL)
    page.click("main button.primary")
    page.locator("#code").wait_for()
    page.goto(site.link())
    page.click("main button.primary")
    page.wait_for_url(site.home)
    assert examine(page, "journey-overview") == []


def connects_a_domain(site: Site, page: Page) -> None:
    page.goto(f"{site.home}/domain")
    page.fill("#host", "journey.localhost")
    page.click("main button.primary")
    expect(page.get_by_role("alert")).to_contain_text("eigenen")
    page.fill("#host", "www.journey-blumen.de")
    page.click("main button.primary")
    section = page.locator("section", has=page.get_by_role("heading", name="www.journey-blumen.de"))
    expect(section.locator("tbody tr").first).to_contain_text("fehlt")
    assert examine(page, "journey-domain") == []
    domain = the_domain(site)
    record = {"type": "TXT", "name": f"_sp-verify.{domain.host}", "value": domain.token}
    httpx.post(f"{site.world.place.vendors_url}/dns/records", json=record, trust_env=False).raise_for_status()
    page.get_by_role("button", name="Jetzt prüfen").click()
    expect(section.locator("tbody tr").first).to_contain_text("stimmt")
    assert the_domain(site).checks == 0
    hostnames.check(site.world.gateways, domain.id)  # what the button has woken
    page.reload()
    expect(section.locator("h2")).to_contain_text("wird eingerichtet")


def the_domain(site: Site) -> Domain:
    with site.world.gateways.db.transaction() as session:
        return session.exec(select(Domain).where(Domain.tenant_id == site.tenant.id)).one()


def sees_a_key_once(site: Site, page: Page) -> None:
    page.goto(f"{site.home}/credentials")
    page.get_by_role("button", name="Einmal anzeigen").click()
    expect(page.locator("#key")).to_have_text(re.compile("^re_"))
    assert examine(page, "journey-key") == []
    page.goto(f"{site.home}/credentials")
    expect(page.get_by_role("button", name="Einmal anzeigen")).to_have_count(0)
    expect(page.locator("#key")).to_have_count(0)


def lets_somebody_in(site: Site, page: Page) -> None:
    page.goto(f"{site.home}/team")
    page.fill("#email", "helper@customers.example")
    page.select_option("#chosen", "editor")
    page.get_by_role("button", name="Einladen").click()
    expect(page.locator("tbody").first).to_contain_text("helper@customers.example")
    assert examine(page, "journey-team") == []
    page.get_by_role("button", name="helper@customers.example entfernen").click()
    expect(page.locator("tbody").first).not_to_contain_text("helper@customers.example")


def works_in_the_studio(site: Site, page: Page, folder: Path, said: dict[str, str], *, version: int) -> None:
    """Signed in at the portal is signed in here: code and PKCE, without another question."""
    page.goto(site.home)
    page.locator("main a.button.primary").click()
    page.get_by_role("link", name=re.compile("^(Anmelden|Website)$")).wait_for()
    if page.get_by_role("link", name="Anmelden").count():
        page.get_by_role("link", name="Anmelden").click()
    page.get_by_role("button", name=said["language"]).click()
    folder.mkdir()
    (folder / "index.html").write_text(f"<!doctype html><title>{version}</title><h1>{said['heading']}</h1>")
    page.locator("input[webkitdirectory]").set_input_files(folder)
    page.get_by_role("button", name=said["plan_go"]).click()
    expect(page.get_by_text(said["upload_done"])).to_be_visible()
    with page.expect_popup() as opened:
        page.get_by_role("button", name=said["preview"]).click()
    expect(opened.value.get_by_role("heading", name=said["heading"])).to_be_visible()
    opened.value.close()
    page.get_by_role("button", name=said["publish"]).click()
    page.get_by_role("dialog").get_by_role("button", name=said["publish"]).click()
    expect(page.get_by_text(said["published"].format(n=version))).to_be_visible()
    sees(site, said["heading"])
    page.get_by_role("link", name="Domains").click()
    expect(page.get_by_text("www.journey-blumen.de").first).to_be_visible()


def goes_back_in_the_portal(site: Site, page: Page, t: Language, *, version: int) -> None:
    """What comes back is a new version; its own row is the newest then."""
    page.goto(f"{site.home}/releases")
    assert examine(page, f"journey-releases-{t.code}") == []
    page.get_by_role("button", name=t("releases.back_to", number=version)).click()
    expect(page.locator("tbody th").first).to_have_text(str(version + 2))
    expect(page.locator("tbody tr").first).to_contain_text(t("releases.live"))
    sees(site, "Blumen Anna")


def speaks_english(site: Site, page: Page) -> None:
    page.goto(f"{site.url}/portal/data")
    page.select_option("#language", "en")
    page.get_by_role("button", name="Übernehmen").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def leaves_everywhere(site: Site, page: Page) -> None:
    studio = site.world.gateways.edge.address("app.portal.localhost")
    page.goto(site.home)
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(re.compile("/sign-in"))
    with site.world.gateways.db.transaction() as session:
        grant = session.exec(select(Grant).where(col(Grant.edge_ends_at).is_not(None))).one()
    identity.tell_edge(site.world.gateways, grant.id)
    poll(lambda: signed_out(page, studio), seconds=90, every=0.5)


def signed_out(page: Page, studio: str) -> bool:
    page.goto(studio)
    page.locator("main h1, a[href^='/auth/login']").first.wait_for()
    return page.locator("a[href^='/auth/login']").count() == 1


def sees(site: Site, text: str) -> None:
    host = f"{site.tenant.slug}.localhost"
    poll(lambda: text in site.world.gateways.edge.probe(host).body, seconds=60)
