"""Money goes to the creator's own Stripe account: its key into the account's secrets, its events to the site."""

from controlplane.delivery import credentials
from controlplane.provisioning.steps.creator_stack import domain_of, member
from controlplane.provisioning.work import Facts, Work
from controlplane.vendors.creator_stripe import CreatorStripe
from programs.creator.components.payments.plan import API_VERSION, EVENTS


def connect(work: Work) -> Facts:
    """Nothing to do without a key. An endpoint whose secret nobody kept is made again."""
    with work.gateways.db.transaction() as session:
        row = credentials.living(session, work.tenant.id, kind=credentials.STRIPE_KEY)
    if row is None:
        return {"connected": False}
    key = credentials.open_for_edge(work.gateways, row)
    url = f"{work.gateways.visitor.address(domain_of(work.gateways, work.tenant))}/api/webhooks/stripe"
    entered = member(work)
    kept = entered.secret("creator/stripe") or {}
    with CreatorStripe(work.gateways.settings.stripe.api_base, key) as stripe:
        present = stripe.endpoints(url)
        if len(present) == 1 and kept.get("webhook_secret") and kept.get("secret_key") == key:
            return {"connected": True}
        for identity in present:
            stripe.delete_endpoint(identity)
        seal = stripe.create_endpoint(url, events=EVENTS, api_version=API_VERSION)
    work.lease.require()
    entered.keep_secret("creator/stripe", {"secret_key": key, "webhook_secret": seal})
    return {"connected": True}


def disconnect(work: Work) -> None:
    with work.gateways.db.transaction() as session:
        row = credentials.living(session, work.tenant.id, kind=credentials.STRIPE_KEY)
    if row is None:
        return
    url = f"{work.gateways.visitor.address(domain_of(work.gateways, work.tenant))}/api/webhooks/stripe"
    key = credentials.open_for_edge(work.gateways, row)
    with CreatorStripe(work.gateways.settings.stripe.api_base, key) as stripe:
        for identity in stripe.endpoints(url):
            stripe.delete_endpoint(identity)
    with work.gateways.db.transaction() as session:
        credentials.forget(session, work.gateways, work.tenant.id, kind=credentials.STRIPE_KEY)
