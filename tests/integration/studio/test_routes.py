"""What the studio asks of the control plane, with the assertion as its only authority."""

import pytest
from sqlmodel import select

from controlplane.audit.models import AuditEntry
from controlplane.billing.models import Customer
from controlplane.delivery.models import Email
from controlplane.domains.models import Domain, HostState, MailDomain
from controlplane.identity.models import Grant, Member
from controlplane.publishing.models import ExportState, SiteExport
from tenants.models import Tenant
from tests.fixtures.http import Door, make_customer
from tests.fixtures.studio import Studio, make_site


@pytest.fixture
def owner(door: Door) -> Studio:
    customer = make_customer(door.gateways)
    return Studio(door, customer, make_site(door.gateways, customer))


def colleague(owner: Studio, role: str) -> Studio:
    customer = make_customer(owner.door.gateways)
    with owner.door.gateways.db.transaction() as session:
        session.add(Member(tenant_id=owner.tenant.id, customer_id=customer.id, role=role))
    return Studio(owner.door, customer, owner.tenant)


class TestProof:
    def test_somebody_elses_tenant_cannot_be_named(self, owner: Studio) -> None:
        other = make_site(owner.door.gateways, make_customer(owner.door.gateways), slug="other")
        assert owner.ask("GET", "/hosts", tid=other.id).status_code == 401

    def test_an_assertion_fits_one_request_once(self, owner: Studio) -> None:
        client, token = owner.door.anonymous(), owner.assertion("GET", "/edge/v1/hosts", b"")
        assert owner.ask("GET", "/hosts", p="/edge/v1/members").status_code == 401
        headers = {"authorization": f"Bearer {token}"}
        assert client.get("/edge/v1/hosts", headers=headers).status_code == 200
        assert client.get("/edge/v1/hosts", headers=headers).json()["code"] == "assertion_replayed"

    @pytest.mark.parametrize(
        "changes", [{"aud": "other"}, {"exp": 1}, {"iss": "someone"}, {"env": "live"}, {"bh": "x"}, {"m": "POST"}]
    )
    def test_a_wrong_word_in_it_is_refused(self, owner: Studio, changes: dict[str, object]) -> None:
        assert owner.ask("GET", "/hosts", **changes).status_code == 401

    def test_nobody_else_asks_here(self, owner: Studio) -> None:
        assert owner.door.customer(owner.customer).get("/edge/v1/hosts").status_code == 403
        assert owner.door.operator("admin").get("/edge/v1/hosts").status_code == 403
        assert owner.door.anonymous().get("/edge/v1/hosts").status_code == 401

    def test_the_role_is_ours_and_not_what_the_assertion_says(self, owner: Studio) -> None:
        reader = colleague(owner, "reader")
        assert reader.ask("GET", "/hosts").status_code == 200
        assert reader.ask("POST", "/hosts", {"host": "www.anna-blumen.de"}).status_code == 403
        assert reader.ask("GET", "/exports").status_code == 403

    def test_removing_needs_a_fresh_sign_in(self, owner: Studio) -> None:
        owner.ask("POST", "/hosts", {"host": "www.anna-blumen.de"})
        assert owner.ask("DELETE", "/hosts/www.anna-blumen.de", auth_time=1).json()["code"] == "step_up_required"
        assert owner.ask("DELETE", "/hosts/www.anna-blumen.de").status_code == 202


class TestPeople:
    def test_change_what_they_are_called(self, owner: Studio) -> None:
        assert owner.ask("GET", "/profile").json()["email"] == owner.customer.email
        answer = owner.ask("PATCH", "/profile", {"name": " Anna ", "locale": "en"})
        assert (answer.json()["name"], answer.json()["locale"]) == ("Anna", "en")
        assert owner.ask("PATCH", "/profile", {"email": "x@y.example"}).status_code == 422

    def test_are_let_in_by_letter_and_shown_out(self, owner: Studio) -> None:
        answer = owner.ask("POST", "/members", {"email": "Helper@Example.com", "role": "editor"})
        person = answer.json()
        assert (answer.status_code, person["role"], person["email"]) == (201, "editor", "Helper@Example.com")
        assert (
            owner.ask("POST", "/members", {"email": "helper@example.com", "role": "reader"}).json()["id"]
            == person["id"]
        )
        with owner.door.gateways.db.transaction() as session:
            letters = session.exec(select(Email).where(Email.kind == "member_invited")).all()
            helper = session.get_one(Customer, person["id"])
            session.add(Grant(
                digest="x", client_id="edge-core", customer_id=helper.id, sign_in_id="", redirect_uri="",
                challenge="", auth_at=owner.door.gateways.now(), expires_at=owner.door.gateways.now(),
                used_at=owner.door.gateways.now(),
            ))  # fmt: skip
        assert [(one.to, one.data["name"]) for one in letters] == [("Helper@Example.com", "Blumen Anna")]
        inside = Studio(owner.door, helper, owner.tenant)
        assert [one["role"] for one in inside.ask("GET", "/members").json()["members"]] == ["owner", "reader"]
        assert inside.ask("DELETE", f"/members/{owner.customer.id}").status_code == 403
        assert owner.ask("DELETE", f"/members/{helper.id}").status_code == 204
        assert inside.ask("GET", "/members").status_code == 401
        with owner.door.gateways.db.transaction() as session:
            assert session.exec(select(Grant)).one().edge_ends_at  # the studio that is open ends too

    def test_the_owner_stays(self, owner: Studio) -> None:
        answer = owner.ask("POST", "/members", {"email": owner.customer.email, "role": "reader"})
        assert (answer.status_code, answer.json()["code"]) == (409, "owner_stays")


class TestHosts:
    def test_are_claimed_looked_at_and_removed(self, owner: Studio) -> None:
        answer = owner.ask("POST", "/hosts", {"host": "WWW.Anna-Blumen.de"})
        host = answer.json()
        assert (answer.status_code, host["host"], host["state"]) == (201, "www.anna-blumen.de", "claimed")
        assert {record["type"] for record in host["records"]} == {"TXT", "CNAME"}
        assert owner.ask("POST", "/hosts/www.anna-blumen.de/recheck").status_code == 202
        assert owner.ask("POST", "/hosts/www.anna-blumen.de/primary").json()["code"] == "host_not_live"
        assert owner.ask("DELETE", "/hosts/www.anna-blumen.de").json()["state"] == "removed"
        names = [one["host"] for one in owner.ask("GET", "/hosts").json()["hosts"]]
        assert names == ["anna.sites.example"]

    def test_one_that_the_vendor_has_stays_ours_until_it_is_gone(self, owner: Studio) -> None:
        owner.ask("POST", "/hosts", {"host": "www.anna-blumen.de"})
        with owner.door.gateways.db.transaction() as session:
            session.exec(select(Domain)).one().state = HostState.LIVE
        assert owner.ask("POST", "/hosts/www.anna-blumen.de/primary").status_code == 202
        assert owner.ask("DELETE", "/hosts/www.anna-blumen.de").json()["state"] == "removing"
        with owner.door.gateways.db.transaction() as session:
            assert session.get_one(Tenant, owner.tenant.id).facts["primary_host"] == "www.anna-blumen.de"

    @pytest.mark.parametrize("name", ["localhost", "anna.sites.example", "de", "not a name", "x.invalid"])
    def test_names_that_nobody_can_own_are_refused(self, owner: Studio, name: str) -> None:
        assert owner.ask("POST", "/hosts", {"host": name}).status_code == 422


class TestMail:
    def test_recipients_are_people_of_the_team(self, owner: Studio) -> None:
        with owner.door.gateways.db.transaction() as session:
            session.add(MailDomain(tenant_id=owner.tenant.id, name="mail.anna.sites.example", told=7))
        assert owner.ask("GET", "/forms/recipients").json() == {"to": [owner.customer.email]}
        refused = owner.ask("PUT", "/forms/recipients", {"to": ["stranger@example.com"]})
        assert refused.json()["code"] == "recipient_unknown"
        helper = colleague(owner, "editor").customer
        assert owner.ask("PUT", "/forms/recipients", {"to": [helper.email]}).json() == {"to": [helper.email]}
        with owner.door.gateways.db.transaction() as session:
            tenant, row = session.get_one(Tenant, owner.tenant.id), session.exec(select(MailDomain)).one()
        assert row.told != tenant.revision  # so that the next check tells the edge, whatever happens to its wake-up
        assert row.next_check_at

    def test_says_how_far_the_sending_domain_is(self, owner: Studio) -> None:
        assert owner.ask("GET", "/mail").json() == {"mail": None}
        assert owner.ask("POST", "/mail/recheck").status_code == 404
        with owner.door.gateways.db.transaction() as session:
            session.add(MailDomain(
                tenant_id=owner.tenant.id, name="mail.anna.sites.example", status="failed",
                asked_at=owner.door.gateways.now(),
                records=[{"type": "MX", "name": "send.mail.anna", "value": "feedback.example", "priority": 10}],
            ))  # fmt: skip
        found = owner.ask("GET", "/mail").json()["mail"]
        wanted = {"type": "MX", "name": "send.mail.anna.sites.example", "value": "10 feedback.example"}
        assert (found["status"], found["records"]) == ("failed", [wanted])
        assert owner.ask("POST", "/mail/recheck").json()["mail"]["asked_at"] is None  # asked for from the start


class TestExports:
    def test_one_at_a_time_and_an_address_when_it_is_ready(self, owner: Studio) -> None:
        first = owner.ask("POST", "/exports").json()
        assert owner.ask("POST", "/exports").json()["id"] == first["id"]
        assert (first["state"], first["url"]) == ("preparing", None)
        with owner.door.gateways.db.transaction() as session:
            row = session.exec(select(SiteExport)).one()
            row.state, row.bytes = ExportState.READY, 12
        [shown] = owner.ask("GET", "/exports").json()["exports"]
        assert (shown["bytes"], shown["url"]) == (
            12,
            f"http://localhost:8000/portal/t/{owner.tenant.id}/exports/{first['id']}",
        )


def test_what_was_done_is_in_the_trail(owner: Studio) -> None:
    owner.ask("POST", "/hosts", {"host": "www.anna-blumen.de"})
    with owner.door.gateways.db.transaction() as session:
        entry = session.exec(select(AuditEntry).where(AuditEntry.action == "domain.claimed")).one()
    assert (entry.actor, entry.tenant_id) == (f"edge:{owner.customer.id}", owner.tenant.id)
