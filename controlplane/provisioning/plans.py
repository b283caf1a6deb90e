"""The steps of each product and kind of operation, in order. This is the list to read first."""

from controlplane.provisioning.models import Kind
from controlplane.provisioning.steps import site
from controlplane.provisioning.work import StepPlan

Plan = tuple[StepPlan, ...]

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
        StepPlan("preview", site.preview),
        StepPlan("stack", site.apply_stack),
        StepPlan("edge_document", site.edge_active),
        StepPlan("probe", site.probe_live),
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
    Kind.DRIFT: (StepPlan("drift", site.drift),),
}

PLANS: dict[str, dict[Kind, Plan]] = {"site": SITE}


def steps_of(product: str, kind: Kind) -> Plan:
    return PLANS[product][kind]
