"""A boto3 client whose operations answer plain documents and raise the plugins' failures."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

from sandbox.plugins.aws.errors import translated
from sandbox.plugins.failures import Cancelled, Failure
from sandbox.plugins.values import Doc


class Client:
    def __init__(self, boto: Any, service: str, region: str, cancelled: Event) -> None:
        self._boto, self._service, self._cancelled = boto, service, cancelled
        self.region = region

    def __getattr__(self, operation: str) -> Callable[..., Doc]:
        method = getattr(self._boto, operation)

        def call(**parameters: Any) -> Doc:
            answer: Doc = self._translated(operation, lambda: method(**parameters))
            answer.pop("ResponseMetadata", None)
            return answer

        return call

    def pages(self, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """The items of all pages."""
        pages = iter(self._boto.get_paginator(operation).paginate(**parameters))
        while (page := self._translated(operation, lambda: next(pages, None))) is not None:
            yield from page.get(key) or []

    def until(self, done: Callable[[], bool], what: str, *, seconds: float, every: float = 0.5) -> None:
        """Wait for something slow; the pause grows, and a cancelled run does not wait."""
        waited, pause = 0.0, min(every, 0.05)
        while not done():
            if waited >= seconds:
                raise Failure(f"AWS: {self._service}: {what} did not happen within {seconds:.0f} seconds")
            if self._cancelled.wait(pause):
                raise Cancelled(f"AWS: {self._service}: cancelled while waiting for {what}")
            waited, pause = waited + pause, min(pause * 1.5, max(every, 0.05) * 10)

    def _translated(self, operation: str, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except Exception as error:
            failure = translated(error, self._service, operation)
            if failure is error:
                raise
            raise failure from error
