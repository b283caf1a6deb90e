"""Provider resources: registered by the program or made by default, checked and configured before anybody uses them."""

import uuid

from ..properties import INTERNAL, UNKNOWN, Properties, mark_secret
from ..state.resource import Resource, now
from ..urns import PROVIDER_PREFIX, package_of
from .answers import ProviderError
from .deployment import Deployment
from .goal import Goal, resource_of
from .provider import Provider
from .providers import default_inputs, default_name, disabled
from .refreshing import Refresh
from .steps import Step


class ProviderResources:
    def __init__(self, deployment: Deployment, refresh: Refresh) -> None:
        self.d, self.refresh = deployment, refresh

    async def register(self, goal: Goal, new: Resource, old: Resource | None) -> Step:
        internal = {"pluginDownloadURL": goal.download_url} if goal.download_url else {}
        version = {"version": goal.version} if goal.version else {}
        return await self._settle(new, old, {INTERNAL: internal, **goal.inputs, **version}, goal.ignore_changes)

    async def _settle(self, new: Resource, old: Resource | None, inputs: Properties, ignore: list[str]) -> Step:
        """One that a refresh before this update started already goes on as it is if nothing changed."""
        version = str(inputs.get("version", ""))
        running = self.d.providers.loaded(old.reference) if old else None
        provider = running or await self.d.providers.launch(new.type, urn=new.urn, version=version)
        new.inputs = await provider.check_config(new.urn, old.inputs if old else {}, inputs)
        if old is not None and self.d.options.kind == "refresh":
            self.refresh.announce(old, new)
        step = await self._decide(new, old, provider, ignore)
        await self._take(step)
        if running is None or step.op != "same":
            fresh = (
                provider if running is None else await self.d.providers.launch(new.type, urn=new.urn, version=version)
            )
            fresh.id = new.id
            await fresh.configure(new.inputs)
            self.d.providers.register(fresh)
        return step

    async def _decide(self, new: Resource, old: Resource | None, provider: Provider, ignore: list[str]) -> Step:
        if old is None:
            return Step("create", None, new)
        found = await provider.diff_config(new.urn, old.inputs, new.inputs, ignore)
        if found.replaces:
            self.d.replaced.add(new.urn)
            return Step("create-replacement", old, new, keys=found.replaces, logical=False)
        if found.changed:
            return Step("update", old, new, diffs=found.diffs or None, detailed=found.detailed)
        return Step("same", old, new)

    async def _take(self, step: Step) -> None:
        new, old = step.new, step.old
        assert new
        fresh = old is None or step.op == "create-replacement"

        async def action() -> None:
            new.id = old.id if old and not fresh else _new_id(preview=self.d.preview)
            plain = {key: value for key, value in new.inputs.items() if key != INTERNAL}
            new.outputs = mark_secret(plain, new.additional_secret_outputs)
            new.created = old.created if old and not fresh else now()
            new.modified = old.modified if old and step.op == "same" else now()
            self.d.snapshot.add(new, instead_of=None if fresh else old)
            if old and fresh:
                old.delete = True
                self.d.snapshot.touch(old)

        await self.d.executor.run(step, action)
        if step.op != "same":
            await self.d.snapshot.save()
        if step.op == "create-replacement":
            self.d.reporter.whole(Step("replace", old, new, keys=step.keys))

    # --- default providers ----------------------------------------------------------------------------------------

    async def reference_for(self, goal: Goal, urn: str) -> str:
        if goal.provider:
            return goal.provider
        return await self.default_reference(package_of(goal.type), goal.version, goal.download_url, urn)

    async def default_reference(self, package: str, version: str, url: str, urn: str) -> str:
        if package == "pulumi":
            return f"{self.d.urn('', PROVIDER_PREFIX + 'pulumi', 'default')}::{UNKNOWN}"
        if disabled(self.d.config, package):
            raise ProviderError(f"Default provider for '{package}' disabled. '{urn}' must use an explicit provider.")
        return (await self.d.providers.default(package, version, url, self._make_default)).reference

    async def _make_default(self, package: str, version: str, url: str) -> Resource:
        kind = PROVIDER_PREFIX + package
        urn = self.d.urn("", kind, default_name(version))
        new = resource_of(Goal(type=kind, name=default_name(version), custom=True, version=version), urn, "")
        inputs = default_inputs(package, version, url, self.d.config, self.d.secret_keys)
        step = await self._settle(new, self.d.by_urn.get(urn), inputs, [])
        assert step.new
        self.d.registered[urn] = step
        self.d.claimed.add(urn)
        return step.new


def _new_id(*, preview: bool) -> str:
    return UNKNOWN if preview else str(uuid.uuid4())
