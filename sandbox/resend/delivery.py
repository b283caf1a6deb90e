"""What happens to an accepted mail: sent, then what each receiving side does with it."""

from typing import Any

from sandbox.kit.store import Doc
from sandbox.resend.address import bare, domain_of
from sandbox.resend.domains import Domains
from sandbox.resend.events import Events
from sandbox.resend.receivers import TESTING_DOMAIN, Receivers, Rule
from sandbox.resend.suppressions import Suppressions
from sandbox.resend.vendor import Vendor

LATER = 0.1  # seconds until the receiving side has answered
_HARD = {"type": "Permanent", "subType": "General", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}
_SOFT = {"type": "Transient", "subType": "General", "diagnosticCode": "smtp; 452 4.2.2 mailbox full"}


class Delivery:
    def __init__(
        self, vendor: Vendor, domains: Domains, receivers: Receivers, suppressions: Suppressions, events: Events
    ) -> None:
        self._vendor, self._store, self._events = vendor, vendor.store, events
        self._domains, self._receivers, self._suppressions = domains, receivers, suppressions

    async def send(self, job: Doc) -> None:
        email = self._store.get("email", job["subject"])
        with self._store.transaction():
            self._vendor.jobs.done("send", job["subject"])
            if email is not None and email["last_event"] in {"queued", "scheduled"}:
                self._send(email)

    async def receive(self, job: Doc) -> None:
        """The receiving side of one recipient answers; the subject is `email|address`."""
        id, _, address = job["subject"].partition("|")
        fault = self._vendor.faults.take("resend", f"deliver {address}", {"stuck"})
        email = self._store.get("email", id)
        with self._store.transaction():
            self._vendor.jobs.done("receive", job["subject"])
            if email is not None and fault is None:
                self._answer(email, address, self._receivers.rule_for(address))

    async def arrive(self, job: Doc) -> None:
        """A delayed mail gets through after all, or bounces for good."""
        id, _, address = job["subject"].partition("|")
        email = self._store.get("email", id)
        with self._store.transaction():
            self._vendor.jobs.done("arrive", job["subject"])
            if email is not None and self._receivers.rule_for(address).behaviour == "soft_bounce":
                self._bounce(email, address, _SOFT)
            elif email is not None:
                self._note(email, "delivered")

    def _send(self, email: Doc) -> None:
        if not self._may_still_send(email):
            self._note(email, "failed", {"failed": {"reason": "domain_not_verified"}})
            return
        mailboxes = dict.fromkeys(bare(address) or address for part in ("to", "cc", "bcc") for address in email[part])
        suppressed = [mailbox for mailbox in mailboxes if self._is_suppressed(email["team"], mailbox)]
        open = [mailbox for mailbox in mailboxes if mailbox not in suppressed]
        if open:
            self._note(email, "sent")
        for mailbox in suppressed:
            self._refuse_suppressed(email, mailbox)
        for mailbox in open:
            self._vendor.jobs.add("receive", f"{email['id']}|{mailbox}", after=LATER)

    def _may_still_send(self, email: Doc) -> bool:
        name = domain_of(email["from"])
        return name == TESTING_DOMAIN or self._domains.may_send(email["team"], name)

    def _is_suppressed(self, team: str, mailbox: str) -> bool:
        known = self._suppressions.find(team, mailbox) is not None
        return known or self._receivers.rule_for(mailbox).behaviour == "suppress"

    def _refuse_suppressed(self, email: Doc, mailbox: str) -> None:
        text = f"Resend has suppressed sending to {mailbox} because it is on the suppression list."
        self._note(email, "suppressed", {"suppressed": {"message": text, "type": "OnAccountSuppressionList"}})

    def _answer(self, email: Doc, mailbox: str, rule: Rule) -> None:
        if rule.behaviour == "bounce":
            self._bounce(email, mailbox, _HARD)
        elif rule.behaviour in {"delay", "soft_bounce"}:
            self._note(email, "delivery_delayed")
            self._vendor.jobs.add("arrive", f"{email['id']}|{mailbox}", after=rule.seconds)
        elif rule.behaviour == "fail":
            self._note(email, "failed", {"failed": {"reason": "invalid_recipient"}})
        else:
            self._note(email, "delivered")
        if rule.behaviour == "complain":
            self._note(email, "complained")
            self._suppress(email, mailbox, "complaint")

    def _bounce(self, email: Doc, mailbox: str, kind: dict[str, str]) -> None:
        text = f"The receiving mail server of {mailbox} refused the message."
        self._note(email, "bounced", {"bounce": {**kind, "message": text}})
        if kind["type"] == "Permanent":
            self._suppress(email, mailbox, "bounce")

    def _suppress(self, email: Doc, mailbox: str, origin: str) -> None:
        if not mailbox.endswith(f"@{TESTING_DOMAIN}"):
            self._suppressions.put(email["team"], mailbox, origin, email["id"])

    def _note(self, email: Doc, event: str, extra: dict[str, Any] | None = None) -> None:
        email["last_event"] = event
        self._store.put("email", email["id"], email)
        self._events.of_email(email, event, extra or {})
