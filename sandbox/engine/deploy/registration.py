"""Registrations: what the program asks for, turned into steps, answered when they are done."""

from dataclasses import dataclass, field

from ..properties import UNKNOWN, Properties, resolve_outputs
from ..rpc.process import PluginFailed
from ..state.resource import Resource
from .aliases import alias_urns
from .answers import ProviderError
from .builtin import BuiltinProvider
from .components import Components
from .configured import ProviderResources
from .custom import CustomResources
from .deletion import Deletion
from .deployment import Deployment
from .executor import StepFailed
from .goal import Goal, resource_of
from .provider import Provider
from .refreshing import Refresh
from .steps import Step


@dataclass
class Outcome:
    urn: str
    id: str = ""
    outputs: Properties = field(default_factory=dict)
    failed: bool = False
    unknown: bool = False  # was not created because this update does not mean it


class Registrar:
    def __init__(self, deployment: Deployment, deletion: Deletion) -> None:
        self.d, self.deletion = deployment, deletion
        self.refresh = Refresh(deployment, final=True)
        self.custom = CustomResources(deployment, deletion)
        self.components = Components(deployment, self.refresh)
        self.providers = ProviderResources(deployment, self.refresh)
        self._former: dict[str, list[str]] = {}  # URN -> its former URNs
        self.skipped: set[str] = set()  # not created because not targeted
        self._targeted: set[str] = set()
        self.stack_outputs: Properties | None = None

    async def register(self, goal: Goal) -> Outcome:
        self.d.executor.check()
        urn = self.d.urn(goal.parent, goal.type, goal.name)
        if urn in self.d.claimed:
            raise self.d.executor.refuse(f"Duplicate resource URN '{urn}'; try giving it a unique name", urn=urn)
        self.d.claimed.add(urn)
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
        known = goal.is_provider or new.id != UNKNOWN
        outputs = new.outputs if new.custom else {}
        return Outcome(urn, id=new.id if known else "", outputs=outputs, unknown=urn in self.skipped)

    async def _dispatch(self, urn: str, goal: Goal, old: Resource | None) -> Step:
        targeted = self._is_targeted(goal, urn)
        new = resource_of(goal, urn, "")
        if goal.is_provider:
            return await self.providers.register(goal, new, old)
        if not goal.custom:
            return await self.components.register(new, old, targeted=targeted or self.d.options.kind != "update")
        new.provider = await self.providers.reference_for(goal, urn)
        if old is not None and self.d.options.kind == "refresh":
            return await self._refresh(new, old)
        if not targeted:
            return await self._leave(new, old)
        self._refuse_skipped(new)
        provider = await self.d.providers.get(new.provider)
        if isinstance(provider, BuiltinProvider):
            raise ProviderError(f"unsupported builtin resource {goal.type}: this engine cannot create it")
        return await self.custom.register(goal, new, old, provider)

    async def _refresh(self, new: Resource, old: Resource) -> Step:
        """Reads with the provider that the program configured; what the program would change is not asked here."""
        seen = old.copy(urn=new.urn, provider=new.provider, id="", outputs={})
        step = await self.refresh.refresh(old, new=seen)
        step.new = step.new or seen  # gone: the program sees a resource without values
        return step

    async def provider_for(
        self, reference: str, *, package: str, version: str, url: str, urn: str
    ) -> tuple[str, Provider | BuiltinProvider]:
        """For invokes and reads."""
        reference = reference or await self.providers.default_reference(package, version, url, urn)
        return reference, await self.d.providers.get(reference)

    # --- the old one ----------------------------------------------------------------------------------------------

    def _find_old(self, urn: str, goal: Goal) -> Resource | None:
        candidates = alias_urns(goal, urn=urn, parents=self._former.get(goal.parent, []))
        self._former[urn] = candidates
        found = self.d.by_urn.get(urn)
        if found is not None:
            return found
        for candidate in candidates:
            former = self.d.by_urn.get(candidate)
            if former is not None and candidate not in self.d.claimed:
                self.d.claimed.add(candidate)
                self.d.snapshot.rename(candidate, urn)
                return former
        return None

    # --- targets --------------------------------------------------------------------------------------------------

    def _is_targeted(self, goal: Goal, urn: str) -> bool:
        options = self.d.options
        if options.kind != "update":
            return False
        needs = {
            goal.parent,
            *goal.dependencies,
            *(urn for urns in goal.property_dependencies.values() for urn in urns),
        }
        found = options.targeted(urn)
        if options.targets and options.target_dependents and needs & self._targeted:
            found = True
        if options.exclude_dependents and needs & (self.d.claimed - self._targeted - {self.d.stack_urn}):
            found = False
        if found:
            self._targeted.add(urn)
        return found

    async def _leave(self, new: Resource, old: Resource | None) -> Step:
        """Not meant by this update: stays as it is, or does not come into being."""
        if old is not None:
            outputs = {} if self.d.options.kind == "destroy" else old.outputs
            return await self.custom.same(Step("same", old, old.copy(urn=new.urn, id="", outputs=outputs)))
        self.skipped.add(new.urn)
        step = Step("same", new, new)
        self.d.reporter.whole(step)
        return step

    def _refuse_skipped(self, new: Resource) -> None:
        for urn in sorted(new.needs() & self.skipped):
            raise ProviderError(
                f"Resource '{new.urn}' depends on '{urn}' which was was not specified in --target list."
            )

    # --- outputs --------------------------------------------------------------------------------------------------

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
