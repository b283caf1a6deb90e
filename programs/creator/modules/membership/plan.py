"""Paid memberships: Stripe keeps the subscription, we keep what it means."""

import json
from dataclasses import asdict

from programs.creator.modules.membership.spec import Spec
from programs.creator.plan import Alarm, Allow, Auth, Function, Index, Kind, Probe, Route, Table

TABLES = (
    Table(
        name="memberships",
        key="userId",
        kind=Kind.FINANCIAL,
        indexes=(
            Index("stripeSubscriptionId-index", "stripeSubscriptionId"),
            Index("status-index", "status", "updatedAt"),
        ),
    ),
)
MEMBERSHIP = Function(
    name="membership",
    handler="programs.creator.modules.membership.handlers.membership.handle",
    routes=(
        Route("GET /membership/plans"),
        Route("GET /membership/me", Auth.PERSON),
        Route("POST /membership/checkout", Auth.PERSON),
        Route("POST /membership/portal", Auth.PERSON),
    ),
    reads=("memberships", "users", "processed-events"),
    writes=("processed-events",),
    secrets=("stripe",),
    facts=("PLANS",),
    timeout=20,
    alarm=Alarm(errors=3),
)
FUNCTIONS = (MEMBERSHIP,)
SETTLED = ("memberships", "users")
SETTLES = (Allow(("cognito-idp:AdminAddUserToGroup", "cognito-idp:AdminRemoveUserFromGroup"), ("{pool}",)),)
SETTLING_FACTS = ("POOL_ID", "GRACE_DAYS")


def facts(spec: Spec) -> dict[str, str]:
    plans = json.dumps([asdict(plan) for plan in spec.plans], ensure_ascii=False)
    return {"PLANS": plans, "GRACE_DAYS": str(spec.grace_days)}


PROBES = (Probe("GET /membership/plans", 200),)
