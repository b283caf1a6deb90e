"""A second factor: an app that shows a new code every half minute."""

from urllib.parse import quote, urlsplit

from programs.creator.modules.user_auth.handlers import people, pool, recovery
from programs.creator.runtime.documents import Item
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.fields import form, password, text
from programs.creator.runtime.http import Answer, Request
from programs.creator.runtime.settings import text as setting

CODE = text(6, 6, r"[0-9]{6}")
SHOWN = form(code=CODE)
BOTH = form(password=password(1), totp=CODE)


def begin(request: Request) -> Answer:
    """The seed, and the address that an app reads as a picture. It counts from the first right code on."""
    _offered()
    row = people.find(request.caller.user_id)
    seed = pool.new_seed(request.token)
    site = urlsplit(setting("SITE_ORIGIN")).hostname or ""
    label = quote(f"{site}:{row['email']}")
    return Answer(200, {"secret": seed, "address": f"otpauth://totp/{label}?secret={seed}&issuer={quote(site)}"})


def confirm(request: Request) -> Answer:
    """From here on it is asked for; who loses the device comes in with the code that is shown now."""
    _offered()
    row = people.find(request.caller.user_id)
    pool.prove_seed(request.token, request.form(SHOWN)["code"])
    pool.ask_for_code(row["email"], True)
    people.update(row["userId"], totpSince=people.now())
    return Answer(200, {"recovery": recovery.new_code(row["userId"])})


def renew_code(request: Request) -> Answer:
    """Another paper for who has both factors; what is on the paper before opens nothing any more."""
    return Answer(200, {"recovery": recovery.new_code(_with_both(request)["userId"])})


def remove(request: Request) -> Answer:
    """Who has both factors may go back to one."""
    recovery.take_away(_with_both(request))
    return Answer(204)


def _with_both(request: Request) -> Item:
    row, wanted = people.find(request.caller.user_id), request.form(BOTH)
    if not row.get("totpSince"):
        raise Problem("conflict", "this account has no second factor")
    pool.sign_in(row["email"], wanted["password"], wanted["totp"])
    return row


def _offered() -> None:
    if setting("MFA") == "off":
        raise Problem("forbidden", "this site has no second factor")
