from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from programs.specs import STRICT


@dataclass(frozen=True, kw_only=True)
class Spec:
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    currency: Literal["eur"] = "eur"
    shipping: Literal["none", "flat"] = "none"
    flat_shipping: int = 0  # cents
    tax_mode: Literal["inclusive"] = "inclusive"
    max_items_per_order: int = 20

    def __post_init__(self) -> None:
        if not 1 <= self.max_items_per_order <= 50:
            raise ValueError("max_items_per_order is 1 to 50")
        if not 0 <= self.flat_shipping <= 100_000 or (self.shipping == "flat") != (self.flat_shipping > 0):
            raise ValueError("flat_shipping is what flat shipping costs, and nothing without it")
