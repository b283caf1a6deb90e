"""What has ended long ago is deleted, and the edge hears of sessions that must end."""

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col, select

from controlplane.core.clock import system_now
from controlplane.core.queue import Wakeup
from controlplane.gateways import Gateways
from controlplane.identity import drafts
from controlplane.identity.models import AccessToken, EmergencyKey, FederatedAttempt, Grant, Link, SignIn, UsedJti
from controlplane.identity.oauth import TELL_EDGE
from controlplane.identity.replays import Replay

KEPT = timedelta(days=30)
FLEETING = timedelta(days=1)


def sweep(gateways: Gateways) -> None:
    now = gateways.now()
    with gateways.db.transaction() as session:
        for table in (AccessToken, EmergencyKey, Link, SignIn):
            session.execute(delete(table).where(col(table.expires_at) < now - KEPT))
        session.execute(delete(Grant).where(col(Grant.expires_at) < now - FLEETING))
        session.execute(delete(FederatedAttempt).where(col(FederatedAttempt.expires_at) < now - FLEETING))
        drafts.forget(session, gateways)
        session.execute(delete(Replay).where(col(Replay.expires_at) < now))
        session.execute(delete(UsedJti).where(col(UsedJti.expires_at) < system_now()))


def tell_edge(gateways: Gateways, grant_id: str) -> None:
    """May run twice: the edge only remembers the latest time."""
    with gateways.db.transaction() as session:
        row = session.get(Grant, grant_id)
    if row is None or row.edge_ends_at is None or row.edge_told_at:
        return
    gateways.edge.revoke_person(row.customer_id, not_before=row.edge_ends_at)
    with gateways.db.transaction() as session:
        again = session.get(Grant, grant_id)
        if again and again.edge_ends_at == row.edge_ends_at:
            again.edge_told_at = gateways.now()
            session.add(again)


def sweep_edge(gateways: Gateways) -> None:
    due = col(Grant.edge_ends_at).is_not(None)
    waiting = select(Grant.id).where(due, col(Grant.edge_told_at).is_(None)).limit(100)
    with gateways.db.transaction() as session:
        gateways.queue.push(Wakeup(TELL_EDGE, grant_id) for grant_id in session.exec(waiting).all())
