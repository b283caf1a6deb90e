import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from controlplane.identity.actor import ANONYMOUS, Actor, ActorKind
from controlplane.identity.policy import COLUMNS, OPERATOR_ROLES, RULES, SCOPES, Answer, decide, own_only

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def operator(role: str, *, minutes: int = 0) -> Actor:
    at = NOW - timedelta(minutes=minutes)
    return Actor(kind=ActorKind.OPERATOR, id="o", roles=frozenset({role}), auth_time=at)


class TestTable:
    def test_each_row_says_something_about_each_column(self) -> None:
        assert all(set(rule.marks) == set(COLUMNS) for rule in RULES.values())
        assert all(re.fullmatch("–|●?◐?▲?②?", mark) for rule in RULES.values() for mark in rule.marks.values())

    def test_nothing_is_allowed_to_nobody(self) -> None:
        assert all(set(rule.marks.values()) != {"–"} for rule in RULES.values())

    def test_strangers_reach_only_what_is_meant_for_them(self) -> None:
        open_groups = {group for group in RULES if decide(ANONYMOUS, group, now=NOW) is Answer.YES}
        assert open_groups == {"health", "public", "checkout", "order.status", "webhooks", "sign-in", "oauth"}

    @pytest.mark.parametrize("group", sorted(RULES))
    def test_losing_a_role_never_grants(self, group: str) -> None:
        order = [Answer.NO, Answer.SIGN_IN, Answer.SECOND, Answer.PROVE, Answer.YES]
        for one in OPERATOR_ROLES:
            for other in OPERATOR_ROLES:
                both = Actor(kind=ActorKind.OPERATOR, id="o", roles=frozenset({one, other}), auth_time=NOW)
                alone = decide(operator(one), group, now=NOW)
                assert order.index(decide(both, group, now=NOW)) >= order.index(alone)

    def test_what_needs_two_persons_is_never_a_machines(self) -> None:
        for group, rule in RULES.items():
            client = Actor(kind=ActorKind.CLIENT, id="c", scopes=frozenset(SCOPES))
            if any("②" in mark for mark in rule.marks.values()):
                assert decide(client, group, now=NOW) in {Answer.NO, Answer.SECOND}


class TestDecide:
    def test_an_old_proof_of_identity_is_asked_for_again(self) -> None:
        assert decide(operator("engineer", minutes=9), "tenants.steer", now=NOW) is Answer.YES
        assert decide(operator("engineer", minutes=11), "tenants.steer", now=NOW) is Answer.PROVE

    def test_destroying_takes_two(self) -> None:
        assert decide(operator("admin"), "tenants.destroy", now=NOW) is Answer.SECOND
        assert decide(operator("support"), "tenants.destroy", now=NOW) is Answer.NO

    def test_a_client_needs_the_scope(self) -> None:
        reader = Actor(kind=ActorKind.CLIENT, id="c", scopes=frozenset({"tenants:read"}))
        assert decide(reader, "tenants.read", now=NOW) is Answer.YES
        assert decide(reader, "tenants.act", now=NOW) is Answer.NO

    def test_a_customers_client_never_reaches_the_operators_side(self) -> None:
        bound = Actor(kind=ActorKind.CLIENT, id="c", scopes=frozenset(SCOPES), customer_id="k")
        assert decide(bound, "tenants.read", now=NOW) is Answer.NO
        assert decide(bound, "own.read", now=NOW) is Answer.YES
        assert own_only(bound, "own.read")

    def test_the_studio_is_as_strong_as_the_person_in_it(self) -> None:
        reader = Actor(kind=ActorKind.EDGE, id="k", roles=frozenset({"reader"}), auth_time=NOW)
        owner = Actor(kind=ActorKind.EDGE, id="k", roles=frozenset({"owner"}), auth_time=NOW - timedelta(minutes=31))
        assert decide(reader, "own.read", now=NOW) is Answer.YES
        assert decide(reader, "own.write", now=NOW) is Answer.NO
        assert decide(owner, "own.remove", now=NOW) is Answer.PROVE
        assert decide(owner, "tenants.read", now=NOW) is Answer.NO


def test_the_table_is_the_only_place_that_names_roles_of_operators() -> None:
    """A role compared somewhere else would be a second table."""
    named = re.compile(r"[\"'](auditor|engineer)[\"']")
    files = {path for path in Path("controlplane").rglob("*.py") if named.search(path.read_text())}
    assert files <= {Path("controlplane/identity/policy.py"), Path("controlplane/identity/models.py")}
