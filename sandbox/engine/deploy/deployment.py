"""What all parts of one update share."""

from dataclasses import dataclass, field

from ..display.reporter import Reporter
from ..state.resource import Resource
from ..state.snapshot import Snapshot
from ..urns import STACK_TYPE, make_urn
from .executor import Executor
from .options import Options
from .providers import Providers
from .steps import Step


@dataclass
class Deployment:
    project: str
    stack: str
    options: Options
    config: dict[str, str]
    secret_keys: list[str]
    snapshot: Snapshot
    reporter: Reporter
    executor: Executor
    providers: Providers
    root: str  # where source positions are counted from
    by_urn: dict[str, Resource] = field(default_factory=dict)  # of the state before
    registered: dict[str, Step] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)
    claimed: set[str] = field(default_factory=set)  # asked for by the program, under this or a former name

    def __post_init__(self) -> None:
        self.index()

    def index(self) -> None:
        self.by_urn = {item.urn: item for item in self.snapshot.base if not item.delete}

    @property
    def stack_urn(self) -> str:
        return make_urn(
            stack=self.stack, project=self.project, parent="", kind=STACK_TYPE, name=f"{self.project}-{self.stack}"
        )

    def urn(self, parent: str, kind: str, name: str) -> str:
        return make_urn(stack=self.stack, project=self.project, parent=parent, kind=kind, name=name)

    @property
    def preview(self) -> bool:
        return self.options.preview

    def unknown_targets(self) -> list[str]:
        """Literal URNs of the command line that mean nothing: a typing error must not pass as "nothing to do"."""
        options = self.options
        wanted = [urn for urn in (*options.targets, *options.replaces, *options.excludes) if "*" not in urn]
        return [urn for urn in wanted if urn not in self.by_urn and urn not in self.claimed]

    def doomed(self, left: list[Resource]) -> list[Resource]:
        """Of those nobody asked for, the ones that this update may delete."""
        options = self.options
        if options.kind == "update":
            left = [item for item in left if item.urn not in self.claimed or item.delete]
        chosen = {item.urn for item in left if options.targeted(item.urn)}
        if options.targets and options.kind == "update" and not options.target_dependents:
            chosen = {urn for urn in chosen if urn in options.targets}
        if options.exclude_protected:
            chosen -= needed_by({item.urn for item in left if item.protect}, left)
        if options.targets and options.target_dependents:
            chosen |= _dependents_of(chosen, left)
        return [item for item in left if item.urn in chosen or item.delete]


def needed_by(urns: set[str], items: list[Resource]) -> set[str]:
    """These and all that they need."""
    found = set(urns)
    for item in reversed(items):
        if item.urn in found:
            found |= item.needs()
    return found


def _dependents_of(urns: set[str], items: list[Resource]) -> set[str]:
    found = set(urns)
    for item in items:
        if item.needs() & found:
            found.add(item.urn)
    return found
