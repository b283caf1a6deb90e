"""Questions before an act: what it does, the name to type, the reason; and what somebody agreed to meanwhile."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Response
from sqlmodel import col, select

from controlplane.identity.models import Act
from controlplane.web.console.frame import Frame

SHORTEST = 3
Reason = Annotated[str, Form(min_length=SHORTEST, max_length=500)]


@dataclass(frozen=True)
class Question:
    here: str  # where in the menu
    kind: str  # of texts
    thing: str  # its name; typed where the act cannot be taken back
    back: str
    typed: bool = True
    explained: bool = True


def show(frame: Frame, question: Question, *, rest: str, error: str = "", reason: str = "") -> Response:
    agreed = _agreed(frame)
    return frame.page(
        question.here, "ask", question=question, error=error, agreed=agreed, rest=rest,
        reason=reason or (agreed.reason if agreed else ""), status=422 if error else 200,
    )  # fmt: skip


def mistake(question: Question, typed: str, reason: str) -> str:
    """The name is compared here, whatever the page did."""
    if question.typed and typed.strip() != question.thing:
        return "typed"
    return "reason" if question.explained and len(reason.strip()) < SHORTEST else ""


def _agreed(frame: Frame) -> Act | None:
    """An agreement to this very act: it holds for the same words only, so they are filled in."""
    query = select(Act).where(
        Act.path == frame.request.url.path,
        Act.requested_by == str(frame.actor),
        col(Act.used_at).is_(None),
        Act.decision == "approved",
    )
    return frame.session.exec(query.order_by(col(Act.id).desc())).first()
