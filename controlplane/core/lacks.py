"""What somebody must still do before a service can be used."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lack:
    what: str
    remedy: str


def unheard(vendor: str) -> Lack:
    """Without a secret nothing that comes in is believed."""
    remedy = (
        f"make an endpoint there as `controlplane webhooks` says; its secret is CP_{vendor.upper()}__WEBHOOK_SECRETS"
    )
    return Lack("no webhook secret: events are not believed", remedy)
