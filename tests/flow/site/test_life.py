"""The life of one site, through the real engine, plugins, Workers and emulated vendors."""

import json
from datetime import timedelta

import httpx
import pytest
from sqlmodel import select

from controlplane.billing import names, privacy
from controlplane.delivery import credentials
from controlplane.delivery.credentials_models import Credential
from controlplane.provisioning import states
from controlplane.provisioning.models import Kind, Phase, StateVersion
from tenants.lifecycle import State
from tenants.models import Name, Tenant
from tests.fixtures.dump import lines_with
from tests.fixtures.http import make_customer
from tests.fixtures.polling import poll
from tests.fixtures.world import World


def mailed(world: World, token: str, *, sender: str) -> int:
    body = {"from": sender, "to": ["reader@customer.example"], "subject": "Hallo", "text": "Es geht."}
    headers = {"authorization": f"Bearer {token}"}
    url = f"{world.place.vendors_url}/resend/emails"
    return poll(
        lambda: httpx.post(url, json=body, headers=headers, trust_env=False).status_code, until=lambda s: s != 429
    )


class TestLife:
    def test_from_payment_to_live_to_gone(self, world: World) -> None:
        tenant = world.tenant("life-one")
        customer = make_customer(world.gateways, email="owner-of@life-one.example")
        with world.gateways.db.transaction() as session:
            session.get_one(Tenant, tenant.id).customer_id = customer.id

        provisioned = world.do(tenant, Kind.PROVISION)
        assert (provisioned.phase, provisioned.error) == (Phase.DONE, "")
        assert world.reread(tenant).state == State.ACTIVE
        page = world.gateways.edge.probe("life-one.localhost")
        assert page.status == 200
        assert "Blumen Anna" in page.body

        assert world.do(tenant, Kind.SUSPEND).phase == Phase.DONE
        assert world.gateways.edge.probe("life-one.localhost").status == 503

        assert world.do(tenant, Kind.RESUME).phase == Phase.DONE
        assert world.gateways.edge.probe("life-one.localhost").status == 200

        gone = world.do(tenant, Kind.OFFBOARD)
        assert (gone.phase, gone.error) == (Phase.DONE, "")
        assert world.reread(tenant).state == State.DEPROVISIONED
        assert world.gateways.edge.probe("life-one.localhost").status == 404
        assert world.steps(gone)["certificate"].result["facts"]["verified_gone_at"]

        with world.gateways.db.transaction() as session:
            assert not names.is_free(session, world.gateways, "life-one")
            resting = session.get_one(Name, "life-one").until
            rest = timedelta(days=world.gateways.settings.selling.slug_rest_days)
            assert resting
            assert rest - timedelta(hours=1) < resting - world.gateways.now() <= rest
            counts = privacy.anonymise(session, world.gateways, customer.id)
        assert min(counts[kind] for kind in ("operations", "steps", "operation_events", "state_versions", "names")) > 0
        assert lines_with(world.gateways, "life-one") == []
        with world.gateways.db.transaction() as session:
            assert not names.is_free(session, world.gateways, "life-one")

    def test_the_sending_key_is_revealed_once_and_sends_from_its_domain_only(self, world: World) -> None:
        tenant = world.tenant("life-key")
        assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE

        with world.gateways.db.transaction() as session:
            row = session.exec(select(Credential).where(Credential.tenant_id == tenant.id)).one()
            token = credentials.reveal(session, world.gateways, row, actor="customer:1")

        assert mailed(world, token, sender="anna@mail.life-key.localhost") == 200
        assert mailed(world, token, sender="anna@portal.localhost") in {401, 403}
        with world.gateways.db.transaction() as session:
            row = session.get_one(Credential, row.id)
            with pytest.raises(Exception, match="already shown"):
                credentials.reveal(session, world.gateways, row, actor="customer:1")

    def test_an_update_without_changes_changes_nothing(self, world: World) -> None:
        tenant = world.tenant("life-update")
        assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
        update = world.do(tenant, Kind.UPDATE)
        assert update.phase == Phase.DONE
        steps = world.steps(update)
        assert steps["preview"].result["plan"]["changes"] == []
        assert set(steps["stack"].result["changes"]) == {"same"}

    def test_the_state_is_kept_sealed_around_each_change(self, world: World) -> None:
        tenant = world.tenant("life-state")
        assert world.do(tenant, Kind.PROVISION).phase == Phase.DONE
        assert world.do(tenant, Kind.UPDATE).phase == Phase.DONE
        with world.gateways.db.transaction() as session:
            rows = session.exec(select(StateVersion).where(StateVersion.tenant_id == tenant.id)).all()
        assert [row.moment for row in sorted(rows, key=lambda row: row.version)] == ["after", "before", "after"]
        assert all(row.body.startswith("s2.local.") for row in rows)
        opened = [json.dumps(states.open_state(world.gateways, row)) for row in rows]
        assert all('"vault"' in text or "::vault" in text for text in opened)
        settings = world.gateways.settings  # what a provider signs in with is never in a state
        for secret in (settings.cloudflare.api_token, settings.resend.api_key, settings.stripe.secret_key):
            assert not any(secret.get_secret_value() in text for text in opened)
