"""A subscription belongs to an address. What still waits in the queue looks here again before it is sent."""

from programs.creator.modules.newsletter.handlers import suppressed
from programs.creator.runtime.documents import Item, delete, get, write

TABLES = ("subscribers",)
SHOWN = ("email", "status", "createdAt", "consentAt")


def export(_user_id: str, email: str) -> list[Item]:
    found = get("subscribers", email=email)
    return [{name: found[name] for name in SHOWN if name in found}] if found else []


def erase(_user_id: str, email: str) -> dict[str, int]:
    found = len(export("", email))
    write(delete("subscribers", {"email": email}))
    if found and not suppressed.is_refused(email):
        write(suppressed.note(email, "erased"))
    return {"subscriptions": found}
