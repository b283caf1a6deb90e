"""Everything we hold about a customer, as one archive: JSON lines per table, and a manifest that can be checked."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from controlplane.billing.ledger import Claim, Decision, Invoice, Payment, Subscription, Usage
from controlplane.billing.models import Consent, Customer, Order, Quote
from controlplane.billing.privacy_models import Erasure
from controlplane.billing.referral_models import Referral, ReferralCode
from controlplane.core.errors import NotFound
from controlplane.delivery.credentials_models import Credential
from controlplane.delivery.models import Email
from controlplane.domains.models import Domain, MailDomain
from controlplane.gateways import Gateways
from controlplane.identity.models import Member, SignIn
from controlplane.publishing.models import SiteExport
from tenants.models import Condition, History, Tenant

MONEY = (Subscription, Invoice, Payment, Claim, Decision, Usage)
INTERNAL = {
    "token",
    "fence",
    "read_at",
    "digest",
    "sealed",
    "body",
    "proof",
}  # keys and marks of ours that say nothing about a person


def export(gateways: Gateways, customer_id: str) -> bytes:
    with gateways.db.transaction() as session:
        if session.get(Customer, customer_id) is None:
            raise NotFound("There is no such customer.")
        tables = rows_of(session, customer_id)
    stripe = sorted({str(row["stripe_customer"]) for row in tables["orders"] if row["stripe_customer"]})
    tables["stripe_customers"] = [dict(found) for one in stripe if (found := gateways.stripe.customer(one))]
    return _archive(tables, made_at=gateways.now().isoformat(), subject=customer_id)


def rows_of(session: Session, customer_id: str) -> dict[str, list[dict[str, Any]]]:
    orders = session.exec(select(Order).where(Order.customer_id == customer_id)).all()
    order_ids = [order.id for order in orders]
    tenants = session.exec(select(Tenant).where(Tenant.customer_id == customer_id)).all()
    tenant_ids = [tenant.id for tenant in tenants]
    found: dict[str, Iterable[SQLModel]] = {
        "customer": session.exec(select(Customer).where(Customer.id == customer_id)).all(),
        "consents": session.exec(select(Consent).where(Consent.customer_id == customer_id)).all(),
        "quotes": session.exec(select(Quote).where(col(Quote.id).in_([order.quote_id for order in orders]))).all(),
        "orders": orders,
        "tenants": tenants,
        "conditions": session.exec(select(Condition).where(col(Condition.tenant_id).in_(tenant_ids))).all(),
        "tenant_history": session.exec(select(History).where(col(History.tenant_id).in_(tenant_ids))).all(),
        "emails": session.exec(select(Email).where(Email.customer_id == customer_id)).all(),
        "referral_code": session.exec(select(ReferralCode).where(ReferralCode.customer_id == customer_id)).all(),
        "referrals": session.exec(select(Referral).where(Referral.referred_id == customer_id)).all(),
        "domains": session.exec(select(Domain).where(col(Domain.tenant_id).in_(tenant_ids))).all(),
        "mail_domains": session.exec(select(MailDomain).where(col(MailDomain.tenant_id).in_(tenant_ids))).all(),
        "credentials": session.exec(select(Credential).where(col(Credential.tenant_id).in_(tenant_ids))).all(),
        "site_exports": session.exec(select(SiteExport).where(col(SiteExport.tenant_id).in_(tenant_ids))).all(),
        "sign_ins": session.exec(select(SignIn).where(SignIn.principal_id == customer_id)).all(),
        "memberships": session.exec(select(Member).where(Member.customer_id == customer_id)).all(),
        "erasures": session.exec(select(Erasure).where(Erasure.customer_id == customer_id)).all(),
    }
    for kind in MONEY:
        query = select(kind).where(col(kind.order_id).in_(order_ids))
        found[str(kind.__tablename__)] = session.exec(query).all()
    return {name: [row.model_dump(mode="json", exclude=INTERNAL) for row in rows] for name, rows in found.items()}


def _archive(tables: dict[str, list[dict[str, Any]]], *, made_at: str, subject: str) -> bytes:
    buffer, manifest = io.BytesIO(), []
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in tables.items():
            body = "".join(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows).encode()
            archive.writestr(f"{name}.jsonl", body)
            digest = hashlib.sha256(body).hexdigest()
            manifest.append({"file": f"{name}.jsonl", "rows": len(rows), "sha256": digest, "source": _source(name)})
        about = {"subject": subject, "made_at": made_at, "files": manifest, "not_included": NOT_INCLUDED}
        archive.writestr("manifest.json", json.dumps(about, indent=2))
    return buffer.getvalue()


def _source(name: str) -> str:
    return "Stripe" if name == "stripe_customers" else "our database"


NOT_INCLUDED = [
    "The content of your platforms: export it in the portal of each platform.",
    "Sealed credentials: they can be revealed in the portal, and never leave it otherwise.",
]
