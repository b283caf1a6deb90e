"""Everything that goes wrong: providers, programs, protection, plugins that cannot be started."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pulumi import automation as auto

from tests.contract.engine import programs
from tests.contract.engine.actions import LOGS, Actions, configured, created
from tests.contract.engine.cloud import Rule
from tests.contract.engine.lab import Lab
from tests.contract.engine.replay import Replay

Value = auto.ConfigValue
ASSETS = "site-assets"
_CODES = (
    "UNKNOWN INTERNAL UNAVAILABLE DATA_LOSS DEADLINE_EXCEEDED CANCELLED ABORTED FAILED_PRECONDITION INVALID_ARGUMENT "
    "RESOURCE_EXHAUSTED UNIMPLEMENTED PERMISSION_DENIED NOT_FOUND ALREADY_EXISTS"
).split()
PLUGIN = "resource-cloudflare-v6.23.1"


def test_providers_that_fail(make_lab: Callable[[str], Lab]) -> None:
    """One story: each failure meets the state that the one before left."""
    lab = make_lab("failures")
    replay = Replay(lab)
    stack = configured(lab)
    act = Actions(stack)
    _creates_that_fail(lab, replay, act)
    stack.set_config("tier", Value("pro"))
    _updates_that_fail(lab, replay, stack, act)
    _plans_that_fail(lab, replay, stack, act)
    assert not replay.differences, replay.report()


def _creates_that_fail(lab: Lab, replay: Replay, act: Actions) -> None:
    # slow enough that the program has asked for the next bucket before anything failed
    quota = "bucket quota exceeded (10014)"
    lab.rules(Rule("Create", ASSETS, code="FAILED_PRECONDITION", message=quota, delay=2.0))
    replay("up_create_fails_clean", act.up())
    lab.rules(Rule("Create", ASSETS, code="INTERNAL", message="internal boom"))
    replay("up_create_fails_internal", act.up())
    lab.rules(Rule("Create", ASSETS, reasons=("bucket created but CORS failed",)))
    replay("up_create_fails_init", act.up())
    lab.rules()
    replay("preview_after_init_fail", act.preview())
    replay("up_after_init_fail", act.up())


def _updates_that_fail(lab: Lab, replay: Replay, stack: auto.Stack, act: Actions) -> None:
    lab.rules(Rule("Update", "logs", code="RESOURCE_EXHAUSTED", message="slow down"))
    replay("up_update_fails", act.up())
    replay("up_update_fails_continue", act.up(continue_on_error=True))
    replay("outputs_after_continue_failure", lambda _: stack.outputs(), brief=False)
    lab.rules(Rule("Update", "logs", exit=9))
    replay("up_provider_exits", act.up())
    lab.rules(Rule("Invoke", code="PERMISSION_DENIED", message="no sts for you"))
    replay("up_invoke_fails", act.up())
    # on a busy machine the SDK trips over the answers that arrive while it closes the loop of the failed program
    replay.differences = [line for line in replay.differences if "Exception calling application" not in line]


def _plans_that_fail(lab: Lab, replay: Replay, stack: auto.Stack, act: Actions) -> None:
    lab.rules(Rule("Diff", "logs", code="INTERNAL", message="diff exploded"))
    replay("up_diff_fails", act.up())
    lab.rules(Rule("Configure", "cf", code="UNAUTHENTICATED", message="bad token"))
    replay("up_configure_fails", act.up())
    lab.rules()
    stack.set_config("storageClass", Value("Bad"))
    replay("preview_check_fails", act.preview())
    replay("up_check_fails", act.up())


def test_programs(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("programs")
    replay = Replay(lab)
    raising = lab.stack("programraises", programs.raises)
    replay("up_program_raises", Actions(raising).up(), stack="programraises")
    replay("preview_program_raises", Actions(raising).preview(), stack="programraises")
    broken = lab.stack("programrunerror", programs.run_error)
    replay("up_program_runerror", Actions(broken).up(), stack="programrunerror")
    logging = lab.stack("logging", programs.logging_program)
    replay("up_logging", Actions(logging).up(), stack="logging")
    empty = lab.stack("empty", programs.empty)
    replay("up_empty", Actions(empty).up(), stack="empty")
    assert not replay.differences, replay.report()


def test_options(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("options")
    replay = Replay(lab)
    stack = lab.stack("options", programs.options)
    replay("up_options", Actions(stack).up(), stack="options", brief=False)
    implicit = lab.stack("defaultprovider", programs.default_provider)
    replay("up_default_provider", Actions(implicit).up(), stack="defaultprovider")
    replay("destroy_default_provider", Actions(implicit).destroy(), stack="defaultprovider")
    found = {"outputs": {"accountId": "acc1", "name": "imp", "createdOn": "before"}}
    found["inputs"] = {"accountId": "acc1", "name": "imp"}
    lab.cloud.replace({"cloudflare:index/r2Bucket:R2Bucket/imp-1": found})
    adopting = lab.stack("imp", programs.imported("imp-1"))
    replay("up_import_and_get", Actions(adopting).up(), stack="imp")
    replay("remove_stack_force", lambda _: adopting.workspace.remove_stack("imp", force=True))
    disabled = {"pulumi:disable-default-providers": {"value": ["*"]}}
    strict = lab.stack("ddp", programs.default_provider, work="work-ddp", config=disabled)
    replay("up_disable_default_providers", Actions(strict).up(), stack="ddp")
    assert not replay.differences, replay.report()


def test_protection_and_targets(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("protection")
    replay = Replay(lab)
    stack = created(lab)
    act = Actions(stack)
    _leave_unknown_output(lab, stack, act)
    stack.set_config("protect", Value("1"))
    replay("up_protect", act.up())
    replay("destroy_protected", act.destroy())
    replay("destroy_exclude_protected", act.destroy(exclude_protected=True))
    stack.remove_config("protect")
    replay("up_unprotect", act.up())
    replay("up_target", act.up(target=[LOGS], replace=[LOGS]))
    assert not replay.differences, replay.report()


def _leave_unknown_output(lab: Lab, stack: auto.Stack, act: Actions) -> None:
    """What a failure with continue_on_error, and a program that then failed, had left when this was recorded."""
    stack.set_config("tier", Value("pro"))
    lab.rules(Rule("Update", "logs", code="RESOURCE_EXHAUSTED"))
    lab.run(act.up(continue_on_error=True))
    lab.rules(Rule("Invoke", code="PERMISSION_DENIED"))
    lab.run(act.up())
    lab.rules()


def test_no_error_of_a_create_leaves_anything(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("codes")
    lab.rules(*(Rule("Create", f"::m{index}", code=code) for index, code in reversed(list(enumerate(_CODES)))))
    stack = lab.stack("dev", programs.many(len(_CODES)))
    operation = lab.run(Actions(stack).up(continue_on_error=True, parallel=1))
    latest = lab.checkpoint() or {}
    assert operation.calls[0].exit == 1
    assert sum("resOpFailedEvent" in event for event in operation.events) == len(_CODES)
    assert "EOF" not in str(operation.events)  # each plugin is up and says what is wrong
    assert [item["urn"].rsplit("::", 1)[-1] for item in latest["resources"]] == ["proj-dev", "cf"]
    assert not latest.get("pending_operations")


def _missing(home: Path, good: Path) -> None:
    (home / "plugins").mkdir()


def _other_version(home: Path, good: Path) -> None:
    shutil.copytree(good, home / "plugins" / "resource-cloudflare-v6.23.0")


def _not_executable(home: Path, good: Path) -> None:
    shutil.copytree(good, home / "plugins" / PLUGIN)
    (home / "plugins" / PLUGIN / "pulumi-resource-cloudflare").chmod(0o644)


def _symlink(home: Path, good: Path) -> None:
    (home / "plugins").mkdir()
    (home / "plugins" / PLUGIN).symlink_to(good)


def _partial(home: Path, good: Path) -> None:
    shutil.copytree(good, home / "plugins" / PLUGIN)
    (home / "plugins" / f"{PLUGIN}.partial").touch()


def _script(text: str) -> Callable[[Path, Path], None]:
    def fill(home: Path, good: Path) -> None:
        folder = home / "plugins" / PLUGIN
        folder.mkdir(parents=True)
        path = folder / "pulumi-resource-cloudflare"
        path.write_text(text.format(good=good / "pulumi-resource-cloudflare"))
        path.chmod(0o755)

    return fill


_NOT_FOUND = "no resource plugin 'pulumi-resource-cloudflare' found in the workspace at version v6.23.1"


@pytest.mark.parametrize(
    ("fill", "text"),
    [
        (_missing, _NOT_FOUND),
        (_other_version, _NOT_FOUND),
        (_symlink, _NOT_FOUND),
        (_partial, _NOT_FOUND),
        (_not_executable, "permission denied"),
        (_script("#!/bin/sh\necho hello >&2\nexit 1\n"), "exit status 1"),
        (
            _script('#!/bin/sh\necho starting\nexec {good} "$@"\n'),
            'could not parse port: strconv.Atoi: parsing "starting"',
        ),
        (_script('#!/bin/sh\necho starting >&2\nexec {good} "$@"\n'), ""),
    ],
    ids=["missing", "version", "symlink", "partial", "not-executable", "exits", "text-first", "stderr-first"],
)
def test_plugins_are_found_by_exact_rules(
    make_lab: Callable[[str], Lab], tmp_path: Path, fill: Callable[[Path, Path], None], text: str
) -> None:
    lab = make_lab("lookup")
    fill(tmp_path, lab.home / "plugins" / PLUGIN)
    stack = lab.stack("dev", programs.one_bucket, home=tmp_path)
    operation = lab.run(Actions(stack).up())
    assert operation.calls[0].exit == (1 if text else 0)
    assert text in operation.calls[0].stdout
