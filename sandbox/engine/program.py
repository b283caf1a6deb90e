"""The program while it runs: what it may ask besides registrations, and when it has asked for everything."""

import asyncio
from typing import TYPE_CHECKING, Any

from .deploy.answers import ProviderError
from .deploy.builtin import BuiltinProvider
from .deploy.deployment import Deployment
from .deploy.registration import Registrar
from .deploy.steps import Step
from .properties import Properties, has_unknown, mark_secret, resolve_outputs
from .rpc.messages import provider_pb2, resource_pb2
from .rpc.monitor import FEATURES
from .rpc.process import PluginFailed
from .rpc.wire import to_properties, to_struct
from .state.resource import Resource
from .urns import package_of

if TYPE_CHECKING:
    from .update import Opened


class RunningProgram:
    def __init__(self, deployment: Deployment, registrar: Registrar, opened: "Opened") -> None:
        self.d, self.registrar, self._opened = deployment, registrar, opened
        self.reporter, self.root = deployment.reporter, deployment.root
        self.folder = opened.session.project.program_directory
        self.done = asyncio.Event()
        self.closing = asyncio.Event()
        self.raised = False
        self._released = asyncio.Event()

    def information(self) -> Any:
        return resource_pb2.DeploymentInfo(
            project=self.d.project, stack=self.d.stack, organization="organization", config=self._opened.config,
            configSecretKeys=self._opened.secret_keys, dryRun=self.d.preview, parallel=self.d.options.parallel,
            supportedFeatures=FEATURES,
        )  # fmt: skip

    async def finished(self) -> None:
        """The program has asked for everything; it stays alive until all is done."""
        self.done.set()
        await self._released.wait()

    def release(self) -> None:
        self._released.set()

    async def invoke(self, request: Any) -> Any:
        self.d.executor.check()
        package = package_of(request.tok)
        args = resolve_outputs(to_properties(request.args))
        _, provider = await self.registrar.provider_for(
            request.provider, package=package, version=request.version, url=request.pluginDownloadURL, urn=request.tok
        )
        if isinstance(provider, BuiltinProvider):
            return resource_pb2.ResourceInvokeResponse(**{"return": to_struct(provider.invoke(request.tok, args))})
        if self.d.preview and (has_unknown(args) or not provider.configured):
            return resource_pb2.ResourceInvokeResponse(unknown=True)
        answer = await provider.invoke(request.tok, args, preview=self.d.preview)
        failures = [provider_pb2.CheckFailure(property=item.property, reason=item.reason) for item in answer.failures]
        found = getattr(answer, "return")
        return resource_pb2.ResourceInvokeResponse(**{"return": found}, failures=failures)

    async def read(self, request: Any, position: str) -> tuple[str, Properties]:
        """`.get`: an object that somebody else owns."""
        urn = self.d.urn(request.parent, request.type, request.name)
        try:
            return urn, await self._read(request, urn, position)
        except (ProviderError, PluginFailed) as error:
            raise self.d.executor.refuse(str(error), urn=urn) from error

    async def _read(self, request: Any, urn: str, position: str) -> Properties:
        self.d.executor.check()
        reference, provider = await self.registrar.provider_for(
            request.provider,
            package=package_of(request.type),
            version=request.version,
            url=request.pluginDownloadURL,
            urn=urn,
        )
        properties = resolve_outputs(to_properties(request.properties))
        new = Resource(
            urn=urn,
            type=request.type,
            custom=True,
            id=request.id,
            parent=request.parent,
            external=True,
            provider=reference,
            dependencies=list(request.dependencies),
            additional_secret_outputs=list(request.additionalSecretOutputs),
            source_position=position,
        )
        old = self.d.by_urn.get(urn)
        step = Step("read", old, new)

        async def action() -> None:
            found = await provider.read(urn=urn, identity=new.id, properties=properties, inputs=properties)
            if not found.id:
                raise ProviderError(f"resource '{new.id}' does not exist")
            new.id, new.outputs = found.id, mark_secret(found.outputs, new.additional_secret_outputs)
            self.d.snapshot.add(new, instead_of=old)

        await self.d.executor.run(step, action, pending="reading")
        self.d.registered[urn] = step
        return new.outputs

    def record_stack_outputs(self) -> None:
        """Last, when all deletions are done. A failed program keeps the outputs of the last good one."""
        step = self.d.registered.get(self.d.stack_urn)
        outputs = self.registrar.stack_outputs
        if step is None or step.new is None or outputs is None:
            return
        kept = step.new.outputs
        self.registrar.record_outputs(step, outputs)
        if self.raised:
            step.new.outputs = kept
