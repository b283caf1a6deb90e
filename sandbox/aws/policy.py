"""The IAM policy evaluator: pure, no state, no clock.

`decide` answers whether a request is allowed, by the documented order: an explicit deny anywhere wins; then every
level of service control policies, the permissions boundary and the session policy must each allow; then the identity
policies (or, inside one account, the resource's own policy) must allow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.aws.conditions import Context, expand, holds, like

Document = Mapping[str, Any]
Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Request:
    action: str  # service:Action
    resource: str  # ARN, or * when the action has none
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Policies:
    identity: Sequence[Document] = ()
    boundary: Document | None = None
    session: Document | None = None
    controls: Sequence[Sequence[Document]] = ()  # service control policies: root, each OU on the path, account
    resource: Document | None = None
    same_account: bool = True


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    reason: str = ""  # which kind of policy refused

    @property
    def explicit(self) -> bool:
        return self.reason.startswith("an explicit deny")

    def __bool__(self) -> bool:
        return self.allowed


def decide(request: Request, policies: Policies) -> Verdict:
    denied = _denied(request, policies)
    if denied:
        return Verdict(False, f"an explicit deny in {denied}")
    limits = {
        "service control policy": all(any(allows(doc, request) for doc in level) for level in policies.controls),
        "permissions boundary": policies.boundary is None or allows(policies.boundary, request),
        "session policy": policies.session is None or allows(policies.session, request),
    }
    for name, allowed in limits.items():
        if not allowed:
            return Verdict(False, f"no {name} allows")
    return _granted(request, policies)


def _denied(request: Request, policies: Policies) -> str:
    kinds: dict[str, Sequence[Document | None]] = {
        "a service control policy": [doc for level in policies.controls for doc in level],
        "a resource-based policy": [policies.resource],
        "a permissions boundary": [policies.boundary],
        "a session policy": [policies.session],
        "an identity-based policy": policies.identity,
    }
    for name, documents in kinds.items():
        if any(doc is not None and denies(doc, request) for doc in documents):
            return name
    return ""


def _granted(request: Request, policies: Policies) -> Verdict:
    by_identity = any(allows(doc, request) for doc in policies.identity)
    # Inside the account a policy that names only the account leaves the decision to its identity policies.
    by_resource = policies.resource is not None and allows(policies.resource, request, direct=policies.same_account)
    if by_identity and (policies.same_account or by_resource):
        return Verdict(True)
    if by_resource and policies.same_account:
        return Verdict(True)
    missing = "resource-based policy" if by_identity else "identity-based policy"
    return Verdict(False, f"no {missing} allows")


def allows(document: Document, request: Request, *, direct: bool = False) -> bool:
    return _any(document, "Allow", request, direct=direct)


def denies(document: Document, request: Request) -> bool:
    return _any(document, "Deny", request)


def statements(document: Document) -> list[Statement]:
    found = document.get("Statement", [])
    return [found] if isinstance(found, Mapping) else list(found)


def _any(document: Document, effect: str, request: Request, *, direct: bool = False) -> bool:
    return any(s.get("Effect") == effect and applies(s, request, direct=direct) for s in statements(document))


def applies(statement: Statement, request: Request, *, direct: bool = False) -> bool:
    return (
        _principal(statement, request.context, direct=direct)
        and _action(statement, request.action)
        and _resource(statement, request)
        and holds(statement.get("Condition", {}), request.context)
    )


def _action(statement: Statement, action: str) -> bool:
    if "NotAction" in statement:
        return not _matches(listed(statement["NotAction"]), action)
    return _matches(listed(statement.get("Action", [])), action)


def _matches(patterns: Sequence[str], action: str) -> bool:
    return any(like(action.lower(), pattern.lower()) for pattern in patterns)


def _resource(statement: Statement, request: Request) -> bool:
    if "NotResource" in statement:
        return not any(like(request.resource, p) for p in _expanded(statement["NotResource"], request.context))
    # A trust policy has no resource: it speaks about the role it hangs on.
    return any(like(request.resource, p) for p in _expanded(statement.get("Resource", "*"), request.context))


def _expanded(patterns: Any, context: Context) -> list[str]:
    return [expand(pattern, context) for pattern in listed(patterns)]


def _principal(statement: Statement, context: Context, *, direct: bool) -> bool:
    if "NotPrincipal" in statement:
        return not principal_named(statement["NotPrincipal"], context)
    return "Principal" not in statement or principal_named(statement["Principal"], context, direct=direct)


def principal_named(principal: Any, context: Context, *, direct: bool = False) -> bool:
    """Whether a Principal element names the caller: by ARN, by the role behind a session, by account, by service."""
    if principal == "*":
        return True
    arn, account = str(context.get("aws:PrincipalArn", "")), str(context.get("aws:PrincipalAccount", ""))
    names = {arn, str(context.get("aws:SessionArn", ""))}
    names |= set() if direct else {account, f"arn:aws:iam::{account}:root"}
    if any(name == "*" or (name in names and name) for name in listed(principal.get("AWS", []))):
        return True
    return str(context.get("aws:PrincipalServiceName", "-")) in listed(principal.get("Service", []))


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
