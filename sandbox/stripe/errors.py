"""Stripe's error vocabulary."""

from typing import Any

Doc = dict[str, Any]

_DOCS = "https://docs.stripe.com/error-codes/"


class StripeError(Exception):
    """Answered in Stripe's shape; `keep`: what the operation wrote stays (a declined payment leaves traces)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keep: bool = False,
        **extra: Any,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.type, self.code, self.param = message, status, type, code, param
        self.keep, self.extra = keep, extra

    def body(self) -> Doc:
        return {"error": error_object(self.message, type=self.type, code=self.code, param=self.param, **self.extra)}


def error_object(message: str, *, type: str, code: str | None = None, param: str | None = None, **extra: Any) -> Doc:
    found = {
        "code": code,
        "doc_url": code and _doc_url(code),
        "message": message,
        "param": param,
        "type": type,
        **extra,
    }
    return {name: value for name, value in found.items() if value is not None}


def wire_shape(status: int, code: str, message: str) -> Doc:
    """What an injected fault answers."""
    type = "api_error" if status >= 500 else "invalid_request_error"
    code = "rate_limit" if status == 429 else code
    return {"error": error_object(message, type=type, code=code)}


def missing(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> StripeError:
    return StripeError(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def unsupported(param: str) -> StripeError:
    """Stripe knows the parameter, this emulator does not: say so instead of ignoring it."""
    message = f"The sandbox does not emulate the parameter: {param}"
    return StripeError(message, code="sandbox_unsupported", param=param)


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    return StripeError(message, code=code, param=param)


def no_such(noun: str, id: str, param: str = "id", status: int = 400) -> StripeError:
    return StripeError(f"No such {noun}: '{id}'", status=status, code="resource_missing", param=param)


def wrong_state(message: str, code: str | None = None, **extra: Any) -> StripeError:
    return StripeError(message, code=code, **extra)


def _doc_url(code: str) -> str:
    return _DOCS + code.replace("_", "-")
