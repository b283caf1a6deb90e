"""The table of backends says what the code does."""

import sandbox.aws.organization
import sandbox.aws.services
import sandbox.aws.sts
from sandbox.aws import realtime, routing
from sandbox.aws.cloud import OPERATIONS
from sandbox.aws.consequences import AFTER

LOADED = (sandbox.aws.organization, sandbox.aws.services, sandbox.aws.sts, realtime)
BENT = {"lambda", "sns", "events", "appsync", "cloudfront"}  # by patches of the backend


def services(names: set[str]) -> set[str]:
    return {name.partition(":")[0] for name in names}


def test_own_operations_belong_to_services_that_the_table_calls_ours() -> None:
    ours = services(set(OPERATIONS))
    assert {name for name, choice in routing.SERVICES.items() if choice.backend == routing.OWN} <= ours
    assert {routing.backend_of(name) for name in ours} <= {routing.OWN, routing.BOTH}


def test_shared_services_are_touched_by_us() -> None:
    touched = services(set(OPERATIONS)) | services(set(AFTER)) | BENT
    shared = {name for name, choice in routing.SERVICES.items() if choice.backend == routing.BOTH}
    assert shared <= touched
    assert services(set(AFTER)) <= shared


def test_everything_else_goes_to_ministack() -> None:
    assert routing.backend_of("stepfunctions") == routing.MINISTACK
    assert all(choice.reason for choice in routing.SERVICES.values())
