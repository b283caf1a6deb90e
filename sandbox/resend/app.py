"""The Resend emulator: API at the root, the mailbox page, control routes under /_sim."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from sandbox.kit.faults import FaultMiddleware
from sandbox.kit.home import Emulator, Home
from sandbox.resend.api import Api, no_such_endpoint, wrong_method
from sandbox.resend.claims import Claims
from sandbox.resend.delivery import Delivery
from sandbox.resend.dispatch import Dispatch
from sandbox.resend.domains import Domains
from sandbox.resend.emails import Emails
from sandbox.resend.errors import fault_body
from sandbox.resend.events import Events
from sandbox.resend.keys import Keys
from sandbox.resend.limits import Limits
from sandbox.resend.mailbox import Mailbox
from sandbox.resend.outbox import Outbox
from sandbox.resend.receivers import Receivers
from sandbox.resend.sim import Sim
from sandbox.resend.suppressions import Suppressions
from sandbox.resend.vendor import Vendor
from sandbox.resend.verification import Verification
from sandbox.resend.webhooks import Webhooks

FAULTS = {
    "slow": "`accept /emails`: the request stays in flight for `seconds`",
    "stuck": "`verify <domain> <SPF|DKIM>`: the DNS is never seen; `deliver <address>`: a mail stays at sent",
    "missing": "`verify <domain> <SPF|DKIM>`: the record counts as not published (partial success)",
    "blocked": "`claim <domain>`: a claim is blocked for detail.reason",
    "lost": "`webhook <type>`: the event is recorded and never sent",
    "duplicate": "`webhook <type>`: the event is sent twice under one id",
    "reorder": "`webhook <type>`: the event is held back for `seconds`, so that later ones pass it",
    "forged": "`webhook <type>`: the first attempt has a wrong signature",
}


def build(home: Home) -> Emulator:
    vendor = Vendor(home)
    keys, limits, events, receivers = Keys(vendor), Limits(vendor.store), Events(vendor), Receivers(vendor.store)
    domains, suppressions, webhooks = Domains(vendor, events), Suppressions(vendor, events), Webhooks(vendor)
    claims, dispatch = Claims(vendor, domains), Dispatch(vendor)
    delivery = Delivery(vendor, domains, receivers, suppressions, events)
    api = Api(keys, limits)
    routes = [
        *email_routes(api, Outbox(vendor, keys, domains), Emails(vendor)),
        *domain_routes(api, domains, claims),
        *key_routes(api, keys),
        *webhook_routes(api, webhooks),
        *suppression_routes(api, suppressions),
    ]
    handlers = {
        "send": delivery.send,
        "receive": delivery.receive,
        "arrive": delivery.arrive,
        "verify": Verification(vendor, domains).look,
        "claim": claims.work,
        "webhook": dispatch.deliver,
        "replay": dispatch.replay,
    }
    mailbox = Mailbox(vendor)
    sim = Sim(mailbox, receivers, keys, limits)
    app = Starlette(
        routes=[*mailbox.routes(), Mount("/_sim", sim.app(home.secrets)), Mount("/", vendor_api(home, routes))]
    )
    return Emulator("resend", app, lambda: vendor.jobs.run(handlers))


def vendor_api(home: Home, routes: list[BaseRoute]) -> FaultMiddleware:
    """Faults break the API, never the pages of the sandbox."""
    app = Starlette(routes=routes, exception_handlers={404: no_such_endpoint, 405: wrong_method})
    app.router.redirect_slashes = False
    return FaultMiddleware(app, vendor="resend", faults=home.faults, shape=fault_body)


def email_routes(api: Api, outbox: Outbox, emails: Emails) -> list[BaseRoute]:
    return [
        api.route("POST", "/emails", outbox.send, sending=True),
        api.route("GET", "/emails", emails.list),
        api.route("POST", "/emails/batch", outbox.send_batch, sending=True),
        api.route("GET", "/emails/{id}", emails.get),
        api.route("PATCH", "/emails/{id}", emails.update),
        api.route("POST", "/emails/{id}/cancel", emails.cancel),
        api.route("GET", "/emails/{id}/attachments", emails.attachments),
        api.route("GET", "/emails/{id}/attachments/{attachment}", emails.attachment),
    ]


def domain_routes(api: Api, domains: Domains, claims: Claims) -> list[BaseRoute]:
    return [
        api.route("POST", "/domains", domains.create, status=201),
        api.route("GET", "/domains", domains.list),
        api.route("POST", "/domains/claim", claims.create, status=201),
        api.route("GET", "/domains/{id}", domains.get),
        api.route("PATCH", "/domains/{id}", domains.update),
        api.route("DELETE", "/domains/{id}", domains.delete),
        api.route("POST", "/domains/{id}/verify", domains.verify),
        api.route("GET", "/domains/{id}/claim", claims.get),
        api.route("POST", "/domains/{id}/claim/verify", claims.verify),
    ]


def key_routes(api: Api, keys: Keys) -> list[BaseRoute]:
    return [
        api.route("POST", "/api-keys", keys.create, status=201),
        api.route("GET", "/api-keys", keys.list),
        api.route("PATCH", "/api-keys/{id}", keys.update),
        api.route("DELETE", "/api-keys/{id}", keys.delete),
    ]


def webhook_routes(api: Api, webhooks: Webhooks) -> list[BaseRoute]:
    return [
        api.route("POST", "/webhooks", webhooks.create, status=201),
        api.route("GET", "/webhooks", webhooks.list),
        api.route("GET", "/webhooks/{id}", webhooks.get),
        api.route("PATCH", "/webhooks/{id}", webhooks.update),
        api.route("DELETE", "/webhooks/{id}", webhooks.delete),
        api.route("POST", "/webhooks/{id}/signing-secret/rotate", webhooks.rotate),
        api.route("GET", "/webhooks/{id}/events", webhooks.messages),
        api.route("GET", "/webhooks/{id}/events/{message}", webhooks.message),
        api.route("POST", "/webhooks/{id}/events/{message}/replay", webhooks.replay),
        api.route("GET", "/webhooks/{id}/events/{message}/attempts", webhooks.attempts),
    ]


def suppression_routes(api: Api, suppressions: Suppressions) -> list[BaseRoute]:
    return [
        api.route("POST", "/suppressions", suppressions.add, status=201),
        api.route("GET", "/suppressions", suppressions.list),
        api.route("POST", "/suppressions/batch/add", suppressions.add_batch),
        api.route("POST", "/suppressions/batch/remove", suppressions.remove_batch),
        api.route("GET", "/suppressions/{id}", suppressions.get),
        api.route("DELETE", "/suppressions/{id}", suppressions.remove),
    ]
