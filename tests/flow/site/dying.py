"""A worker that really dies: a forked process that ends between the effect of a step and its settlement.

Nothing is cleaned up, no `finally` runs, its connections break off; what is left is what a kill -9 leaves.
"""

import os
import subprocess
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import NoReturn

import pytest

from controlplane.gateways import Gateways
from controlplane.provisioning import engine, execution
from controlplane.provisioning.models import Kind
from controlplane.provisioning.plans import SITE
from controlplane.provisioning.work import Facts, StepPlan, Work

DEAD, ENDED, FAILED = 77, 0, 1


def dies_after(gateways: Gateways, operation_id: str, step: str, patch: pytest.MonkeyPatch) -> bool:
    """One attempt in a worker that dies after `step`; False when the attempt ended before it came so far."""
    engine.nursery(str(gateways.settings.pulumi.root or "")).warm()  # or each of them would start one of its own
    patch.setattr(execution, "steps_of", lambda _product, kind, _wanted: _deadly(kind, step))
    with warnings.catch_warnings():
        # Later Pythons warn of threads: those of the test runner hold no lock of ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _live_and_die(gateways, operation_id)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in {DEAD, ENDED}, code
    return code == DEAD


def _deadly(kind: Kind, step: str) -> tuple[StepPlan, ...]:
    return tuple(replace(plan, run=_and_die(plan)) if plan.name == step else plan for plan in SITE[kind])


def _and_die(plan: StepPlan) -> Callable[[Work], Facts | None]:
    def run(work: Work) -> NoReturn:
        plan.run(work)
        os._exit(DEAD)

    return run


def _live_and_die(gateways: Gateways, operation_id: str) -> NoReturn:
    code = FAILED
    try:
        gateways.db.engine.dispose(close=False)  # the connections belong to the parent
        subprocess.Popen.poll = lambda self: self.returncode  # type: ignore[method-assign]  # the fork server, too
        execution.run(gateways, operation_id)
        code = ENDED
    finally:
        os._exit(code)
