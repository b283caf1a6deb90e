"""What the work on a platform leaves behind: names in results, events, plans and states. Gone with the person."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from controlplane.billing import names
from controlplane.delivery.credentials_models import Credential
from controlplane.domains.models import Domain, MailDomain
from controlplane.gateways import Gateways
from controlplane.provisioning.models import Approval, Operation, OperationEvent, StateVersion, Step
from controlplane.publishing.models import SiteExport
from tenants.models import Condition, History

OF_TENANT = (StateVersion, Domain, MailDomain, Credential, SiteExport)


def forget(session: Session, gateways: Gateways, tenants: Sequence[str]) -> dict[str, int]:
    """That there were operations, when, and how they ended stays; what they were about does not."""
    operations = select(Operation.id).where(col(Operation.tenant_id).in_(tenants))  # type: ignore[call-overload]
    events = delete(OperationEvent).where(col(OperationEvent.operation_id).in_(operations))
    counts = {"operation_events": _run(session, events)}
    for kind in OF_TENANT:
        query = delete(kind).where(col(kind.tenant_id).in_(tenants))
        counts[str(kind.__tablename__)] = _run(session, query)
    steps = update(Step).where(col(Step.operation_id).in_(operations)).values(result={}, error="")
    counts["steps"] = _run(session, steps)
    counts["operations"] = _run(session, _blank(Operation, tenants, wanted={}, error="", correlation={}))
    _run(session, _blank(Approval, tenants, plan={}, reason=""))
    _run(session, _blank(Condition, tenants, detail=""))
    _run(session, _blank(History, tenants, reason=""))
    counts["names"] = names.forget(session, gateways, tenants)
    return counts


def _blank(kind: Any, tenants: Sequence[str], **values: object) -> Any:
    return update(kind).where(col(kind.tenant_id).in_(tenants)).values(**values)


def _run(session: Session, query: Any) -> int:
    return int(session.connection().execute(query).rowcount)
