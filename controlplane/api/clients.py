"""Machine clients: what they may do, where from, until when. Their secret is shown once."""

from typing import Annotated, Any

from fastapi import Path, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import select

from controlplane.api import etag
from controlplane.api.access import Router, requires, secret_answer
from controlplane.api.deps import ActorDep, GatewaysDep, SessionDep
from controlplane.api.etag import IfMatch
from controlplane.api.paging import CursorDep, Page, newest
from controlplane.billing.models import Customer
from controlplane.core.errors import Invalid
from controlplane.identity import clients
from controlplane.identity.models import Client

router = Router(prefix="/v1/clients", tags=["clients"], group="people.read")
WRITE = [requires("people.write")]
ClientId = Annotated[str, Path(max_length=40)]
Scopes = Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=20)]


class NewClient(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "Reporting", "scopes": ["tenants:read"], "days": 90}]},
    )

    name: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
    scopes: Scopes
    days: Annotated[int, Field(ge=1, le=90)] = 90
    networks: Annotated[list[Annotated[str, Field(max_length=50)]], Field(max_length=20)] = []
    customer_id: Annotated[str, Field(max_length=40)] | None = None


class ClientChange(BaseModel):
    model_config = ConfigDict(extra="forbid")

    scopes: Scopes | None = None
    disabled: bool | None = None


@router.get("")
def list_clients(session: SessionDep, cursor: CursorDep) -> Page:
    return newest(session, select(Client), Client, cursor, _shown)


@router.post("", status_code=201, dependencies=[*WRITE, secret_answer()])
def create_client(body: NewClient, session: SessionDep, gateways: GatewaysDep, actor: ActorDep) -> dict[str, Any]:
    if body.customer_id and session.get(Customer, body.customer_id) is None:
        raise Invalid("There is no such customer.", code="customer_unknown")
    row, secret = clients.register(session, gateways, by=str(actor), **body.model_dump())
    return {**_shown(row), "secret": secret}


@router.get("/{client_id}")
def show_client(client_id: ClientId, session: SessionDep, response: Response) -> dict[str, Any]:
    return etag.tagged(response, _shown(clients.find(session, client_id)))


@router.patch("/{client_id}", dependencies=WRITE)
def change_client(
    client_id: ClientId,
    body: ClientChange,
    session: SessionDep,
    gateways: GatewaysDep,
    actor: ActorDep,
    if_match: IfMatch,
    response: Response,
) -> dict[str, Any]:
    row = clients.find(session, client_id)
    etag.check(if_match, _shown(row))
    clients.change(session, gateways, row, scopes=body.scopes, disabled=body.disabled, by=str(actor))
    return etag.tagged(response, _shown(row))


@router.post("/{client_id}/secret", dependencies=[*WRITE, secret_answer()])
def renew_secret(client_id: ClientId, session: SessionDep, gateways: GatewaysDep, actor: ActorDep) -> dict[str, Any]:
    """A new secret; the old one and its tokens end now."""
    row = clients.find(session, client_id)
    secret = clients.renew_secret(session, gateways, row, by=str(actor))
    return {**_shown(row), "secret": secret}


def _shown(row: Client) -> dict[str, Any]:
    return row.model_dump(exclude={"digest"})
