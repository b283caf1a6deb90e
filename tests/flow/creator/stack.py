"""Actions on a creator's stack, one a line: settings in, what happened out, as JSON.

Each is carried out in a child of its own, as in the nursery: the SDKs are imported once for all of them.
"""

import gc
import json
import os
import resource
import sys
import time
import traceback
from importlib import import_module
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
    program = PROGRAMS["creator"]
    import_module(program.build.partition(":")[0])
    program.warm()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _carry_out(line)
        _, status = os.waitpid(child, 0)
        if status:
            _tell({"error": f"the child ended with {status}"})


def _carry_out(line: str) -> None:
    """Never returns."""
    code = 1
    try:
        _tell(_done(json.loads(line)))
        code = 0
    except Exception:
        _tell({"error": traceback.format_exc()})
        code = 0
    finally:
        os._exit(code)


def _tell(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _done(settings: dict[str, Any]) -> dict[str, Any]:
    program = PROGRAMS["creator"]
    stack = opened(settings, program.entry(program.read(settings["spec"]), {}))
    began = time.monotonic()
    result: Any = getattr(stack, settings["action"])(parallel=8)
    outputs = {name: each.value for name, each in (getattr(result, "outputs", None) or {}).items()}
    report = {"changes": dict(result.summary.resource_changes or {}), "outputs": outputs}
    report |= {"seconds": round(time.monotonic() - began, 1)}
    spent = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    report |= {"cpu": round(sum(each.ru_utime + each.ru_stime for each in spent), 2)}
    return report | {"megabytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024}


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
