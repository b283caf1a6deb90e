"""Services that no local emulator has, or none has right. Each module registers its operations."""

from sandbox.aws.services import (
    anomalies,
    certificates,
    channels,
    chat,
    contacts,
    costs,
    distributions,
    dns_zones,
    event_apis,
    functions,
    groups,
    identities,
    mail,
    quotas,
    recordings,
    recovery,
    rooms,
    scaling,
    secrets,
    stages,
    stream_keys,
    streams,
    suppression,
    timeline,
    topics,
)

__all__ = [
    "anomalies", "certificates", "channels", "chat", "contacts", "costs", "distributions", "dns_zones",
    "event_apis", "functions", "groups", "identities", "mail", "quotas", "recordings", "recovery", "rooms", "scaling",
    "secrets", "stages", "stream_keys", "streams", "suppression", "timeline", "topics",
]  # fmt: skip
