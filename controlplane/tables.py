"""Every table, imported in one place: for migrations and for the drift check."""

import importlib

from sqlalchemy import DDL, event
from sqlmodel import SQLModel

MODULES = (
    "controlplane.core.db",  # first: it says how constraints are named
    "tenants.models",
    "controlplane.audit.models",
    "controlplane.identity.drafts",
    "controlplane.identity.models",
    "controlplane.identity.replays",
    "controlplane.core.secrets",
    "controlplane.billing.models",
    "controlplane.billing.ledger",
    "controlplane.billing.referral_models",
    "controlplane.billing.privacy_models",
    "controlplane.delivery.models",
    "controlplane.inbox.models",
    "controlplane.delivery.credentials_models",
    "controlplane.domains.models",
    "controlplane.accounts.models",
    "controlplane.provisioning.models",
    "controlplane.publishing.models",
    "controlplane.fleet.models",
    "controlplane.web.console.views",
)

for module in MODULES:
    importlib.import_module(module)

metadata = SQLModel.metadata
EXTENSIONS = DDL("CREATE EXTENSION IF NOT EXISTS pg_trgm")  # type: ignore[no-untyped-call]  # search by any part of a word
event.listen(metadata, "before_create", EXTENSIONS)
