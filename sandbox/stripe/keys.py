"""Who calls: the secret key may do everything, a restricted key what its document allows."""

import base64
import hmac

from sandbox.stripe.books import Books, token
from sandbox.stripe.errors import Doc, StripeError
from sandbox.stripe.routes import Operation

_NEEDS = {"GET": {"read", "write"}, "POST": {"write"}, "DELETE": {"write"}}


def authorize(books: Books, header: str, operation: Operation) -> None:
    key = _key(header)
    if hmac.compare_digest(key.encode(), books.home.secrets["stripe_secret_key"].encode()):
        return
    restricted = books.store.get("restricted_key", key) if key.startswith("rk_test_") else None
    if restricted is None or not restricted["active"]:
        raise StripeError(f"Invalid API Key provided: {_masked(key)}", status=401)
    if not _allows(restricted["rights"], operation):
        raise StripeError(_refusal(key, operation), status=403)


def create(books: Books, rights: dict[str, str], name: str = "") -> Doc:
    """`rights` maps a resource (`customers`, `checkout/sessions`, `*`) to `read`, `write` or `none`."""
    wrong = [f"{resource}: {right}" for resource, right in rights.items() if right not in {"none", "read", "write"}]
    if wrong:
        raise ValueError(f"a right is none, read or write, not {', '.join(wrong)}")
    doc = {"id": token("rk_test_", 40), "object": "restricted_key", "name": name, "rights": rights, "active": True}
    return books.put({**doc, "created": books.now()})


def revoke(books: Books, key: str) -> bool:
    return books.store.update("restricted_key", key, lambda doc: doc.update(active=False)) is not None


def _key(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip()
    if scheme.lower() == "basic" and value:
        return base64.b64decode(value + "==").decode(errors="replace").partition(":")[0]
    raise StripeError(
        "You did not provide an API key. You need to provide your API key in the Authorization header, "
        "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        status=401,
    )


def _allows(rights: dict[str, str], operation: Operation) -> bool:
    right = rights.get(operation.resource, rights.get(operation.resource.split("/")[0], rights.get("*", "none")))
    return right in _NEEDS[operation.method]


def _refusal(key: str, operation: Operation) -> str:
    verb = "read" if operation.method == "GET" else "write"
    return (
        f"The provided key '{_masked(key)}' does not have the required permissions for this endpoint. "
        f"Having the '{operation.resource}_{verb}' permission would allow this request to continue."
    )


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * 20}{key[-4:]}" if len(key) > 16 else "*" * len(key)
