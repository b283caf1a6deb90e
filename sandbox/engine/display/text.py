"""The text for people. Programs match only a few error texts in it, but it tells what happened in the same shape."""

import sys
import time
from collections import Counter
from typing import Any, TextIO

from ..deploy.steps import Step
from ..properties import SECRET, is_unknown, signature
from ..state.resource import Resource
from ..urns import STACK_TYPE, name_of, type_of

_SIGNS = {
    "create": "+ ",
    "update": "~ ",
    "delete": "- ",
    "replace": "+-",
    "create-replacement": "++",
    "delete-replaced": "--",
    "refresh": "~ ",
    "read": "> ",
    "import": "= ",
    "same": "  ",
    "discard": "< ",
}
# op -> (planned, under way, done)
_WORDS = {
    "create": ("create", "creating", "created"),
    "update": ("update", "updating", "updated"),
    "delete": ("delete", "deleting", "deleted"),
    "replace": ("replace", "replacing", "replaced"),
    "create-replacement": ("create replacement", "creating replacement", "created replacement"),
    "delete-replaced": ("delete original", "deleting original", "deleted original"),
    "refresh": ("refresh", "refreshing", "refresh"),
    "read": ("read", "reading", "read"),
    "import": ("import", "importing", "imported"),
    "discard": ("discard", "discarding", "discarded"),
    "same": ("", "", ""),
}
_SUMMARY = {"create": "+ ", "import": "= ", "update": "~ ", "delete": "- ", "replace": "+-", "same": ""}
_PAST = {
    "create": "created",
    "import": "imported",
    "update": "updated",
    "delete": "deleted",
    "replace": "replaced",
    "same": "unchanged",
}
_FUTURE = {
    "create": "to create",
    "import": "to import",
    "update": "to update",
    "delete": "to delete",
    "replace": "to replace",
    "same": "unchanged",
}
_HEADLINES = {
    ("update", False): "Updating", ("update", True): "Previewing update", ("refresh", False): "Refreshing",
    ("refresh", True): "Previewing refresh", ("destroy", False): "Destroying", ("destroy", True): "Previewing destroy",
}  # fmt: skip


def short_type(kind: str) -> str:
    """`aws:s3/bucket:Bucket` as `aws:s3:Bucket`."""
    parts = kind.split(":")
    if len(parts) == 3 and "/" in parts[1]:
        parts[1] = parts[1].split("/")[0]
    return ":".join(parts)


class Text:
    def __init__(
        self, *, kind: str, stack: str, project: str, preview: bool, stream: TextIO | None = None, quiet: bool = False
    ) -> None:
        self.kind, self.stack, self.project, self.preview = kind, stack, project, preview
        self._stream = stream or sys.stdout
        self.quiet = quiet
        self.suppress_outputs = False
        self._messages: dict[str, list[str]] = {}
        self._failed: set[str] = set()
        self.stack_step: Step | None = None

    def print(self, text: str = "") -> None:
        if self.quiet:
            return
        try:
            self._stream.write(text + "\n")
            self._stream.flush()
        except BrokenPipeError:  # the reader died; the update goes on to an orderly end
            self.quiet = True

    def headline(self) -> None:
        self.print(f"{_HEADLINES[self.kind, self.preview]} ({self.stack}):\n")

    def begin(self, step: Step) -> None:
        self._remember_stack(step)
        if step.op != "same" and not self.preview and step.op != "replace":
            self._line(step, step.op, f"{_WORDS[step.op][1]} (0s)")

    def done(self, step: Step) -> None:
        self._remember_stack(step)
        op = step.result_op or step.op
        if op == "same":
            return
        planned, _, done = _WORDS[op]
        took = time.monotonic() - step.started
        self._line(step, op, planned if self.preview else f"{done} ({took:.2f}s)")

    def failed(self, step: Step, message: str) -> None:
        self._failed.add(step.urn)
        self._line(step, step.op, f"**{_WORDS[step.op][1]} failed** error: {message.splitlines()[0]}")

    def _remember_stack(self, step: Step) -> None:
        if step.subject.type == STACK_TYPE:
            self.stack_step = step

    def _line(self, step: Step, op: str, state: str) -> None:
        changed = (
            f" [diff: {','.join('~' + name for name in step.diffs)}]" if step.diffs and op != "delete-replaced" else ""
        )
        self.print(f" {_SIGNS[op]} {short_type(type_of(step.urn))} {name_of(step.urn)} {state}{changed}")

    def diagnostic(self, severity: str, message: str, urn: str) -> None:
        shown = f"{severity}: {message}" if severity in ("error", "warning") else message
        self._messages.setdefault(urn, []).append(shown)
        if severity == "error":
            self._failed.add(urn)

    def summary(self, changes: Counter[str], seconds: int) -> None:
        self._print_diagnostics()
        self._print_outputs()
        self.print("Resources:")
        self._print_counts(changes)
        if self._failed:
            self.print(f"    {len(self._failed)} errored")
        self.print()
        if not self.preview:
            self.print(f"Duration: {seconds}s\n")

    def _print_counts(self, changes: Counter[str]) -> None:
        words = _FUTURE if self.preview else _PAST
        changed = [op for op in _SUMMARY if op != "same" and changes[op]]
        for op in changed:
            self.print(f"    {_SUMMARY[op]}{changes[op]} {words[op]}")
        total = f"{sum(changes[op] for op in changed)} changes. " if len(changed) > 1 else ""
        if changes["same"]:
            self.print(f"    {total}{changes['same']} unchanged")
        elif total:
            self.print(f"    {total.rstrip('. ')}")

    def _print_diagnostics(self) -> None:
        if not self._messages:
            return
        self.print("Diagnostics:")
        for urn, messages in self._messages.items():
            title = (
                f"{short_type(type_of(urn))} ({name_of(urn)})" if urn else f"{STACK_TYPE} ({self.project}-{self.stack})"
            )
            self.print(f"  {title}:")
            for message in messages:
                self.print("\n".join("    " + line if line else "" for line in message.rstrip("\n").split("\n")))
            self.print()

    def _print_outputs(self) -> None:
        stack: Resource | None = self.stack_step.new if self.stack_step else None
        if stack is None or not stack.outputs or self.suppress_outputs or self.kind == "destroy":
            return
        self.print("Outputs:")
        self._print_values(stack.outputs, indent="    ")
        self.print()

    def _print_values(self, values: dict[str, Any], *, indent: str) -> None:
        width = max(map(len, values))
        for name, value in sorted(values.items()):
            self._print_value(f"{indent}{name:{width}}: ", value, indent)

    def _print_value(self, head: str, value: Any, indent: str) -> None:
        if signature(value) == SECRET:
            self.print(f"{head}[secret]")
        elif is_unknown(value):
            self.print(f"{head}[unknown]")
        elif isinstance(value, dict) and value:
            self.print(f"{head}{{")
            self._print_values(value, indent=indent + "    ")
            self.print(f"{indent}}}")
        elif isinstance(value, list) and value:
            self.print(f"{head}[")
            for index, item in enumerate(value):
                self._print_value(f"{indent}    [{index}]: ", item, indent + "    ")
            self.print(f"{indent}]")
        else:
            self.print(f"{head}{_scalar(value)}")


def _scalar(value: Any) -> str:
    if value is None:
        return "<null>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)
