"""The two services that a program talks to: the resource monitor and the engine (its log)."""

import asyncio
from typing import Any, Protocol

from ..deploy.answers import ProviderError
from ..deploy.assets import AssetMissing
from ..deploy.executor import Aborted
from ..deploy.goal import Goal, Refused, goal_of, source_position
from ..deploy.registration import Registrar
from ..display.reporter import Reporter
from ..properties import Properties
from .messages import LIMITS, empty_pb2, engine_pb2, engine_pb2_grpc, grpc, resource_pb2, resource_pb2_grpc
from .process import PluginFailed
from .wire import to_properties, to_struct

# what DeploymentInfo announces: everything below TRANSFORMS, invoke dependencies and parents
_FEATURES: Any = (0, 1, 2, 3, 4, 5, 6, 14, 15)
_FEATURE_NAMES = frozenset(
    "secrets resourceReferences outputValues aliasSpecs deletedWith replaceWith invokeDependsOn invokeParent".split()
)
_GRACE = 1.0
_SEVERITIES = ["debug", "info", "warning", "error"]


class Program(Protocol):
    """What the update knows about the program that runs."""

    registrar: Registrar
    reporter: Reporter
    root: str
    folder: str
    closing: asyncio.Event

    def information(self) -> Any: ...
    async def invoke(self, request: Any) -> Any: ...
    async def read(self, request: Any, position: str) -> tuple[str, Properties]: ...
    async def finished(self) -> None: ...


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    def __init__(self, program: Program) -> None:
        self.program = program

    async def GetDeploymentInfo(self, request: Any, context: Any) -> Any:
        return self.program.information()

    async def SupportsFeature(self, request: Any, context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURE_NAMES)

    async def RegisterResource(self, request: Any, context: Any) -> Any:
        goal = await self._goal(request, context)
        outcome = await self._or_end(self.program.registrar.register(goal), context)
        answer = resource_pb2.RegisterResourceResponse(
            urn=outcome.urn, id=outcome.id, object=to_struct(outcome.outputs)
        )
        answer.unknown = outcome.unknown
        if outcome.failed:
            if not goal.reports_results:
                await self._end(context)
            answer.result = resource_pb2.FAIL
        return answer

    async def _or_end(self, work: Any, context: Any) -> Any:
        try:
            return await work
        except Aborted:
            await self._end(context)

    async def _end(self, context: Any) -> None:
        """The update failed or was cancelled: the program must not go on as if its resource existed."""
        await self.program.closing.wait()
        await context.abort(grpc.StatusCode.UNAVAILABLE, "the update has ended")

    async def _goal(self, request: Any, context: Any) -> Goal:
        try:
            return goal_of(request, root=self.program.root, folder=self.program.folder)
        except Refused as error:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
            raise
        except AssetMissing as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
            raise

    async def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        try:
            self.program.registrar.register_outputs(request.urn, to_properties(request.outputs))
        except ProviderError as error:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return empty_pb2.Empty()

    async def ReadResource(self, request: Any, context: Any) -> Any:
        position = source_position(request, self.program.root)
        urn, properties = await self._or_end(self.program.read(request, position), context)
        return resource_pb2.ReadResourceResponse(urn=urn, properties=to_struct(properties))

    async def Invoke(self, request: Any, context: Any) -> Any:
        try:
            return await self._or_end(self.program.invoke(request), context)
        except (ProviderError, PluginFailed) as error:
            await context.abort(grpc.StatusCode.UNKNOWN, f"invocation of {request.tok} returned an error: {error}")

    async def SignalAndWaitForShutdown(self, request: Any, context: Any) -> Any:
        await self.program.finished()
        return empty_pb2.Empty()


class Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.root = ""
        self.deaf = False  # what a program says that is being ended is no news

    async def Log(self, request: Any, context: Any) -> Any:
        if self.deaf:
            return empty_pb2.Empty()
        self.reporter.diagnostic(
            _SEVERITIES[request.severity],
            request.message,
            urn=request.urn,
            stream=request.streamId,
            ephemeral=request.ephemeral,
        )
        return empty_pb2.Empty()

    async def GetRootResource(self, request: Any, context: Any) -> Any:
        return engine_pb2.GetRootResourceResponse(urn=self.root)

    async def SetRootResource(self, request: Any, context: Any) -> Any:
        self.root = request.urn
        return engine_pb2.SetRootResourceResponse()

    async def StartDebugging(self, request: Any, context: Any) -> Any:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "debugging is not supported by this engine")

    async def RequirePulumiVersion(self, request: Any, context: Any) -> Any:
        return engine_pb2.RequirePulumiVersionResponse()


class Server:
    """One port for both services."""

    def __init__(self, address: str) -> None:
        self._server = grpc.aio.server(options=LIMITS)
        self._server.add_insecure_port(address)
        self.address = address

    def add_engine(self, engine: Engine) -> None:
        engine_pb2_grpc.add_EngineServicer_to_server(engine, self._server)

    def add_monitor(self, monitor: Monitor) -> None:
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, self._server)

    async def start(self) -> None:
        await self._server.start()

    async def stop(self, *, orderly: bool) -> None:
        """After a failure there are calls that never answer; otherwise the program is just about to hang up."""
        await self._server.stop(_GRACE if orderly else None)


FEATURES: Any = _FEATURES
