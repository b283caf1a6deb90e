"""What operators do with pages: look as a customer, take a list along, come back to a form; and what pages cost."""

import csv
import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlmodel import select

from controlplane.accounts.models import Account
from controlplane.audit.models import AuditEntry
from controlplane.identity import sign_ins
from controlplane.identity.drafts import Draft
from controlplane.identity.models import Operator, Principal, SignIn
from controlplane.provisioning.models import Kind, Operation, Phase
from tenants import service as tenants
from tenants.conditions import Concern, Finding, Health
from tenants.models import Tenant
from tests.fixtures.furnished import SAID, Furnished
from tests.fixtures.http import ORIGIN, Door, make_operator, operator_bearer, visitor
from tests.fixtures.shop import Shop

HTML = {"accept": "text/html", "origin": ORIGIN, "sec-fetch-site": "same-origin"}


def staff(shop: Shop, role: str) -> TestClient:
    headers = operator_bearer(shop.gateways, role)
    return visitor(shop.app, headers=headers, follow_redirects=False)


class TestAsCustomer:
    def test_is_for_those_who_said_why_and_changes_nothing(self, shop: Shop) -> None:
        furnished = Furnished(shop)
        home = f"/console/customers/{furnished.owner}/view"
        one, other = staff(shop, "support"), staff(shop, "support")
        assert one.get(f"{home}/portal").headers["location"] == f"/console/customers/{furnished.owner}"
        started = one.post(home, data={"reason": "called about the domain"}, headers=HTML)
        assert started.headers["location"] == f"{home}/portal"
        assert other.get(f"{home}/portal").status_code == 303
        overview = one.get(f"{home}/portal/t/{furnished.site.tenant_id}")
        assert overview.status_code == 200
        assert f'href="{home}/portal/t/{furnished.site.tenant_id}/domain"' in overview.text
        assert 'href="/portal' not in overview.text
        assert "<fieldset disabled>" in overview.text
        assert furnished.email in overview.text
        for part in ("domain", "credentials", "billing", "team"):
            page = one.get(f"{home}/portal/t/{furnished.site.tenant_id}/{part}")
            assert (page.status_code, 'name="csrf_token" value=""' in page.text or "<form" not in page.text) == (
                200,
                True,
            )
        assert one.get(f"{home}/portal/data/export").status_code == 404
        with shop.gateways.db.transaction() as session:
            entry = session.exec(select(AuditEntry).where(AuditEntry.action == "customer.viewed")).one()
        assert (entry.reason, entry.customer_id) == ("called about the domain", furnished.owner)

    def test_auditors_may_not(self, shop: Shop) -> None:
        furnished = Furnished(shop)
        answer = staff(shop, "auditor").post(
            f"/console/customers/{furnished.owner}/view", data={"reason": "curious"}, headers=HTML
        )
        assert answer.status_code == 403


class TestStart:
    def test_says_calmly_that_nothing_waits_and_leads_from_every_line_to_where_one_acts(self, shop: Shop) -> None:
        visitor = staff(shop, "engineer")
        assert "Nichts wartet auf Sie." in visitor.get("/console").text
        furnished = Furnished(shop)
        runs_short(shop, furnished)
        page = visitor.get("/console").text
        groups = re.findall(r'<section id="group-(\w+)"', page)
        assert {"approvals", "parked", "decisions", "quotas", "stock"} <= set(groups)
        assert groups[0] == "approvals", "what has a deadline comes first"
        lines = re.findall(r'<tr id="item-[^"]+"><th scope="row"><a id="[^"]+" href="([^"]+)"', page)
        assert len(lines) >= 5
        for line in lines:
            address, _hash, name = html.unescape(line).partition("#")
            answer = visitor.get(address)
            assert (answer.status_code, f'id="{name}"' in answer.text or not name) == (200, True), line
        assert "5 / 5" in page
        assert "lambda_concurrency 10 /" in page
        part = visitor.get("/console", headers={"hx-request": "true"})
        assert part.headers["cache-control"] == "no-store"
        assert "<html" not in part.text
        assert "group-approvals" in part.text

    def test_shows_one_cause_as_one_line(self, shop: Shop) -> None:
        furnished = Furnished(shop)
        with shop.gateways.db.transaction() as session:
            session.add(Operation(tenant_id=furnished.creator.tenant_id or "", kind=Kind.DRIFT, phase=Phase.PARKED,
                                  error_class="vendor", error="The vendor said no"))  # fmt: skip
        visitor = staff(shop, "engineer")
        page = visitor.get("/console").text
        assert "2 Mandanten, gleiche Ursache" in page
        together = "/console/operations?phase=parked&amp;error_class=vendor"
        assert f'href="{together}"' in page
        listed = visitor.get(html.unescape(together)).text
        assert "furnished-site" in listed
        assert "furnished-creator" in listed
        groups = visitor.get("/v1/attention").json()["groups"]
        assert [item["times"] for group in groups if group["name"] == "parked" for item in group["items"]] == [2]

    def test_a_page_that_asks_by_itself_keeps_nobody_signed_in(self, door: Door) -> None:
        browser, row = signed_in(door, make_operator(door.gateways, "support"))
        with door.gateways.db.transaction() as session:
            session.get_one(SignIn, row).seen_at -= timedelta(minutes=20)
        by_itself = {"hx-request": "true", "x-unattended": "1", **HTML}
        assert browser.get("/console", headers=by_itself).status_code == 200
        assert 'data-idle="1800"' in browser.get("/console", headers=HTML).text
        with door.gateways.db.transaction() as session:
            assert door.gateways.now() - session.get_one(SignIn, row).seen_at < timedelta(minutes=1)
            session.get_one(SignIn, row).seen_at -= timedelta(minutes=31)
        over = browser.get("/console", headers=by_itself)
        assert (over.status_code, "/console/sign-in?back=%2Fconsole" in over.text) == (401, True)
        assert "<html" not in over.text


def runs_short(shop: Shop, furnished: Furnished) -> None:
    """A vendor grants less than a platform needs, and more accounts were asked for today than may be."""
    with shop.gateways.db.transaction() as session:
        session.get_one(Account, furnished.account.id).quotas = {"lambda_concurrency": 10}
        for number in range(shop.gateways.settings.aws.daily_cap):
            session.add(Account(email=f"{number}@aws.example", name=f"asked-{number}", asked_at=shop.gateways.now()))


class TestList:
    def test_is_searched_by_part_and_by_what_has_one_owner(self, shop: Shop) -> None:
        furnished = Furnished(shop)
        visitor = staff(shop, "support")
        site, creator = furnished.site, furnished.creator
        for words, found in (
            ("nished-si", ["furnished-site"]), ("fu", ["furnished-creator", "furnished-site"]),
            ("ur", []), (furnished.email.upper(), ["furnished-creator", "furnished-site"]),
            (site.tenant_id, ["furnished-site"]), (creator.id, ["furnished-creator"]),
            ("www.furnished.example", ["furnished-site"]), ("100%_\\", []),
        ):  # fmt: skip
            rows = visitor.get("/v1/tenants", params={"q": words}).json()["items"]
            assert sorted(row["slug"] for row in rows) == found, words
        empty = visitor.get("/console/tenants?q=nished&state=suspended&product=site").text
        assert "Am meisten schließt dieser Filter aus: Stand" in html.unescape(empty)

    def test_counts_as_far_as_it_matters_and_says_what_changed_since(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        furnished = Furnished(shop)
        visitor = staff(shop, "engineer")
        page = visitor.get("/console/tenants").text
        assert "2 Mandanten." in page
        news = html.unescape(re.findall(r'data-fresh="([^"]+)"', page)[0])
        assert "Änderung" not in visitor.get(news).text
        with shop.gateways.db.transaction() as session:
            tenants.set_condition(session, session.get_one(Tenant, furnished.site.tenant_id), Concern.DOMAIN,
                                  Finding(Health.ATTENTION, "records_missing"), now=shop.gateways.now())  # fmt: skip
        assert "1 Änderung seit" in visitor.get(news).text
        kept = visitor.get("/console/tenants?state=active&product=site").text
        assert re.findall(r'state=(\w+)[^"]*" aria-current="true">[^<]+<span class="muted">2<', kept) == ["active"]
        chips = re.findall(r'<a href="([^"]+)"><span class="vh">Filter entfernen', kept)
        assert [parse_qs(urlsplit(html.unescape(chip)).query) for chip in chips] == [
            {"product": ["site"]}, {"state": ["active"]}]  # fmt: skip
        monkeypatch.setattr("controlplane.web.console.counting.ENOUGH", 1)
        assert "Und mehr" in visitor.get("/console/tenants").text


class TestExport:
    def test_has_every_row_that_the_filters_find_and_no_formula(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("controlplane.api.downloads.PIECE", 1)
        furnished = Furnished(shop)
        with shop.gateways.db.transaction() as session:
            session.get_one(type(furnished.tenant), furnished.site.tenant_id).name = '=HYPERLINK("x")'
        answer = staff(shop, "support").get("/console/tenants.csv?q=furnished")
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert {row["slug"] for row in rows} == {"furnished-site", "furnished-creator"}
        assert {row["name"][:2] for row in rows} >= {"'="}
        for name in ("months", "weeks", "failures", "stock"):
            drawn = staff(shop, "support").get(f"/console/stats/{name}.csv")
            assert (drawn.status_code, drawn.headers["content-type"][:8]) == (200, "text/csv")
            assert len(next(csv.reader(io.StringIO(drawn.text.removeprefix("\ufeff"))))) >= 3
        only = staff(shop, "support").get("/console/tenants.csv?q=furnished&product=site").text
        assert "furnished-creator" not in only


class TestDraft:
    def test_waits_for_the_person_whose_session_had_ended(self, door: Door) -> None:
        operator = make_operator(door.gateways, "engineer")
        browser, token = signed_in(door, operator)
        with door.gateways.db.transaction() as session:
            session.get_one(SignIn, token).ended_at = door.gateways.now()
        page = {"referer": f"{ORIGIN}/console/fleet", **HTML}
        typed = {"product": "creator", "reason": "a new <release>", "at_once": "7", "csrf_token": "old"}
        sent = browser.post("/console/fleet", data=typed, headers=page)
        back = parse_qs(urlsplit(sent.headers["location"]).query)["back"][0]
        assert back.startswith("/console/fleet?draft=")
        again, _row = signed_in(door, operator)
        shown = again.get(back, headers=HTML).text
        assert 'value="a new &lt;release&gt;"' in shown
        assert 'value="creator" selected' in shown or 'value="creator" checked' in shown
        stranger, _row = signed_in(door, make_operator(door.gateways, "engineer"))
        assert "a new &lt;release&gt;" not in stranger.get(back, headers=HTML).text
        with door.gateways.db.transaction() as session:
            row = session.exec(select(Draft)).one()
            assert "release" not in row.body
            row.expires_at = door.gateways.now() - timedelta(seconds=1)
        assert "a new &lt;release&gt;" not in again.get(back, headers=HTML).text


def signed_in(door: Door, operator: Operator) -> tuple[TestClient, str]:
    """With a cookie, as browsers are; and the id of the session."""
    with door.gateways.db.transaction() as session:
        row, token = sign_ins.start(session, door.gateways, Principal.OPERATOR, operator.id, factors=["password"])
    client = door.anonymous()
    client.cookies.set("cp_operator", token)
    return client, row.id


class TestDisplay:
    def test_colours_and_language_are_kept(self, door: Door) -> None:
        browser, row = signed_in(door, make_operator(door.gateways, "support"))
        given = {"theme": "dark", "language": "en", "csrf_token": sign_ins.csrf_token(door.gateways, row)}
        assert browser.post("/console/display", data=given, headers=HTML).status_code == 303
        page = browser.get("/console/me").text
        assert '<html lang="en" data-theme="dark">' in page
        other, _row = signed_in(door, make_operator(door.gateways, "support"))
        other.cookies.set("theme", "x><script>")
        other.cookies.set("lang", "xx")
        assert '<html lang="de" >' in other.get("/console/me", headers=HTML).text


@contextmanager
def questions(shop: Shop) -> Iterator[list[str]]:
    asked: list[str] = []
    listeners = [(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
                 for engine in shop.gateways.db.engines]  # fmt: skip
    for listener in listeners:
        event.listen(*listener)
    yield asked
    for listener in listeners:
        event.remove(*listener)


class TestCost:
    def test_each_page_asks_a_few_questions_however_long_its_list_is(self, shop: Shop) -> None:
        Furnished(shop)
        engineer = staff(shop, "engineer")
        counts = {}
        for page in ("/console", "/console/tenants", "/console/operations"):
            engineer.get(page)
            with questions(shop) as asked:
                assert SAID[:5] not in engineer.get(page).text
            counts[page] = len(asked)
        assert counts["/console"] <= 40
        assert counts["/console/tenants"] <= 6
        assert counts["/console/operations"] <= 4

    def test_a_page_that_is_looked_at_outlives_its_connections(self, shop: Shop) -> None:
        support = staff(shop, "support")
        assert support.get("/console/tenants").status_code == 200
        with shop.gateways.db.transaction() as session:
            others = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = "
            )
            session.connection().exec_driver_sql(f"{others} current_database() AND application_name = 'controlplane'")
        assert support.get("/console/tenants").status_code == 200
        assert support.get("/console").status_code == 200
