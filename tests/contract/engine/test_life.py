"""The life of a stack: create, look, update, replace, refresh, export, destroy."""

from collections.abc import Callable

from pulumi import automation as auto

from tests.contract.engine import programs
from tests.contract.engine.actions import LOGS, Actions, configured, created
from tests.contract.engine.cloud import Rule
from tests.contract.engine.lab import Lab
from tests.contract.engine.replay import Replay

Value = auto.ConfigValue


def test_a_new_stack(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("new")
    replay = Replay(lab)
    found = replay("create_or_select_new", lambda _: lab.stack("dev", programs.mixed)).result
    replay("create_or_select_existing", lambda _: lab.stack("dev", programs.mixed))
    replay("create_existing", lambda _: lab.stack("dev", programs.mixed, auto.create_stack))
    replay("select_missing", lambda _: lab.stack("nope", programs.mixed, auto.select_stack))
    config = {"tenant": Value("acme"), "cfToken": Value("tok-from-config", secret=True)}
    replay("set_all_config", lambda _: found.set_all_config(config))
    replay("get_all_config", lambda _: found.get_all_config())
    replay("get_config", lambda _: found.get_config("tenant"))
    replay("info_empty", lambda _: found.info(), brief=False)
    replay("outputs_empty", lambda _: found.outputs(), brief=False)
    replay("export_empty", lambda _: found.export_stack())
    replay("list_stacks_empty", lambda _: found.workspace.list_stacks())
    replay("whoami", lambda _: found.workspace.who_am_i())
    replay("list_plugins", lambda _: found.workspace.list_plugins())
    replay("cancel_not_running", lambda _: found.cancel())
    replay("preview_create", Actions(found).preview())
    assert not replay.differences, replay.report()


def test_updates(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("updates")
    replay = Replay(lab)
    stack = configured(lab)
    act = Actions(stack)
    replay("up_create", act.up(), brief=False)
    replay("up_nochange", act.up())
    replay("up_expect_no_changes_ok", act.up(expect_no_changes=True))
    stack.set_config("tier", Value("pro"))
    replay("preview_update", act.preview())
    replay("preview_update_diff", act.preview(diff=True))
    replay("preview_json", lambda _: stack.preview(json=True))
    replay("up_expect_no_changes_violated", act.up(expect_no_changes=True))
    stack.set_config("tier", Value("max"))
    replay("up_update", act.up(), brief=False)
    assert not replay.differences, replay.report()


def test_replacements(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("replacements")
    replay = Replay(lab)
    stack = created(lab, tier="max")
    act = Actions(stack)
    stack.set_all_config({"suffix": Value("b"), "logsName": Value("logs-explicit")})
    replay("preview_replace", act.preview())
    replay("up_replace", act.up())
    replay("up_replace_flag", act.up(replace=[LOGS]))
    stack.set_config("noLogs", Value("1"))
    replay("up_delete_one", act.up())
    stack.remove_config("noLogs")
    replay("up_recreate_one", act.up())
    assert not replay.differences, replay.report()


def test_refreshes(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("refreshes")
    replay = Replay(lab)
    stack = created(lab, tier="max", suffix="b", logsName="logs-explicit")
    act = Actions(stack)
    replay("refresh_nochange", act.refresh())
    _drift(lab)
    replay("preview_refresh_drift", act.preview_refresh())
    replay("refresh_drift", act.refresh(), brief=False)
    replay("up_after_drift", act.up())
    replay("up_with_refresh", act.up(refresh=True))
    replay("refresh_run_program", act.refresh(run_program=True))
    replay("outputs", lambda _: stack.outputs(), brief=False)
    replay("history", lambda _: stack.history(page_size=2), brief=False)
    replay("info", lambda _: stack.info(), brief=False)
    replay("export_stack", lambda _: stack.export_stack())
    replay("import_stack", lambda _: stack.import_stack(stack.export_stack()))
    replay("list_stacks", lambda _: stack.workspace.list_stacks())
    replay("remove_stack_nonempty", lambda _: stack.workspace.remove_stack("dev"))
    stack.remove_all_config(["suffix", "logsName", "tier"])
    replay("destroy_run_program_none", act.destroy())
    assert not replay.differences, replay.report()


def _drift(lab: Lab) -> None:
    """One object changed, one gone."""
    objects = lab.cloud.objects()
    for key in list(objects):
        if key.startswith("aws"):
            objects[key]["outputs"]["tags"] = objects[key]["inputs"]["tags"] = {"drift": "yes"}
        if "workersScript" in key:
            del objects[key]
    lab.cloud.replace(objects)


def test_destroys(make_lab: Callable[[str], Lab]) -> None:
    lab = make_lab("destroys")
    replay = Replay(lab)
    stack = created(lab, tier="pro")
    act = Actions(stack)
    replay("preview_destroy", act.preview_destroy())
    lab.rules(Rule("Delete", "site-assets", code="FAILED_PRECONDITION", message="bucket not empty"))
    replay("destroy_fails", act.destroy())
    lab.rules()
    replay("destroy_run_program_true", act.destroy(run_program=True))
    replay("destroy_already_empty", act.destroy())
    replay("up_again", act.up())
    replay("destroy_run_program_true_full", act.destroy(run_program=True))
    replay("up_again2", act.up())
    replay("destroy_run_program_false", act.destroy(run_program=False), brief=False)
    replay("export_after_destroy", lambda _: stack.export_stack())
    replay("outputs_after_destroy", lambda _: stack.outputs(), brief=False)
    replay("remove_stack", lambda _: stack.workspace.remove_stack("dev"))
    replay("remove_stack_missing", lambda _: stack.workspace.remove_stack("dev"))
    assert not replay.differences, replay.report()
