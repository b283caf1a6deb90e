"""What every operator must hear of at once, by letter."""

from sqlmodel import Session, col, select

from controlplane.delivery.service import request_email
from controlplane.gateways import Gateways
from controlplane.identity.models import Operator


def tell_everybody(session: Session, gateways: Gateways, *, what: str, detail: str, dedup: str) -> int:
    """Once for each of them."""
    rows = session.exec(select(Operator).where(col(Operator.disabled_at).is_(None))).all()
    data = {"what": what, "detail": detail, "url": f"{gateways.settings.public_url}/console/audit"}
    told = (
        request_email(
            session, gateways, kind="operator_notice", to=row.email, locale="en", data=data, dedup=f"{dedup}:{row.id}"
        )
        for row in rows
    )
    return sum(identity is not None for identity in told)
