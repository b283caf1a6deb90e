"""An account's whole life, from the wish for one to its end, with a death at every effect on the way: at the vendor's
and in our own tables, as many as the code has. Nothing is lost, nothing is there twice, and the end is the same."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlmodel import col, select

from controlplane.accounts import factory, pool, service, units
from controlplane.accounts.models import Account, AccountClaim, AccountState
from controlplane.accounts.models import AccountState as S
from controlplane.accounts.turn import LONGEST
from controlplane.audit.models import AuditEntry
from controlplane.gateways import Gateways
from tests.contract.aws.conftest import Aws
from tests.fixtures.polling import poll
from tests.fixtures.product import TestClock
from tests.integration.accounts.conftest import ordered, read, unit_of
from tests.integration.accounts.mortal import Effect, Fate, in_the_hands_of, survive

LIVES = 6
ADOPTED_WITHOUT = "account.creating"  # who finds the account needs nobody's word about the request
WANTED = (S.SUSPENDED, S.ACTIVE, S.QUARANTINED, S.CLOSED)


class Life:
    """In an organisation where nothing is prepared yet."""

    def __init__(self, gateways: Gateways, clock: TestClock, fate: Fate, name: str) -> None:
        settings = gateways.settings.model_copy(update={"name": name})
        self.gateways, self.clock, self.fate = replace(gateways, settings=settings), clock, fate
        self.seen: dict[str, Any] = {}

    def live(self) -> None:
        self.account = survive(self.fate, lambda: ordered(self.gateways), later=self.later)
        self.reach(S.READY)
        survive(self.fate, self.claim, later=self.later)
        self.reach(S.ACTIVE)
        self.seen |= inside(self.gateways, str(read(self.gateways, self.account).account_id))
        for state in WANTED:
            survive(self.fate, partial(self.want, state), later=self.later)
            self.seen[f"unit of {state}"] = unit_of(self.gateways, self.reach(state))
        self.seen |= outside(self.gateways)

    def reach(self, state: AccountState) -> Account:
        def go_on() -> Account:
            survive(self.fate, lambda: factory.advance(self.gateways, self.account.id), later=self.later)
            self.clock.advance(seconds=5)
            return read(self.gateways, self.account)

        return poll(go_on, until=lambda row: row.state is state and row.wanted in {None, state}, seconds=120)

    def claim(self) -> None:
        with self.gateways.db.transaction() as session:
            pool.claim(session, self.gateways, self.gateways.settings.name)

    def want(self, state: AccountState) -> None:
        with self.gateways.db.transaction() as session:
            service.want(session, self.gateways, self.account.id, state, actor="operator:test", reason="test")

    def later(self) -> None:
        """Until nobody waits for the dead any more."""
        self.clock.advance(seconds=max(factory.LEASE, LONGEST).total_seconds() + 1)


def inside(gateways: Gateways, account_id: str) -> dict[str, Any]:
    """What is left of what the factory did in the account."""
    caller = gateways.aws.member(account_id).caller
    listed = {
        "roles": ("iam", "list_roles", "Roles", "RoleName"), "buckets": ("s3", "list_buckets", "Buckets", "Name"),
        "functions": ("lambda", "list_functions", "Functions", "FunctionName"),
        "logs": ("logs", "describe_log_groups", "logGroups", "logGroupName"),
    }  # fmt: skip
    found: dict[str, Any] = {
        name: sorted(entry[field] for entry in caller.pages(service, operation, key))
        for name, (service, operation, key, field) in listed.items()
    }
    found["pools"] = caller.call("cognito-idp", "list_user_pools", MaxResults=10)["UserPools"]
    found["distributions"] = caller.call("cloudfront", "list_distributions")["DistributionList"].get("Items", [])
    found["contact"] = caller.call("account", "get_alternate_contact", AlternateContactType="BILLING")[
        "AlternateContact"
    ]["Title"]
    found["passwords"] = caller.call("iam", "get_account_password_policy")["PasswordPolicy"]
    return found


def outside(gateways: Gateways) -> dict[str, Any]:
    """What the organisation and our own tables say."""
    organization, prefix = gateways.aws.organization, f"{gateways.settings.name}-"
    with gateways.db.transaction() as session:
        [row] = session.exec(select(Account).where(col(Account.name).startswith(prefix))).all()
        claims = session.exec(select(AccountClaim).where(AccountClaim.tenant_id == gateways.settings.name)).all()
        trail = select(AuditEntry.action).where(AuditEntry.object_id == row.id).order_by(col(AuditEntry.id))
        moves = [action for action in session.exec(trail).all() if action != ADOPTED_WITHOUT]
    made = [
        (found.id, found.email, found.is_closed) for found in organization.accounts() if found.name.startswith(prefix)
    ]
    tags = gateways.aws.management.call("organizations", "list_tags_for_resource", region="us-east-1",
                                        ResourceId=row.account_id)["Tags"]  # fmt: skip
    guarded = {name: len(organization.attached(identity)) for name, identity in units.ids(gateways).items()}
    return {
        "ours is the only one, and closed": made == [(row.account_id, row.email, True)],
        "belongs to": {tag["Key"]: tag["Value"].removeprefix(prefix[:-1]) for tag in tags},
        "claims": [claim.account_row == row.id for claim in claims],
        "state": (row.state, row.unit, row.wanted, row.error, row.lease_until, row.next_check_at),
        "quotas": row.quotas,
        "trail": moves,
        "units": guarded,
        "policies": sum(name.startswith(prefix) for name in organization.policies()),
    }


def test_a_death_at_every_effect_loses_and_doubles_nothing(gateways: Gateways, aws: Aws, clock: TestClock) -> None:
    ordered(gateways)  # the first entry of the trail makes its key
    survived: set[Effect] = set()
    usual = Fate(survived, mortal=False)
    undisturbed = lived(Life(gateways, clock, usual, "undisturbed"))
    assert undisturbed["ours is the only one, and closed"]
    for number in range(LIVES):
        assert lived(Life(gateways, clock, Fate(survived), f"mortal-{number}")) == undisturbed
        if survived >= set(usual.met):
            return
    pytest.fail(f"no life has died at {set(usual.met) - survived}")


def lived(life: Life) -> dict[str, Any]:
    with in_the_hands_of(life.fate):
        life.live()
    return life.seen
