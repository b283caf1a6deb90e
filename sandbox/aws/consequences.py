"""What follows from a successful call beyond the backend's own answer."""

from collections.abc import Awaitable, Callable

from sandbox.aws.call import Call
from sandbox.aws.cloud import Cloud
from sandbox.aws.errors import Answer

Consequence = Callable[[Cloud, Call, Answer], Awaitable[Answer]]
AFTER: dict[str, Consequence] = {}


def follows(*names: str) -> Callable[[Consequence], Consequence]:
    def register(consequence: Consequence) -> Consequence:
        AFTER.update(dict.fromkeys(names, consequence))
        return consequence

    return register


async def after(cloud: Cloud, call: Call, answer: Answer) -> Answer:
    found = AFTER.get(call.name)
    return await found(cloud, call, answer) if found else answer
