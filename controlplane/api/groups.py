"""Who may call a router. Each names its group in one place; the guard of that group is attached where routers meet."""

from typing import Annotated

from fastapi import Depends, Request

PUBLIC = "group:public"  # anybody, rate limited; or whoever holds an unguessable token
CUSTOMER = "group:customer"  # the customer of the path, or an operator for them
OPERATOR = "group:operator"
VENDOR = "group:vendor"  # signed by the vendor itself


def _actor(request: Request) -> str:
    """`kind:id` of whoever the guard let in."""
    return str(getattr(request.state, "actor", "operator:unknown"))


ActorName = Annotated[str, Depends(_actor)]
