"""Two operators at the same thing: the second one is asked before anything of the first is overwritten."""

import html
import re

from tenants.lifecycle import State
from tenants.models import Tenant
from tests.fixtures.furnished import Furnished
from tests.fixtures.http import make_operator
from tests.fixtures.shop import Shop
from tests.integration.web.test_console import HTML, staff


class TestTwoOperators:
    def test_see_both_wishes_and_choose(self, shop: Shop) -> None:
        boss, other = staff(shop, "admin"), staff(shop, "admin")
        home = f"/console/operators/{make_operator(shop.gateways, 'support').id}"
        opened = field(boss.get(home).text, "version")
        given = {"role": "engineer", "version": field(other.get(home).text, "version")}
        assert other.post(home, data=given, headers=HTML).status_code == 303
        late = boss.post(home, data={"role": "auditor", "version": opened}, headers=HTML)
        assert late.status_code == 409
        shown = re.search(r"<th[^>]*>Rolle</th><td>(.*?)</td><td>(.*?)</td>", late.text)
        assert shown
        assert len(set(shown.groups())) == 2
        assert 'value="auditor" selected' in late.text
        again = {"role": "auditor", "version": field(late.text, "version")}
        assert boss.post(home, data=again, headers=HTML).status_code == 303
        assert 'value="auditor" selected' in other.get(home).text
        assert boss.post(home, data={"role": "support"}, headers=HTML).status_code == 409

    def test_are_told_what_changed_before_they_act_on_it(self, shop: Shop) -> None:
        furnished = Furnished(shop)
        one = staff(shop, "engineer")
        address = f"/console/tenants/{furnished.creator.tenant_id}/ask/refresh"
        stood = field(one.get(address).text, "stood")
        with shop.gateways.db.transaction() as session:
            session.get_one(Tenant, furnished.creator.tenant_id).state = State.PAST_DUE
        late = one.post(address, data={"stood": stood, "reason": "looks <odd>"}, headers=HTML)
        assert (late.status_code, "looks &lt;odd&gt;" in late.text) == (409, True)
        assert field(late.text, "stood") == "past_due" != stood
        given = {"stood": "past_due", "reason": "looks odd"}
        assert "/console/operations/" in one.post(address, data=given, headers=HTML).headers["location"]

    def test_decide_once_and_the_second_sees_both(self, shop: Shop) -> None:
        furnished = Furnished(shop)
        address = f"/console/approvals/{furnished.approval.id}"
        first, second = (staff(shop, "engineer") for _number in range(2))
        given = {"reason": "looked at the copy", "decision": "approve"}
        mistyped = first.post(address, data={**given, "typed": "another"}, headers=HTML)
        assert (mistyped.status_code, 'value="looked at the copy"' in mistyped.text) == (422, True)
        assert first.post(address, data={**given, "typed": "furnished-site"}, headers=HTML).status_code == 303
        late = second.post(address, data={**given, "decision": "refuse"}, headers=HTML)
        assert late.status_code == 409
        assert "Sie wollten: Ablehnen" in late.text
        assert "looked at the copy" in late.text


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return html.unescape(found[1])
