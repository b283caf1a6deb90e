"""Every job and tick that the code defines is registered: a sweep that nobody runs is how events get lost."""

import ast
from pathlib import Path

from controlplane.worker import JOBS, TICKS

NOUNS = (
    "inbox",
    "billing",
    "provisioning",
    "delivery",
    "domains",
    "accounts",
    "publishing",
    "fleet",
    "identity",
    "audit",
)


def functions_of_task_files() -> set[str]:
    found = set()
    for noun in NOUNS:
        for path in Path("controlplane", noun).glob("*tasks.py"):
            tree = ast.parse(path.read_text())
            public = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
            found |= {f"controlplane.{noun}.{path.stem}.{node.name}" for node in public}
    return found


def registered() -> set[str]:
    jobs = [job.run for queue in JOBS.values() for job in queue] + [
        job.failed for queue in JOBS.values() for job in queue if job.failed
    ]
    ticks = [tick.run for tick in TICKS]
    return {f"{function.__module__}.{function.__name__}" for function in [*jobs, *ticks]}


def test_every_function_of_a_task_file_is_registered() -> None:
    assert functions_of_task_files() - registered() == set()


def test_names_are_unique() -> None:
    names = [job.name for queue in JOBS.values() for job in queue] + [tick.name for tick in TICKS]
    assert len(names) == len(set(names))
