"""Who called, for routes that only write it down. The groups themselves: `access.Router`."""

from typing import Annotated

from fastapi import Depends

from controlplane.api.deps import ActorDep


def _name(actor: ActorDep) -> str:
    """`kind:id` of whoever the guard let in."""
    return str(actor)


ActorName = Annotated[str, Depends(_name)]
