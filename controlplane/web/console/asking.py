"""Questions before an act: what it does, the name to type, the reason; and what somebody agreed to meanwhile."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Response
from sqlmodel import col, select

from controlplane.identity.models import Act
from controlplane.web.console.frame import Frame

SHORTEST = 3
STATUS = {"": 200, "moved": 409}  # anything else is to be put right
Reason = Annotated[str, Form(min_length=SHORTEST, max_length=500)]


@dataclass(frozen=True)
class Question:
    here: str  # where in the menu
    kind: str  # of texts
    thing: str  # its name; typed where the act cannot be taken back
    back: str
    typed: bool = True
    explained: bool = True
    stands: tuple[str, str] = ("", "")  # how the thing is now: the family of words, and the word
    about: tuple[str, str] = ("", "")  # what else the question names, in the same way


@dataclass(frozen=True)
class Answer:
    """What came back with the form."""

    typed: Annotated[str, Form(max_length=60)] = ""
    reason: Annotated[str, Form(max_length=500)] = ""
    stood: Annotated[str, Form(max_length=40)] = ""  # how the thing was when the question was asked


NOTHING = Answer()
Given = Annotated[Answer, Depends(Answer)]


def show(frame: Frame, question: Question, *, rest: str, error: str = "", given: Answer = NOTHING) -> Response:
    agreed = _agreed(frame)
    return frame.page(
        question.here, "ask", question=question, error=error, agreed=agreed, rest=rest, given=given,
        reason=given.reason or (agreed.reason if agreed else ""), status=STATUS.get(error, 422),
    )  # fmt: skip


def mistake(question: Question, given: Answer) -> str:
    """The name is compared here, whatever the page did; and nobody decides about what is not so any more."""
    if given.stood and given.stood != question.stands[1]:
        return "moved"
    if question.typed and given.typed.strip() != question.thing:
        return "typed"
    return "reason" if question.explained and len(given.reason.strip()) < SHORTEST else ""


def _agreed(frame: Frame) -> Act | None:
    """An agreement to this very act: it holds for the same words only, so they are filled in."""
    query = select(Act).where(
        Act.path == frame.request.url.path,
        Act.requested_by == str(frame.actor),
        col(Act.used_at).is_(None),
        Act.decision == "approved",
    )
    return frame.session.exec(query.order_by(col(Act.id).desc())).first()
