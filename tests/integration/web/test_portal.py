"""What customers do for themselves: leave and stay, sign out from afar, connect a domain at their own provider."""

import re
from dataclasses import replace
from html import unescape

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from controlplane.audit.models import AuditEntry
from controlplane.billing.models import Order
from controlplane.domains import doctor
from controlplane.identity.models import Principal, SignIn
from controlplane.settings import Resolver
from controlplane.web.language import Language
from controlplane.web.portal import providers
from controlplane.web.portal.sessions import device
from tests.fixtures.http import bearer_of, visitor
from tests.fixtures.shop import Shop

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"


def plain(page: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page))


class TestLeaving:
    def test_says_when_and_what_becomes_of_the_data_and_can_be_undone(self, shop: Shop) -> None:
        order = shop.live()
        owner, page = shop.owner(order), f"/portal/t/{order.tenant_id}/cancel"
        said = plain(owner.get(page).text)
        assert ("Warum gehen Sie?" in said, "Dateien mitnehmen" in said, "30 Tage" in said) == (True, True, False)
        days = re.findall(r"Bis (\d+\. \w+ \d{4})", said)
        assert len(days) == 2, "until when it runs, until when the data is kept"
        assert owner.post(page, data={"why": "price"}, follow_redirects=False).headers["location"] == page
        shop.settle()
        assert f"Ihr Vertrag endet am {days[0]}" in plain(owner.get(page).text)
        with shop.gateways.db.transaction() as session:
            query = select(AuditEntry.reason).where(AuditEntry.action == "subscription.cancel_requested")
            assert session.exec(query).all() == ["portal: price"]
        owner.post(f"/portal/t/{order.tenant_id}/keep")
        assert "Wenn Sie jetzt kündigen" in plain(owner.get(page).text)
        owner.post(page, data={"why": "<b>own words</b>"})
        with shop.gateways.db.transaction() as session:
            assert sorted(session.exec(query).all()) == ["portal", "portal: price"], "no free text in the record"


class TestOverview:
    def test_tells_what_happened_lately_in_words(self, shop: Shop) -> None:
        order = shop.live()
        page = shop.owner(order).get(f"/portal/t/{order.tenant_id}").text
        lately = re.findall(r"<li><time[^>]*>[^<]*</time> <span>([^<]*)</span>", page)
        assert lately[0] == "Plattform: Aktiv"
        assert len(lately) == 5
        assert [line for line in lately if "_" in line or line.count(":") > 1] == []


class TestSessions:
    def test_are_listed_by_device_and_end_from_afar(self, shop: Shop) -> None:
        order, stranger = shop.live(), shop.live(slug="somebody-else", email="other@customers.example")
        here, phone, office = (entered(shop, order, agent) for agent in (FIREFOX, EDGE, ""))
        away = entered(shop, stranger, FIREFOX)
        home = f"/portal/t/{order.tenant_id}/team"
        page = here.get(home).text
        assert [name in page for name in ("Firefox, Linux", "Edge, Windows", "Unbekanntes Gerät")] == [True] * 3
        assert plain(page).count("dieses Gerät") == 1
        ids = re.findall(r'name="which" value="(\w{26})"', page)
        assert len(ids) == 2
        theirs = latest(shop, stranger)
        assert here.post("/portal/sessions/end", data={"which": theirs}).status_code == 404
        assert away.get("/portal").status_code == 200
        phones = next(found for found in ids if agent_of(shop, found) == EDGE)
        ended = here.post("/portal/sessions/end", data={"which": phones, "back": home}, follow_redirects=False)
        assert ended.headers["location"] == home
        assert [one.get(home, follow_redirects=False).status_code for one in (phone, office, here)] == [303, 200, 200]
        here.post("/portal/sessions/end", data={"which": "others", "back": "https://evil.example"})
        assert [one.get(home, follow_redirects=False).status_code for one in (office, here)] == [303, 200]

    def test_devices_are_named_as_people_know_them(self) -> None:
        phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1"
        assert (device(EDGE), device(phone), device("curl/8")) == ("Edge, Windows", "Safari, iPhone", "")


def entered(shop: Shop, order: Order, agent: str) -> TestClient:
    headers = bearer_of(shop.gateways, Principal.CUSTOMER, order.customer_id)
    with shop.gateways.db.transaction() as session:
        session.get_one(SignIn, latest(shop, order)).agent = agent
    return visitor(shop.app, headers={**headers, "accept": "text/html"})


def latest(shop: Shop, order: Order) -> str:
    with shop.gateways.db.transaction() as session:
        query = select(SignIn.id).where(SignIn.principal_id == order.customer_id).order_by(col(SignIn.id).desc())
        return str(session.exec(query).first())


def agent_of(shop: Shop, sign_in_id: str) -> str:
    with shop.gateways.db.transaction() as session:
        return session.get_one(SignIn, sign_in_id).agent


SAID = {
    "amy.ns.cloudflare.com": "Wolke muss grau sein",
    "ns1045.ui-dns.org": "So geht es bei IONOS",
    "ns-1.awsdns-07.com": "So geht es bei Amazon Route 53",
    "ns.nobody-knows.de": "",
}


class TestDoctor:
    def test_knows_where_one_clicks_and_what_is_in_the_way(self, shop: Shop) -> None:
        order = shop.live({"site-business": 1})
        resolver = Resolver(nameservers=("127.0.0.1",), port=shop.vendors.dns_port)
        gateways = replace(shop.gateways, settings=shop.gateways.settings.model_copy(update={"resolver": resolver}))
        shop.app.state.gateways = gateways
        owner, page = shop.owner(order), f"/portal/t/{order.tenant_id}/domain"
        for server in SAID:
            host = host_at(shop, server)
            assert owner.post(page, data={"host": host}, follow_redirects=False).status_code == 303
        found = plain(owner.get(page).text)
        assert [said for said in SAID.values() if said not in found] == []
        assert found.count("So geht es bei") == 3
        assert f"Der alte Wert von _sp-verify.{host} kann noch 2 Stunden" in found
        [way] = doctor.compare(gateways, [doctor.Required("CNAME", host, "customers.example")])
        assert (way.ok, way.seen, way.instead, way.ttl) == (False, (), ("192.0.2.7",), 3600)
        part = owner.get(page, headers={"hx-request": "true"})
        assert (part.headers["cache-control"], "<html" in part.text, host in part.text) == ("no-store", False, True)

    @pytest.mark.parametrize("code", ["de", "en"])
    def test_has_words_for_each_provider(self, code: str) -> None:
        texts = Language(code)
        keys = [f"provider.{name}{part}" for name in providers.SERVERS for part in ("", ".steps")]
        assert [key for key in keys if not texts.has(key)] == []


def host_at(shop: Shop, server: str) -> str:
    """A domain at this provider, where older records still stand."""
    name = f"{server.split('.')[-2]}-blumen.de"
    publish(shop, {"name": name, "type": "NS", "value": server})
    publish(shop, {"name": f"www.{name}", "type": "A", "value": "192.0.2.7", "ttl": 3600})
    publish(shop, {"name": f"_sp-verify.www.{name}", "type": "TXT", "value": "old", "ttl": 7200})
    return f"www.{name}"


def publish(shop: Shop, record: dict[str, object]) -> None:
    shop.vendors.http.post(f"{shop.vendors.url}/dns/records", json=record).raise_for_status()
