"""Deleting: single resources, and all that must go at the end, dependents before what they depend on."""

import asyncio
from collections.abc import Iterable

from ..state.resource import Resource
from .builtin import BuiltinProvider
from .deployment import Deployment
from .executor import Aborted, StepFailed
from .provider import ProviderError
from .steps import Step


def protected_text(urn: str) -> str:
    return (
        f'resource "{urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, either remove the `protect` '
        f"flag from the resource in your Pulumi program and run `pulumi up`, or use the command:\n`pulumi state unprotect '{urn}'`"
    )


class Deletion:
    def __init__(self, deployment: Deployment) -> None:
        self.d = deployment
        self.going: set[str] = set()  # URNs that will be gone at the end of this update

    async def delete(self, old: Resource, *, op: str, keep_for_replacement: bool = False) -> None:
        """One delete step. What is replaced stays in the state as such until its successor exists."""
        step = Step(op, old, None, logical=op != "delete-replaced")

        async def action() -> None:
            if old.protect and op == "delete":
                raise ProviderError(protected_text(old.urn))
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
        self.going |= {item.urn for item in doomed if not item.delete}
        waits = _dependents(doomed)
        done = {id(item): asyncio.get_running_loop().create_future() for item in doomed}
        tasks = [
            asyncio.create_task(self._one(item, [done[key] for key in waits[id(item)]], done[id(item)]))
            for item in doomed
        ]
        if tasks:
            await asyncio.gather(*tasks)

    async def _one(self, item: Resource, before: list[asyncio.Future[bool]], done: asyncio.Future[bool]) -> None:
        """Tells by its future whether the resource is gone; what is needed by one that stays, stays."""
        gone = False
        try:
            if all(await asyncio.gather(*before)) and not self.d.executor.stopping.is_set():
                gone = await self._delete_at_end(item)
        finally:
            done.set_result(gone)

    async def _delete_at_end(self, item: Resource) -> bool:
        if item.pending_replacement:  # its object went earlier, its successor was not asked for
            self.d.snapshot.drop(item)
            return True
        if item.protect and not item.delete:
            return await self._refuse_protected(item)
        try:
            await self.delete(item, op=_operation(item))
        except (Aborted, StepFailed):
            return False
        return True

    async def _refuse_protected(self, item: Resource) -> bool:
        """An error, but no reason to keep what does not depend on it."""
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


def _dependents(doomed: Iterable[Resource]) -> dict[int, list[int]]:
    """For each the ones that must go before it."""
    items = list(doomed)
    waits: dict[int, list[int]] = {id(item): [] for item in items}
    by_urn: dict[str, list[Resource]] = {}
    for item in items:
        by_urn.setdefault(item.urn, []).append(item)
    for position, item in enumerate(items):
        for urn in item.needs():
            for needed in by_urn.get(urn, ()):
                if needed is not item and items.index(needed) <= position:
                    waits[id(needed)].append(id(item))
    return waits
