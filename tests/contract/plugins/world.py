"""What the examples of resource types are made of, and what they need around them."""

import re
from dataclasses import dataclass, field
from typing import Any

from tests.contract.plugins.client import Doc, Object, Plugin

_MARK = re.compile(r"<([a-z-]+(?:\.\w+)?)>")


@dataclass
class World:
    """Makes, once, what an example needs around it."""

    plugin: Plugin
    package: str
    needs: dict[str, tuple[str, Doc]]
    given: dict[str, str] = field(default_factory=dict)  # what no resource makes: an account, a zone
    made: dict[str, Object] = field(default_factory=dict)

    def need(self, name: str) -> Object:
        if name not in self.made:
            type, inputs = self.needs[name]
            self.made[name] = self.plugin.create(f"{self.package}:{type}", self.fill(inputs), name=name)
        return self.made[name]

    def look(self, path: str) -> str:
        """`role.arn`: an output of something needed; `role` alone is its id."""
        name, _, output = path.partition(".")
        if name in self.given:
            return self.given[name]
        object = self.need(name)
        return str(object.plain[output]) if output else object.id

    def fill(self, value: Any) -> Any:
        """Put what `<role.arn>` stands for into its place."""
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        return _MARK.sub(lambda mark: self.look(mark.group(1)), value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Example:
    """One resource type: how an object of it begins, and how it changes."""

    type: str
    first: Doc
    second: Doc | None = None  # None: every property is fixed at birth
    on: str = ""  # the only implementation that knows it
    why: str = ""  # why the other does not
    lacks: tuple[str, ...] = ()  # outputs that only some objects have, or that the emulator does not answer
    unreadable: frozenset[str] = frozenset()  # inputs that nobody can read back: an import cannot know them
    stays: bool = False  # a setting of something else: after its deletion there is a default to read

    def token(self, package: str) -> str:
        return f"{package}:{self.type}"
