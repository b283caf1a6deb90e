"""What has ended long ago is deleted; the trail keeps who came in when."""

from datetime import timedelta

from sqlalchemy import delete
from sqlmodel import col

from controlplane.core.clock import system_now
from controlplane.gateways import Gateways
from controlplane.identity.models import AccessToken, Grant, Link, SignIn, UsedJti
from controlplane.identity.replays import Replay

KEPT = timedelta(days=30)


def sweep(gateways: Gateways) -> None:
    before = gateways.now() - KEPT
    with gateways.db.transaction() as session:
        for table in (AccessToken, Grant, Link, SignIn):
            session.execute(delete(table).where(col(table.expires_at) < before))
        session.execute(delete(UsedJti).where(col(UsedJti.expires_at) < system_now()))
        session.execute(delete(Replay).where(col(Replay.expires_at) < gateways.now()))
