"""What the worker does for waves."""

from sqlmodel import select

from controlplane.fleet import waves
from controlplane.fleet.models import Wave, WavePhase
from controlplane.gateways import Gateways


def advance_waves(gateways: Gateways) -> None:
    """At most one per product runs, so that these are few."""
    with gateways.db.transaction() as session:
        running = session.exec(select(Wave.id).where(Wave.phase == WavePhase.RUNNING)).all()
    for wave_id in running:
        with gateways.db.transaction() as session:
            waves.advance(session, gateways, wave_id)
