"""The organisation: accounts, the units they stand in, and the policies over these."""

from collections.abc import Iterator
from dataclasses import dataclass

from controlplane.vendors.aws import Answer, AwsMissing, AwsPresent, Caller

SCP = "SERVICE_CONTROL_POLICY"
CLOSING = frozenset({"PENDING_CLOSURE", "CLOSED", "SUSPENDED"})


@dataclass(frozen=True)
class SeenAccount:
    id: str
    email: str
    name: str
    state: str

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSING


@dataclass(frozen=True)
class Creation:
    id: str  # car-…
    state: str  # IN_PROGRESS, SUCCEEDED, FAILED
    account_id: str = ""
    reason: str = ""


class Organization:
    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def _call(self, operation: str, **params: object) -> Answer:
        return self._caller.call("organizations", operation, region="us-east-1", **params)

    def _all(self, operation: str, key: str, **params: object) -> Iterator[Answer]:
        return self._caller.pages("organizations", operation, key, region="us-east-1", **params)

    def create(self, *, email: str, name: str, tags: dict[str, str]) -> Creation:
        labels = [{"Key": key, "Value": value} for key, value in tags.items()]
        made = self._call("create_account", Email=email, AccountName=name, Tags=labels, IamUserAccessToBilling="DENY")
        return _creation(made["CreateAccountStatus"])

    def creation(self, identity: str) -> Creation:
        found = self._call("describe_create_account_status", CreateAccountRequestId=identity)
        return _creation(found["CreateAccountStatus"])

    def creation_of(self, name: str) -> Creation | None:
        """The newest request for an account of this name; requests do not tell their e-mail address."""
        states = ["IN_PROGRESS", "SUCCEEDED"]
        found = self._all("list_create_account_status", "CreateAccountStatuses", States=states)
        mine = [entry for entry in found if entry.get("AccountName") == name]
        return _creation(max(mine, key=lambda entry: str(entry.get("RequestedTimestamp", "")))) if mine else None

    def accounts(self) -> Iterator[SeenAccount]:
        return (_account(entry) for entry in self._all("list_accounts", "Accounts"))

    def account(self, identity: str) -> SeenAccount | None:
        try:
            return _account(self._call("describe_account", AccountId=identity)["Account"])
        except AwsMissing:
            return None

    def by_email(self, email: str) -> SeenAccount | None:
        return next((found for found in self.accounts() if found.email.lower() == email.lower()), None)

    def accounts_in(self, unit: str) -> list[SeenAccount]:
        return [_account(entry) for entry in self._all("list_accounts_for_parent", "Accounts", ParentId=unit)]

    def parent(self, child: str) -> str:
        return str(self._call("list_parents", ChildId=child)["Parents"][0]["Id"])

    def move(self, account: str, *, source: str, target: str) -> None:
        self._call("move_account", AccountId=account, SourceParentId=source, DestinationParentId=target)

    def tag(self, account: str, tags: dict[str, str]) -> None:
        labels = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._call("tag_resource", ResourceId=account, Tags=labels)

    def close(self, account: str) -> None:
        """Done when it was closed before."""
        try:
            self._call("close_account", AccountId=account)
        except AwsPresent:
            return

    def root(self) -> str:
        return str(next(iter(self._all("list_roots", "Roots")))["Id"])

    def units(self, parent: str) -> dict[str, str]:
        found = self._all("list_organizational_units_for_parent", "OrganizationalUnits", ParentId=parent)
        return {entry["Name"]: entry["Id"] for entry in found}

    def create_unit(self, parent: str, name: str) -> str:
        return str(self._call("create_organizational_unit", ParentId=parent, Name=name)["OrganizationalUnit"]["Id"])

    def policies(self) -> dict[str, str]:
        return {entry["Name"]: entry["Id"] for entry in self._all("list_policies", "Policies", Filter=SCP)}

    def policy(self, identity: str) -> str:
        return str(self._call("describe_policy", PolicyId=identity)["Policy"]["Content"])

    def create_policy(self, name: str, content: str) -> str:
        made = self._call("create_policy", Name=name, Description="controlplane", Type=SCP, Content=content)
        return str(made["Policy"]["PolicySummary"]["Id"])

    def update_policy(self, identity: str, content: str) -> None:
        self._call("update_policy", PolicyId=identity, Content=content)

    def attached(self, target: str) -> set[str]:
        found = self._all("list_policies_for_target", "Policies", TargetId=target, Filter=SCP)
        return {str(entry["Id"]) for entry in found}

    def attach(self, policy: str, target: str) -> None:
        self._call("attach_policy", PolicyId=policy, TargetId=target)


def _creation(found: Answer) -> Creation:
    return Creation(found["Id"], found["State"], str(found.get("AccountId", "")), str(found.get("FailureReason", "")))


def _account(found: Answer) -> SeenAccount:
    state = found.get("State") or found.get("Status", "")
    return SeenAccount(found["Id"], found["Email"], found.get("Name", ""), str(state))
