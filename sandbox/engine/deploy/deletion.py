"""Deleting: single resources, and all that must go at the end, dependents before what they depend on."""

import asyncio

from ..state.resource import Resource
from .builtin import BuiltinProvider
from .deployment import Deployment
from .executor import Aborted, StepFailed
from .steps import Step


def protected_text(urn: str) -> str:
    return (
        f'resource "{urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the '
        "`protect` flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n"
        f"`pulumi state unprotect '{urn}'`"
    )


class Deletion:
    def __init__(self, deployment: Deployment) -> None:
        self.d = deployment
        self.going: set[str] = set()  # URNs that will be gone at the end of this update

    async def delete(self, old: Resource, *, op: str, keep_for_replacement: bool = False) -> None:
        """One delete step. What is replaced stays in the state as such until its successor exists."""
        step = Step(op, old, None, logical=op != "delete-replaced")

        async def action() -> None:
            if self._has_object(old) and not self.d.preview:
                await self._call(old)
            if keep_for_replacement:
                old.pending_replacement = True
                self.d.snapshot.touch(old)
            else:
                self.d.snapshot.drop(old)

        calls = self._has_object(old) and not old.protect
        await self.d.executor.run(step, action, pending="deleting" if calls else "")

    def _has_object(self, old: Resource) -> bool:
        """Whether the provider has to remove something."""
        kept = old.retain_on_delete or old.external or old.pending_replacement
        return old.custom and not old.is_provider and not kept and old.deleted_with not in self.going

    async def _call(self, old: Resource) -> None:
        provider = await self.d.providers.get(old.provider)
        if not isinstance(provider, BuiltinProvider):
            await provider.delete(old)

    async def delete_all(self, doomed: list[Resource]) -> None:
        """In waves: farthest from the stack first. A failure ends it with the wave."""
        self.going |= {item.urn for item in doomed if not item.delete}
        needed: set[str] = set()  # by what could not go
        for wave in reversed(_waves(doomed)):
            if self.d.executor.stopping.is_set():
                return
            going = [item for item in wave if item.urn not in needed]
            gone = await asyncio.gather(*(self._delete_at_end(item) for item in going))
            stuck = [item for item, done in zip(going, gone, strict=True) if not done]
            needed |= {urn for item in [*stuck, *(item for item in wave if item.urn in needed)] for urn in item.needs()}

    async def _delete_at_end(self, item: Resource) -> bool:
        """Whether it is gone."""
        if item.pending_replacement:  # its object went earlier, its successor was not asked for
            self.d.snapshot.drop(item)
            return True
        if item.protect and not item.delete:
            return self._refuse_protected(item)
        try:
            await self.delete(item, op=_operation(item))
        except (Aborted, StepFailed):
            return False
        return True

    def _refuse_protected(self, item: Resource) -> bool:
        """An error, but no reason to keep what it does not need."""
        step = Step("delete", item, None)
        self.d.reporter.pre(step)
        self.d.reporter.failed(step, protected_text(item.urn), partial=False)
        self.d.executor.step_failed = True
        self.d.executor.fail(stop=False)
        return False


def _operation(item: Resource) -> str:
    if item.delete:
        return "delete-replaced"
    return "discard" if item.external else "delete"


def _waves(doomed: list[Resource]) -> list[list[Resource]]:
    """By distance from what needs nothing. Of two with one URN, each is later than what it needs of either."""
    depth: dict[str, int] = {}
    waves: dict[int, list[Resource]] = {}
    for item in doomed:  # a state lists everything after what it needs
        level = max((depth[urn] + 1 for urn in item.needs() if urn in depth), default=0)
        depth[item.urn] = max(level, depth.get(item.urn, 0))
        waves.setdefault(level, []).append(item)
    return [waves[level] for level in sorted(waves)]
