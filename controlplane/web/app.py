"""All pages, mounted with one call."""

from fastapi import FastAPI
from starlette.middleware import Middleware

from controlplane.web import consent, display, errors, gallery, seo, static_files, timing
from controlplane.web.console import (
    accounts,
    as_customer,
    customers,
    doors,
    export,
    fleet,
    issuer,
    operations,
    people,
    records,
    recovery,
    rest,
    steering,
    tenants,
    views,
)
from controlplane.web.kept import KeptPages
from controlplane.web.portal import domains, keys, leaving, look, modules, plan, sessions, site, team
from controlplane.web.portal import doors as portal_doors
from controlplane.web.portal import pages as portal
from controlplane.web.storefront import buying, configurator, declarations, order
from controlplane.web.storefront import routes as storefront

ROUTERS = (
    static_files.router,
    seo.router,
    gallery.router,
    storefront.router,
    configurator.router,
    buying.open_router,
    buying.router,
    order.router,
    declarations.router,
    consent.router,
    display.router,
    portal_doors.router,
    portal_doors.inside,
    portal.router,
    domains.router,
    keys.router,
    plan.router,
    leaving.router,
    modules.router,
    look.router,
    site.router,
    team.router,
    sessions.router,
    doors.router,
    doors.inside,
    issuer.router,
    issuer.inside,
    export.router,
    tenants.router,
    rest.router,
    recovery.router,
    views.router,
    fleet.router,
    accounts.router,
    as_customer.router,
    customers.router,
    people.router,
    people.own,
    operations.router,
    steering.router,
    records.inbox,
    records.mail,
    records.trail,
    records.platform,
)


def install(app: FastAPI) -> None:
    for router in ROUTERS:
        app.include_router(router)
    errors.install(app)
    for engine in app.state.gateways.db.engines:
        timing.watch(engine)
    app.user_middleware.append(Middleware(KeptPages))  # the innermost: names are checked and requests counted before
