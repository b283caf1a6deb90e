"""A customer at the portal's interface: signs in by the mailed link, looks at their key once, sends with it."""

import re

import httpx

from sandbox.place import Place
from sandbox.purchase import Blocked, Buyer


class CustomerSeat:
    def __init__(self, place: Place, buyer: Buyer) -> None:
        self._place, self._buyer = place, buyer
        self._http = httpx.Client(
            base_url=place.public_url, headers={"origin": place.public_url}, timeout=30, trust_env=False
        )

    def ask_for_letter(self) -> None:
        self._require(self._http.post("/v1/auth/links", json={"email": self._buyer.email}), "asking for a letter")

    def sign_in(self) -> str | None:
        """None while the letter is on its way."""
        token = self._token()
        if token is None:
            return None
        answer = self._http.post("/v1/auth/links/take", json={"token": token})
        self._require(answer, "the link of the letter")
        self._http.headers["x-csrf-token"] = answer.json()["csrf"]
        return self._buyer.email

    def reveal_and_send(self, tenant_id: str) -> str:
        answer = self._http.post(f"/v1/tenants/{tenant_id}/credentials/reveal")
        self._require(answer, "the key")
        again = self._http.post(f"/v1/tenants/{tenant_id}/credentials/reveal")
        if again.status_code != 409:
            raise Blocked(f"the key was shown twice: {again.status_code}")
        sender = f"anna@mail.{self._buyer.slug}.localhost"
        body = {"from": sender, "to": [self._buyer.email], "subject": "Hallo", "text": "Es geht."}
        headers = {"authorization": f"Bearer {answer.json()['secret']}"}
        sent = httpx.post(f"{self._place.vendors_url}/resend/emails", json=body, headers=headers, trust_env=False)
        self._require(sent, "the message")
        return f"shown once, sent from {sender}"

    def close(self) -> None:
        self._http.close()

    def _token(self) -> str | None:
        headers = {"authorization": f"Bearer {self._place.secrets['control_token']}"}
        url, wanted = f"{self._place.vendors_url}/resend/_sim/mailbox", {"to": self._buyer.email}
        mails = httpx.get(url, params=wanted, headers=headers, trust_env=False).json()["mails"]
        texts = (re.search(r"/sign-in/link\?token=([\w.-]+)", str(mail.get("text", ""))) for mail in mails)
        return next((found.group(1) for found in texts if found), None)

    def _require(self, answer: httpx.Response, what: str) -> None:
        if answer.is_error:
            raise Blocked(f"{what} was refused: {answer.status_code} {answer.text[:300]}")
