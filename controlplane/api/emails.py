"""Letters, for operators: what was sent to whom and what became of it."""

from typing import Any

from fastapi.responses import HTMLResponse
from sqlmodel import Session, col, select

from controlplane.api.access import Router, requires
from controlplane.api.deps import GatewaysDep, SessionDep
from controlplane.api.groups import ActorName
from controlplane.core.errors import Gone, NotFound
from controlplane.delivery import service
from controlplane.delivery.models import Email, EmailState
from controlplane.delivery.retention import is_forgotten
from controlplane.delivery.wording import Letter, render

router = Router(prefix="/v1/emails", tags=["emails"], group="tenants.read")
SEALED_WORDS = ("url", "code")
# A letter shows what strangers typed: nothing in it runs, loads or leads anywhere.
ISOLATED = ("sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'")
PREVIEW = {
    "content-security-policy": "; ".join(ISOLATED),
    "cache-control": "no-store",
}


@router.get("")
def emails(session: SessionDep, state: EmailState | None = None, after: str = "", limit: int = 50) -> dict[str, Any]:
    query = select(Email).order_by(col(Email.id).desc()).limit(min(max(limit, 1), 200))
    query = query.where(Email.state == state) if state else query
    rows = session.exec(query.where(Email.id < after) if after else query).all()
    return {"emails": [_shown(row) for row in rows], "next": rows[-1].id if rows else None}


@router.get("/{email_id}")
def email(email_id: str, session: SessionDep) -> dict[str, Any]:
    row = _row(session, email_id)
    letter = _letter(row)
    return {**_shown(row), "subject": letter.subject, "text": letter.text}


@router.get("/{email_id}/preview")
def preview(email_id: str, session: SessionDep) -> HTMLResponse:
    row = _row(session, email_id)
    return HTMLResponse(_letter(row).html, headers=PREVIEW)


@router.post("/{email_id}/resend", status_code=201, dependencies=[requires("tenants.act")])
def again(email_id: str, session: SessionDep, gateways: GatewaysDep, actor: ActorName) -> dict[str, Any]:
    return {"id": service.again(session, gateways, _row(session, email_id), by=actor)}


def _letter(row: Email) -> Letter:
    """As sent, but what was sealed in it stays so."""
    if is_forgotten(row):
        raise Gone("What this letter said has been deleted.", code="letter_forgotten")
    hidden = dict.fromkeys(SEALED_WORDS, "…") if row.sealed else {}
    return render(row.kind, row.locale, {**row.data, **hidden})


def _row(session: Session, email_id: str) -> Email:
    row = session.get(Email, email_id)
    if row is None:
        raise NotFound("There is no such letter.")
    return row


def _shown(row: Email) -> dict[str, Any]:
    local, _at, domain = row.to.rpartition("@")
    shown = row.model_dump(exclude={"data", "to", "fence", "sealed"})
    return {**shown, "to": f"{local[:1]}…@{domain}" if local else "…"}
