"""What a program says to the engine while it runs."""

from typing import Any

from pulumi import log
from pulumi.runtime.proto import engine_pb2
from pulumi.runtime.settings import SETTINGS

from programs.base import entry


class Engine:
    def __init__(self) -> None:
        self.said: list[tuple[int, str]] = []

    def Log(self, request: Any) -> None:
        self.said.append((request.severity, request.message))


def test_the_engine_is_spared_of_what_the_sdk_notes_for_itself() -> None:
    before, engine = SETTINGS.engine, Engine()
    SETTINGS.engine = engine

    def build(_spec: object, _secrets: object) -> dict[str, Any]:
        log.debug("registering")
        log.warn("careful")
        return {}

    try:
        entry(build, None, {})()
        entry(build, None, {})()
    finally:
        SETTINGS.engine = before
    assert engine.said == [(engine_pb2.WARNING, "careful")] * 2
