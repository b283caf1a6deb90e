"""Programs without an SDK of a provider: quick to load, for processes that are killed."""

from collections.abc import Callable
from typing import Any

import pulumi

THING = "cloudflare:index/thing:Thing"


def things(count: int, *, value: int = 0) -> Callable[[], None]:
    """Every second one uses the one before."""

    def program() -> None:
        options = pulumi.ResourceOptions(version="6.23.1")
        provider = pulumi.ProviderResource("cloudflare", "cf", {}, options)
        last: Any = None
        for index in range(count):
            inputs = {"name": f"thing-{index}", "value": value, "uses": last.id if last and index % 2 else ""}
            options = pulumi.ResourceOptions(provider=provider, version="6.23.1")
            last = pulumi.CustomResource(THING, f"t{index}", inputs, options)

    return program
