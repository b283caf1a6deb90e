"""A creator's platform as people meet it: pages and API at its own name, mails in the mailbox."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from sandbox.place import Place
from sandbox.purchase import Blocked

PASSWORD = "Correct-Horse-1"


class Visit:
    def __init__(self, place: Place, host: str, owner: str) -> None:
        self.place, self.host, self.owner_email = place, host, owner
        self._http = httpx.Client(timeout=30, trust_env=False, follow_redirects=False)
        self._tokens: dict[str, str] = {}

    def close(self) -> None:
        self._http.close()

    def page(self, path: str = "/") -> httpx.Response:
        return self._http.get(f"{self.place.url('aws')}{path}", headers={"host": self.host})

    def call(self, method: str, path: str, *, by: str = "", once: bool = False, **more: Any) -> httpx.Response:
        headers = {"host": self.host}
        headers |= {"authorization": f"Bearer {self._tokens[by]}"} if by else {}
        headers |= {"idempotency-key": str(uuid.uuid4())} if once else {}
        return self._http.request(method, f"{self.place.url('aws')}/api{path}", headers=headers, **more)

    def ask(self, status: int, method: str, path: str, **more: Any) -> dict[str, Any]:
        answer = self.call(method, path, **more)
        if answer.status_code != status:
            raise Blocked(f"{method} {path} answered {answer.status_code} instead of {status}: {answer.text[:300]}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def pay(self, url: str) -> None:
        """Fill in the hosted page of Stripe as a person would."""
        card = {"action": "pay", "method": "card", "number": "4242 4242 4242 4242", "expiry": "12/34", "cvc": "123"}
        person = {"email": "berta@fan.example", "name": "Berta", "line1": "Weg 1", "postal_code": "20095"}
        answer = self._http.post(url, data={**card, **person, "city": "Hamburg", "country": "DE"})
        if answer.status_code not in {302, 303}:
            raise Blocked(f"the payment was not taken: {answer.status_code}")

    def until(self, ask: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not ask():
            if time.monotonic() > deadline:
                raise Blocked(f"{what}: not within {seconds:.0f} s")
            time.sleep(0.3)

    def mails(self, address: str) -> list[dict[str, Any]]:
        headers = {"authorization": f"Bearer {self.place.secrets['control_token']}"}
        url = f"{self.place.vendors_url}/resend/_sim/mailbox"
        found: list[dict[str, Any]] = self._http.get(url, params={"to": address}, headers=headers).json()["mails"]
        return found

    def found_in_mail(self, address: str, pattern: str, *, sender: str) -> str:
        for mail in self.mails(address):
            match = re.search(pattern, mail.get("text") or "")
            if match and sender in mail["from"]:
                return match[0]
        raise Blocked(f"no mail from {sender} to {address} has {pattern}")

    def join(self, name: str) -> str:
        """Sign up with the code from the mail, sign in, be recognised."""
        address = f"{name}@fan.example"
        body = {"email": address, "password": PASSWORD, "username": name, "consent": True}
        user = self.ask(202, "POST", "/auth/signup", json=body)["userId"]
        code = self.found_in_mail(address, r"\b\d{6}\b", sender=f"mail.{self.host}")
        self.ask(200, "POST", "/auth/confirm", json={"userId": user, "code": code})
        self.sign_in(name, address)
        return str(self.ask(200, "GET", "/auth/me", by=name)["username"])

    def own(self) -> str:
        """The buyer sets a password with the code from the mail, and runs the platform from then on."""
        self.ask(202, "POST", "/auth/forgot", json={"email": self.owner_email})
        code = self.found_in_mail(self.owner_email, r"\b\d{6}\b", sender=f"mail.{self.host}")
        self.ask(204, "POST", "/auth/reset", json={"email": self.owner_email, "code": code, "password": PASSWORD})
        self.sign_in("owner", self.owner_email)
        return str(self.ask(200, "GET", "/auth/me", by="owner")["role"])

    def sign_in(self, name: str, address: str) -> None:
        login = self.ask(200, "POST", "/auth/login", json={"email": address, "password": PASSWORD})
        self._tokens[name] = login["accessToken"]
