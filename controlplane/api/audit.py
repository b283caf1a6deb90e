"""The trail: searched, and checked whether it is whole."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from sqlmodel import col, select

from controlplane.api.access import Router
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.paging import CursorDep, Page, newest
from controlplane.audit.models import AuditEntry
from controlplane.audit.verify import verify
from controlplane.identity.policy import own_only

GROUP = "audit.read"
router = Router(prefix="/v1/audit", tags=["audit"], group=GROUP)
Filter = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
EXACT = ("stream", "actor", "action", "object_type", "object_id", "tenant_id", "customer_id", "request_id", "outcome")
HIDDEN = {"xid", "row_mac"}


class Filters:
    def __init__(
        self,
        stream: Filter = "",
        actor: Filter = "",
        action: Filter = "",
        object_type: Filter = "",
        object_id: Filter = "",
        tenant_id: Filter = "",
        customer_id: Filter = "",
        request_id: Filter = "",
        outcome: Filter = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        given = locals()
        self.exact = {name: given[name] for name in EXACT if given[name]}
        self.since, self.until = since, until


@router.get("")
def search(
    session: SessionDep,
    cursor: CursorDep,
    actor: ActorDep,
    filters: Annotated[Filters, Depends()],
) -> Page:
    """Newest first. Engineers see their own acts."""
    query = select(AuditEntry)
    for name, value in filters.exact.items():
        query = query.where(getattr(AuditEntry, name) == value)
    if own_only(actor, GROUP):
        query = query.where(AuditEntry.actor == str(actor))
    if filters.since:
        query = query.where(col(AuditEntry.created_at) >= filters.since)
    if filters.until:
        query = query.where(col(AuditEntry.created_at) < filters.until)
    return newest(session, query, AuditEntry, cursor, lambda row: row.model_dump(exclude=HIDDEN))


@router.get("/verify")
def verify_chain(gateways: GatewaysDep) -> dict[str, Any]:
    """Altered, missing, rewritten, truncated, unsealed: with the place; empty when it is whole."""
    verdict = verify(gateways)
    return {"entries": verdict.entries, "whole": not verdict.findings, "findings": [vars(f) for f in verdict.findings]}
