"""Registrations: what the program asks for, turned into steps, answered when they are done."""

import uuid
from dataclasses import dataclass, field

from ..properties import INTERNAL, UNKNOWN, Properties, mark_secret, resolve_outputs
from ..rpc.plugin import PluginFailed
from ..state.resource import Resource, now
from ..urns import PROVIDER_PREFIX, package_of
from .aliases import alias_urns
from .builtin import BuiltinProvider
from .custom import CustomResources
from .deletion import Deletion
from .deployment import Deployment
from .executor import Aborted, StepFailed
from .goal import Goal
from .provider import Provider, ProviderError
from .providers import default_inputs, default_name, disabled
from .steps import Step


@dataclass
class Outcome:
    urn: str
    id: str = ""
    outputs: Properties = field(default_factory=dict)
    failed: bool = False


class Registrar:
    def __init__(self, deployment: Deployment, deletion: Deletion) -> None:
        self.d = deployment
        self.deletion = deletion
        self.custom = CustomResources(deployment, deletion)
        self._claimed: set[str] = set()
        self._former: dict[str, list[str]] = {}  # URN -> its former URNs
        self._skipped: set[str] = set()  # not created because not targeted
        self._targeted: set[str] = set()
        self.stack_outputs: Properties | None = None

    async def register(self, goal: Goal) -> Outcome:
        self.d.executor.check()
        urn = self.d.urn(goal.parent, goal.type, goal.name)
        if urn in self._claimed:
            raise self.d.executor.refuse(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn=urn)
        self._claimed.add(urn)
        old = self._find_old(urn, goal)
        try:
            step = await self._dispatch(urn, goal, old)
        except StepFailed:
            return Outcome(urn, id=old.id if old else "", failed=True)
        except (ProviderError, PluginFailed) as error:
            raise self.d.executor.refuse(str(error), urn=urn) from error
        self.d.registered[urn] = step
        new = step.new
        assert new
        return Outcome(urn, id="" if new.id == UNKNOWN and not goal.is_provider else new.id, outputs=_visible(new))

    async def _dispatch(self, urn: str, goal: Goal, old: Resource | None) -> Step:
        if goal.is_provider:
            return await self._register_provider(urn, goal, old)
        if not goal.custom:
            return await self._register_component(urn, goal, old)
        reference = goal.provider or await self._default_reference(urn, goal)
        new = _resource(goal, urn, reference)
        if not self._is_targeted(goal, urn):
            return await self._leave(new, old)
        self._refuse_skipped(new)
        provider = await self.d.providers.get(reference)
        if isinstance(provider, BuiltinProvider):
            raise ProviderError(f"unsupported builtin resource {goal.type}: this engine cannot create it")
        return await self.custom.register(goal, new, old, provider)

    # --- finding the old one --------------------------------------------------------------------------------------

    def _find_old(self, urn: str, goal: Goal) -> Resource | None:
        candidates = alias_urns(goal, urn=urn, parents=self._former.get(goal.parent, []))
        self._former[urn] = candidates
        found = self.d.by_urn.get(urn)
        if found is not None:
            return found
        for candidate in candidates:
            former = self.d.by_urn.get(candidate)
            if former is not None and candidate not in self._claimed:
                self._claimed.add(candidate)
                self.d.snapshot.rename(candidate, urn)
                return former
        return None

    # --- targets --------------------------------------------------------------------------------------------------

    def _is_targeted(self, goal: Goal, urn: str) -> bool:
        options = self.d.options
        if options.kind == "destroy":
            return False
        needs = {*goal.dependencies, *(urn for urns in goal.property_dependencies.values() for urn in urns)}
        found = options.targeted(urn)
        if options.targets and options.target_dependents and needs & self._targeted:
            found = True
        if options.exclude_dependents and needs & self._skipped_by_exclusion(needs):
            found = False
        if found:
            self._targeted.add(urn)
        return found

    def _skipped_by_exclusion(self, needs: set[str]) -> set[str]:
        return {urn for urn in needs if urn not in self._targeted and urn in self._claimed}

    async def _leave(self, new: Resource, old: Resource | None) -> Step:
        """Not meant by this update: stays as it is, or does not come into being."""
        if old is None:
            self._skipped.add(new.urn)
            step = Step("same", new, new)
            self.custom._announce(step)
            return step
        return await self.custom.same(Step("same", old, old.copy(urn=new.urn)))

    def _refuse_skipped(self, new: Resource) -> None:
        for urn in sorted(new.needs() & self._skipped):
            raise ProviderError(
                f"Resource '{new.urn}' depends on '{urn}' which was was not specified in --target list."
            )

    # --- components -----------------------------------------------------------------------------------------------

    async def _register_component(self, urn: str, goal: Goal, old: Resource | None) -> Step:
        new = _resource(goal, urn, "")
        keep = old is not None and not self._is_targeted(goal, urn) and not new.is_stack
        if old is not None and (keep or self.d.options.kind != "update"):
            new = old.copy(urn=urn, inputs=new.inputs if not keep else old.inputs)
        step = Step("create", None, new)
        if old is not None:
            step = Step("same" if old.inputs == new.inputs else "update", old, new)
            new.outputs, new.created, new.modified = ({} if not keep else old.outputs), old.created, old.modified
        if step.op != "same":
            new.modified = now()
            new.created = new.created or new.modified
        self.d.executor.check()
        self.d.reporter.pre(step)
        if old is not None:
            new.outputs = old.outputs  # until the program says what they are now
        self.d.snapshot.add(new, instead_of=old)
        self.d.reporter.count(step)
        if self.d.preview:
            self.d.reporter.outputs(step)
        if step.op == "create" and not self.d.preview:
            await self.d.snapshot.save()
        return step

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        step = self.d.registered.get(urn)
        if step is None or step.new is None:
            raise ProviderError(f"unknown resource '{urn}' when recording outputs")
        if step.new.is_stack:
            self.stack_outputs = resolve_outputs(outputs)  # recorded when everything else is done
        else:
            self.record_outputs(step, resolve_outputs(outputs))

    def record_outputs(self, step: Step, outputs: Properties) -> None:
        assert step.new
        step.new.outputs = outputs
        self.d.snapshot.touch(step.new)
        self.d.reporter.outputs(step)

    # --- providers ------------------------------------------------------------------------------------------------

    async def _register_provider(self, urn: str, goal: Goal, old: Resource | None) -> Step:
        internal = {"pluginDownloadURL": goal.download_url} if goal.download_url else {}
        version = {"version": goal.version} if goal.version else {}
        inputs = {INTERNAL: internal, **goal.inputs, **version}
        new = _resource(goal, urn, "")
        return await self._provider_step(new, old, inputs, goal)

    async def _provider_step(self, new: Resource, old: Resource | None, inputs: Properties, goal: Goal) -> Step:
        provider = await self.d.providers.launch(
            new.type, urn=new.urn, identity="", version=str(inputs.get("version", ""))
        )
        new.inputs = await provider.check_config(new.urn, old.inputs if old else {}, inputs)
        if old is None:
            step = await self._create_provider(Step("create", None, new))
        else:
            difference = await provider.diff_config(new.urn, old.inputs, new.inputs, goal.ignore_changes)
            if difference.replaces:
                step = await self._replace_provider(old, new, difference.replaces)
            elif difference.changed:
                step = Step("update", old, new, diffs=difference.diffs or None, detailed=difference.detailed)
                await self._adopt(step, identity=old.id)
            else:
                step = Step("same", old, new)
                await self._adopt(step, identity=old.id)
        provider.id = new.id
        await provider.configure(new.inputs)
        self.d.providers.register(provider)
        return step

    async def _create_provider(self, step: Step, *, instead_of: Resource | None = None) -> Step:
        await self._adopt(step, identity=UNKNOWN if self.d.preview else str(uuid.uuid4()))
        return step

    async def _replace_provider(self, old: Resource, new: Resource, keys: list[str]) -> Step:
        self.d.replaced.add(new.urn)
        creation = Step("create-replacement", old, new, keys=keys, logical=False)
        await self._adopt(creation, identity=UNKNOWN if self.d.preview else str(uuid.uuid4()), replaces=old)
        self.custom._announce(Step("replace", old, new, keys=keys))
        return creation

    async def _adopt(self, step: Step, *, identity: str, replaces: Resource | None = None) -> None:
        new, old = step.new, step.old
        assert new

        async def action() -> None:
            new.id = identity
            new.outputs = _provider_outputs(new)
            new.created = old.created if old and not replaces else now()
            new.modified = old.modified if old and step.op == "same" else now()
            self.d.snapshot.add(new, instead_of=None if replaces else old)
            if replaces:
                replaces.delete = True
                self.d.snapshot.touch(replaces)

        await self.d.executor.run(step, action)

    async def _default_reference(self, urn: str, goal: Goal) -> str:
        package = package_of(goal.type)
        if package == "pulumi":
            return f"{self.d.urn('', PROVIDER_PREFIX + 'pulumi', 'default')}::{UNKNOWN}"
        return (await self.default_provider(package, goal.version, goal.download_url, urn)).reference

    async def default_provider(self, package: str, version: str, url: str, urn: str) -> Resource:
        if disabled(self.d.config, package):
            raise ProviderError(f"Default provider for '{package}' disabled. '{urn}' must use an explicit provider.")
        return await self.d.providers.default(package, version, url, self._make_default)

    async def _make_default(self, package: str, version: str, url: str) -> Resource:
        kind = PROVIDER_PREFIX + package
        urn = self.d.urn("", kind, default_name(version))
        goal = Goal(type=kind, name=default_name(version), custom=True, version=version)
        self._claimed.add(urn)
        step = await self._provider_step(
            _resource(goal, urn, ""), self.d.by_urn.get(urn), default_inputs(package, version, url, self.d.config), goal
        )
        assert step.new
        return step.new

    async def provider_for(
        self, reference: str, *, package: str, version: str, url: str, urn: str
    ) -> Provider | BuiltinProvider:
        """For invokes and reads."""
        if not reference and package != "pulumi":
            reference = (await self.default_provider(package, version, url, urn)).reference
        elif not reference:
            reference = f"{self.d.urn('', PROVIDER_PREFIX + 'pulumi', 'default')}::{UNKNOWN}"
        return await self.d.providers.get(reference)


def _resource(goal: Goal, urn: str, reference: str) -> Resource:
    return Resource(
        urn=urn, type=goal.type, custom=goal.custom, inputs=goal.inputs, parent=goal.parent, protect=bool(goal.protect),
        dependencies=goal.dependencies, provider=reference, property_dependencies=goal.property_dependencies,
        additional_secret_outputs=goal.additional_secret_outputs, custom_timeouts=goal.timeouts, import_id=goal.import_id,
        retain_on_delete=goal.retain_on_delete, deleted_with=goal.deleted_with, replace_with=goal.replace_with,
        source_position=goal.source_position, ignore_changes=goal.ignore_changes, hide_diffs=goal.hide_diffs,
        replace_on_changes=goal.replace_on_changes, replacement_trigger=goal.replacement_trigger, resource_hooks=goal.hooks,
    )  # fmt: skip


def _provider_outputs(new: Resource) -> Properties:
    return mark_secret(
        {key: value for key, value in new.inputs.items() if key != INTERNAL}, new.additional_secret_outputs
    )


def _visible(new: Resource) -> Properties:
    return {} if not new.custom else new.outputs


__all__ = ["Aborted", "Outcome", "Registrar"]
