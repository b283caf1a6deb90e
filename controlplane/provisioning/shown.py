"""What the edge is told of a site: where it answers, what its visitors get, and the banner for who works on it."""

from sqlmodel import Session, select

from controlplane.domains.models import Domain, HostState
from controlplane.gateways import Gateways
from controlplane.publishing import service as publishing
from controlplane.publishing.service import Hosts
from tenants.models import Tenant

GONE = (HostState.CLAIMED, HostState.REMOVING, HostState.REMOVED)


def own_hosts(session: Session, tenant_id: str) -> list[Domain]:
    query = select(Domain).where(Domain.tenant_id == tenant_id).order_by(Domain.host)
    return [domain for domain in session.exec(query).all() if domain.state not in GONE]


def push(gateways: Gateways, tenant: Tenant, status: str) -> None:
    """`tenant` has the revision that was raised for this push."""
    with gateways.db.transaction() as session:
        live = [domain.host for domain in own_hosts(session, tenant.id) if domain.state is HostState.LIVE]
        banner = publishing.banner(session, tenant)
    live.sort(key=lambda host: host != tenant.facts.get("primary_host"))
    hosts = Hosts(publishing.subdomain(gateways, tenant), tuple(live))
    document = publishing.document(tenant, hosts, status=status, revision=tenant.revision, banner=banner)
    publishing.push(gateways, tenant.id, document)
