"""Questions before an act: what it does, the name to type, the reason; and what somebody agreed to meanwhile."""

from dataclasses import dataclass, field

from fastapi import Response
from sqlmodel import col, select

from controlplane.identity.models import Act
from controlplane.web.console.frame import Frame


@dataclass(frozen=True)
class Question:
    here: str  # where in the menu
    kind: str  # of texts
    thing: str  # its name; typed where the act cannot be taken back
    back: str
    typed: bool = True
    hidden: dict[str, str] = field(default_factory=dict)
    choice: str = ""  # a field of its own, asked for under this text


def show(frame: Frame, question: Question, *, rest: str, error: str = "", reason: str = "") -> Response:
    agreed = _agreed(frame)
    return frame.page(
        question.here, "ask", question=question, error=error, agreed=agreed, rest=rest,
        reason=reason or (agreed.reason if agreed else ""), status=422 if error else 200,
    )  # fmt: skip


def is_wrong(question: Question, typed: str) -> bool:
    """The name is compared here, whatever the page did."""
    return question.typed and typed.strip() != question.thing


def _agreed(frame: Frame) -> Act | None:
    """An agreement to this very act: it holds for the same words only, so they are filled in."""
    query = select(Act).where(
        Act.path == frame.request.url.path,
        Act.requested_by == str(frame.actor),
        col(Act.used_at).is_(None),
        Act.decision == "approved",
    )
    return frame.session.exec(query.order_by(col(Act.id).desc())).first()
