"""What a route may ask for."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from controlplane.gateways import Gateways


def gateways(request: Request) -> Gateways:
    found: Gateways = request.app.state.gateways
    return found


GatewaysDep = Annotated[Gateways, Depends(gateways)]


def _session(gateways: GatewaysDep) -> Iterator[Session]:
    with gateways.db.transaction() as session:
        yield session


# scope="function": committed before the answer leaves, so that nothing answered can be lost
SessionDep = Annotated[Session, Depends(_session, scope="function")]
