"""What the storefront says of time, prices and texts: measured, agreed to, and found again later."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from controlplane.billing import quotes
from controlplane.billing.catalog import catalog
from controlplane.billing.models import Quote
from controlplane.delivery.models import Email
from controlplane.settings import Limits
from controlplane.web import legal, paths
from controlplane.web.legal import OF_CONSENT
from controlplane.web.usual import EVERY
from tenants.lifecycle import State
from tenants.models import Tenant
from tests.fixtures.http import ORIGIN
from tests.fixtures.shop import CONSENTS, Shop

BUYER = {"kind": "private", "name": "Anna <Blum>", "email": "anna@customers.example", "line1": "Weg 1",
         "postal_code": "10115", "city": "Berlin", "country": "DE", "mail_language": "de",
         "slug": "anna-blum", "consent": CONSENTS}  # fmt: skip
FORM = {"origin": ORIGIN, "sec-fetch-site": "same-origin"}


class TestTime:
    def test_is_measured_on_the_latest_and_said_of_enough_only(self, shop: Shop) -> None:
        shop.clock.advance(seconds=EVERY.total_seconds() * 2)  # whatever another test made of it is over
        before = shop.client.get("/de?utm_source=before")
        assert "sobald zehn Bestellungen gemessen sind" in before.text
        were_live(shop, minutes=(1, 1, 1, 1, 2, 9, 9, 9, 9, 9))
        assert "sobald zehn" in shop.client.get("/de?utm_source=now").text, "the database is not asked for each visitor"
        shop.clock.advance(seconds=EVERY.total_seconds())
        known = {"if-none-match": before.headers["etag"], "cookie": "lang=de"}
        page = shop.client.get("/de?utm_source=before", headers=known | {"cache-control": "no-cache"})
        assert page.status_code in {200, 304}  # kept here for as long
        page = shop.client.get("/en?utm_source=after")
        assert "Of the latest websites, half were reachable after 2 minutes." in page.text
        assert "creator platforms, half" not in page.text
        assert page.headers["etag"] != shop.client.get("/en").headers["etag"]


def were_live(shop: Shop, *, minutes: tuple[int, ...]) -> None:
    now = shop.gateways.now()
    with shop.gateways.db.transaction() as session:
        for number, length in enumerate(minutes):
            name = f"measured-{number:02}"
            session.add(Tenant(id=name, order_id=name, customer_id="c", product="site", slug=name, name=name,
                               state=State.ACTIVE, created_at=now, changed_at=now,
                               live_at=now + timedelta(minutes=length)))  # fmt: skip


class TestPriceThatRanOut:
    def test_is_shown_beside_the_new_one_and_agreed_to_again(self, shop: Shop) -> None:
        quote_id = ran_out(shop, unit=3100)
        asked = shop.client.get(f"/de/angebot/{quote_id}/angaben").text
        assert ("31\xa0€" in asked, "39\xa0€" in asked, "geändert" in asked) == (True, True, True)
        sent = shop.client.post(f"/de/angebot/{quote_id}/bestellen", data=BUYER, headers=FORM)
        assert sent.status_code == 200
        kept = fields(sent.text)
        assert {name: kept[name] for name in ("name", "slug", "email")} == {name: BUYER[name] for name in
                                                                            ("name", "slug", "email")}  # fmt: skip
        assert sent.text.count('name="consent"') == 3
        assert [row.id for row in shop.rows(Quote)] == [quote_id], "nothing is stored that nobody agreed to"
        other = shop.client.post(f"/de/angebot/{quote_id}/pruefen", data={**BUYER, "agreed": "0" * 64}, headers=FORM)
        assert fields(other.text)["agreed"] == kept["agreed"], "another price than the one that was seen"
        page = shop.client.post(f"/de/angebot/{quote_id}/pruefen", data={**BUYER, **kept}, headers=FORM).text
        [now] = [row for row in shop.rows(Quote) if row.id != quote_id]
        assert (now.total, now.valid_until > shop.gateways.now()) == (3900, True)
        assert f"/de/angebot/{now.id}/bestellen" in page
        assert page.count(" checked") == 3
        assert "Anna &lt;Blum&gt;" in page

    def test_of_what_is_not_sold_any_more_leads_back_to_the_choice(self, shop: Shop) -> None:
        quote_id = ran_out(shop, unit=3100, offer="site-of-old")
        answer = shop.client.get(f"/en/quote/{quote_id}/details", headers={"accept": "text/html"})
        assert answer.status_code == 410
        assert "This quote has run out" in answer.text


def ran_out(shop: Shop, *, unit: int, offer: str = "site-pro") -> str:
    """As an older catalogue priced it, and for longer ago than a quote holds."""
    quote_id: str = shop.quote()["id"]
    with shop.gateways.db.transaction() as session:
        row = session.get_one(Quote, quote_id)
        row.lines = [{**line, "unit": unit, "amount": unit, "offer": offer} for line in row.lines]
        row.selection = {**row.selection, "offers": {offer: 1}}
        row.subtotal = row.total = row.recurring = unit
        row.digest = quotes.digest(row)
    shop.clock.advance(days=shop.gateways.settings.selling.quote_days + 1)
    return quote_id


def fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([a-z_0-9]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found if name != "consent"}


class TestTexts:
    def test_of_every_consent_are_there_in_the_version_that_is_agreed_to(self) -> None:
        """A new version of a text is a new version of the consent, and the old one stays where it was agreed to."""
        for consent in catalog().consents:
            for code in ("de", "en"):
                if consent.kind in OF_CONSENT:
                    assert legal.versions(OF_CONSENT[consent.kind], code)[0].version == consent.version

    def test_stay_readable_after_a_newer_one(self, shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        older = tmp_path / "de" / "older"
        older.mkdir(parents=True)
        text = (legal.HERE / "de" / "terms.md").read_text()
        (tmp_path / "de" / "terms.md").write_text(text)
        (older / "terms-2025-01.md").write_text(text.replace("2026-11-draft", "2025-01").replace("{name}", "Frueher"))
        monkeypatch.setattr(legal, "HERE", tmp_path)
        legal._sources.cache_clear()
        try:
            now = shop.client.get("/de/agb?utm_source=versions").text
            address = paths.path("terms.version", "de", version="2025-01")
            assert f'href="{address}"' in now
            then = shop.client.get(address)
            assert ("Frueher" in then.text, "frühere Fassung" in then.text, "noindex" in then.text) == (
                True,
                True,
                True,
            )
            assert "frühere Fassung" not in now
            assert shop.client.get("/de/agb/fassung/2024-01").status_code == 404
        finally:
            legal._sources.cache_clear()


class TestDeclarations:
    def test_a_contract_is_cancelled_without_signing_in_and_the_receipt_says_what_and_when(self, shop: Shop) -> None:
        page, given = "/de/kuendigen", {"name": "Anna", "contract": "anna-beispiel", "email": "anna@customers.example"}
        assert shop.client.post(page, data={"name": "Anna"}, headers=FORM).status_code == 422
        asked = shop.client.post(page, data=given, headers=FORM)
        assert ("zum nächstmöglichen Zeitpunkt" in asked.text, "Jetzt kündigen" in asked.text) == (True, True)
        assert shop.letters() == []
        for _twice in range(2):
            receipt = shop.client.post(page, data={**given, "when": "31. Mai", "step": "confirm"}, headers=FORM)
            assert ("Eingegangen am" in receipt.text, "31. Mai" in receipt.text) == (True, True)
        assert shop.letters() == ["declaration_received"]
        [letter] = shop.rows(Email)
        assert "31. Mai" in letter.data["more"]


class TestTooOften:
    def test_says_from_when_it_works_again(self, shop: Shop) -> None:
        few = shop.gateways.settings.model_copy(update={"limits": Limits(api_per_minute=1)})
        shop.app.state.gateways = replace(shop.gateways, settings=few)
        answers = [shop.client.get("/de/konfigurator/site", headers={"accept": "text/html"}) for _often in range(9)]
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert re.search(r"Ab \d\d:\d\d:\d\d Uhr geht es wieder", refused.text)
        assert refused.headers["retry-after"].isdecimal()
