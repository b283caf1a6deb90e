"""An operator at the REST interface: signs in, asks for operations, agrees to what a colleague asks."""

from typing import Any

import httpx

from sandbox.place import Place
from sandbox.purchase import Blocked


class Seat:
    def __init__(self, place: Place, name: str) -> None:
        self._http = httpx.Client(base_url=place.public_url, timeout=30, trust_env=False)
        asked = {"email": place.secrets[f"{name}_email"], "password": place.secrets[f"{name}_password"], "token": True}
        answer = self._http.post("/v1/auth/sign-in", json=asked)
        if answer.is_error:
            raise Blocked(f"{name} cannot sign in: {answer.status_code} {answer.text[:300]}")
        self._http.headers["authorization"] = f"Bearer {answer.json()['token']}"

    def tenant(self, slug: str) -> dict[str, Any]:
        found = self.get("/v1/tenants", q=slug)["items"]
        if not found:
            raise Blocked(f"the list of tenants does not show {slug}")
        return self.get(f"/v1/tenants/{found[0]['id']}")

    def operation(self, operation_id: str) -> dict[str, Any]:
        return self.get(f"/v1/operations/{operation_id}")

    def ask(self, tenant_id: str, kind: str, *, second: "Seat | None" = None) -> str:
        """The id of the queued operation. What needs a second person is agreed to by the other seat."""
        path, body = f"/v1/tenants/{tenant_id}/operations/{kind}", {"reason": "the story asks for it"}
        answer = self._http.post(path, json=body)
        if answer.status_code == 428 and second:
            second.agree(answer.json()["confirm"])
            answer = self._http.post(path, json=body)
        if answer.is_error:
            raise Blocked(f"{kind} was refused: {answer.status_code} {answer.text[:300]}")
        return str(answer.json()["id"])

    def switch(self, tenant_id: str, module: str, *, on: bool, erase: bool = False) -> str:
        """The id of the update that brings it about."""
        body = {"on": on, "erase": erase, "reason": "the story asks for it"}
        answer = self._http.post(f"/v1/tenants/{tenant_id}/modules/{module}", json=body)
        if answer.is_error:
            raise Blocked(f"{module} was not switched: {answer.status_code} {answer.text[:300]}")
        return str(answer.json()["id"])

    def connect_payments(self, tenant_id: str, key: str) -> str:
        """The id of the update that brings it about."""
        answer = self._http.post(f"/v1/tenants/{tenant_id}/payments", json={"secret_key": key})
        if answer.is_error:
            raise Blocked(f"payments were not connected: {answer.status_code}")
        return str(answer.json()["id"])

    def approve(self, operation_id: str) -> str:
        """What the colleague's change would delete, agreed to by name."""
        [asked] = [row for row in self.operation(operation_id)["approvals"] if row["decision"] is None]
        body = {"approve": True, "reason": "the story agrees"}
        answer = self._http.post(f"/v1/approvals/{asked['id']}", json=body)
        if answer.is_error:
            raise Blocked(f"the approval was refused: {answer.status_code} {answer.text[:300]}")
        return ", ".join(change["urn"].rsplit("::", 1)[-1] for change in asked["plan"]["critical"])

    def agree(self, path: str) -> None:
        body = {"agree": True, "reason": "the story agrees"}
        answer = self._http.post(path, json=body)
        if answer.is_error:
            raise Blocked(f"the agreement was refused: {answer.status_code} {answer.text[:300]}")

    def get(self, path: str, **query: str) -> dict[str, Any]:
        answer = self._http.get(path, params=query)
        if answer.is_error:
            raise Blocked(f"GET {path} answered {answer.status_code}: {answer.text[:300]}")
        found: dict[str, Any] = answer.json()
        return found

    def close(self) -> None:
        self._http.close()
