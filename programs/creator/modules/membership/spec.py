from dataclasses import dataclass
from typing import Any, ClassVar

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Plan:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    id: str
    name: str
    stripe_price_id: str  # in the creator's own account
    perks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.id.isidentifier() or not self.stripe_price_id.startswith("price_") or not self.name.strip():
            raise ValueError("a plan has an id, a name and a price of Stripe")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Without plans nobody can become a member yet."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    plans: tuple[Plan, ...] = ()
    grace_days: int = 3

    def __post_init__(self) -> None:
        if len({plan.id for plan in self.plans}) != len(self.plans) or len(self.plans) > 5:
            raise ValueError("there are up to five plans, each with an id of its own")
        if not 0 <= self.grace_days <= 14:
            raise ValueError("grace_days is 0 to 14")
