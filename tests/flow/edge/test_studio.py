"""The studio in a real browser: from an empty site to a published one and back, in both languages and on a phone."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from programs.starter import Starter
from tests.flow.edge.conftest import EDGE, NODE, Node

# Before anybody is signed in, the page asks who is there and is told: nobody.
EXPECTED = "401 (Unauthorized)"


NAMELESS = """() => [...document.querySelectorAll('button, a[href], input, select, textarea')]
    .filter((one) => one.checkVisibility() && !one.hasAttribute('aria-hidden'))
    .filter((one) => !one.innerText?.trim() && !one.ariaLabel)
    .filter((one) => ![...(one.labels ?? [])].some((label) => label.innerText.trim()))
    .map((one) => one.outerHTML.slice(0, 120))"""


@dataclass
class Visit:
    page: Page
    problems: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def portal(node: Node) -> Iterator[str]:
    command = [str(NODE), "test/flow/serve.ts"]
    with subprocess.Popen(command, cwd=EDGE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["portal"]
        process.stdin.close()
        assert process.wait(60) == 0


def open_page(browser: Browser, width: int, language: str) -> Visit:
    context = browser.new_context(viewport={"width": width, "height": 800}, locale=language)
    context.set_default_timeout(20_000)
    visit = Visit(context.new_page())
    visit.page.on(
        "console", lambda line: visit.problems.append(line.text) if line.type in {"error", "warning"} else None
    )
    visit.page.on("pageerror", lambda error: visit.problems.append(str(error)))
    return visit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    site = tmp_path / "my-site"
    site.mkdir()
    starter = Starter(language="de", company="Muster", host="muster.example", email=None, year=2026, forms=True)
    for path, content in starter.files().items():
        (site / path.removeprefix("/")).write_bytes(content)
    (site / "notes.docx").write_bytes(b"not for the web")
    return site


def upload(page: Page, folder: Path) -> None:
    page.locator("input[webkitdirectory]").set_input_files(folder)
    page.get_by_role("button", name="In den Entwurf übernehmen").click()
    expect(page.locator(".changes li").first).to_be_visible()


def publish(page: Page, version: int) -> None:
    page.get_by_role("button", name="Jetzt veröffentlichen").click()
    page.get_by_role("dialog").get_by_role("button", name="Jetzt veröffentlichen").click()
    expect(page.get_by_text(f"Version {version} ist online.")).to_be_visible()


def test_from_a_folder_to_the_web_and_back(portal: str, browser: Browser, folder: Path) -> None:
    visit = open_page(browser, 1200, "de-DE")
    page = visit.page
    page.goto(portal)
    page.get_by_role("link", name="Anmelden").click()
    expect(page.get_by_text("Noch nichts veröffentlicht")).to_be_visible()

    page.locator("input[webkitdirectory]").set_input_files(folder)
    expect(page.get_by_text("Eine Datei kann nicht aufgenommen werden")).to_be_visible()
    page.get_by_role("button", name="In den Entwurf übernehmen").click()
    expect(page.get_by_text("9 Änderungen sind noch nicht online.")).to_be_visible()
    publish(page, 1)

    (folder / "index.html").write_text("<!doctype html><title>Neu</title><h1>Neu</h1>")
    upload(page, folder)
    publish(page, 2)
    address = page.locator(".address a").get_attribute("href")
    assert address
    site = page.context.new_page()
    site.goto(address)
    expect(site.get_by_role("heading", name="Neu")).to_be_visible()

    page.get_by_role("link", name="Versionen").click()
    page.get_by_role("button", name="Wieder einsetzen").click()
    page.get_by_role("dialog").get_by_role("button", name="Wieder einsetzen").click()
    expect(page.get_by_text("Version 3 ist wieder online.")).to_be_visible()
    site.reload()
    expect(site.get_by_role("heading", name="Muster", exact=True)).to_be_visible()
    assert [problem for problem in visit.problems if EXPECTED not in problem] == []


def test_by_keyboard_on_a_phone_in_english(portal: str, browser: Browser) -> None:
    visit = open_page(browser, 320, "en-GB")
    page = visit.page
    page.goto(portal)
    page.get_by_role("button", name="English").press("Enter")
    page.get_by_role("link", name="Sign in").press("Enter")
    expect(page.get_by_role("heading", name="Your website")).to_be_visible()
    for name, heading in [
        ("Versions", "No version yet."),
        ("Messages", "No messages yet."),
        ("Domains", "www.anna.example"),
        ("Invoices", "SP-0001"),
        ("Website", "Nothing published yet"),
    ]:
        page.get_by_role("link", name=name, exact=True).press("Enter")
        expect(page.get_by_text(heading).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        assert page.evaluate("document.activeElement.id") == "main"
        assert page.locator("h1").count() == 1
    portal_page = page.get_by_role("link", name="To the portal")
    expect(portal_page).to_have_attribute("href", re.compile(r"/portal/t/\w{26}$"))
    page.get_by_role("button", name="Sign out").press("Enter")
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    assert [problem for problem in visit.problems if EXPECTED not in problem] == []


def test_every_control_has_a_name(portal: str, browser: Browser) -> None:
    page = open_page(browser, 900, "de-DE").page
    page.goto(f"{portal}/auth/login")
    for path in ("/", "/versions", "/messages", "/domains", "/invoices"):
        page.goto(portal + path)
        expect(page.locator("main h1")).to_be_visible()
        expect(page.locator("[aria-busy]")).to_have_count(0)
        assert page.evaluate(NAMELESS) == [], path
        assert page.locator("[style], script:not([src])").count() == 0
