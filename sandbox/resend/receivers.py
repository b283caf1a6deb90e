"""How the receiving side behaves: fixed for Resend's test addresses, by rule for any other; delivered otherwise."""

from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase

from sandbox.kit import Store

TESTING_DOMAIN = "resend.dev"
BEHAVIOURS = ("deliver", "bounce", "soft_bounce", "complain", "delay", "suppress", "fail")
_TEST_ADDRESSES = {"delivered": "deliver", "bounced": "bounce", "complained": "complain", "suppressed": "suppress"}


@dataclass(frozen=True)
class Rule:
    address: str  # or a pattern such as *@slow.example
    behaviour: str
    seconds: float = 3600.0  # emulated, until a delayed mail arrives


class Receivers:
    def __init__(self, store: Store) -> None:
        self._store = store

    def rules(self) -> list[Rule]:
        return [Rule(**doc) for doc in self._store.all("receiver")]

    def put(self, rule: Rule) -> None:
        self._store.put("receiver", rule.address, asdict(rule))

    def delete(self, address: str) -> bool:
        return self._store.delete("receiver", address)

    def rule_for(self, mailbox: str) -> Rule:
        """The newest rule that fits; labels such as bounced+order-1@resend.dev count as their address."""
        local, _, domain = mailbox.partition("@")
        if domain == TESTING_DOMAIN:
            return Rule(mailbox, _TEST_ADDRESSES.get(local.partition("+")[0], "deliver"))
        fitting = [rule for rule in self.rules() if fnmatchcase(mailbox.lower(), rule.address.lower())]
        return fitting[-1] if fitting else Rule(mailbox, "deliver")
