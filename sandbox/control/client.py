"""The control routes as a Python client, for the CLI and for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Self

import httpx

from sandbox.kit.faults import Fault


class ControlError(Exception):
    """The sandbox refused, or is not there."""


class Control:
    def __init__(self, url: str, token: str) -> None:
        headers = {"authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=f"{url}/control", headers=headers, timeout=10, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def health(self) -> dict[str, Any]:
        return self._call("GET", "/health", expected=(200, 503))

    def fault_kinds(self) -> dict[str, dict[str, str]]:
        return self._call("GET", "/faults/kinds")

    def faults(self) -> list[Fault]:
        return [Fault(**doc) for doc in self._call("GET", "/faults")["faults"]]

    def injections(self) -> list[dict[str, Any]]:
        return list(self._call("GET", "/faults/log")["injections"])

    def add_fault(self, vendor: str, operation: str, kind: str, **options: Any) -> Fault:
        body = {"vendor": vendor, "operation": operation, "kind": kind, **options}
        return Fault(**self._call("POST", "/faults", json=body))

    @contextmanager
    def fault(self, vendor: str, operation: str, kind: str, **options: Any) -> Iterator[Fault]:
        fault = self.add_fault(vendor, operation, kind, **options)
        try:
            yield fault
        finally:
            self.lift_fault(fault.id)

    def lift_fault(self, id: str) -> bool:
        return self._send("DELETE", f"/faults/{id}", expected=(204, 404)).status_code == 204

    def lift_all_faults(self) -> None:
        self._send("DELETE", "/faults", expected=(204,))

    def now(self) -> datetime:
        return datetime.fromisoformat(self._call("GET", "/clock")["now"])

    def advance(self, by: timedelta) -> datetime:
        answer = self._call("POST", "/clock/advance", json={"seconds": by.total_seconds()})
        return datetime.fromisoformat(answer["now"])

    def reset_clock(self) -> datetime:
        return datetime.fromisoformat(self._call("POST", "/clock/reset")["now"])

    def _call(self, method: str, path: str, expected: tuple[int, ...] = (200, 201), **body: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._send(method, path, expected, **body).json()
        return answer

    def _send(self, method: str, path: str, expected: tuple[int, ...], **body: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **body)
        except httpx.HTTPError as error:
            raise ControlError(f"the sandbox does not answer: {type(error).__name__}") from error
        if response.status_code not in expected:
            raise ControlError(f"{method} {path}: {response.status_code} {response.text[:500]}")
        return response
