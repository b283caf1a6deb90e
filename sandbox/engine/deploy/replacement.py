"""Replacing: the new one first or the old one first, with the dependents that cannot stay."""

from collections.abc import Awaitable
from typing import Protocol

from ..properties import UNKNOWN
from ..state.resource import Resource
from .answers import Difference, ProviderError
from .deletion import Deletion
from .deployment import Deployment
from .provider import Provider
from .steps import Step


class Create(Protocol):
    def __call__(self, new: Resource, provider: Provider, *, instead_of: Resource | None = None) -> Awaitable[None]: ...


class Replacement:
    def __init__(self, deployment: Deployment, deletion: Deletion, create: Create) -> None:
        self.d, self.deletion, self._create = deployment, deletion, create
        self._dependents: dict[str, list[str]] = {}  # deleted with what they depend on, and the properties that say so

    def keys(self, urn: str) -> list[str]:
        return self._dependents.get(urn, [])

    async def replace(
        self, old: Resource, new: Resource, provider: Provider, found: Difference, *, keys: list[str], first: bool
    ) -> Step:
        """`first`: the old object goes before the new one comes."""
        if old.protect:
            raise ProviderError(_protected_text(old.urn))
        self.d.replaced.add(new.urn)
        creation = Step("create-replacement", old, new, keys, found.diffs or None, found.detailed, logical=False)
        whole = Step("replace", old, new, keys, found.diffs or None, found.detailed)
        if first:
            await self._delete_with_dependents(old)
            self.d.reporter.whole(whole)
            await self.d.executor.run(creation, lambda: self._create(new, provider, instead_of=old), pending="creating")
        else:
            await self.d.executor.run(creation, lambda: self._create_beside(old, new, provider), pending="creating")
            self.d.reporter.whole(whole)
        return creation

    async def _create_beside(self, old: Resource, new: Resource, provider: Provider) -> None:
        try:
            await self._create(new, provider)
        finally:
            if any(item is new for item in self.d.snapshot.added):  # also one that came into being half
                old.delete = True
                self.d.snapshot.touch(old)

    async def recreate(self, old: Resource, new: Resource, provider: Provider) -> Step:
        """The old object is gone already, deleted for a replacement (perhaps in an update that was interrupted)."""
        self.d.replaced.add(new.urn)
        keys = self._dependents.get(new.urn)
        self.d.reporter.whole(Step("replace", old, new, keys=keys))
        creation = Step("create-replacement", old, new, keys=keys, logical=False)
        await self.d.executor.run(creation, lambda: self._create(new, provider, instead_of=old), pending="creating")
        return creation

    # --- dependents -----------------------------------------------------------------------------------------------

    async def _delete_with_dependents(self, root: Resource) -> None:
        doomed = await self._dependents_of(root)
        for item, _ in doomed:
            if item.protect:
                raise ProviderError(_protected_text(item.urn))
        for item, names in reversed(doomed):
            self._dependents[item.urn] = names
            await self.deletion.delete(item, op="delete-replaced", keep_for_replacement=True)
        await self.deletion.delete(root, op="delete-replaced", keep_for_replacement=True)

    async def _dependents_of(self, root: Resource) -> list[tuple[Resource, list[str]]]:
        """Those that would be replaced if every property that comes from a replaced resource changed."""
        replaced = {root.urn}
        found: list[tuple[Resource, list[str]]] = []
        for item in self.d.snapshot.remaining():
            if item is root or item.delete or item.pending_replacement or not item.custom or item.is_provider:
                continue
            names = await self._changed_by(item, replaced)
            if names is not None:
                replaced.add(item.urn)
                found.append((item, names))
        return found

    async def _changed_by(self, item: Resource, replaced: set[str]) -> list[str] | None:
        """None: it may stay."""
        if item.provider.rpartition("::")[0] in replaced:
            return []
        touched = [name for name, urns in item.property_dependencies.items() if replaced.intersection(urns)]
        provider = await self.d.providers.get(item.provider) if touched else None
        if not isinstance(provider, Provider):
            return None
        news = {**item.inputs, **{name: UNKNOWN for name in touched if name in item.inputs}}
        found = await provider.diff(
            urn=item.urn,
            identity=item.id,
            old_outputs=item.outputs,
            old_inputs=item.inputs,
            news=news,
            ignore=item.ignore_changes,
        )
        return found.replaces or None


def _protected_text(urn: str) -> str:
    return (
        f'unable to replace resource "{urn}"\nas it is currently marked for protection. To unprotect the resource, '
        "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
    )
