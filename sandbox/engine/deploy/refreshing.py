"""Refresh: reads every object and adopts what is there."""

import asyncio

from ..properties import mark_secret
from ..rpc.process import PluginFailed
from ..state.resource import Resource, now
from .answers import Observed, ProviderError
from .builtin import BuiltinProvider
from .deployment import Deployment
from .executor import Aborted, StepFailed
from .provider import Provider
from .steps import Step


class Refresh:
    """`final` is False for the refresh before an update: its results are announced, not counted."""

    def __init__(self, deployment: Deployment, *, final: bool) -> None:
        self.d, self.final = deployment, final

    async def run(self) -> None:
        items = [item for item in self.d.snapshot.base if self._wanted(item)]
        done = {item.urn: asyncio.get_running_loop().create_future() for item in items}
        tasks = [asyncio.create_task(self._one(item, done)) for item in items]
        if tasks:
            await asyncio.gather(*tasks)

    def _wanted(self, item: Resource) -> bool:
        return not item.pending_replacement and self.d.options.targeted(item.urn)

    async def _one(self, item: Resource, done: dict[str, asyncio.Future[None]]) -> None:
        """After what it needs, so that events come in an order that makes sense."""
        mine = done[item.urn]
        try:
            await asyncio.gather(*(done[urn] for urn in item.needs() if urn in done and done[urn] is not mine))
            if not self.d.executor.stopping.is_set():
                await self.refresh(item)
        except (Aborted, StepFailed):
            pass
        except (ProviderError, PluginFailed) as error:
            self.d.executor.refuse(str(error), urn=item.urn)
        finally:
            if not mine.done():
                mine.set_result(None)

    async def refresh(self, item: Resource, *, new: Resource | None = None) -> Step:
        """`new` carries what a program says about it now (`--run-program`)."""
        step = Step("refresh", item, new or item.copy(), logical=False)
        await self.d.executor.run(step, lambda: self._read(step, item))
        return step

    def announce(self, item: Resource, new: Resource) -> None:
        """Of a provider or component that a program registers again: nothing to read, the next step counts."""
        step = Step("refresh", item, new, logical=False, result_op="update")
        self.d.reporter.pre(step)
        step.new = new.copy(id=item.id, outputs=item.outputs)
        self.d.reporter.outputs(step)

    async def _read(self, step: Step, item: Resource) -> None:
        step.result_op = "same" if self.final else "refresh"
        assert step.new
        if not item.custom or item.is_provider:
            step.new.id, step.new.outputs = item.id, item.outputs
            return
        provider = await self.d.providers.get(item.provider)
        timeout = item.custom_timeouts.get("read", 0)
        found = await provider.read(
            urn=item.urn, identity=item.id, properties=item.outputs, inputs=item.inputs, timeout=timeout
        )
        if not found.id:
            step.new, step.result_op = None, "delete"
            self.d.snapshot.drop(item)
            return
        await self._adopt(step, item, found, provider)

    async def _adopt(self, step: Step, item: Resource, found: Observed, provider: Provider | BuiltinProvider) -> None:
        new = step.new
        assert new
        new.id = found.id
        new.outputs = mark_secret(found.outputs, item.additional_secret_outputs)
        new.inputs = found.inputs if found.inputs is not None and not item.external else item.inputs
        new.init_errors = found.init_errors
        if isinstance(provider, Provider) and not item.external:
            await self._compare(step, item, new, provider)
        elif item.outputs != new.outputs and self.final:
            step.result_op = "update"
        if item.outputs != new.outputs or item.inputs != new.inputs:
            new.modified = now()
        self.d.snapshot.replace(item, new)

    async def _compare(self, step: Step, item: Resource, new: Resource, provider: Provider) -> None:
        """Seen from what is there, the state would be the change."""
        difference = await provider.diff(
            urn=item.urn,
            identity=new.id,
            old_outputs=new.outputs,
            old_inputs=new.inputs,
            news=item.inputs,
            ignore=item.ignore_changes,
        )
        step.diffs, step.detailed = difference.diffs or None, difference.detailed
        if difference.changed and self.final:
            step.result_op = "update"

    def forget_missing(self) -> None:
        """What is gone is no dependency any more."""
        there = {item.urn for item in self.d.snapshot.resources()}
        gone = {item.urn: item for item in self.d.by_urn.values() if item.urn not in there}
        if not gone:
            return
        for item in self.d.snapshot.resources():
            _forget(item, gone)
            left = {key: _rest(urns, gone) for key, urns in item.property_dependencies.items()}
            item.property_dependencies = {key: urns for key, urns in left.items() if urns}
            self.d.snapshot.touch(item)


def _forget(item: Resource, gone: dict[str, Resource]) -> None:
    item.dependencies = [urn for urn in item.dependencies if urn not in gone]
    if item.deleted_with in gone:
        item.deleted_with = ""
    while item.parent in gone:
        item.parent = gone[item.parent].parent


def _rest(urns: list[str], gone: dict[str, Resource]) -> list[str]:
    return [urn for urn in urns if urn not in gone]
