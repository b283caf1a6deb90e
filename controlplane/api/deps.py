"""What a route may ask for. What only looks something up is async: else each request would change threads for it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool
from sqlmodel import Session

from controlplane.gateways import Gateways
from controlplane.identity.actor import ANONYMOUS, Actor


async def gateways(request: Request) -> Gateways:
    found: Gateways = request.app.state.gateways
    return found


GatewaysDep = Annotated[Gateways, Depends(gateways)]


def _session(request: Request, gateways: GatewaysDep) -> Iterator[Session]:
    with gateways.db.transaction() as session:
        request.state.session = session  # the answer to an Idempotency-Key is stored in it
        yield session
    request.state.session = None


# scope="function": committed before the answer leaves, so that nothing answered can be lost
SessionDep = Annotated[Session, Depends(_session, scope="function")]


async def _looking(request: Request, gateways: GatewaysDep) -> AsyncIterator[Session]:
    """To begin and to end a look nothing is asked of the database."""
    if request.method == "GET":
        with gateways.db.looking() as session:
            yield session
        return
    async with contextmanager_in_threadpool(contextmanager(_session)(request, gateways)) as session:
        yield session


# What reads for GET, and is the one transaction of everything else
LookDep = Annotated[Session, Depends(_looking, scope="function")]


async def _actor(request: Request) -> Actor:
    found: Actor = getattr(request.state, "actor", ANONYMOUS)
    return found


ActorDep = Annotated[Actor, Depends(_actor)]
