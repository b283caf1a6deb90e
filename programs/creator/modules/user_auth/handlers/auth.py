"""Signing up, in and out. Answers never tell whether an address has an account."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from programs.creator.modules.user_auth.handlers import codes, factors, people, pool, recovery
from programs.creator.modules.user_auth.handlers.factors import CODE
from programs.creator.modules.user_auth.handlers.texts import send_code, send_invitation, send_taken
from programs.creator.runtime.documents import Item
from programs.creator.runtime.errors import Problem
from programs.creator.runtime.fields import agreed, email, form, identifier, one_of, password, text
from programs.creator.runtime.http import Answer, Request, Routes
from programs.creator.runtime.settings import text as setting

handle = Routes()

USERNAME = text(3, 24, r"[a-z0-9_]{3,24}")
LOCALE = one_of("de", "en")
SIGNUP = form(
    email=email,
    password=password(8),
    username=USERNAME,
    consent=agreed,
    optional={"locale": LOCALE, "invitation": CODE},
)
CONFIRM = form(userId=identifier, code=CODE)
ADDRESS = form(email=email)
LOGIN = form(email=email, password=password(1), optional={"totp": CODE})
RECOVERY = form(email=email, password=password(1), recovery=text(1, 40))
INVITATION = form(email=email, optional={"locale": LOCALE})
UNLOCKED = form(userId=identifier, by=text(1, 80))
RESET = form(email=email, code=CODE, password=password(8))
PROFILE = form(optional={"username": USERNAME, "locale": LOCALE, "email": email})
MAILS, LOGINS = 5, 20  # of one address in a quarter of an hour
FORTNIGHT = 14 * 86_400


@handle.add("POST /auth/signup")
def sign_up(request: Request) -> Answer:
    if setting("SIGNUP") == "closed":
        raise Problem("forbidden", "nobody can sign up at the moment")
    wanted = request.form(SIGNUP)
    address, locale = wanted["email"], wanted.get("locale", setting("LOCALE"))
    _limited("signup", address)
    with _invited(address, wanted.get("invitation", "")):
        user_id = _created(address, wanted["password"])
        if user_id is None:
            send_taken(to=address, locale=locale)
            return Answer(202, {"userId": str(uuid.uuid4())})
        try:
            people.create(user_id, email=address, username=wanted["username"], locale=locale)
        except Exception:
            pool.delete(address)
            raise
    send_code("signup", to=address, locale=locale, code=codes.issue("signup", user_id))
    return Answer(202, {"userId": user_id})


@handle.add("POST /auth/confirm")
def confirm(request: Request) -> Answer:
    """The address of a new account, or a new address of an old one."""
    wanted = request.form(CONFIRM)
    user_id = wanted["userId"]
    row = people.find(user_id)
    if row["status"] == "pending":
        codes.redeem("signup", user_id, wanted["code"])
        pool.confirm(row["email"])
        people.update(user_id, status="active")
        return Answer(200, {"userId": user_id})
    address = codes.redeem("email", user_id, wanted["code"])["newEmail"]
    pool.move(row["email"], address)
    people.update(user_id, email=address)
    return Answer(200, {"userId": user_id})


@handle.add("POST /auth/resend")
def resend(request: Request) -> Answer:
    address = request.form(ADDRESS)["email"]
    _limited("resend", address)
    row = people.by_email(address)
    if row and row["status"] == "pending":
        send_code("signup", to=address, locale=row["locale"], code=codes.issue("signup", row["userId"]))
    return Answer(202, {})


@handle.add("POST /auth/login")
def log_in(request: Request) -> Answer:
    wanted = request.form(LOGIN)
    _limited("login", wanted["email"], LOGINS)
    tokens = pool.sign_in(wanted["email"], wanted["password"], wanted.get("totp", ""))
    people.update(tokens.user_id, lastLogin=people.now())
    return _signed_in(tokens)


@handle.add("POST /auth/recover")
def recover(request: Request) -> Answer:
    """Without the device: the code of the paper takes the second factor away, and is spent with it."""
    wanted = request.form(RECOVERY)
    _limited("recover", wanted["email"], LOGINS)
    pool.prove_password(wanted["email"], wanted["password"])
    recovery.redeem(_person(wanted["email"]), wanted["recovery"])
    return _signed_in(pool.sign_in(wanted["email"], wanted["password"]))


@handle.add("POST /auth/refresh")
def refresh(request: Request) -> Answer:
    # A form of another site can send the cookie along, but not this header.
    if not request.header("x-requested-with") or not request.cookie("rt"):
        raise Problem("unauthorized", "please sign in")
    return _signed_in(pool.refresh(request.cookie("rt")))


@handle.add("POST /auth/logout")
def log_out(request: Request) -> Answer:
    if request.cookie("rt"):
        pool.revoke(request.cookie("rt"))
    return Answer(204, cookies=(_cookie("", 0),))


@handle.add("POST /auth/forgot")
def forgot(request: Request) -> Answer:
    address = request.form(ADDRESS)["email"]
    _limited("forgot", address)
    row = people.by_email(address)
    if row and row["status"] == "active":
        send_code("reset", to=address, locale=row["locale"], code=codes.issue("reset", row["userId"]))
    return Answer(202, {})


@handle.add("POST /auth/reset")
def reset(request: Request) -> Answer:
    wanted = request.form(RESET)
    _limited("reset", wanted["email"], LOGINS)
    row = people.by_email(wanted["email"])
    codes.redeem("reset", row["userId"] if row else "nobody", wanted["code"])
    assert row
    pool.set_password(row["email"], wanted["password"])
    pool.sign_out(row["email"])
    return Answer(204)


@handle.add("GET /auth/me")
def me(request: Request) -> Answer:
    return Answer(200, people.shown(people.find(request.caller.user_id)))


@handle.add("PATCH /auth/me")
def change_me(request: Request) -> Answer:
    """A new address counts once its code came back."""
    row, wanted = people.find(request.caller.user_id), request.form(PROFILE)
    if wanted.get("username", row["username"]) != row["username"]:
        people.rename(row, wanted["username"])
    if "locale" in wanted:
        people.update(row["userId"], locale=wanted["locale"])
    address = wanted.get("email", row["email"])
    if address != row["email"]:
        _limited("email", row["userId"])
        code = codes.issue("email", row["userId"], newEmail=address)
        send_code("email", to=address, locale=row["locale"], code=code)
    return Answer(200, people.shown(people.find(row["userId"])))


@handle.add("POST /auth/invitations")
def invite(request: Request) -> Answer:
    """By the creator: for a site that lets nobody else in."""
    _ = request.admin
    wanted = request.form(INVITATION)
    address, locale = wanted["email"], wanted.get("locale", setting("LOCALE"))
    _limited("invite", address)
    send_invitation(to=address, locale=locale, code=codes.issue("invite", codes.mark(address), seconds=FORTNIGHT))
    return Answer(202, {})


@handle.add("POST /auth/unlock")
def unlock(request: Request) -> Answer:
    """By the creator, for who lost both device and code: the password goes on being asked for."""
    admin, address = request.admin, request.form(ADDRESS)["email"]
    row = _person(address)
    if not row.get("totpSince"):
        raise Problem("conflict", "this account has no second factor", "email")
    recovery.let_in(row, by=admin.user_id)
    return Answer(204)


@handle.add("platform unlock")
def unlock_owner(request: Request) -> Answer:
    """By the platform's operators, for a creator who lost both. The API has no such route: no visitor gets here."""
    wanted = request.form(UNLOCKED)
    row = people.find(wanted["userId"])
    if not row.get("totpSince"):
        return Answer(200, {"unlocked": False})
    recovery.let_in(row, by=wanted["by"])
    return Answer(200, {"unlocked": True})


handle.add("POST /auth/me/totp")(factors.begin)
handle.add("POST /auth/me/totp/confirm")(factors.confirm)
handle.add("POST /auth/me/totp/recovery")(factors.renew_code)
handle.add("DELETE /auth/me/totp")(factors.remove)


@contextmanager
def _invited(address: str, code: str) -> Iterator[None]:
    """An invitation is spent by an account, not by an attempt at one."""
    if setting("SIGNUP") != "invite":
        yield
        return
    spent = codes.redeem("invite", codes.mark(address), code)
    try:
        yield
    except Exception:
        codes.give_back(spent)
        raise


def _created(address: str, password: str) -> str | None:
    """A signing up that broke off between pool and table left half a user: that address is free again."""
    user_id = pool.create(address, password)
    if user_id is None:
        half = pool.abandoned(address)
        if half and not people.exists(half):
            pool.delete(address)
            return pool.create(address, password)
    return user_id


def _person(address: str) -> Item:
    known = people.by_email(address)
    if known is None:
        raise Problem("not_found", "there is no such account", "email")
    return people.find(known["userId"])


def _limited(purpose: str, who: str, most: int = MAILS) -> None:
    if not codes.allowed(purpose, who, most=most):
        raise Problem("rate_limited", "please wait a quarter of an hour")


def _signed_in(tokens: pool.Tokens) -> Answer:
    body = {"accessToken": tokens.access, "idToken": tokens.identity, "expiresIn": tokens.seconds}
    cookies = (_cookie(tokens.refresh, int(setting("SESSION_SECONDS"))),) if tokens.refresh else ()
    return Answer(200, body, cookies=cookies)


def _cookie(value: str, seconds: int) -> str:
    return f"rt={value}; Max-Age={seconds}; Path=/api/auth; HttpOnly; Secure; SameSite=Strict"
