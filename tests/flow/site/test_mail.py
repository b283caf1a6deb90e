"""A sending domain that loses its proof: mail goes out from our address, it is said, and it heals with the records."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from controlplane.delivery.models import Email
from controlplane.domains import mail
from controlplane.domains.models import MailDomain
from controlplane.provisioning import mailproof
from controlplane.provisioning.models import Kind, Phase
from controlplane.publishing import platform
from tenants import service as tenants
from tenants.conditions import Concern
from tests.fixtures.polling import poll
from tests.fixtures.world import World


class Sending:
    """A live site with a form on it."""

    def __init__(self, world: World, slug: str) -> None:
        self.world, self.tenant = world, world.tenant(slug)
        assert world.do(self.tenant, Kind.PROVISION).phase == Phase.DONE

    @property
    def row(self) -> MailDomain:
        with self.world.gateways.db.transaction() as session:
            return session.exec(select(MailDomain).where(MailDomain.tenant_id == self.tenant.id)).one()

    @property
    def condition(self) -> tuple[str, str]:
        with self.world.gateways.db.transaction() as session:
            row = tenants.conditions(session, self.tenant.id)[Concern.EMAIL]
        return row.health, row.reason

    def becomes(self, status: str) -> None:
        """As the watcher sees it. The vendor looks at a settled domain once a minute."""
        self.world.control.advance(timedelta(seconds=61))
        poll(self._check, until=lambda found: found == status, seconds=90, every=0.5)

    def _check(self) -> str:
        mailproof.check(self.world.gateways, self.row.id)
        return self.row.status

    def sender_of_a_form(self, text: str) -> str:
        """What a visitor writes on the site, as it arrives at the owner."""
        host = f"{self.tenant.slug}.localhost"
        url = f"{self.world.place.url('edge')}/_sp/forms/contact"
        sent = httpx.post(url, json={"message": text, "_n": text}, headers={"host": host}, trust_env=False, timeout=30)
        assert sent.status_code == 202, sent.text
        found = poll(lambda: self._mail(text), seconds=90)
        assert found
        return str(found["from"])

    def _mail(self, text: str) -> dict[str, Any] | None:
        bearer = {"authorization": f"Bearer {self.world.place.secrets['control_token']}"}
        box, to = f"{self.world.place.vendors_url}/resend/_sim/mailbox", self.tenant.spec["owner_email"]
        found = httpx.get(box, params={"to": to}, headers=bearer, trust_env=False).json()["mails"]
        return next((one for one in found if text in one["text"]), None)

    def letters(self) -> list[str]:
        with self.world.gateways.db.transaction() as session:
            query = select(Email.kind).where(Email.order_id == self.tenant.order_id, Email.kind != "tenant_live")
            return list(session.exec(query).all())

    def lose_records(self) -> int:
        gateways = self.world.gateways
        with gateways.db.transaction() as session:
            zone = str(platform.outputs(session, gateways)["sites_zone_id"])
        names = {record["name"] for record in mail.stack_records(self.row)}
        return sum(gateways.cloudflare.remove_records(zone, name) for name in names)


@pytest.fixture
def sending(world: World) -> Sending:
    return Sending(world, "sends-forms")


def test_a_sending_domain_is_lost_and_regained(sending: Sending) -> None:
    own = f"mail.{sending.tenant.slug}.localhost"
    assert own in sending.sender_of_a_form("from our own address")
    assert sending.condition == ("ok", "")

    with sending.world.control.fault(
        "resend", "GET /domains/*", "error", times=5, status=500, code="application_error"
    ):
        sending._check()
    assert sending.condition == ("ok", "")  # could not ask is not a loss

    assert sending.lose_records() == 3
    sending.becomes("temporary_failure")
    assert sending.condition == ("attention", "sending_domain_failed")
    assert sending.letters() == ["sender_lost"]
    assert sending.sender_of_a_form("while it is lost") == sending.world.gateways.settings.resend.sender

    assert sending.world.do(sending.tenant, Kind.REFRESH).phase == Phase.DONE  # our zone, so our records
    sending.becomes("verified")
    assert sending.condition == ("ok", "")
    assert own in sending.sender_of_a_form("and back again")
    assert sending.letters() == ["sender_lost"]
