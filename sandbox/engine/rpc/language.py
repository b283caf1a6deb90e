"""The language host: runs the program and says how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .messages import LIMITS, grpc, language_pb2, language_pb2_grpc


@dataclass(frozen=True)
class ProgramResult:
    error: str = ""
    bailed: bool = False


class LanguageHost:
    def __init__(self, address: str, *, root: str, program: str) -> None:
        self._channel = grpc.aio.insecure_channel(address, options=LIMITS)
        self._stub = language_pb2_grpc.LanguageRuntimeStub(self._channel)
        self._program = program
        self._info = language_pb2.ProgramInfo(root_directory=root, program_directory=program, entry_point=".")
        self._info.options.update({"address": address})
        self._call: Any = None

    async def about(self) -> dict[str, str]:
        try:
            answer = await self._stub.About(language_pb2.AboutRequest(info=self._info))
        except grpc.aio.AioRpcError:
            return {}
        return {"runtime.executable": answer.executable, "runtime.name": "client", "runtime.version": answer.version}

    async def required_packages(self) -> None:
        await self._stub.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(info=self._info))

    async def run(
        self,
        *,
        project: str,
        stack: str,
        monitor: str,
        config: Mapping[str, str],
        secret_keys: list[str],
        preview: bool,
        parallel: int,
    ) -> ProgramResult:
        request = language_pb2.RunRequest(
            project=project, stack=stack, pwd=self._program, program=".", args=[monitor], config=config, dryRun=preview,
            parallel=parallel, monitor_address=monitor, configSecretKeys=secret_keys, organization="organization",
            info=self._info, loader_target=monitor, mapper_target=monitor,
        )  # fmt: skip
        self._call = self._stub.Run(request)
        try:
            answer = await self._call
        except grpc.aio.AioRpcError as error:
            eof = error.code() == grpc.StatusCode.UNAVAILABLE
            return ProgramResult(
                error="error reading from server: EOF" if eof else error.details() or str(error.code())
            )
        return ProgramResult(answer.error, answer.bail)

    def cancel(self) -> None:
        if self._call is not None:
            self._call.cancel()

    async def close(self) -> None:
        await self._channel.close()
