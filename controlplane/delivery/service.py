"""E-mails: a row before anything is sent."""

from typing import Any

from sqlmodel import Session

from controlplane.gateways import Gateways


def request_email(
    session: Session, gateways: Gateways, *, kind: str, to: str, locale: str, data: dict[str, Any], dedup: str
) -> None:
    del session, gateways, kind, to, locale, data, dedup
