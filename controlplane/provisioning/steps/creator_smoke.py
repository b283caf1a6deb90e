"""Proof of life of a creator: every module asked over HTTP, as a visitor, at the creator's own name."""

import json
import secrets
import time
from collections.abc import Callable

from controlplane.core.errors import NeedsPerson, TryLater
from controlplane.provisioning.steps.creator_stack import domain_of, member, modules_of, physical
from controlplane.provisioning.work import Facts, Work
from controlplane.vendors.aws_member import Member
from programs.creator.plan import Probe
from programs.creator.registry import MODULES
from tenants.conditions import OK, Concern

API = "/api"
CANARY = "canary-"
PATIENCE = 60.0  # rights and routes take a while to be known everywhere
Check = Callable[[], str]  # an empty text: well


def smoke(work: Work) -> Facts:
    return _green(work, checks(work))


def pages(work: Work) -> Facts:
    """Only what visitors see before anything is asked of the API."""
    domain = domain_of(work.gateways, work.tenant)
    return _green(work, {"page": _probe(work, domain, Probe("GET /", 200), ""), "site": lambda: _site(work, domain)})


def _green(work: Work, wanted: dict[str, Check]) -> Facts:
    red = _await(work, wanted)
    if red:
        text = "; ".join(f"{name}: {why}" for name, why in red.items())
        raise NeedsPerson(text[:1000], next_action="read the function's log, mend the cause, then retry")
    work.find(Concern.SITE, OK)
    return {"checked": sorted(wanted)}


def _await(work: Work, wanted: dict[str, Check]) -> dict[str, str]:
    deadline, red = time.monotonic() + PATIENCE, dict.fromkeys(wanted, "not asked")
    while red:
        red = {name: why for name in red if (why := _why(wanted[name]))}
        if time.monotonic() > deadline or work.should_stop():
            return red
        time.sleep(0.5 if red else 0)
    return red


def _why(check: Check) -> str:
    try:
        return check()
    except TryLater as error:
        return error.reason


def checks(work: Work) -> dict[str, Check]:
    domain = domain_of(work.gateways, work.tenant)
    found: dict[str, Check] = {}
    for name in modules_of(work.tenant):
        for number, probe in enumerate(MODULES[name].plan().PROBES):
            prefix = "" if name == "s3-website" else API
            found[f"{name} {number + 1}"] = _probe(work, domain, probe, prefix)
    return found | {"site": lambda: _site(work, domain), "health": lambda: _health(work, domain),
                    "sign-in": lambda: _sign_in(work, domain)}  # fmt: skip


def _probe(work: Work, domain: str, probe: Probe, prefix: str) -> Check:
    method, _space, path = probe.route.partition(" ")

    def check() -> str:
        body = dict(probe.body) if probe.body is not None else None
        seen = work.gateways.visitor.ask(domain, method, prefix + path, json=body)
        return "" if seen.status == probe.status else f"{probe.route} answers {seen.status} instead of {probe.status}"

    return check


def _site(work: Work, domain: str) -> str:
    """Ours, in the release that was deployed last."""
    release = work.tenant.facts.get("site_release")
    if not release:
        return ""
    seen = work.gateways.visitor.ask(domain, "GET", "/config.json")
    if seen.status != 200:
        return f"/config.json answers {seen.status}"
    found = json.loads(seen.body).get("release")
    return "" if found == release else f"the site is {found} instead of {release}"


def _health(work: Work, domain: str) -> str:
    token = (member(work).secret("creator/app") or {}).get("health", "")
    seen = work.gateways.visitor.ask(domain, "GET", f"{API}/health", headers={"x-health-token": token})
    return "" if seen.status == 200 else f"health answers {seen.status}: {seen.body[:300]!r}"


def _sign_in(work: Work, domain: str) -> str:
    """A canary of our own in the pool and its table: signs in through the API, is recognised, and goes."""
    entered, pool, users = member(work), work.tenant.facts["user_pool_id"], physical(work.tenant, "users")
    _remove_canaries(entered, pool, users)
    who, password = f"{CANARY}{secrets.token_hex(6)}@probe.invalid.example", f"A1-{secrets.token_urlsafe(18)}"
    try:
        user = entered.make_person(pool, who, password)
        entered.put_item(users, {name: {"S": value} for name, value in _row(user, who).items()})
        return _signed_in(work, domain, who, password)
    finally:
        _remove_canaries(entered, pool, users)


def _row(user: str, who: str) -> dict[str, str]:
    name = who.partition("@")[0].replace("-", "_")
    row = {"userId": user, "email": who, "username": name, "role": "member", "status": "active", "locale": "en"}
    return {**row, "createdAt": "1970-01-01T00:00:00Z", "subscription": "free"}


def _remove_canaries(entered: Member, pool: str, users: str) -> None:
    """Also those of a process that died in between."""
    for user, who in entered.people_like(pool, CANARY):
        entered.delete_item(users, {"userId": {"S": user}})
        entered.remove_person(pool, who)


def _signed_in(work: Work, domain: str, who: str, password: str) -> str:
    ask = work.gateways.visitor.ask
    seen = ask(domain, "POST", f"{API}/auth/login", json={"email": who, "password": password})
    if seen.status != 200:
        return f"sign-in answers {seen.status}: {seen.body[:200]!r}"
    token = json.loads(seen.body)["accessToken"]
    for given, wanted in ((token, 200), (f"{token[:-4]}AAAA", 401)):
        me = ask(domain, "GET", f"{API}/auth/me", headers={"authorization": f"Bearer {given}"})
        if me.status != wanted:
            return f"GET /auth/me answers {me.status}"
    return ""


def closed(work: Work) -> Facts:
    """Paused: visitors get the page that says so."""
    domain = domain_of(work.gateways, work.tenant)

    def check() -> str:
        seen = work.gateways.visitor.ask(domain, "GET", "/")
        return "" if seen.status == 503 else f"the site answers {seen.status}"

    red = _await(work, {"site": check})
    if red:
        raise TryLater(red["site"])
    return {"domain": domain}
