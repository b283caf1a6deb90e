"""The steps of each product and kind of operation, in order. This is the list to read first."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from controlplane.core.errors import NeedsPerson
from controlplane.provisioning.creator_plans import CREATOR, CREATOR_ONLY
from controlplane.provisioning.models import Kind
from controlplane.provisioning.steps import site, upkeep
from controlplane.provisioning.work import StepPlan

Plan = tuple[StepPlan, ...]

# What every change of a running site ends with: as its state says, and looked at.
SITE_SHOWN: Plan = (StepPlan("edge_document", site.edge_as_is), StepPlan("probe", site.probe_as_is))

SITE: dict[Kind, Plan] = {
    Kind.PROVISION: (
        StepPlan("begin", site.begin),
        StepPlan("mail_domain", site.mail_domain),
        StepPlan("stack", site.apply_stack),
        StepPlan("edge_document", site.edge_active),
        StepPlan("starter_site", site.starter_site),
        StepPlan("mail_proof", site.mail_proof),
        StepPlan("mail_key", site.mail_key),
        StepPlan("probe", site.probe_live),
        StepPlan("hand_over", site.hand_over),
    ),
    Kind.UPDATE: (
        StepPlan("preview", partial(upkeep.preview, stack_of=site.stack_of)),
        StepPlan("stack", partial(upkeep.reviewed, stack_of=site.stack_of, apply=site.apply_stack)),
        *SITE_SHOWN,
    ),
    Kind.REFRESH: (
        StepPlan("refresh", partial(upkeep.refresh, stack_of=site.stack_of)),
        StepPlan("preview", partial(upkeep.preview, stack_of=site.stack_of)),
        StepPlan("stack", partial(upkeep.reviewed, stack_of=site.stack_of, apply=site.apply_stack)),
        *SITE_SHOWN,
    ),
    Kind.RESTORE: (
        StepPlan("restore_state", partial(upkeep.restore_state, stack_of=site.stack_of)),
        StepPlan("refresh", partial(upkeep.refresh, stack_of=site.stack_of)),
        StepPlan("preview", partial(upkeep.preview, stack_of=site.stack_of)),
        StepPlan("stack", partial(upkeep.reviewed, stack_of=site.stack_of, apply=site.apply_stack)),
        *SITE_SHOWN,
    ),
    Kind.SUSPEND: (
        StepPlan("edge_document", site.edge_suspended),
        StepPlan("probe", site.probe_closed),
        StepPlan("note", site.note_suspended),
    ),
    Kind.RESUME: (
        StepPlan("note", site.note_resumed),
        StepPlan("edge_document", site.edge_active),
        StepPlan("probe", site.probe_live),
    ),
    Kind.OFFBOARD: (
        StepPlan("edge_document", site.edge_offboarding),
        StepPlan("export", site.export),
        StepPlan("purge_content", site.purge_content),
        StepPlan("empty_vault", site.empty_vault),
        StepPlan("destroy_stack", site.destroy_stack),
        StepPlan("release_mail", site.release_mail),
        StepPlan("edge_gone", site.edge_gone),
        StepPlan("verify_gone", site.verify_gone),
        StepPlan("certificate", site.certificate),
    ),
    Kind.DRIFT: (
        StepPlan("look", partial(upkeep.look, stack_of=site.stack_of)),
        StepPlan("drift", partial(upkeep.drift, stack_of=site.stack_of)),
        StepPlan("tidy", site.tidy),
    ),
}

PLANS: dict[str, dict[Kind, Plan]] = {"site": SITE, "creator": CREATOR}


def steps_of(product: str, kind: Kind, wanted: Mapping[str, Any] = {}) -> Plan:
    """`NeedsPerson` when this installation has no steps for it: an operation then parks, and says so."""
    plan = known_steps(product, kind, wanted)
    if not plan:
        raise NeedsPerson(
            f"this installation has no steps to {kind} a {product}",
            next_action="install a version that has them, then retry",
        )
    return plan


def known_steps(product: str, kind: Kind, wanted: Mapping[str, Any] = {}) -> Plan:
    """`wanted`: of the operation; a change that is about one thing of a creator's leaves the account alone."""
    if (product, kind) == ("creator", Kind.UPDATE) and "only" in wanted:
        return CREATOR_ONLY[wanted["only"]]
    return PLANS.get(product, {}).get(kind, ())
