"""The steps of the creator line, in order."""

from functools import partial

from controlplane.provisioning import copies
from controlplane.provisioning.models import Kind
from controlplane.provisioning.steps import (
    creator,
    creator_leaving,
    creator_owner,
    creator_payments,
    creator_restore,
    creator_site,
    creator_smoke,
    creator_stack,
    creator_update,
    site,
    upkeep,
)
from controlplane.provisioning.work import StepPlan

Plan = tuple[StepPlan, ...]
REVIEWED = partial(upkeep.reviewed, stack_of=creator_stack.stack_of, apply=creator_stack.apply)

# The creator changed words or colours: two files are switched, and looked at.
CREATOR_PAGES: Plan = (StepPlan("frontend", creator_site.deploy), StepPlan("smoke", creator_update.pages_shown))
# The creator stands outside: nothing is touched but who may come in.
CREATOR_OWNER: Plan = (StepPlan("unlock", creator_owner.unlock),)

# Of an update that is about one thing: what the operation names in `only`.
CREATOR_ONLY: dict[str, Plan] = {"site": CREATOR_PAGES, "owner": CREATOR_OWNER}

CREATOR: dict[Kind, Plan] = {
    Kind.PROVISION: (
        StepPlan("begin", site.begin),
        StepPlan("account", creator.account),
        StepPlan("enter", creator.enter),
        StepPlan("mail_domain", creator.mail_domain),
        StepPlan("stack", creator.first_stack),
        StepPlan("app_secrets", creator.app_secrets),
        StepPlan("owner", creator.owner),
        StepPlan("names", creator.names),
        StepPlan("live_stack", creator.live_stack),
        StepPlan("frontend", creator_site.deploy),
        StepPlan("mail_proof", creator.mail_proof),
        StepPlan("smoke", creator_smoke.smoke),
        StepPlan("backup", creator_update.backup),
        StepPlan("hand_over", creator.hand_over),
    ),
    Kind.UPDATE: (
        StepPlan("preview", creator_update.preview),
        StepPlan("backup", creator_update.backup),
        StepPlan("stack", creator_update.stack),
        StepPlan("own_names", creator_update.own_names),
        StepPlan("payments", creator_payments.connect),
        StepPlan("frontend", creator_site.deploy),
        StepPlan("smoke", creator_update.smoke),
    ),
    Kind.SUSPEND: (
        StepPlan("stack", creator.paused_stack),
        StepPlan("probe", creator_smoke.closed),
        StepPlan("note", site.note_suspended),
    ),
    Kind.RESUME: (
        StepPlan("note", site.note_resumed),
        StepPlan("stack", creator.resumed_stack),
        StepPlan("smoke", creator_smoke.smoke),
    ),
    Kind.OFFBOARD: (
        StepPlan("begin", creator_leaving.begin),
        StepPlan("export", creator_leaving.export),
        StepPlan("payments", creator_payments.disconnect),
        StepPlan("release_names", creator_leaving.release_names),
        StepPlan("unprotect", creator_leaving.unprotect),
        StepPlan("empty", creator_leaving.empty),
        StepPlan("destroy", creator_leaving.destroy),
        StepPlan("verify_gone", creator_leaving.verify_gone),
        StepPlan("close_account", creator_leaving.close_account),
        StepPlan("certificate", creator_leaving.certificate),
    ),
    Kind.RESTORE: (
        StepPlan("disaster", creator_restore.disaster),
        StepPlan("choose", creator_restore.choose),
        StepPlan("tables", creator_restore.tables),
        StepPlan("frontend", creator_site.deploy),
        StepPlan("replay", creator_restore.replay),
        StepPlan("open", creator_restore.open_again),
        StepPlan("smoke", creator_smoke.smoke),
        StepPlan("report", creator_restore.report),
    ),
    Kind.REFRESH: (
        StepPlan("refresh", partial(upkeep.refresh, stack_of=creator_stack.stack_of)),
        StepPlan("preview", partial(upkeep.preview, stack_of=creator_stack.stack_of)),
        StepPlan("stack", REVIEWED),
        StepPlan("smoke", creator_update.smoke),
    ),
    Kind.DRIFT: (
        StepPlan("look", partial(upkeep.look, stack_of=creator_stack.stack_of)),
        StepPlan("drift", partial(upkeep.drift, stack_of=creator_stack.stack_of)),
        StepPlan("tidy", copies.tidy),
    ),
}
