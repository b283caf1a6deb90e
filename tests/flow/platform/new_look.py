"""A creator changes name and words: seconds later the site says so, and nothing else of the account was touched."""

from controlplane.provisioning import creator_look as look
from controlplane.provisioning import service
from controlplane.provisioning.creator_look import Wish
from controlplane.provisioning.models import Phase
from tenants.models import Tenant
from tests.flow.platform.conftest import Creators

WORDS = {"tagline": "Rosen aus Bonn", "about": "Seit 2009.\n\nJede Woche.", "privacy": "Kein Tracking."}
LEGAL = {"name": "Blumen Anna GmbH", "street": "Hauptstr. 1", "city": "53111 Bonn", "email": "post@anna.example"}
WISH = {"look": {"name": "Rosen & Anna", "colour": "#FFD400", "texts": {"de": WORDS}}, "legal": LEGAL}


def a_new_look_is_shown_at_once(creators: Creators, tenant: Tenant) -> None:
    wish, world = Wish.model_validate(WISH), creators.world
    assert (wish.look.colour, look.shown(wish)["contrast"]["wanted"] < 4.5) == ("#ffd400", True)
    with world.gateways.db.transaction() as session:
        asked = look.change(session, world.gateways, tenant, wish, actor="customer:1")
    assert asked
    done = creators.work(asked)
    assert (done.phase, done.error, list(world.steps(done))) == (Phase.DONE, "", ["frontend", "smoke"])
    page = world.gateways.visitor.ask("anna.localhost", "GET", "/").body.decode()
    assert ("Rosen &amp; Anna" in page, "Rosen aus Bonn" in page) == (True, True)
    with world.gateways.db.transaction() as session:
        again = look.change(session, world.gateways, world.reread(tenant), wish, actor="customer:1")
        assert (again, service.open_operation(session, tenant.id)) == (None, None)
