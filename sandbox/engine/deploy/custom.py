"""Deciding and doing what a registration of a custom resource needs."""

import os
from typing import Any

from ..paths import contains, parse_path, reset
from ..properties import has_unknown, mark_secret
from ..state.resource import Resource, now
from ..urns import is_default_provider
from .deletion import Deletion
from .deployment import Deployment
from .goal import Goal
from .options import matches
from .provider import Difference, InitFailed, Provider, ProviderError
from .steps import Step


class CustomResources:
    def __init__(self, deployment: Deployment, deletion: Deletion) -> None:
        self.d, self.deletion = deployment, deletion
        self._must_replace: dict[
            str, list[str]
        ] = {}  # dependents of a replaced resource, and the properties that say so

    async def register(self, goal: Goal, new: Resource, old: Resource | None, provider: Provider) -> Step:
        wanted = _with_ignored(goal, old)
        if _imports(goal, old):
            return await self._import(goal, new, old, provider)
        recreating = old is not None and (old.pending_replacement or old.external)
        forced = not recreating and old is not None and self._forced(goal, old)
        seed = os.urandom(32)
        known = {} if old is None or recreating or forced else old.inputs
        new.inputs = await provider.check(new.urn, known, wanted, seed)
        if old is None:
            return await self._create(Step("create", None, new), provider)
        if recreating:
            return await self._recreate(old, new, provider)
        if forced:
            return await self._replace(
                old, new, provider, Difference(changed=True), keys=["id"], first=goal.delete_before_replace
            )
        return await self._change(goal, new, old, provider, wanted, seed)

    def _forced(self, goal: Goal, old: Resource) -> bool:
        if matches(old.urn, self.d.options.replaces):
            return True
        if any(urn in self.d.replaced for urn in goal.replace_with):
            return True
        trigger = goal.replacement_trigger
        return old.replacement_trigger is not None and trigger != old.replacement_trigger and not has_unknown(trigger)

    async def _change(
        self, goal: Goal, new: Resource, old: Resource, provider: Provider, wanted: Any, seed: bytes
    ) -> Step:
        difference = await self._diff(goal, new, old, provider)
        keys = difference.replaces or self._must_replace.get(new.urn, [])
        if keys:
            new.inputs = await provider.check(new.urn, {}, wanted, seed)
            first = (
                difference.delete_before_replace if goal.delete_before_replace is None else goal.delete_before_replace
            )
            return await self._replace(old, new, provider, difference, keys=keys, first=first)
        step = Step("same", old, new)
        if difference.changed or old.init_errors:
            step = Step("update", old, new, diffs=difference.diffs or None, detailed=difference.detailed)
            return await self._update(step, old, new, provider)
        return await self.same(step)

    async def _diff(self, goal: Goal, new: Resource, old: Resource, provider: Provider) -> Difference:
        if await self._provider_replaced(old, new, provider):
            return Difference(changed=True, replaces=["provider"])
        found = await provider.diff(
            urn=new.urn,
            identity=old.id,
            old_outputs=old.outputs,
            old_inputs=old.inputs,
            news=new.inputs,
            ignore=goal.ignore_changes,
        )
        return _replace_on_changes(found, goal.replace_on_changes)

    async def _provider_replaced(self, old: Resource, new: Resource, provider: Provider) -> bool:
        """Whether the object lives behind another configuration now; a new version of the same one is no reason."""
        if old.provider == new.provider:
            return False
        before, after = old.provider.rpartition("::")[0], new.provider.rpartition("::")[0]
        if is_default_provider(before) and is_default_provider(after):
            return False
        known = self.d.by_urn.get(before)
        if known is None:
            return before != after
        if known is self.d.by_urn.get(after) and after not in self.d.replaced:
            return False
        return bool((await provider.diff_config(after, known.inputs, provider.inputs, ())).replaces)

    # --- steps ----------------------------------------------------------------------------------------------------

    async def same(self, step: Step) -> Step:
        old, new = step.old, step.new
        assert old
        assert new

        async def action() -> None:
            new.id, new.outputs = old.id, mark_secret(old.outputs, new.additional_secret_outputs)
            new.created, new.modified = old.created, old.modified
            new.rest = old.rest
            self.d.snapshot.add(new, instead_of=old)

        await self.d.executor.run(step, action)
        return step

    async def _create(self, step: Step, provider: Provider) -> Step:
        new = step.new
        assert new
        await self.d.executor.run(step, lambda: self._created(new, provider), pending="creating")
        return step

    async def _created(self, new: Resource, provider: Provider, *, instead_of: Resource | None = None) -> None:
        if self.d.preview and not (provider.configured and provider.supports_preview):
            new.outputs = new.inputs
            self.d.snapshot.add(new, instead_of=instead_of)
            return
        new.created = new.modified = now()
        try:
            new.id, outputs = await provider.create(new, preview=self.d.preview)
        except InitFailed as failed:
            new.id, new.init_errors = failed.id, failed.reasons
            new.outputs = mark_secret(failed.properties, new.additional_secret_outputs)
            self.d.snapshot.add(new, instead_of=instead_of)
            raise
        new.outputs = mark_secret(outputs, new.additional_secret_outputs)
        self.d.snapshot.add(new, instead_of=instead_of)

    async def _update(self, step: Step, old: Resource, new: Resource, provider: Provider) -> Step:
        async def action() -> None:
            new.id, new.created, new.modified, new.rest = old.id, old.created, now(), old.rest
            if self.d.preview and not (provider.configured and provider.supports_preview):
                new.outputs = {**old.outputs, **new.inputs}
                self.d.snapshot.add(new, instead_of=old)
                return
            try:
                outputs = await provider.update(old, new, preview=self.d.preview)
            except InitFailed as failed:
                new.init_errors = failed.reasons
                new.outputs = mark_secret(failed.properties, new.additional_secret_outputs)
                self.d.snapshot.add(new, instead_of=old)
                raise
            new.outputs = mark_secret(outputs, new.additional_secret_outputs)
            self.d.snapshot.add(new, instead_of=old)

        await self.d.executor.run(step, action, pending="updating")
        return step

    async def _replace(
        self,
        old: Resource,
        new: Resource,
        provider: Provider,
        difference: Difference,
        *,
        keys: list[str],
        first: bool | None,
    ) -> Step:
        if old.protect:
            raise ProviderError(_unreplaceable(old.urn))
        self.d.replaced.add(new.urn)

        def step(op: str, *, logical: bool) -> Step:
            return Step(
                op, old, new, keys=keys, diffs=difference.diffs or None, detailed=difference.detailed, logical=logical
            )

        if first:
            for dependent, names in reversed(await self._dependents_to_replace(old)):
                self._must_replace[dependent.urn] = names
                await self.deletion.delete(dependent, op="delete-replaced", keep_for_replacement=True)
            await self.deletion.delete(old, op="delete-replaced", keep_for_replacement=True)
            self._announce(step("replace", logical=True))
            creation = step("create-replacement", logical=False)
            await self.d.executor.run(
                creation, lambda: self._created(new, provider, instead_of=old), pending="creating"
            )
            return creation
        creation = step("create-replacement", logical=False)

        async def action() -> None:
            await self._created(new, provider)
            old.delete = True
            self.d.snapshot.touch(old)

        await self.d.executor.run(creation, action, pending="creating")
        self._announce(step("replace", logical=True))
        return creation

    def _announce(self, step: Step) -> None:
        """The replacement as a whole: a step without an operation of its own."""
        self.d.reporter.pre(step)
        self.d.reporter.count(step)
        self.d.reporter.outputs(step)

    async def _recreate(self, old: Resource, new: Resource, provider: Provider) -> Step:
        """The old object is gone already, deleted for a replacement (perhaps in an update that was interrupted)."""
        self.d.replaced.add(new.urn)
        keys = self._must_replace.get(new.urn)
        if old.external:
            return await self._create_owned(old, new, provider)
        self._announce(Step("replace", old, new, keys=keys))
        creation = Step("create-replacement", old, new, keys=keys, logical=False)
        await self.d.executor.run(creation, lambda: self._created(new, provider, instead_of=old), pending="creating")
        return creation

    async def _create_owned(self, old: Resource, new: Resource, provider: Provider) -> Step:
        """Was only read until now."""
        step = Step("create", None, new)
        await self.d.executor.run(step, lambda: self._created(new, provider, instead_of=old), pending="creating")
        return step

    async def _dependents_to_replace(self, root: Resource) -> list[tuple[Resource, list[str]]]:
        """Those of the state that would have to be replaced if every property that comes from a replaced one changed."""
        replaced = {root.urn}
        found: list[tuple[Resource, list[str]]] = []
        for item in self.d.snapshot.base:
            if item is root or item.delete or not item.custom or item.is_provider:
                continue
            names = await self._replaced_properties(item, replaced)
            if names is not None:
                replaced.add(item.urn)
                found.append((item, names))
        return found

    async def _replaced_properties(self, item: Resource, replaced: set[str]) -> list[str] | None:
        if item.provider.rpartition("::")[0] in replaced:
            return []
        touched = [name for name, urns in item.property_dependencies.items() if replaced.intersection(urns)]
        if not touched:
            return None
        provider = await self.d.providers.get(item.provider)
        if not isinstance(provider, Provider):
            return None
        from ..properties import UNKNOWN

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

    # --- import ---------------------------------------------------------------------------------------------------

    async def _import(self, goal: Goal, new: Resource, old: Resource | None, provider: Provider) -> Step:
        step = Step("import", None, new)

        async def action() -> None:
            found = await provider.read(urn=new.urn, identity=goal.import_id, properties=None, inputs=None)
            if not found.id:
                raise ProviderError(f"resource '{goal.import_id}' does not exist")
            new.id, new.outputs = found.id, mark_secret(found.outputs, new.additional_secret_outputs)
            new.created = new.modified = now()
            seen = new.copy(inputs=found.inputs if found.inputs is not None else new.inputs, import_id="")
            new.inputs = await provider.check(new.urn, seen.inputs, goal.inputs, os.urandom(32))
            difference = await provider.diff(
                urn=new.urn,
                identity=new.id,
                old_outputs=new.outputs,
                old_inputs=seen.inputs,
                news=new.inputs,
                ignore=goal.ignore_changes,
            )
            step.old, step.diffs, step.detailed = seen, difference.diffs or None, difference.detailed or None
            if difference.changed:
                raise ProviderError("inputs to import do not match the existing resource")
            self.d.snapshot.add(new, instead_of=old if old and old.external else None)
            if old and not old.external:
                old.delete = True

        new.inputs = goal.inputs
        await self.d.executor.run(step, action, pending="importing")
        return step


def _with_ignored(goal: Goal, old: Resource | None) -> Any:
    inputs = goal.inputs
    for text in goal.ignore_changes if old is not None else ():
        inputs = reset(inputs, old.inputs if old else {}, parse_path(text))
    return inputs


def _imports(goal: Goal, old: Resource | None) -> bool:
    if not goal.import_id:
        return False
    return old is None or old.external or (goal.import_id not in (old.id, old.import_id))


def _replace_on_changes(found: Difference, patterns: list[str]) -> Difference:
    if not patterns or not found.changed:
        return found
    wanted = [parse_path(text) for text in patterns]
    changed = list(found.detailed) if found.detailed else found.diffs
    hit = [name for name in changed if any(contains(pattern, parse_path(name)) for pattern in wanted)]
    if not hit:
        return found
    detailed = found.detailed
    if detailed is not None:
        detailed = {
            name: {**item, "diffKind": _as_replace(item["diffKind"])} if name in hit else item
            for name, item in detailed.items()
        }
    return Difference(
        True,
        [*found.replaces, *(name for name in hit if name not in found.replaces)],
        found.diffs,
        detailed,
        found.delete_before_replace,
    )


def _as_replace(kind: str) -> str:
    return kind if kind.endswith("-replace") else f"{kind}-replace"


def _unreplaceable(urn: str) -> str:
    return (
        f'unable to replace resource "{urn}"\nas it is currently marked for protection. To unprotect the resource, remove the '
        f"`protect` flag from the resource in your Pulumi program and run `pulumi up`"
    )
