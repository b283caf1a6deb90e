"""What was asked for on the command line of an update."""

import fnmatch
import os
from dataclasses import dataclass, field

DEFAULT_PARALLEL = 4 * (os.cpu_count() or 1)


@dataclass(frozen=True)
class Options:
    kind: str  # update, refresh, destroy
    preview: bool = False
    run_program: bool = True
    parallel: int = DEFAULT_PARALLEL
    targets: tuple[str, ...] = ()
    target_dependents: bool = False
    excludes: tuple[str, ...] = ()
    exclude_dependents: bool = False
    replaces: tuple[str, ...] = ()
    continue_on_error: bool = False
    refresh: bool = False
    clear_pending_creates: bool = False
    exclude_protected: bool = False
    expect_no_changes: bool = False
    message: str = ""
    client: str = ""
    event_log: str = ""
    color: str = "never"
    json: bool = False
    suppress_outputs: bool = False
    flags: dict[str, str] = field(default_factory=dict)

    def targeted(self, urn: str) -> bool:
        """By name alone; dependents are added where the graph is known."""
        if self.targets and not matches(urn, self.targets):
            return False
        return not matches(urn, self.excludes)

    @property
    def selective(self) -> bool:
        return bool(self.targets or self.excludes)


def matches(urn: str, patterns: tuple[str, ...]) -> bool:
    return any(urn == item or ("*" in item and fnmatch.fnmatchcase(urn, item.replace("**", "*"))) for item in patterns)
