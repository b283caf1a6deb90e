"""A step: one operation on one resource, as events and texts describe it."""

from dataclasses import dataclass, field
from typing import Any

from ..state.resource import Resource
from ..urns import is_default_provider

# operations whose success is a line in the summary; a replacement counts once, by its logical step
COUNTED = frozenset({"create", "same", "update", "delete", "replace", "import"})


@dataclass(eq=False)
class Step:
    op: str
    old: Resource | None
    new: Resource | None
    keys: list[str] | None = None
    diffs: list[str] | None = None
    detailed: dict[str, Any] | None = None
    logical: bool = True
    result_op: str = ""  # a refresh learns only at its end what it did
    started: float = field(default=0.0)

    @property
    def subject(self) -> Resource:
        found = self.new or self.old
        assert found
        return found

    @property
    def urn(self) -> str:
        return self.subject.urn

    @property
    def provider(self) -> str:
        return self.subject.provider

    @property
    def counted(self) -> bool:
        return (self.result_op or self.op) in COUNTED and not is_default_provider(self.urn)
