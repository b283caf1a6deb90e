"""What a caller can be told."""

STATUS = {
    "invalid_input": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "rate_limited": 429,
    "internal": 500,
    "unavailable": 503,
}


class Problem(Exception):
    def __init__(self, code: str, message: str, field: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field

    @property
    def status(self) -> int:
        return STATUS[self.code]

    def body(self) -> dict[str, object]:
        found = {"code": self.code, "message": self.message}
        return {"error": found | ({"field": self.field} if self.field else {})}


def invalid(field: str, message: str) -> Problem:
    return Problem("invalid_input", message, field)
