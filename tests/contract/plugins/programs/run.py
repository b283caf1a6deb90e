"""One stack from its first `up` to its `destroy`, in a process of its own: settings in, what happened out, as JSON.

The SDKs load slowly and leave event loops behind; neither should burden the tests.
"""

import importlib
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pulumi import automation as auto

Settings = dict[str, Any]
_ENV = {
    "PULUMI_CONFIG_PASSPHRASE": "pass",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
}


def main() -> None:
    settings = json.load(sys.stdin)
    program = importlib.import_module(f"tests.contract.plugins.programs.{settings['program']}").program
    stack = open_stack(settings, lambda: program(settings, 1))
    report: Settings = {}
    for step in ("up", "again", "refresh", "changed", "destroy"):
        if step == "changed":
            stack = open_stack(settings, lambda: program(settings, 2))
        report[step] = run(stack, step)
    report["state"] = state(Path(settings["folder"]))
    json.dump(report, sys.stdout)


def open_stack(settings: Settings, program: Callable[[], None]) -> auto.Stack:
    folder = Path(settings["folder"])
    project = auto.ProjectSettings(
        "plugins", runtime="python", main=str(folder), backend=auto.ProjectBackend(f"file://{folder}/backend")
    )
    options = auto.LocalWorkspaceOptions(
        work_dir=str(folder / "work"),
        pulumi_home=settings["root"],
        pulumi_command=auto.PulumiCommand(root=settings["root"]),
        project_settings=project,
        env_vars=_ENV,
    )
    (folder / "work").mkdir(exist_ok=True)
    (folder / "backend").mkdir(exist_ok=True)
    return auto.create_or_select_stack("dev", "plugins", program=program, opts=options)


def run(stack: auto.Stack, step: str) -> Settings:
    if step == "refresh":
        result: Any = stack.refresh(parallel=8)
    elif step == "destroy":
        result = stack.destroy(parallel=8)
    else:
        result = stack.up(parallel=8)
    outputs = getattr(result, "outputs", None) or {}
    changes = dict(result.summary.resource_changes or {})
    return {"changes": changes, "outputs": {key: [each.secret, each.value] for key, each in outputs.items()}}


def state(folder: Path) -> str:
    """Every file of the backend: what a secret must not be found in."""
    return "".join(path.read_text(errors="replace") for path in (folder / "backend").rglob("*.json"))


if __name__ == "__main__":
    main()
