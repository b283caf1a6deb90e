"""Links in mails that prove who got them: the address and a seal over it, for one purpose."""

import base64
import hmac
from hashlib import sha256

from programs.creator.runtime.errors import invalid
from programs.creator.runtime.secrets import value


def token(purpose: str, email: str, mark: str = "") -> str:
    name = base64.urlsafe_b64encode(email.encode()).decode().rstrip("=")
    return f"{name}.{_seal(purpose, email, mark)}"


def address(text: str) -> str:
    """Whose token this claims to be."""
    name = text.partition(".")[0]
    try:
        found = base64.urlsafe_b64decode(name + "=" * (-len(name) % 4)).decode()
    except ValueError:
        found = ""
    if not found:
        raise invalid("t", "this link is not complete")
    return found


def holds(text: str, purpose: str, email: str, mark: str = "") -> bool:
    return hmac.compare_digest(text.encode(), token(purpose, email, mark).encode())


def _seal(purpose: str, email: str, mark: str) -> str:
    body = f"newsletter/{purpose}\0{email}\0{mark}".encode()
    return hmac.new(value("app", "pepper").encode(), body, sha256).hexdigest()[:40]
