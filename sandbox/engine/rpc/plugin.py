"""A provider plugin that answers: its process, if it is ours, and the stub that talks to it."""

from .messages import LIMITS, empty_pb2, grpc, provider_pb2_grpc
from .process import PluginProcess

_CANCEL_PATIENCE = 5.0


class Plugin:
    def __init__(self, package: str, path: str, *, port: int, process: PluginProcess | None) -> None:
        self.package, self.path, self.process = package, path, process
        self._channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=LIMITS)
        self.stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    @property
    def exited(self) -> bool:
        return self.process is not None and self.process.exited

    async def cancel(self) -> None:
        """Advice to end what is in flight; answers are not needed."""
        try:
            await self.stub.Cancel(empty_pb2.Empty(), timeout=_CANCEL_PATIENCE)
        except grpc.aio.AioRpcError:
            pass

    async def stop(self) -> None:
        if not self.exited:
            await self.cancel()
        await self._channel.close()
        if self.process:
            await self.process.stop()

    def interrupt(self) -> None:
        if self.process:
            self.process.interrupt()
