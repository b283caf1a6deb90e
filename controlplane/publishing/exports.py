"""Everything of a site to take along: packed with a signed manifest into the tenant's vault, fetched through us."""

from datetime import timedelta

from sqlmodel import Session, col, select

from controlplane.audit.service import record
from controlplane.core.errors import Conflict, NotFound, Refused
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways
from controlplane.publishing import bundle
from controlplane.publishing.models import ExportState, SiteExport
from tenants.models import Tenant

MAKE = "site_export.make"
OFTEN = timedelta(seconds=30)
GIVE_UP = 8
KEPT = 10


def of_tenant(session: Session, tenant_id: str) -> list[SiteExport]:
    query = select(SiteExport).where(SiteExport.tenant_id == tenant_id).order_by(col(SiteExport.id).desc())
    return list(session.exec(query.limit(KEPT)).all())


def find(session: Session, tenant_id: str, export_id: str) -> SiteExport:
    row = session.get(SiteExport, export_id)
    if row is None or row.tenant_id != tenant_id:
        raise NotFound("There is no such export.")
    return row


def ask(session: Session, gateways: Gateways, tenant: Tenant, *, actor: str) -> SiteExport:
    """One at a time: the present one answers for the next."""
    if tenant.product != "site":
        raise Conflict("Only sites are exported like this.", code="not_a_site")
    under_way = next((row for row in of_tenant(session, tenant.id) if row.state is ExportState.PREPARING), None)
    if under_way:
        return under_way
    row = SiteExport(tenant_id=tenant.id, requested_by=actor, next_attempt_at=gateways.now() + OFTEN)
    session.add(row)
    record(
        session, actor=actor, action="export.requested", object_type="export", object_id=row.id, stream="tenant",
        tenant_id=tenant.id,
    )  # fmt: skip
    gateways.queue.defer(session, Wakeup(MAKE, row.id))
    session.flush()
    session.refresh(row)
    return row


def make(gateways: Gateways, export_id: str) -> None:
    """May run twice: the second archive replaces the first."""
    with gateways.db.transaction() as session:
        row = session.get(SiteExport, export_id)
        tenant = session.get(Tenant, row.tenant_id) if row else None
        if row is None or tenant is None or row.state is not ExportState.PREPARING:
            return
        row.attempts += 1
        row.next_attempt_at = gateways.now() + OFTEN * 2**row.attempts
    made = bundle.export(gateways, tenant, vault=vault(gateways, tenant), name=row.id)
    with gateways.db.transaction() as session:
        row = session.get_one(SiteExport, export_id)
        row.state, row.next_attempt_at = ExportState.READY, None
        row.key, row.bytes, row.sha256 = made["key"], made["bytes"], made["sha256"]


def failed(gateways: Gateways, export_id: str, error: Exception) -> None:
    with gateways.db.transaction() as session:
        row = session.get_one(SiteExport, export_id)
        row.error = f"{type(error).__name__}: {error}"[:500]
        if isinstance(error, Refused) or row.attempts >= GIVE_UP:
            row.state, row.next_attempt_at = ExportState.FAILED, None


def sweep(gateways: Gateways) -> None:
    query = select(SiteExport.id, SiteExport.attempts).where(col(SiteExport.next_attempt_at) <= gateways.now())
    with gateways.db.transaction() as session:
        rows = session.exec(query.limit(100)).all()
    gateways.queue.push(Wakeup(MAKE, identity, attempt=attempts) for identity, attempts in rows)


def fetch(gateways: Gateways, tenant: Tenant, row: SiteExport) -> bytes:
    """The vault has no public door: it goes through us, to whoever may have it."""
    if row.state is not ExportState.READY:
        raise Conflict("The export is not ready.", code="export_not_ready")
    body = gateways.cloudflare.get_object(vault(gateways, tenant), row.key)
    if body is None:
        raise NotFound("The export is not kept any more.")
    return body


def vault(gateways: Gateways, tenant: Tenant) -> str:
    return f"sp-{gateways.settings.name}-{tenant.id}"
