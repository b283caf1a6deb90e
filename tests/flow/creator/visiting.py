"""A creator's site as a visitor meets it: deployed as the control plane does it, in a browser that knows no other one.

Every page of it reports what must never happen: an error in the console or a script, a request to a stranger."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from controlplane.provisioning.steps import creator_site
from controlplane.settings import Aws as AwsSettings
from controlplane.vendors.aws import Aws
from controlplane.vendors.aws_member import Member
from programs.creator.frontend.build import Frontend, build
from tests.contract.aws.conftest import SECRETS, until
from tests.fixtures.browser import chromium
from tests.flow.creator.conftest import Creator
from tests.flow.creator.front import Front

SITE = "https://anna.example"
PASSWORD = "Correct-Horse-1"
SECONDS = 60
BUSY = "status of 50[03]"  # a function that starts on a busy machine: the site asks again, and shows what came then
CLIP = (Path(__file__).parent / "clip.mp4").read_bytes()
HEAD = 751  # bytes of the clip that describe it; the rest is one piece of film
FILM = {"init.mp4": CLIP[:HEAD], "part.mp4": CLIP[HEAD:]}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)
PLAYLIST = (
    b'#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MAP:URI="init.mp4"\n'
    b"#EXTINF:4.0,\npart.mp4\n#EXT-X-ENDLIST\n"
)
LEGAL = {"name": "Blumen Anna GmbH", "street": "Hauptstr. 1", "city": "53111 Bonn", "email": "hallo@anna.example"}
WORDS = {
    "tagline": "Gartenstreams aus Bonn.",
    "about": "Seit 2009.\n\nJede Woche <b>live</b>.",
    "privacy": "Kein Tracking.",
}
LOOK = {"colour": "#ffd400", "texts": {"de": WORDS}}


@dataclass
class Visit:
    creator: Creator
    front: Front
    browser: Browser
    opened: list[Any] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def page(self, *, expected: str = "^$", **options: Any) -> Page:
        """`expected`: statuses that this visit is meant to see; the browser writes each into its console."""
        context = self.browser.new_context(
            ignore_https_errors=True, reduced_motion="reduce", base_url=SITE, extra_http_headers={"dnt": "1"}, **options
        )
        context.set_default_timeout(SECONDS * 1000)
        self.opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("console", lambda line: self._note(line.type, line.text, expected))
        page.on("request", lambda sent: self._own(sent.url))
        return page

    def _note(self, kind: str, text: str, expected: str) -> None:
        if kind in {"error", "warning"} and not re.search(f"{expected}|{BUSY}", text):
            self.found.append(text)

    def _own(self, url: str) -> None:
        creator = self.creator
        known = (SITE, creator.aws.url, creator.stripe.url.removesuffix("/stripe"), "data:", "blob:", "about:")
        if not url.startswith(known) and ".playback.live-video.net/" not in url:
            self.found.append(f"request to {url}")

    def close(self) -> None:
        for context in self.opened:
            context.close()
        self.opened.clear()


@contextmanager
def member_of(creator: Creator) -> Iterator[Member]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", SECRETS["aws_access_key_id"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRETS["aws_secret_access_key"])
        yield Aws(AwsSettings(endpoint_url=creator.aws.url, region="eu-central-1")).member(creator.account)


def deploy(creator: Creator, **changed: Any) -> Frontend:
    config = {**creator.report["outputs"]["config"], "name": "Blumen Anna", "look": LOOK, "legal": LEGAL, **changed}
    made, bucket = build(config), creator.report["outputs"]["site_bucket"]
    with member_of(creator) as member:
        creator_site.upload(member, bucket, made)
        creator_site.show(member, bucket, made.release, made.switch)
    return made


@contextmanager
def visiting(creator: Creator, folder: Path) -> Iterator[Visit]:
    deploy(creator)
    names = dict.fromkeys(("anna.example", "www.anna.example"), creator.report["outputs"]["distribution_domain"])
    front = Front(folder, creator.aws.port, names, {"live.m3u8": PLAYLIST, **FILM})
    rules = f"--host-resolver-rules=MAP * 127.0.0.1:{front.port},EXCLUDE 127.0.0.1,EXCLUDE edge.ivschat.*"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--ignore-certificate-errors", rules]
        browser = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield Visit(creator, front, browser)
        browser.close()
    front.close()


def go(page: Page, path: str) -> None:
    page.goto(path)
    ready(page)


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready]", state="attached")


def fill(page: Page, within: str, **values: str) -> None:
    for name, value in values.items():
        page.locator(within).locator(f"[name={name}]").first.fill(value)


def sign_in(page: Page, address: str) -> None:
    go(page, "/account")
    fill(page, "main .card >> nth=0", email=address, password=PASSWORD)
    page.locator("main .card form button").first.click()
    page.locator("main h1", has_text=re.compile("Hallo|Hello")).wait_for()
    ready(page)


def eventually(look: Callable[[], Any]) -> Any:
    found = until(look, seconds=SECONDS)
    assert found
    return found


def card(page: Page, title: str) -> Any:
    return page.locator("article.card", has=page.get_by_text(title, exact=True))
