"""Jobs and ticks of operations. A tick only finds rows and wakes; the claim decides."""

from controlplane.gateways import Gateways
from controlplane.provisioning import actions, approvals, drift, execution, hostnames, lease, mailproof, outcome, places


def run(gateways: Gateways, operation_id: str) -> None:
    execution.run(gateways, operation_id)


def sweep(gateways: Gateways) -> None:
    """Owners that are gone, rows that are due, wake-ups that were lost, approvals that nobody gave."""
    with gateways.db.transaction() as session:
        for operation in lease.take_back(session, gateways):
            outcome.show(session, gateways, operation)
        approvals.expire(session, gateways)
        actions.end_cancelled(session, gateways)
    places.wake(gateways)


def check_domain(gateways: Gateways, domain_id: str) -> None:
    hostnames.check(gateways, domain_id)


def sweep_domains(gateways: Gateways) -> None:
    hostnames.sweep(gateways)


def check_mail_domain(gateways: Gateways, row_id: str) -> None:
    mailproof.check(gateways, row_id)


def sweep_mail_domains(gateways: Gateways) -> None:
    mailproof.sweep(gateways)


def sweep_drift(gateways: Gateways) -> None:
    drift.sweep(gateways)
