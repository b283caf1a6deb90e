"""Two own names of a creator in one certificate: a refusal becomes a condition, and what is mended goes on."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from controlplane.domains import service as domains
from controlplane.domains.models import Domain, HostState
from controlplane.gateways import Gateways
from controlplane.provisioning import creator_names, hostnames
from controlplane.settings import Resolver
from sandbox.dns.table import DnsTable, Record
from sandbox.kit.store import Store
from tenants import service as tenants
from tenants.conditions import Concern, Who
from tenants.models import Tenant
from tests.contract.aws.conftest import Aws
from tests.contract.control.process import Vendors
from tests.integration.accounts.conftest import ordered, work
from tests.integration.accounts.test_alarms import creator

ELSEWHERE = '0 issue "letsencrypt.org"'


@pytest.fixture(scope="module")
def dns(aws: Aws) -> Iterator[Vendors]:
    """Servers that answer from the table in which Amazon looks."""
    started = Vendors(aws.folder, ("--only", "dns"))
    started.start()
    yield started
    started.end()


@dataclass
class Owner:
    gateways: Gateways
    aws: Aws
    tenant: str
    account: str
    table: DnsTable
    names: tuple[str, ...]
    records: list[dict[str, str]]

    def certify(self, attempt: int) -> None:
        """What an update of the stack does: one certificate for all names, and what has to be published for it."""
        acm = self.aws.client("acm", self.aws.assume(self.account), "us-east-1")
        asked = {"DomainName": self.names[0], "SubjectAlternativeNames": list(self.names), "ValidationMethod": "DNS"}
        arn = acm.request_certificate(**asked)["CertificateArn"]
        options = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"]
        self.records = [
            {"host": one["DomainName"], **{name.lower(): value for name, value in one["ResourceRecord"].items()}}
            for one in options
        ]
        made = {"own_asked": {"names": list(self.names), "attempt": attempt}, "own_certificate_arn": arn}
        with self.gateways.db.transaction() as session:
            row = session.get_one(Tenant, self.tenant)
            row.facts = {**row.facts, **made, "own_records": self.records, "distribution_domain": "d1.cloudfront.net"}
            session.add(row)

    def publish(self, host: str) -> None:
        [record] = [one for one in self.records if one["host"] == host]
        self.table.publish(Record(record["name"].rstrip("."), record["type"], record["value"].rstrip(".")))

    def look(self, *, checks: int | None = None) -> list[tuple[HostState, str]]:
        """Every name once, as the sweep does; after so many looks already."""
        for row in self.rows():
            if checks is not None:
                with self.gateways.db.transaction() as session:
                    session.get_one(Domain, row.id).checks = checks
            hostnames.check(self.gateways, row.id)
        return [(row.state, row.reason) for row in self.rows()]

    def rows(self) -> list[Domain]:
        with self.gateways.db.transaction() as session:
            return domains.of_tenant(session, self.tenant)

    def attempt(self) -> int:
        with self.gateways.db.transaction() as session:
            return int(session.get_one(Tenant, self.tenant).facts.get("own_attempt", 0))

    def issued(self) -> Any:
        with self.gateways.db.transaction() as session:
            return session.get_one(Tenant, self.tenant).facts.get("own_issued")

    def condition(self) -> tuple[str, str, Who | None]:
        with self.gateways.db.transaction() as session:
            found = tenants.conditions(session, self.tenant)[Concern.DOMAIN]
        return found.reason, found.next_action, found.who


@pytest.fixture
def owner(gateways: Gateways, aws: Aws, dns: Vendors, request: pytest.FixtureRequest) -> Owner:
    """Both names are claimed and proved to us; Amazon has been asked and waits for its records."""
    settings = gateways.settings.model_copy(
        update={"resolver": Resolver(nameservers=("127.0.0.1",), port=dns.dns_port)}
    )
    ours = replace(gateways, settings=settings)
    account = work(ours, ordered(ours))
    name = f"blumen-{hashlib.sha256(request.node.name.encode()).hexdigest()[:8]}-eigen.de"
    table = DnsTable(Store(aws.folder / "dns" / "state.sqlite"))
    found = Owner(ours, aws, creator(ours, account), str(account.account_id), table, (name, f"www.{name}"), [])
    with ours.db.transaction() as session:
        row = session.get_one(Tenant, found.tenant)
        row.spec = {**row.spec, "features": {"own_domain": True}}
        row.facts = {"distribution_domain": "d1.cloudfront.net"}
        for host in found.names:
            claimed = domains.claim(session, ours, row, host, actor="customer:1")
            table.publish(Record(f"_sp-verify.{host}", "TXT", claimed.token))
    assert found.look() == [(HostState.REQUESTED, "")] * 2
    found.certify(0)
    assert found.look() == [(HostState.AWAITING_DNS, "")] * 2
    return found


def test_both_names_wait_for_each_other_and_come_together(owner: Owner) -> None:
    apex, www = owner.names
    owner.publish(apex)
    assert owner.look() == [(HostState.VERIFYING, ""), (HostState.AWAITING_DNS, "")]
    assert owner.condition() == ("awaiting_dns", "publish_records", Who.CUSTOMER)
    owner.publish(www)
    assert owner.look() == [(HostState.VERIFYING, "")] * 2
    assert owner.issued() == {"names": [apex, www], "attempt": 0}


def test_what_forbids_amazon_is_said_and_once_allowed_asked_for_anew(owner: Owner) -> None:
    apex, www = owner.names
    owner.table.publish(Record(apex, "CAA", ELSEWHERE))  # for the name below it as well
    owner.publish(apex)
    owner.publish(www)
    assert owner.look() == [(HostState.MOVED, "caa_forbids_amazon")] * 2
    assert owner.condition() == ("caa_forbids_amazon", "allow_issuer", Who.CUSTOMER)
    assert owner.look(checks=creator_names.PATIENCE) == [(HostState.MOVED, "caa_forbids_amazon")] * 2
    assert owner.attempt() == 0
    owner.table.publish(Record(apex, "CAA", '0 issue "amazon.com"'))
    assert owner.look(checks=0) == [(HostState.MOVED, "caa_forbids_amazon")] * 2  # not at every look
    with owner.gateways.db.transaction() as session:
        domains.look_again(session, owner.gateways, session.merge(owner.rows()[0]))
    assert owner.look()[0] == (HostState.REQUESTED, "")
    assert owner.attempt() == 1
    owner.certify(1)
    assert owner.look() == [(HostState.VERIFYING, "")] * 2
    assert owner.issued() == {"names": [apex, www], "attempt": 1}


def test_a_proof_that_came_too_late_is_asked_for_anew_without_a_word(owner: Owner) -> None:
    apex, www = owner.names
    owner.publish(apex)
    owner.aws.sim("POST", "/clock/advance", json={"seconds": 73 * 3600}).raise_for_status()
    assert owner.look() == [(HostState.MOVED, "proof_timed_out")] * 2
    assert owner.condition() == ("proof_timed_out", "publish_records", Who.CUSTOMER)
    assert owner.look(checks=creator_names.PATIENCE) == [(HostState.MOVED, "proof_timed_out")] * 2
    owner.publish(www)
    assert owner.look(checks=creator_names.PATIENCE)[0] == (HostState.REQUESTED, "")
    assert owner.attempt() == 1
    owner.certify(1)
    assert owner.look() == [(HostState.VERIFYING, "")] * 2
