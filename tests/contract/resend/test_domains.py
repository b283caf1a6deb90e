"""Sending domains follow the emulated DNS in both directions; claims move them between teams."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import resend
from resend.exceptions import ResendError, ValidationError

from sandbox.control.client import Control
from tests.contract.control.process import until
from tests.contract.resend.conftest import publish, withdraw


def status(domain: Any) -> str:
    return str(resend.Domains.get(domain["id"])["status"])


def record_statuses(domain: Any) -> list[tuple[str, str]]:
    records = resend.Domains.get(domain["id"])["records"] or []
    return [(f"{record['record']} {record['type']}", record["status"]) for record in records]


class TestRecords:
    def test_exactly_these(self, team: str, name: str) -> None:
        domain = resend.Domains.create({"name": name, "region": "sa-east-1"})
        assert (domain["status"], domain["region"], domain["name"]) == ("not_started", "sa-east-1", name)
        records: Any = domain["records"]
        mx, spf, dkim = records
        common = {"ttl": "Auto", "status": "not_started"}
        target = "feedback-smtp.sa-east-1.amazonses.com"
        assert mx == {"record": "SPF", "name": "send.mail", "type": "MX", "value": target, "priority": 10, **common}
        text = '"v=spf1 include:amazonses.com ~all"'
        assert spf == {"record": "SPF", "name": "send.mail", "type": "TXT", "value": text, **common}
        key = dkim.pop("value")
        assert dkim == {"record": "DKIM", "name": "resend._domainkey.mail", "type": "TXT", **common}
        assert key.startswith("p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQ")
        assert key.endswith("IDAQAB")

    def test_options_add_records(self, team: str, name: str) -> None:
        options = {"custom_return_path": "bounce", "tracking_subdomain": "links", "click_tracking": True}
        params: Any = {"name": name, **options, "capabilities": {"receiving": "enabled"}}
        domain = resend.Domains.create(params)
        names = [(record["record"], record["name"]) for record in domain["records"] or []]
        assert names == [
            ("SPF", "bounce.mail"),
            ("SPF", "bounce.mail"),
            ("DKIM", "resend._domainkey.mail"),
            ("Receiving", "mail"),
            ("Tracking", "links.mail"),
        ]

    def test_list_update_delete(self, team: str, name: str) -> None:
        domain = resend.Domains.create({"name": name})
        assert [entry["name"] for entry in resend.Domains.list()["data"]] == [name]
        resend.Domains.update({"id": domain["id"], "open_tracking": True, "tls": "enforced"})
        assert resend.Domains.get(domain["id"])["open_tracking"] is True
        assert resend.Domains.remove(domain["id"])["deleted"] is True
        assert resend.Domains.list()["data"] == []
        with pytest.raises(ResendError) as refusal:
            resend.Domains.get(domain["id"])
        assert (refusal.value.code, refusal.value.error_type) == (404, "not_found")

    def test_the_region_stays(self, team: str, name: str) -> None:
        domain = resend.Domains.create({"name": name})
        with pytest.raises(ValidationError, match="region"):
            resend.Domains.update({"id": domain["id"], "region": "eu-west-1"})  # type: ignore[typeddict-unknown-key]

    def test_a_name_is_taken_once(self, team: str, name: str) -> None:
        resend.Domains.create({"name": name})
        with pytest.raises(ResendError, match="registered already") as refusal:
            resend.Domains.create({"name": name.upper()})
        assert (refusal.value.code, refusal.value.error_type) == (403, "validation_error")

    @pytest.mark.parametrize(
        ("params", "kind"),
        [
            ({"name": "no domain"}, "validation_error"),
            ({"name": ""}, "missing_required_field"),
            ({"region": "mars-1"}, "invalid_region"),
            ({"tls": "perhaps"}, "validation_error"),
            ({"custom_return_path": "a.b"}, "validation_error"),
            ({"surprise": 1}, "validation_error"),
        ],
    )
    def test_a_wrong_field(self, team: str, name: str, params: Any, kind: str) -> None:
        whole: Any = {"name": name, **params}
        with pytest.raises(ResendError) as refusal:
            resend.Domains.create(whole)
        assert (refusal.value.code, refusal.value.error_type) == (422, kind)


class TestVerification:
    def test_pending_until_every_record_is_there(
        self, team: str, name: str, sim: httpx.Client, control: Control
    ) -> None:
        domain = resend.Domains.create({"name": name})
        resend.Domains.verify(domain["id"])
        assert status(domain) == "pending"
        publish(sim, domain, only="SPF")
        until(lambda: record_statuses(domain)[:2] == [("SPF MX", "verified"), ("SPF TXT", "verified")])
        assert record_statuses(domain)[2] == ("DKIM TXT", "pending")
        assert status(domain) == "pending"
        publish(sim, domain, only="DKIM")
        control.advance(timedelta(seconds=5))
        until(lambda: status(domain) == "verified")

    def test_a_record_with_another_value_does_not_count(
        self, team: str, name: str, sim: httpx.Client, control: Control
    ) -> None:
        domain: Any = resend.Domains.create({"name": name})
        wrong = [
            {**record, "value": "p=AAAA"} if record["record"] == "DKIM" else record for record in domain["records"]
        ]
        publish(sim, {**domain, "records": wrong})
        resend.Domains.verify(domain["id"])
        until(lambda: record_statuses(domain)[0][1] == "verified")
        control.advance(timedelta(hours=1))
        assert status(domain) == "pending"

    def test_failed_after_three_days_and_verified_when_asked_again(
        self, team: str, name: str, sim: httpx.Client, control: Control
    ) -> None:
        domain = resend.Domains.create({"name": name})
        resend.Domains.verify(domain["id"])
        control.advance(timedelta(hours=71))
        assert status(domain) == "pending"
        control.advance(timedelta(hours=2))
        until(lambda: status(domain) == "failed")
        publish(sim, domain)
        control.advance(timedelta(hours=1))
        assert status(domain) == "failed"
        resend.Domains.verify(domain["id"])
        until(lambda: status(domain) == "verified")

    def test_falls_back_when_records_vanish_and_recovers(
        self, domain: dict[str, Any], sim: httpx.Client, control: Control
    ) -> None:
        withdraw(sim, domain, only="DKIM")
        control.advance(timedelta(minutes=2))
        until(lambda: status(domain) == "temporary_failure")
        assert ("DKIM TXT", "temporary_failure") in record_statuses(domain)
        publish(sim, domain)
        control.advance(timedelta(minutes=2))
        until(lambda: status(domain) == "verified")

    def test_fails_for_good_when_records_stay_away(
        self, domain: dict[str, Any], sim: httpx.Client, control: Control
    ) -> None:
        withdraw(sim, domain)
        control.advance(timedelta(minutes=2))
        until(lambda: status(domain) == "temporary_failure")
        control.advance(timedelta(hours=73))
        until(lambda: status(domain) == "failed")
        with pytest.raises(ResendError, match="not verified"):
            resend.Emails.send({"from": f"a@{domain['name']}", "to": "b@c.example", "subject": "s", "text": "t"})

    def test_asking_again_takes_the_verification_away_for_a_while(
        self, domain: dict[str, Any], control: Control
    ) -> None:
        with control.fault("resend", f"verify {domain['name']} *", "stuck"):
            resend.Domains.verify(domain["id"])
            assert status(domain) == "pending"
            control.advance(timedelta(hours=80))
            assert status(domain) == "pending"
        control.advance(timedelta(seconds=5))
        until(lambda: status(domain) == "verified")

    def test_a_dns_that_cannot_be_asked_changes_nothing(self, domain: dict[str, Any], control: Control) -> None:
        before = len(control.injections())
        with control.fault("dns", f"query *{domain['name']} *", "servfail"):
            control.advance(timedelta(minutes=5))
            until(lambda: len(control.injections()) >= before + 3)
            assert status(domain) == "verified"

    def test_optional_records_make_it_partial(
        self, domain: dict[str, Any], sim: httpx.Client, control: Control
    ) -> None:
        resend.Domains.update({"id": domain["id"], "tracking_subdomain": "links"})
        resend.Domains.verify(domain["id"])
        until(lambda: status(domain) == "partially_verified")
        sent = resend.Emails.send({"from": f"a@{domain['name']}", "to": "b@c.example", "subject": "s", "text": "t"})
        assert sent["id"]
        control.advance(timedelta(hours=73))
        until(lambda: status(domain) == "partially_failed")


class TestClaims:
    @pytest.fixture
    def other(self, domain: dict[str, Any], sim: httpx.Client) -> str:
        """A second team; the first one holds the domain. The SDK speaks for the second."""
        resend.api_key = sim.post("/resend/_sim/teams").json()["token"]
        return str(resend.api_key)

    def _prove(self, sim: httpx.Client, claim: Any) -> None:
        record = claim["record"]
        entry = {"name": record["name"], "type": record["type"], "value": record["value"]}
        sim.post("/dns/records", json=entry).raise_for_status()

    def test_a_domain_of_another_team_can_only_be_claimed(
        self, team: str, domain: dict[str, Any], other: str, sim: httpx.Client
    ) -> None:
        with pytest.raises(ResendError, match="another team") as refusal:
            resend.Domains.create({"name": domain["name"]})
        assert (refusal.value.code, refusal.value.error_type) == (403, "validation_error")
        claim = resend.Domains.Claims.create({"name": domain["name"], "region": "eu-west-1"})
        assert (claim["object"], claim["status"], claim["record"]["type"]) == ("domain_claim", "pending", "TXT")
        id = str(claim["domain_id"])
        self._prove(sim, claim)
        resend.Domains.Claims.verify(id)
        until(lambda: resend.Domains.Claims.get(id)["status"] == "completed")
        mine: Any = resend.Domains.get(id)
        assert mine["status"] == "not_started"
        assert mine["records"][2]["value"] != domain["records"][2]["value"]
        resend.api_key = team
        assert resend.Domains.list()["data"] == []

    def test_waits_for_the_proof_and_expires(self, domain: dict[str, Any], other: str, control: Control) -> None:
        id = str(resend.Domains.Claims.create({"name": domain["name"]})["domain_id"])
        resend.Domains.Claims.verify(id)
        control.advance(timedelta(days=6))
        assert resend.Domains.Claims.get(id)["status"] == "pending"
        control.advance(timedelta(days=2))
        until(lambda: resend.Domains.Claims.get(id)["status"] == "expired")
        with pytest.raises(ValidationError):
            resend.Domains.Claims.verify(id)

    def test_blocked_while_the_holder_is_active(
        self, team: str, domain: dict[str, Any], other: str, sim: httpx.Client, control: Control
    ) -> None:
        resend.api_key = team
        resend.Emails.send({"from": f"a@{domain['name']}", "to": "b@c.example", "subject": "s", "text": "t"})
        resend.api_key = other
        claim = resend.Domains.Claims.create({"name": domain["name"]})
        self._prove(sim, claim)
        id = str(claim["domain_id"])
        resend.Domains.Claims.verify(id)
        until(lambda: resend.Domains.Claims.get(id)["status"] == "blocked")
        assert resend.Domains.Claims.get(id)["blocked_reason"] == "recent_owner_activity"
        control.advance(timedelta(hours=25))
        resend.Domains.Claims.verify(id)
        until(lambda: resend.Domains.Claims.get(id)["status"] == "completed")

    def test_superseded_by_a_newer_and_cancelled_with_its_placeholder(
        self, domain: dict[str, Any], other: str, sim: httpx.Client
    ) -> None:
        older = str(resend.Domains.Claims.create({"name": domain["name"]})["domain_id"])
        resend.api_key = sim.post("/resend/_sim/teams").json()["token"]
        newer = str(resend.Domains.Claims.create({"name": domain["name"]})["domain_id"])
        resend.Domains.remove(newer)
        assert resend.Domains.Claims.get(newer)["status"] == "canceled"
        resend.api_key = other
        assert resend.Domains.Claims.get(older)["status"] == "superseded"

    def test_nothing_to_claim(self, team: str, name: str) -> None:
        with pytest.raises(ValidationError, match="create the domain instead"):
            resend.Domains.Claims.create({"name": name})
