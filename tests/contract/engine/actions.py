"""The SDK's calls with the options of the recording, and the stacks they begin with."""

from collections.abc import Callable
from typing import Any

from pulumi import automation as auto

from tests.contract.engine import programs
from tests.contract.engine.lab import Lab

LOGS = "urn:pulumi:dev::proj::aws:s3/bucket:Bucket::logs"


class Actions:
    """The SDK's calls with the options of the recording."""

    def __init__(self, stack: auto.Stack) -> None:
        self.stack = stack

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.stack, name)

        def bound(**options: Any) -> Callable[[Callable[[Any], None]], Any]:
            return lambda listener: method(on_event=listener, color="never", **options)

        return bound


def configured(lab: Lab) -> auto.Stack:
    stack = lab.stack("dev", programs.mixed)
    stack.set_all_config(
        {"tenant": auto.ConfigValue("acme"), "cfToken": auto.ConfigValue("tok-from-config", secret=True)}
    )
    return stack


def created(lab: Lab, **config: str) -> auto.Stack:
    stack = configured(lab)
    stack.set_all_config({key: auto.ConfigValue(text) for key, text in config.items()})
    lab.run(Actions(stack).up())
    return stack
