"""URNs and provider references."""

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"
DENIED = "denydefaultprovider"


def qualified_type(urn: str) -> str:
    return urn.split("::", 3)[2]


def type_of(urn: str) -> str:
    return qualified_type(urn).rsplit("$", 1)[-1]


def name_of(urn: str) -> str:
    return urn.split("::", 3)[3]


def stack_and_project(urn: str) -> tuple[str, str]:
    head, project, _ = urn.split("::", 2)
    return head.rsplit(":", 1)[-1], project


def make_urn(*, stack: str, project: str, parent: str, kind: str, name: str) -> str:
    prefix = qualified_type(parent) + "$" if parent and type_of(parent) != STACK_TYPE else ""
    return f"urn:pulumi:{stack}::{project}::{prefix}{kind}::{name}"


def package_of(kind: str) -> str:
    """The provider package that owns a resource or function token."""
    return kind.split(":", 1)[0]


def is_provider(kind: str) -> bool:
    return kind.startswith(PROVIDER_PREFIX)


def provider_package(kind: str) -> str:
    return kind[len(PROVIDER_PREFIX) :]


def split_reference(reference: str) -> tuple[str, str]:
    """`URN::ID` of a provider."""
    urn, _, identity = reference.rpartition("::")
    return urn, identity


def is_default_provider(urn: str) -> bool:
    return is_provider(type_of(urn)) and (name_of(urn) == "default" or name_of(urn).startswith("default_"))
