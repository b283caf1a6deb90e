"""Asking that a creator who lost the device of the second factor and the recovery code is let in again."""

from sqlmodel import Session

from controlplane.audit.service import record
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Kind, Operation
from controlplane.provisioning.service import request
from tenants.models import Tenant

ONLY_OWNER = {"only": "owner"}  # of an update: no stack is touched


def ask(session: Session, gateways: Gateways, tenant: Tenant, *, actor: str, reason: str, proof: str) -> Operation:
    """`proof`: how the person has shown to be the owner; it stays in the trail."""
    operation = request(session, gateways, tenant, Kind.UPDATE, cause=reason, actor=actor, wanted=ONLY_OWNER)
    record(
        session, actor=actor, action="owner.unlock", object_type="tenant", object_id=tenant.id, stream="identity",
        tenant_id=tenant.id, operation_id=operation.id, reason=f"{reason}; proof: {proof}",
    )  # fmt: skip
    return operation
