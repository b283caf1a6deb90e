"""Everything that the console does can be done over REST, by the same people."""

import pytest
from fastapi import FastAPI

from controlplane import app as rest
from controlplane.api.access import Requires, groups
from controlplane.web import app as pages

OPERATOR = "/v1/operators/{operator_id}"
TWINS = {
    "/console/sign-in": "POST /v1/auth/sign-in",
    "/console/confirm": "POST /v1/auth/step-up",
    "/console/sign-out": "POST /v1/auth/sign-out",
    "/console/tenants/{tenant_id}/ask/{kind}": "POST /v1/tenants/{tenant_id}/operations/{kind}",
    "/console/tenants/{tenant_id}/recovery/look": "POST /v1/tenants/{tenant_id}/operations/{kind}",
    "/console/tenants/{tenant_id}/recovery/pending": "POST /v1/tenants/{tenant_id}/pending",
    "/console/tenants/{tenant_id}/recovery/{version}": "POST /v1/tenants/{tenant_id}/operations/{kind}",
    "/console/views": "POST /v1/views",
    "/console/views/{view_id}/remove": "DELETE /v1/views/{view_id}",
    "/console/fleet": "POST /v1/fleet/waves",
    "/console/fleet/{wave_id}/{verb}": "POST /v1/fleet/waves/{wave_id}/halt",
    "/console/accounts/reconcile": "POST /v1/accounts/reconcile",
    "/console/accounts/claims": "POST /v1/accounts/claims",
    "/console/accounts/{account}/probe": "POST /v1/accounts/{account}/probe",
    "/console/accounts/{account}/ask/{verb}": "POST /v1/accounts/{account}/{verb}",
    "/console/operators": "POST /v1/operators",
    "/console/operators/{operator_id}": "PATCH /v1/operators/{operator_id}",
    "/console/operators/{operator_id}/sign-out": "POST /v1/operators/{operator_id}/sign-out",
    "/console/operators/{operator_id}/sessions/{sign_in_id}": f"DELETE {OPERATOR}/sessions/{{sign_in_id}}",
    "/console/me/factor": "POST /v1/auth/totp",
    "/console/me/factor/confirm": "POST /v1/auth/totp/confirm",
    "/console/me/factor/remove": "DELETE /v1/auth/totp",
    "/console/me/sessions/{sign_in_id}": "DELETE /v1/auth/sessions/{sign_in_id}",
    "/console/operations/{operation_id}/retry": "POST /v1/operations/{operation_id}/retry",
    "/console/operations/{operation_id}/cancel": "POST /v1/operations/{operation_id}/cancel",
    "/console/operations/{operation_id}/release-lease": "POST /v1/operations/{operation_id}/release-lease",
    "/console/operations/{operation_id}/park": "POST /v1/operations/{operation_id}/park",
    "/console/operations/{operation_id}/take": "POST /v1/operations/{operation_id}/take",
    "/console/operations/{operation_id}/steps/{step}": "POST /v1/operations/{operation_id}/steps/{step}",
    "/console/approvals/{approval_id}": "POST /v1/approvals/{approval_id}",
    "/console/acts/{act_id}": "POST /v1/acts/{act_id}",
    "/console/inbox/{event_id}/facts/{field}": "POST /v1/inbox/{event_id}/facts/{field}",
    "/console/inbox/{event_id}/{verb}": "POST /v1/inbox/{event_id}/replay",
    "/console/emails/{email_id}/resend": "POST /v1/emails/{email_id}/resend",
    "/console/decisions/{decision_id}": "POST /v1/decisions/{decision_id}",
    "/console/catalog/sync": "POST /v1/catalog/sync",
}
OF_A_BROWSER = {"/console/display", "/console/customers/{customer_id}/view"}  # how a page looks, and to whom


@pytest.fixture(scope="module")
def known() -> dict[str, Requires]:
    app = FastAPI()
    for router in (*rest.ROUTERS, *pages.ROUTERS):
        app.include_router(router)
    return {name: required for name, required in groups(app) if required}


def acts(known: dict[str, Requires]) -> set[str]:
    return {name.removeprefix("POST ") for name in known if name.startswith("POST /console")}


class TestTwins:
    def test_no_act_is_only_on_a_page(self, known: dict[str, Requires]) -> None:
        assert acts(known) - TWINS.keys() == OF_A_BROWSER
        assert TWINS.keys() - acts(known) == set()

    @pytest.mark.parametrize("page", sorted(TWINS))
    def test_both_ways_are_open_to_the_same_people(self, known: dict[str, Requires], page: str) -> None:
        mine, twin = known[f"POST {page}"], known[TWINS[page]]
        if mine.cases or not twin.cases:
            assert (mine.group, dict(mine.cases)) == (twin.group, dict(twin.cases))
        else:  # one of the kinds that the other way tells apart
            assert mine.group in {twin.group, *twin.cases.values()}

    def test_every_page_names_its_call(self, known: dict[str, Requires]) -> None:
        """`rest` of a page is what a script would ask."""
        paths = {name.split(" ")[1] for name in known if " /v1/" in name}
        assert {"/v1/attention", "/v1/stats", "/v1/tenants", "/v1/operations", "/v1/views"} <= paths
