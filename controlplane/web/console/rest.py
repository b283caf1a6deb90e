"""What only the console had: what needs somebody, and views of the list, for those who ask by machine."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from controlplane.api.access import Router
from controlplane.api.deps import ActorDep, GatewaysDep, LookDep
from controlplane.web.console import attention, numbers, views

router = Router(prefix="/v1", tags=["attention"], group="tenants.read")
ViewId = Annotated[str, Path(max_length=40)]


class NewView(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60)]
    query: Annotated[str, Field(max_length=400, description="As in the address of the list.")] = ""
    shared: bool = False


@router.get("/attention")
def what_needs_somebody(session: LookDep, gateways: GatewaysDep) -> dict[str, Any]:
    """The start page of the console: only what waits, the most urgent first."""
    found = attention.groups(session, gateways)
    return {"groups": [asdict(group) for group in found], "checked_at": gateways.now()}


@router.get("/stats")
def numbers_of_business(session: LookDep, gateways: GatewaysDep) -> dict[str, Any]:
    """Are we earning, fast and reliable: what the pictures of the console are drawn from."""
    return numbers.of_business(session, gateways)


@router.get("/views")
def list_views(session: LookDep, actor: ActorDep) -> dict[str, Any]:
    return {"views": [_row(row) for row in views.of(session, str(actor))]}


@router.post("/views", status_code=201)
def save_view(body: NewView, session: LookDep, actor: ActorDep) -> dict[str, Any]:
    """The same name again is the same view with other filters."""
    return _row(views.put(session, str(actor), name=body.name, query=body.query, shared=body.shared))


@router.delete("/views/{view_id}", status_code=204)
def remove_view(view_id: ViewId, session: LookDep, actor: ActorDep) -> None:
    views.drop(session, str(actor), view_id)


def _row(row: views.View) -> dict[str, Any]:
    return row.model_dump(include={"id", "name", "query", "shared", "owner"})
