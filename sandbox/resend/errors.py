"""Resend's error shape and the errors that several nouns raise."""

from typing import Any


class ApiError(Exception):
    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status, self.name, self.message = status, name, message

    def body(self) -> dict[str, Any]:
        return {"statusCode": self.status, "name": self.name, "message": self.message}


def fault_body(status: int, code: str, message: str) -> dict[str, Any]:
    """The shape for injected faults; the kit's default code is none of Resend's."""
    return ApiError(status, "application_error" if code == "internal_error" else code, message).body()


def invalid(message: str) -> ApiError:
    return ApiError(422, "validation_error", message)


def missing(field: str) -> ApiError:
    return ApiError(422, "missing_required_field", f"Missing `{field}` field.")


def not_found(noun: str) -> ApiError:
    return ApiError(404, "not_found", f"{noun} not found")
