"""How Cloudflare answers: one envelope for results and errors."""

from dataclasses import dataclass, field
from typing import Any

from starlette.responses import JSONResponse


class ApiError(Exception):
    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@dataclass(frozen=True)
class Result:
    """What an operation answers when the status is not 200 or there is more to say than the result."""

    result: Any
    status: int = 200
    info: dict[str, Any] | None = None
    errors: list[dict[str, Any]] = field(default_factory=list)
    success: bool = True


def answer(result: Result) -> JSONResponse:
    body: dict[str, Any] = {
        "success": result.success, "errors": result.errors, "messages": [], "result": result.result,
    }  # fmt: skip
    if result.info is not None:
        body["result_info"] = result.info
    return JSONResponse(body, result.status)


def refusal(error: ApiError) -> JSONResponse:
    return JSONResponse(error_body(error.status, error.code, error.message), error.status)


def error_body(status: int, code: int, message: str) -> dict[str, Any]:
    del status
    return {"success": False, "errors": [{"code": code, "message": message}], "messages": [], "result": None}


def fault_shape(status: int, code: str, message: str) -> dict[str, Any]:
    """Injected faults name their code as text; Cloudflare's codes are numbers."""
    number = int(code) if code.isdigit() else {429: 971, 403: 10000, 401: 10000}.get(status, 10001)
    return error_body(status, number, message)
