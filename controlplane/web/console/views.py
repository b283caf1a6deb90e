"""Saved views: a name for a list and its filters, one's own or everybody's."""

from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Form, Response
from sqlmodel import Field, Session, UniqueConstraint, col, or_, select

from controlplane.api.deps import ActorDep, LookDep
from controlplane.core.db import Row
from controlplane.core.errors import NotFound
from controlplane.web.console.frame import back_to
from controlplane.web.routing import Pages

router = Pages(group="tenants.read")
FILTERS = ("state", "product", "health", "q")
MOST = 30
LIST = "/console/tenants"


class View(Row, table=True):
    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    owner: str = Field(max_length=60)  # operator:…
    name: str = Field(max_length=60)
    query: str = Field(max_length=400)
    shared: bool = False


def of(session: Session, owner: str) -> list[View]:
    query = select(View).where(or_(View.owner == owner, col(View.shared)))
    return list(session.exec(query.order_by(View.name).limit(MOST)).all())


@router.post("/console/views")
def save(
    session: LookDep, actor: ActorDep, name: Annotated[str, Form(min_length=1, max_length=60)],
    query: Annotated[str, Form(max_length=400)] = "", shared: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    row = put(session, str(actor), name=name, query=query, shared=shared)
    return back_to(f"{LIST}?{row.query}")


@router.get("/console/views/{view_id}")
def go(view_id: str, session: LookDep, actor: ActorDep) -> Response:
    row = session.get(View, view_id)
    if row is None or not (row.shared or row.owner == str(actor)):
        raise NotFound("There is no such view.")
    return back_to(f"{LIST}?{row.query}")


@router.post("/console/views/{view_id}/remove")
def remove(view_id: str, session: LookDep, actor: ActorDep) -> Response:
    drop(session, str(actor), view_id)
    return back_to(LIST)


def put(session: Session, owner: str, *, name: str, query: str, shared: bool) -> View:
    """The same name again is the same view with other filters."""
    found = session.exec(select(View).where(View.owner == owner, View.name == name.strip())).first()
    row = found or View(owner=owner, name=name.strip(), query="")
    row.query, row.shared = plain(query), shared
    session.add(row)
    session.flush()
    return row


def drop(session: Session, owner: str, view_id: str) -> None:
    row = session.get(View, view_id)
    if row is None or row.owner != owner:
        raise NotFound("There is no such view.")
    session.delete(row)


def plain(query: str) -> str:
    """Only filters that exist, always in the same order: the address is the view."""
    given = dict(parse_qsl(query))
    return urlencode({name: given[name][:60] for name in FILTERS if given.get(name)})
