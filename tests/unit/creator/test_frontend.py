"""The creator's site: the same input, the same bytes; every page draws what the API says, in both languages."""

import json
import mimetypes
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from programs.creator.frontend.build import SOURCE, build, write
from programs.creator.frontend.colour import ENOUGH, contrast, readable
from programs.creator.registry import MODULES

AXE = Path(__file__).parents[2] / "flow" / "web" / "vendor" / "axe.js"
PICTURES = Path("build/screenshots")
CONFIG: dict[str, Any] = {
    "name": "<b>Studio</b>", "locale": "de", "modules": sorted(MODULES), "look": {"colour": "#ffee00"},
    "playback_url": "https://video.example/live.m3u8", "chat_endpoint": "wss://chat.example",
}  # fmt: skip
PRODUCT = {"productId": "p", "title": "<i>Mug</i>", "description": "", "price": 1250, "stock": 3, "images": []}
EVENT = {"eventId": "e", "title": "Concert", "description": "", "date": "2030-01-01T18:00:00Z", "location": "Bonn"}
ANSWERS: dict[str, dict[str, Any]] = {
    "/shop/products": {"items": [PRODUCT]},
    "/events": {"items": [{**EVENT, "price": 900, "remaining": 7}]},
    "/polls": {"items": [{"pollId": "q", "question": "Which?", "options": ["One", "Two"], "mode": "single"}]},
    "/membership/plans": {"items": [{"id": "gold", "name": "Gold", "perks": ["Chat"]}]},
    "/donations/wall": {"items": [{"amount": 500, "message": "Hi"}], "goal": 1000, "raised": 500},
    "/sponsor/active": {"slots": {}},
    "/stream/status": {"live": False, "playbackUrl": "https://video.example/live.m3u8"},
    "/chat/messages": {"items": []},
    "/contact": {},
}
PATHS = (
    "",
    "stream",
    "shop",
    "events",
    "polls",
    "membership",
    "donations",
    "sponsors",
    "newsletter",
    "contact",
    "account",
)


class TestBuild:
    def test_the_same_input_gives_the_same_bytes_and_another_another_release(self, tmp_path: Path) -> None:
        one, two = write(CONFIG, tmp_path), build(dict(reversed(CONFIG.items())))
        assert (one.release, one.manifest) == (two.release, two.manifest)
        assert one.release != build({**CONFIG, "name": "Other"}).release
        kept = json.loads((tmp_path / "manifest.json").read_text())
        assert kept == one.manifest
        assert all((tmp_path / path).is_file() for path in kept["files"])
        assert all(path.startswith(f"assets/{one.release}/") for path in one.assets)

    def test_names_are_text_and_addresses_bound_the_policy(self) -> None:
        index = build({**CONFIG, "playback_url": "javascript:x"}).switch["index.html"].decode()
        assert "<b>Studio" not in index
        assert "&lt;b&gt;Studio" in index
        assert "javascript:" not in index
        assert "wss://chat.example" in index
        assert not re.search(r"%[A-Z]+%|<style|<script>", index)

    @pytest.mark.parametrize("colour", ["#ffee00", "#000000", "#ffffff", "#4f46e5", "#777777"])
    @pytest.mark.parametrize("ground", ["#ffffff", "#14151a"])
    def test_every_colour_becomes_readable(self, colour: str, ground: str) -> None:
        assert contrast(readable(colour, ground), ground) >= ENOUGH

    def test_a_colour_that_is_none_does_not_reach_the_sheet(self) -> None:
        made = build({**CONFIG, "look": {"colour": "red;}body{display:none"}})
        assert b"display" not in made.assets[f"assets/{made.release}/theme.css"]

    def test_both_languages_have_every_text_that_is_used(self) -> None:
        texts = [json.loads((SOURCE / f"texts.{locale}.json").read_text()) for locale in ("de", "en")]
        scripts = "".join(path.read_text() for path in SOURCE.glob("*.js"))
        used = set(re.findall(r"\b(?:t|texts)\.([a-z_]+)\b", scripts)) | set(re.findall(r'word: "(\w+)"', scripts))
        assert texts[0].keys() == texts[1].keys()
        assert used - {"json"} <= texts[0].keys()
        assert all(text.strip() for one in texts for text in one.values())


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = build(CONFIG)
    files, asked = {**made.assets, **made.switch}, list[str]()

    def serve(route: Route) -> None:
        path = route.request.url.split("https://site.example/", 1)[-1].split("?")[0]
        if path.startswith("api/"):
            known = ANSWERS.get(path.removeprefix("api"))
            asked.append(route.request.post_data or "")
            return route.fulfill(status=401 if known is None else 200, json=known or {})
        name = path if "." in path.rsplit("/")[-1] else "index.html"
        kind = mimetypes.guess_type(name)[0] or "text/plain"
        return route.fulfill(body=files[name], content_type=kind) if name in files else route.fulfill(status=404)

    context = browser.new_context(base_url="https://site.example")
    context.route("**/*", serve)
    page = context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.on("console", lambda line: mistakes.append(line.text) if "Content Security" in line.text else None)
    page.on("request", lambda sent: None if "//site.example/" in sent.url else mistakes.append(sent.url))
    yield page
    context.close()
    assert mistakes == []


def ready(page: Page, path: str) -> None:
    page.goto(f"/{path}")
    page.wait_for_selector("html[data-ready=yes]", state="attached")


class TestPages:
    @pytest.mark.parametrize("language", ["de", "en"])
    def test_every_page_is_accessible_and_fits(self, page: Page, language: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        found: list[str] = []
        for path in PATHS:
            ready(page, f"{path}?lang={language}")
            assert page.locator("nav a[aria-current]").get_attribute("href") == f"/{path}"
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=PICTURES / f"creator-{path or 'home'}-{language}-{width}.png", full_page=True)
                if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                    found.append(f"{path} {width}: sideways scroll")
            page.evaluate(AXE.read_text())
            result: Any = page.evaluate("axe.run(document)")
            found += [f"{path}: {one['id']} {one['nodes'][0]['html'][:120]}" for one in result["violations"]]
        assert found == []

    def test_what_people_typed_stays_text(self, page: Page) -> None:
        ready(page, "shop")
        assert page.locator("article h2").text_content() == "<i>Mug</i>"
        assert "12,50" in (page.locator(".price").text_content() or "")
        page.fill("[name=name]", "A")
        page.fill("[name=street]", "B")
        page.fill("[name=zip]", "53111")
        page.fill("[name=city]", "C")
        page.click("article button")
        page.locator("article [role=status]", has_text="melden Sie sich").wait_for()
