"""Routes of pages: guarded like every route, and every refusal a page in the visitor's language."""

import time
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from controlplane.api.access import GuardedRoute, Router
from controlplane.core.errors import Conflict, Invalid, NeedsPerson, Problem, Refused, TryLater, Unavailable
from controlplane.identity.actor import ANONYMOUS, ActorKind
from controlplane.settings import Environment
from controlplane.web import drafts, errors, timing

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(GuardedRoute):
    def get_route_handler(self) -> Handler:
        work = super().get_route_handler()

        async def handle(request: Request) -> Response:
            began, spent = time.perf_counter(), timing.begin()
            answer = await answered(request)
            if _may_know(request):
                answer.headers["server-timing"] = timing.header(spent, began)
            return answer

        async def answered(request: Request) -> Response:
            try:
                return await work(request)
            except Problem as error:
                return errors.of_problem(request, error, draft=await _kept(request, error))
            except (TryLater, NeedsPerson, Refused) as error:
                return errors.of_problem(request, _as_problem(error))
            except (HTTPException, RequestValidationError) as error:
                return errors.of_http(request, error)
            except (DataError, UnicodeEncodeError):
                return errors.page_of(request, 422)
            except OperationalError:
                return errors.page_of(request, 503)
            except Exception as error:
                return errors.of_bug(request, error)

        return handle


def _may_know(request: Request) -> bool:
    """How long things take tells strangers what exists."""
    actor = getattr(request.state, "actor", ANONYMOUS)
    return actor.kind is ActorKind.OPERATOR or request.app.state.gateways.settings.environment is not Environment.LIVE


async def _kept(request: Request, error: Problem) -> str:
    """Nobody types a form twice because they were away for too long."""
    if not errors.is_at_the_door(request, error) or request.method != "POST":
        return ""
    values = drafts.worth_keeping(request, await request.body())
    return await run_in_threadpool(drafts.keep, request.app.state.gateways, request, values) if values else ""


def _as_problem(error: TryLater | NeedsPerson | Refused) -> Problem:
    if isinstance(error, TryLater):
        return Unavailable(error.reason, after=error.after)
    return Conflict(error.reason) if isinstance(error, NeedsPerson) else Invalid(error.reason)


class Pages(Router):
    def __init__(self, *, group: str, **rest: Any) -> None:
        super().__init__(group=group, include_in_schema=False, **rest)
        self.route_class = PageRoute
