"""Why somebody does what cannot be undone by a click: it stays in the trail."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Reason = Annotated[str, Field(min_length=3, max_length=500)]


class Why(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason
