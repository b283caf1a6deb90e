"""What providers answer, as values and exceptions."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from ..properties import INTERNAL, Properties, redact, reveal
from ..rpc.messages import grpc, provider_pb2, status_pb2
from ..rpc.plugin import Plugin
from ..rpc.wire import to_properties

# How gRPC itself words a connection that ended; a provider that is up says what it cannot reach.
_BROKEN = re.compile("stream removed|socket closed|failed to connect|connection re|recvmsg|goaway|cancelling all", re.I)


class ProviderError(Exception):
    def __init__(self, message: str, *, unimplemented: bool = False) -> None:
        super().__init__(message)
        self.unimplemented = unimplemented


class InitFailed(ProviderError):
    """The object exists but is not in order: keep it."""

    def __init__(self, *, identity: str, properties: Properties, inputs: Properties, reasons: list[str]) -> None:
        lines = "".join(f"\t* {reason}\n" for reason in reasons)
        super().__init__(f"{len(reasons)} error{'s' if len(reasons) != 1 else ''} occurred:\n{lines}\n")
        self.id, self.properties, self.inputs, self.reasons = identity, properties, inputs, reasons


@dataclass(frozen=True)
class Difference:
    changed: bool
    replaces: list[str] = field(default_factory=list)
    diffs: list[str] = field(default_factory=list)
    detailed: dict[str, Any] | None = None
    delete_before_replace: bool = False
    unknown: bool = False  # the provider cannot tell: compare inputs

    def replaced_by(self, names: list[str]) -> "Difference":
        """With these changes as reasons to replace."""
        detailed = {
            name: {**item, "diffKind": item["diffKind"].removesuffix("-replace") + "-replace"}
            if name in names
            else item
            for name, item in (self.detailed or {}).items()
        }
        keys = [*self.replaces, *(name for name in names if name not in self.replaces)]
        return replace(self, replaces=keys, detailed=detailed if self.detailed is not None else None)


@dataclass(frozen=True)
class Observed:
    """What Read found; `id` is empty when there is nothing."""

    id: str
    outputs: Properties
    inputs: Properties | None
    init_errors: list[str]


_KINDS = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"]


def plain_config(inputs: Properties) -> Properties:
    plain: Properties = reveal({key: value for key, value in inputs.items() if key != INTERNAL})
    return plain


def variable_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def difference(answer: Any) -> Difference:
    detailed = None
    if answer.hasDetailedDiff:
        detailed = {
            path: {"diffKind": _KINDS[item.kind], "inputDiff": item.inputDiff}
            for path, item in answer.detailedDiff.items()
        }
    return Difference(
        changed=answer.changes == provider_pb2.DiffResponse.DIFF_SOME or bool(answer.replaces),
        replaces=list(answer.replaces),
        diffs=list(answer.diffs),
        detailed=detailed,
        delete_before_replace=answer.deleteBeforeReplace,
        unknown=answer.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN,
    )


class CheckFailed(ProviderError):
    """One message per property."""


def raise_failures(failures: Iterable[Any], news: Properties, kind: str, name: str) -> None:
    lines = []
    for failure in failures:
        if failure.property:
            value = news.get(failure.property)
            lines.append(f"property {failure.property} value {{{_shown(value)}}} has a problem: {failure.reason}")
        else:
            lines.append(f"{kind} resource '{name}' has a problem: {failure.reason}")
    if lines:
        raise CheckFailed(
            "\n".join(line if " resource '" in line else f"{kind} resource '{name}': {line}" for line in lines)
        )


def _shown(value: Any) -> str:
    return "<nil>" if value is None else str(redact(value))


def translate(error: Any, plugin: Plugin) -> ProviderError:
    if error.code() == grpc.StatusCode.UNAVAILABLE and plugin.process and _BROKEN.search(error.details() or ""):
        return ProviderError("error reading from server: EOF")
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                failed = provider_pb2.ErrorResourceInitFailed()
                if detail.Unpack(failed):
                    return InitFailed(
                        identity=failed.id,
                        properties=to_properties(failed.properties),
                        inputs=to_properties(failed.inputs),
                        reasons=list(failed.reasons),
                    )
    return ProviderError(
        error.details() or str(error.code()), unimplemented=error.code() == grpc.StatusCode.UNIMPLEMENTED
    )
