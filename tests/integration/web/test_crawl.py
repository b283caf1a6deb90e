"""Every link and every form, as everybody: nothing breaks and nothing leads nowhere."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient

from controlplane.api import problems
from controlplane.identity.models import Principal
from controlplane.web import kept
from controlplane.web.shell import PUBLIC_CACHE
from tests.fixtures.furnished import Furnished
from tests.fixtures.http import ORIGIN, bearer_of, operator_bearer, visitor
from tests.fixtures.shop import Shop

HTML = {"accept": "text/html"}
MADE_OF_TEXTS = re.compile(r"^/(de|en)/(start/|[^/]+/(fassung|version)/)")
ENDS = ("sign-out",)  # whoever takes it is out
OPERATORS = ("auditor", "support", "engineer", "admin")
UNKNOWN = "00000000000000000000000000"
ELSEWHERE = {503}  # a vendor or the edge, which do not run here


class Reader(HTMLParser):
    """What a page offers: addresses, forms with their fields, names that can be jumped to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.forms: list[dict[str, object]] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.names.add(given.get("id", ""))
        if tag in {"a", "link", "iframe", "img", "script"}:
            self.links |= {given[name] for name in ("href", "src") if given.get(name)}
        elif tag == "form":
            self.forms.append({"action": given.get("action", ""), "method": given.get("method", "get"), "fields": {}})
        elif tag in {"input", "button", "select", "textarea"} and self.forms:
            fields = self.forms[-1]["fields"]
            if given.get("name") and isinstance(fields, dict):
                fields[given["name"]] = given.get("value", "")
            if given.get("formaction"):
                self.forms.append({"action": given["formaction"], "method": "post", "fields": {}})


@dataclass
class Crawl:
    """From the starts on to everything that is linked; forms are collected and sent at the end."""

    client: TestClient
    seen: dict[str, int] = field(default_factory=dict)
    forms: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def run(self, *starts: str) -> "Crawl":
        waiting = deque((start, "start") for start in starts)
        while waiting:
            address, source = waiting.popleft()
            if address not in self.seen:
                waiting.extend((found, address) for found in self._visit(address, source))
        return self

    def _visit(self, address: str, source: str) -> Iterator[str]:
        answer = self.client.get(address, headers=HTML)
        self.seen[address] = answer.status_code
        if answer.status_code not in {200, 302, 303} | ELSEWHERE:
            self.wrong.append(f"{source} → {address}: {answer.status_code}")
        if "location" in answer.headers:
            yield from inside(address, answer.headers["location"])
        if answer.headers.get("content-type", "").startswith("text/html"):
            for_all = address.split("?")[0] in kept.ADDRESSES or MADE_OF_TEXTS.search(address)
            if answer.headers["cache-control"] != (PUBLIC_CACHE if for_all else "no-store"):
                self.wrong.append(f"{address}: may be kept: {answer.headers['cache-control']}")
            yield from self._read(address, answer)

    def _read(self, address: str, answer: httpx.Response) -> Iterator[str]:
        page = Reader(answer.text)
        for link in page.links:
            if link.startswith("#") and link[1:] not in page.names:
                self.wrong.append(f"{address} → {link}: nothing there")
            yield from inside(address, link)
        for form in page.forms:
            action, fields = urljoin(address, str(form["action"]) or address), form["fields"]
            assert isinstance(fields, dict)
            if form["method"] == "get" and "?" in address:
                continue  # it leads to itself with other words
            if form["method"] == "get":
                yield from inside(address, f"{action.split('?')[0]}?{httpx.QueryParams(fields)}")
            elif not action.endswith(ENDS):
                self.forms.setdefault((address, action), fields)

    def send_forms(self) -> None:
        """Each target once, with nothing and with what the page put into it; no target is missing."""
        targets = {
            re.sub(r"[0-9a-z]{26}", "…", action): (action, fields) for (_page, action), fields in self.forms.items()
        }
        for action, fields in targets.values():
            for given in ({}, fields):
                status = self.client.post(action, data=given, headers=HTML).status_code
                if status in {404, 405} or (status >= 500 and status not in ELSEWHERE):
                    self.wrong.append(f"form {action} with {sorted(given)}: {status}")


def inside(base: str, link: str) -> Iterator[str]:
    """Addresses of ours; where a vendor's own page begins is their business."""
    parts = urlsplit(urljoin(f"{ORIGIN}{base}", link))
    if f"{parts.scheme}://{parts.netloc}" == ORIGIN and not parts.path.endswith("/stream"):
        yield parts.path + (f"?{parts.query}" if parts.query else "")


def client(shop: Shop, headers: dict[str, str] | None = None) -> TestClient:
    return visitor(shop.app, headers=headers, follow_redirects=False, raise_server_exceptions=False)


class Bugs:
    """Notes what failed; the usual log draws every variable of every frame."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def error(self, event: str, *, path: str = "", exc_info: Exception | None = None, **_more: object) -> None:
        self.found.append(f"{event} {path}: {exc_info!r:.300}")

    warning = error


class TestCrawl:
    def test_everybody_finds_only_pages_and_forms_that_work(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        furnished, bugs = Furnished(shop), Bugs()
        monkeypatch.setattr(problems, "log", bugs)
        doors = ("/", "/de", "/en", "/sitemap.xml", "/robots.txt", "/sign-in", "/console/sign-in")
        public = Crawl(client(shop)).run(*doors, f"/de/bestellung/{furnished.site.token}")
        found = {"nobody": public}
        for name, person in (("owner", furnished.owner), ("member", furnished.member)):
            headers = bearer_of(shop.gateways, Principal.CUSTOMER, person)
            found[name] = Crawl(client(shop, headers)).run("/portal")
        for role in OPERATORS:
            headers = operator_bearer(shop.gateways, role)
            found[role] = Crawl(client(shop, headers)).run("/console", *furnished.addresses().values())
        for crawl in found.values():
            crawl.send_forms()
        wrong = [f"{name}: {one}" for name, crawl in found.items() for one in crawl.wrong]
        assert "\n".join([*bugs.found, *wrong]) == ""
        assert {name: len(crawl.seen) for name, crawl in found.items() if len(crawl.seen) < 15} == {}

    def test_what_belongs_to_others_does_not_exist(self, shop: Shop) -> None:
        mine, other = shop.live(), shop.live(slug="somebody-else", email="other@customers.example")
        visitor = client(shop, bearer_of(shop.gateways, Principal.CUSTOMER, mine.customer_id))
        for part in ("", "/domain", "/credentials", "/billing", "/releases", "/team", "/plan"):
            for tenant_id in (other.tenant_id, UNKNOWN):
                assert visitor.get(f"/portal/t/{tenant_id}{part}", headers=HTML).status_code == 404
        assert visitor.get("/console", headers=HTML).status_code == 403
