"""From a quote to exactly one tenant."""

from controlplane.billing.models import OrderState
from controlplane.provisioning.models import Operation
from tenants.models import Tenant
from tests.fixtures.shop import Shop


class TestBuying:
    def test_a_paid_order_becomes_one_tenant_that_is_being_provisioned(self, shop: Shop) -> None:
        order = shop.order({"site-pro": 1, "site-storage": 2})
        assert order.state == OrderState.AWAITING_PAYMENT
        assert shop.pay(order)["status"] == "complete"
        shop.settle()

        order = shop.order_by(id=order.id)
        assert order.state == OrderState.FUNDED
        tenant = shop.tenant(order)
        assert (tenant.slug, tenant.state) == ("anna-beispiel", "queued")
        assert tenant.spec["features"]["own_domain"] is True
        assert tenant.spec["limits"]["site_bytes"] == 5 * 2**30 + 2 * 5 * 2**30
        assert [operation.kind for operation in shop.rows(Operation)] == ["provision"]
        assert shop.letters() == ["order_confirmed"]

        shop.send_letters()
        assert "Danke" in shop.vendors.sim("GET", "/mailbox?to=buyer@example.com", vendor="resend")["mails"][0]["text"]

        status = shop.client.get(f"/v1/orders/{order.token}").json()
        assert (status["state"], status["tenant"]["state"]) == ("funded", "queued")
        assert len(shop.rows(Tenant)) == 1
