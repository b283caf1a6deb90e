"""Custom resources: what a registration needs (nothing, create, update, replacement, import), and doing it."""

import os
from dataclasses import dataclass
from typing import Any

from ..paths import contains, parse_path, reset
from ..properties import Properties, has_unknown, mark_secret
from ..state.resource import Resource, now
from ..urns import is_default_provider
from .answers import Difference, InitFailed, Observed, ProviderError
from .deletion import Deletion
from .deployment import Deployment
from .goal import Goal
from .options import matches
from .provider import Provider
from .replacement import Replacement
from .steps import Step


@dataclass
class Request:
    """One registration on its way to a step."""

    goal: Goal
    new: Resource
    provider: Provider
    wanted: Properties  # the program's inputs, ignored changes taken back
    seed: bytes


class CustomResources:
    def __init__(self, deployment: Deployment, deletion: Deletion) -> None:
        self.d = deployment
        self.replacement = Replacement(deployment, deletion, self.created)

    async def register(self, goal: Goal, new: Resource, old: Resource | None, provider: Provider) -> Step:
        request = Request(goal, new, provider, _with_ignored(goal, old), os.urandom(32))
        if _imports(goal, old):
            return await self._import(request, old)
        gone = old is not None and (old.pending_replacement or old.external)
        forced = old is not None and not gone and self._forced(goal, old)
        new.inputs = await self._check(request, {} if old is None or gone or forced else old.inputs)
        if old is None:
            return await self._create(request, instead_of=None)
        if old.external:
            return await self._create(request, instead_of=old)
        if old.pending_replacement:
            return await self.replacement.recreate(old, new, provider)
        if forced:
            first = bool(goal.delete_before_replace)
            return await self.replacement.replace(old, new, provider, Difference(True), keys=["id"], first=first)
        return await self._change(request, old)

    async def _check(self, request: Request, olds: Properties) -> Properties:
        return await request.provider.check(request.new.urn, olds, request.wanted, request.seed)

    def _forced(self, goal: Goal, old: Resource) -> bool:
        if matches(old.urn, self.d.options.replaces) or any(urn in self.d.replaced for urn in goal.replace_with):
            return True
        before, after = old.replacement_trigger, goal.replacement_trigger
        return before is not None and before != after and not has_unknown(after)

    async def _change(self, request: Request, old: Resource) -> Step:
        goal, new = request.goal, request.new
        found = await self._diff(request, old)
        keys = found.replaces or self.replacement.keys(new.urn)
        if keys:
            new.inputs = await self._check(request, {})
            asked = goal.delete_before_replace
            first = found.delete_before_replace if asked is None else asked
            return await self.replacement.replace(old, new, request.provider, found, keys=keys, first=first)
        if not found.changed and not old.init_errors:
            return await self.same(Step("same", old, new))
        return await self._update(
            request, old, Step("update", old, new, diffs=found.diffs or None, detailed=found.detailed)
        )

    async def _diff(self, request: Request, old: Resource) -> Difference:
        goal, new = request.goal, request.new
        if await self._moved(old, new, request.provider):
            return Difference(changed=True, replaces=["provider"])
        found = await request.provider.diff(
            urn=new.urn, identity=old.id, old_outputs=old.outputs, old_inputs=old.inputs, news=new.inputs,
            ignore=goal.ignore_changes,
        )  # fmt: skip
        return _replace_on_changes(found, goal.replace_on_changes)

    async def _moved(self, old: Resource, new: Resource, provider: Provider) -> bool:
        """Whether the object lives behind another configuration now; a new version of the same one is no reason."""
        before, after = old.provider.rpartition("::")[0], new.provider.rpartition("::")[0]
        if old.provider == new.provider or (is_default_provider(before) and is_default_provider(after)):
            return False
        if before == after:
            return after in self.d.replaced
        known = self.d.by_urn.get(before)
        if known is None:
            return True
        return bool((await provider.diff_config(after, known.inputs, provider.inputs, ())).replaces)

    # --- doing it -------------------------------------------------------------------------------------------------

    async def same(self, step: Step) -> Step:
        old, new = step.old, step.new
        assert old
        assert new

        async def action() -> None:
            new.id, new.outputs = old.id, mark_secret(old.outputs, new.additional_secret_outputs)
            new.created, new.modified, new.rest = old.created, old.modified, old.rest
            self.d.snapshot.add(new, instead_of=old)

        await self.d.executor.run(step, action)
        return step

    async def _create(self, request: Request, *, instead_of: Resource | None) -> Step:
        step = Step("create", None, request.new)
        new, provider = request.new, request.provider
        await self.d.executor.run(step, lambda: self.created(new, provider, instead_of=instead_of), pending="creating")
        return step

    async def created(self, new: Resource, provider: Provider, *, instead_of: Resource | None = None) -> None:
        """The object exists afterwards, perhaps only half of it: then it is kept and the error goes on."""
        if self.d.preview and not provider.can_preview:
            new.outputs = new.inputs
            self.d.snapshot.add(new, instead_of=instead_of)
            return
        try:
            new.id, outputs = await provider.create(new, preview=self.d.preview)
        except InitFailed as failed:
            new.id = failed.id
            self._keep_half(new, failed, instead_of)
            raise
        new.created = new.modified = now()
        new.outputs = mark_secret(outputs, new.additional_secret_outputs)
        self.d.snapshot.add(new, instead_of=instead_of)

    def _keep_half(self, new: Resource, failed: InitFailed, old: Resource | None) -> None:
        new.init_errors, new.modified = failed.reasons, now()
        new.created = new.created or new.modified
        new.outputs = mark_secret(failed.properties, new.additional_secret_outputs)
        self.d.snapshot.add(new, instead_of=old)

    async def _update(self, request: Request, old: Resource, step: Step) -> Step:
        new, provider = request.new, request.provider
        new.created, new.modified, new.rest = old.created, old.modified, old.rest

        async def action() -> None:
            new.id = old.id
            if self.d.preview and not provider.can_preview:
                outputs = {**old.outputs, **new.inputs}
            else:
                try:
                    outputs = await provider.update(old, new, preview=self.d.preview)
                except InitFailed as failed:
                    self._keep_half(new, failed, old)
                    raise
            new.modified = now()
            new.outputs = mark_secret(outputs, new.additional_secret_outputs)
            self.d.snapshot.add(new, instead_of=old)

        await self.d.executor.run(step, action, pending="updating")
        return step

    # --- import ---------------------------------------------------------------------------------------------------

    async def _import(self, request: Request, old: Resource | None) -> Step:
        step = Step("import", None, request.new)

        async def action() -> None:
            new = request.new
            found = await request.provider.read(urn=new.urn, identity=new.import_id, properties=None, inputs=None)
            if not found.id:
                raise ProviderError(f"resource '{new.import_id}' does not exist")
            await self._adopt(request, step, found)
            new.created = new.modified = now()
            self.d.snapshot.add(new, instead_of=old if old and old.external else None)
            if old and not old.external:
                old.delete = True
                self.d.snapshot.touch(old)

        await self.d.executor.run(step, action, pending="importing")
        return step

    async def _adopt(self, request: Request, step: Step, found: Observed) -> None:
        """The program must describe exactly what is there: an import changes nothing."""
        new = request.new
        inputs = found.inputs if found.inputs is not None else request.wanted
        new.id, new.outputs = found.id, mark_secret(found.outputs, new.additional_secret_outputs)
        step.old = new.copy(inputs=inputs)
        new.inputs = await self._check(request, inputs)
        difference = await request.provider.diff(
            urn=new.urn, identity=new.id, old_outputs=new.outputs, old_inputs=inputs, news=new.inputs,
            ignore=request.goal.ignore_changes,
        )  # fmt: skip
        step.diffs, step.detailed = difference.diffs or None, difference.detailed or None
        if difference.changed:
            raise ProviderError("inputs to import do not match the existing resource")


def _with_ignored(goal: Goal, old: Resource | None) -> Properties:
    inputs: Any = goal.inputs
    for text in goal.ignore_changes if old is not None else ():
        inputs = reset(inputs, old.inputs if old else {}, parse_path(text))
    found: Properties = inputs
    return found


def _imports(goal: Goal, old: Resource | None) -> bool:
    if not goal.import_id:
        return False
    return old is None or old.external or goal.import_id not in (old.id, old.import_id)


def _replace_on_changes(found: Difference, patterns: list[str]) -> Difference:
    if not patterns or not found.changed:
        return found
    wanted = [parse_path(text) for text in patterns]
    changed = list(found.detailed) if found.detailed else found.diffs
    hit = [name for name in changed if any(contains(pattern, parse_path(name)) for pattern in wanted)]
    return found.replaced_by(hit) if hit else found
