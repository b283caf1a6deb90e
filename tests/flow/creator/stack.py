"""One action on a creator's stack, in a process of its own: settings in, what happened out, as JSON."""

import gc
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from pulumi import automation as auto

from programs.registry import PROGRAMS

ENGINE = {
    "PULUMI_CONFIG_PASSPHRASE": "pass",
    "PULUMI_SKIP_UPDATE_CHECK": "true",
    "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
}


def main() -> None:
    gc.disable()  # as in a child of the nursery
    settings = json.load(sys.stdin)
    program = PROGRAMS["creator"]
    stack = opened(settings, program.entry(program.read(settings["spec"]), {}))
    began = time.monotonic()
    result: Any = getattr(stack, settings["action"])(parallel=8, on_output=lambda line: sys.stderr.write(line + "\n"))
    outputs = {name: each.value for name, each in (getattr(result, "outputs", None) or {}).items()}
    report = {"changes": dict(result.summary.resource_changes or {}), "outputs": outputs}
    report |= {"seconds": round(time.monotonic() - began, 1)}
    spent = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    report |= {"cpu": round(sum(each.ru_utime + each.ru_stime for each in spent), 2)}
    report |= {"megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}
    json.dump(report, sys.stdout)


def opened(settings: dict[str, Any], program: Any) -> auto.Stack:
    folder = Path(settings["folder"])
    for name in ("work", "backend"):
        (folder / name).mkdir(exist_ok=True)
    options = auto.LocalWorkspaceOptions(
        work_dir=str(folder / "work"),
        pulumi_home=settings["root"],
        pulumi_command=auto.PulumiCommand(root=settings["root"]),
        project_settings=auto.ProjectSettings(
            "creator", runtime="python", main=str(folder), backend=auto.ProjectBackend(f"file://{folder}/backend")
        ),
        stack_settings={"dev": auto.StackSettings(config={"pulumi:disable-default-providers": '["*"]'})},
        env_vars={**ENGINE, **settings["keys"]},
    )
    return auto.create_or_select_stack("dev", "creator", program=program, opts=options)


if __name__ == "__main__":
    main()
