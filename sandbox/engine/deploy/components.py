"""Resources without a provider: the stack itself and components."""

from ..state.resource import Resource, now
from .deployment import Deployment
from .refreshing import Refresh
from .steps import Step


class Components:
    def __init__(self, deployment: Deployment, refresh: Refresh) -> None:
        self.d, self.refresh = deployment, refresh

    async def register(self, new: Resource, old: Resource | None, *, targeted: bool) -> Step:
        if old is not None and not targeted and not new.is_stack:
            return self._keep(old, new.urn)
        if old is not None and self.d.options.kind == "refresh":
            self.refresh.announce(old, new)
        step = self._step(new, old)
        self.d.executor.check()
        self.d.reporter.pre(step)
        if old is not None:
            new.outputs = old.outputs  # until the program says what they are now
        self.d.snapshot.add(new, instead_of=old)
        self._announce(step)
        if step.op == "create":
            await self.d.snapshot.save()
        return step

    def _step(self, new: Resource, old: Resource | None) -> Step:
        if old is None:
            new.created = new.modified = now()
            return Step("create", None, new)
        new.created, new.modified, new.rest = old.created, old.modified, old.rest
        if old.inputs == new.inputs or self.d.options.kind != "update":
            return Step("same", old, new)
        new.modified = now()
        return Step("update", old, new)

    def _keep(self, old: Resource, urn: str) -> Step:
        """Not targeted: as it was."""
        new = old.copy(urn=urn)
        step = Step("same", old, new)
        self.d.reporter.pre(step)
        self.d.snapshot.add(new, instead_of=old)
        self._announce(step)
        return step

    def _announce(self, step: Step) -> None:
        """In an update, outputs are told when the program registers them."""
        self.d.reporter.count(step)
        if self.d.preview:
            self.d.reporter.outputs(step)
