"""What stands around the pages: headers, entity tags, twins, the map, refusals in the visitor's language."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from controlplane.settings import Environment
from controlplane.web import assets, kept, paths, seo
from controlplane.web.language import Language
from tests.fixtures.http import Door

OPEN = [name for name, (address, _twin) in paths.TWINS.items() if "{" not in address]
PERSONAL = ("withdraw", "cancel", "report", "consent")  # what somebody declares is theirs
PUBLIC = [name for name in OPEN if name not in PERSONAL]
LD = re.compile(r'<script type="application/ld\+json">(.*?)</script>')
HTML = {"accept": "text/html"}


@pytest.fixture
def visitor(door: Door) -> TestClient:
    return door.anonymous()


class TestPublicPages:
    def test_are_cacheable_cookie_free_and_answer_304(self, visitor: TestClient) -> None:
        for page in (paths.path(name, code) for name in PUBLIC for code in ("de", "en")):
            first = visitor.get(page)
            assert first.status_code == 200
            assert first.headers["cache-control"].startswith("public")
            assert "set-cookie" not in first.headers
            again = visitor.get(page, headers={"if-none-match": first.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")

    def test_are_all_known_to_the_keeper_and_the_map_and_nothing_else_is_kept(self, visitor: TestClient) -> None:
        assert set(PUBLIC) == set(kept.NAMES) == set(seo.INDEXED)
        for page in (paths.path(name, code) for name in PERSONAL for code in ("de", "en")):
            answer = visitor.get(page)
            assert (answer.status_code, answer.headers["cache-control"], "etag" in answer.headers) == (
                200, "no-store", False,
            )  # fmt: skip

    def test_say_to_machines_what_they_say_to_people(self, visitor: TestClient) -> None:
        """Structured data with the prices of the page; one canonical address; a picture that exists."""
        for name in ("home", "site", "creator"):
            for code in ("de", "en"):
                page = visitor.get(paths.path(name, code, {"utm_source": "letter"})).text
                found = json.loads(LD.findall(page)[0])
                kinds = {one["@type"] for one in found["@graph"]}
                wanted = {"Organization", "WebSite", "FAQPage"} if name == "home" else {"Product", "BreadcrumbList"}
                assert (found["@context"], kinds) == ("https://schema.org", wanted)
                for one in found["@graph"]:
                    for offer in one.get("offers", ()):
                        price = Language(code).money(round(float(offer["price"]) * 100))
                        assert (offer["priceCurrency"], price in page) == ("EUR", True)
                [canonical] = re.findall(r'rel="canonical" href="([^"]+)"', page)
                assert canonical.endswith(paths.path(name, code))
                [picture] = re.findall(r'property="og:image" content="https?://[^/]+([^"]+)"', page)
                assert visitor.get(picture).headers["content-type"] == "image/png"

    def test_the_policy_allows_no_inline_script_and_no_stranger(self, visitor: TestClient) -> None:
        answer = visitor.get("/de")
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r"<script(?! type=.application/ld)[^>]*>[^<]", answer.text)

    def test_name_their_twin_and_themselves(self, visitor: TestClient) -> None:
        for name in PUBLIC:
            for language in ("de", "en"):
                links = dict(
                    re.findall(r'hreflang="([a-z-]+)" href="([^"]+)"', visitor.get(paths.path(name, language)).text)
                )
                assert links["de"].endswith(paths.path(name, "de"))
                assert links["en"].endswith(paths.path(name, "en"))
                assert links["x-default"] == links["de"]

    def test_titles_are_unique_and_fit(self, visitor: TestClient) -> None:
        pages = [paths.path(name, language) for name in PUBLIC for language in ("de", "en")]
        titles = [re.search(r"<title>([^<]+)", visitor.get(page).text)[1] for page in pages]  # type: ignore[index]
        assert all(len(title) <= 60 for title in titles)
        assert len(set(titles)) == len(titles)

    def test_keep_the_marks_of_a_campaign_in_their_links(self, visitor: TestClient) -> None:
        page = visitor.get("/de?utm_source=letter&ref=ABC&other=1").text
        assert "/de/konfigurator/site?ref=ABC&amp;utm_source=letter" in page
        assert "other=1" not in page
        assert visitor.get("/de?other=1&ref=ABC&utm_source=letter").text == page  # kept, in whatever order
        assert "ABC" not in visitor.get("/de").text

    def test_every_link_leads_to_a_page(self, visitor: TestClient) -> None:
        seen: set[str] = set()
        waiting = ["/de", "/en"]
        while waiting:
            page = waiting.pop()
            seen.add(page)
            answer = visitor.get(page)
            assert answer.status_code in {200, 303}, page
            found = {link.split("#")[0].replace("&amp;", "&") for link in re.findall(r'href="(/[^"]*)"', answer.text)}
            waiting += [link for link in found if link and link not in seen and link not in waiting]
        assert len(seen) > 30


class TestMap:
    def test_names_only_pages_that_exist(self, visitor: TestClient) -> None:
        addresses = re.findall(r"<loc>https?://[^/]+([^<]+)</loc>", visitor.get("/sitemap.xml").text)
        assert addresses == [paths.path(name, code) for name in seo.INDEXED for code in ("de", "en")]
        assert {visitor.get(address).status_code for address in addresses} == {200}

    def test_robots_stay_out_of_what_is_personal(self, visitor: TestClient) -> None:
        text = visitor.get("/robots.txt").text
        assert "Disallow: /console" in text
        assert "sitemap.xml" in text


class TestRefusals:
    @pytest.mark.parametrize(
        ("page", "said"), [("/de/fehlt", "Diese Seite gibt es nicht"), ("/en/missing", "There is no such page")]
    )
    def test_a_missing_page_is_a_page(self, visitor: TestClient, page: str, said: str) -> None:
        answer = visitor.get(page, headers=HTML)
        assert answer.status_code == 404
        assert said in answer.text

    def test_machines_keep_their_problem_documents(self, visitor: TestClient) -> None:
        answer = visitor.get("/v1/missing", headers=HTML)
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("page", ["/console", "/console/tenants", "/console/audit"])
    def test_strangers_are_led_to_the_door(self, visitor: TestClient, page: str) -> None:
        answer = visitor.get(page, headers=HTML)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/console/sign-in?back=%2Fconsole")

    def test_a_quote_that_never_was_is_told_in_words(self, visitor: TestClient) -> None:
        answer = visitor.get("/de/angebot/nichts/angaben")
        assert answer.status_code == 404
        assert "Dieses Angebot gibt es nicht." in answer.text
        assert answer.headers["cache-control"] == "no-store"

    def test_a_form_of_another_site_is_refused(self, visitor: TestClient) -> None:
        answer = visitor.post(
            "/de/konfigurator/site", data={"base": "site-pro"}, headers={"origin": "https://evil.example"}
        )
        assert answer.status_code == 403

    def test_a_company_name_cannot_become_markup(self, visitor: TestClient) -> None:
        answer = visitor.get("/de/adresse/site?slug=<script>alert(1)</script>")
        assert "<script>" not in answer.text


class TestFiles:
    def test_are_kept_for_a_year_under_the_name_of_their_content(self, visitor: TestClient) -> None:
        answer = visitor.get(assets.address("app.css"))
        assert "immutable" in answer.headers["cache-control"]
        before_an_update = visitor.get("/static/0000000000000000/app.css")
        assert (before_an_update.text, before_an_update.headers["cache-control"]) == (answer.text, "no-store")
        assert visitor.get("/static/0000000000000000/other.css").status_code == 404

    def test_all_components_are_shown_where_nothing_is_sold(self, visitor: TestClient) -> None:
        for code in ("de", "en"):
            answer = visitor.get(f"/gallery/{code}")
            assert (answer.status_code, "noindex" in answer.text, answer.headers["cache-control"]) == (
                200, True, "no-store",
            )  # fmt: skip
        gateways = visitor.app.state.gateways  # type: ignore[attr-defined]
        sold = gateways.settings.model_copy(update={"environment": Environment.LIVE})
        visitor.app.state.gateways = replace(gateways, settings=sold)  # type: ignore[attr-defined]
        try:
            assert visitor.get("/gallery/de").status_code == 404
        finally:
            visitor.app.state.gateways = gateways  # type: ignore[attr-defined]

    def test_the_studio_has_the_same_tokens(self) -> None:
        assert assets.assets()["tokens.css"].body == Path("programs/edge/src/core/ui/tokens.css").read_bytes()
