"""The creator lost the device of the second factor and the recovery code, and operators let them in again."""

import json
import time
from typing import Any

from sqlmodel import select

from controlplane.audit.models import AuditEntry
from controlplane.identity import totp
from controlplane.provisioning import unlocking
from controlplane.provisioning.models import Phase
from tenants.models import Tenant
from tests.flow.platform.conftest import Creators

PASSWORD, PROOF = "Correct-Horse-1", "a call to the number of the contract"


def a_creator_who_lost_both_factors_is_let_in(creators: Creators, tenant: Tenant) -> None:
    address = str(tenant.spec["owner_email"])
    cognito = creators.world.gateways.aws.member(creators.account(tenant)).caller
    known = {"UserPoolId": tenant.facts["user_pool_id"], "Username": address}
    cognito.call("cognito-idp", "admin_set_user_password", **known, Password=PASSWORD, Permanent=True)
    login = {"email": address, "password": PASSWORD}
    token = asked(creators, tenant, "/auth/login", login)[1]["accessToken"]
    seed = asked(creators, tenant, "/auth/me/totp", {}, token)[1]["secret"]
    code = totp.code_at(seed, int(time.time()) // totp.STEP)
    assert asked(creators, tenant, "/auth/me/totp/confirm", {"code": code}, token)[0] == 200
    assert asked(creators, tenant, "/auth/login", login)[0] == 401

    with creators.world.gateways.db.transaction() as session:
        about = {"actor": "operator:test", "reason": "lost the phone", "proof": PROOF}
        operation = unlocking.ask(session, creators.world.gateways, session.merge(tenant), **about)
    done = creators.work(operation)
    assert (done.phase, creators.result(done, "unlock"), list(creators.world.steps(done))) == (
        Phase.DONE, {"unlocked": True}, ["unlock"],
    )  # fmt: skip
    assert asked(creators, tenant, "/auth/login", login)[0] == 200
    with creators.world.gateways.db.transaction() as session:
        query = select(AuditEntry.reason).where(AuditEntry.operation_id == done.id, AuditEntry.action == "owner.unlock")
        assert session.exec(query).one() == f"lost the phone; proof: {PROOF}"


def asked(creators: Creators, tenant: Tenant, path: str, body: Any, token: str = "") -> tuple[int, Any]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    host = f"{tenant.slug}.localhost"
    found = creators.world.gateways.visitor.ask(host, "POST", f"/api{path}", json=body, headers=headers)
    return found.status, json.loads(found.body)
