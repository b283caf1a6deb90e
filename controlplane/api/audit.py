"""The trail: searched, and checked whether it is whole."""

import json
from datetime import datetime
from itertools import chain
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from fastapi.responses import StreamingResponse
from sqlmodel import col, select

from controlplane.api import downloads, sheets
from controlplane.api.access import Router
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.paging import CursorDep, Page, newest
from controlplane.audit.models import AuditEntry
from controlplane.audit.service import record
from controlplane.audit.verify import verify
from controlplane.identity.actor import Actor
from controlplane.identity.policy import own_only

GROUP = "audit.read"
router = Router(prefix="/v1/audit", tags=["audit"], group=GROUP)
Filter = Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
EXACT = ("stream", "actor", "action", "object_type", "object_id", "tenant_id", "customer_id", "request_id", "outcome")
HIDDEN = {"xid", "row_mac"}
COLUMNS = [name for name in AuditEntry.model_fields if name not in HIDDEN]


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
    return newest(session, _found(actor, filters), AuditEntry, cursor, lambda row: row.model_dump(exclude=HIDDEN))


@router.get("/export", response_class=StreamingResponse)
def export(
    session: SessionDep, gateways: GatewaysDep, actor: ActorDep, filters: Annotated[Filters, Depends()],
    shape: Annotated[str, Query(alias="format", pattern="^(csv|jsonl)$")] = "jsonl",
) -> Response:  # fmt: skip
    """All that a search finds, newest first, as a table or a line of JSON for each; that it was taken is kept, too."""
    given = " ".join(f"{name}={value}" for name, value in filters.exact.items())
    record(session, actor=str(actor), action="audit.exported", object_type="audit", object_id=shape, reason=given[:500])
    write, kind = SHAPES[shape]
    found = downloads.pieces(gateways, _found(actor, filters), col(AuditEntry.id))
    lines = (write([row.model_dump(mode="json", exclude=HIDDEN) for row in rows]) for rows in found)
    first = (sheets.MARK + sheets.written([COLUMNS]),) if shape == "csv" else ()
    return StreamingResponse(chain(first, lines), media_type=kind, headers=downloads.named(f"audit.{shape}"))


def _found(actor: Actor, filters: Filters) -> Any:
    query = select(AuditEntry)
    for name, value in filters.exact.items():
        query = query.where(getattr(AuditEntry, name) == value)
    if own_only(actor, GROUP):
        query = query.where(AuditEntry.actor == str(actor))
    if filters.since:
        query = query.where(col(AuditEntry.created_at) >= filters.since)
    if filters.until:
        query = query.where(col(AuditEntry.created_at) < filters.until)
    return query


def _as_table(rows: list[dict[str, Any]]) -> str:
    texts = ([json.dumps(row[name]) if name == "changes" else row[name] for name in COLUMNS] for row in rows)
    return sheets.written(texts)


def _as_lines(rows: list[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


SHAPES = {"csv": (_as_table, sheets.KIND), "jsonl": (_as_lines, "application/x-ndjson")}


@router.get("/verify")
def verify_chain(gateways: GatewaysDep) -> dict[str, Any]:
    """Altered, missing, rewritten, truncated, unsealed: with the place; empty when it is whole."""
    verdict = verify(gateways)
    return {"entries": verdict.entries, "whole": not verdict.findings, "findings": [vars(f) for f in verdict.findings]}
