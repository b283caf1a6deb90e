"""An identity provider for operators (OpenID Connect, code flow): where to send somebody, and what came back.

Believed is only what the issuer signed for us: its keys are found through discovery, kept for a while, and looked
up again when a token names one that is not among them.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
from jwt import PyJWK, PyJWKSet

from controlplane.core import http
from controlplane.core.errors import NeedsPerson, Refused
from controlplane.settings import Oidc

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")  # signed by a key that only the issuer has
NEEDED = ["exp", "iat", "iss", "aud", "sub", "nonce"]
SKEW = 30  # seconds
KNOWN_SECONDS, AGAIN_SECONDS = 600.0, 10.0


@dataclass(frozen=True)
class Claims:
    issuer: str
    subject: str
    email: str
    name: str
    groups: frozenset[str]
    strong: bool  # a second factor was proved there
    auth_time: datetime | None


class Issuer:
    def __init__(self, settings: Oidc) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._found: tuple[float, dict[str, Any]] = (0.0, {})
        self._keys: tuple[float, dict[str, PyJWK]] = (0.0, {})

    @property
    def is_set_up(self) -> bool:
        return bool(self._settings.issuer)

    @cached_property
    def _http(self) -> httpx.Client:
        return http.client("", seconds=5)

    def address(self, *, redirect: str, state: str, nonce: str, challenge: str, again: bool) -> str:
        """Where the browser goes; `again`: whoever is signed in there already has to prove it once more."""
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": redirect,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"acr_values": " ".join(self._settings.acr)} if self._settings.acr else {}),
            **({"prompt": "login", "max_age": "0"} if again else {}),
        }
        place = self._document["authorization_endpoint"]
        return f"{place}{'&' if '?' in place else '?'}{urlencode(query)}"

    def redeem(self, *, code: str, redirect: str, verifier: str) -> str:
        """The ID token for a code."""
        body = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        place, who = self._document["token_endpoint"], self._who()
        answer = http.send(
            lambda: self._http.post(place, data=body | who[0], **who[1]), what="OIDC token", repeatable=False
        )
        if answer.status_code == 401:
            raise NeedsPerson("OIDC token: we are not known", next_action="renew CP_OPERATORS__OIDC__CLIENT_SECRET")
        token = _object(answer).get("id_token") if answer.status_code == 200 else None
        if not isinstance(token, str):
            raise Refused(f"the issuer did not take the code ({answer.status_code})")
        return token

    def claims(self, token: str, *, nonce: str) -> Claims:
        """What the issuer says about a person, when it says so to us, now, and about this attempt."""
        try:
            found: dict[str, Any] = jwt.decode(
                token,
                self._key(token),
                algorithms=list(ALGORITHMS),
                audience=self._settings.client_id,
                issuer=self._settings.issuer,
                leeway=SKEW,
                options={"require": NEEDED, "strict_aud": False},
            )
        except jwt.PyJWTError as error:
            raise Refused(f"the token of the issuer is not valid: {type(error).__name__}") from error
        if found["nonce"] != nonce:
            raise Refused("the token of the issuer belongs to another attempt")
        if found.get("azp", self._settings.client_id) != self._settings.client_id:
            raise Refused("the token of the issuer was made for somebody else")
        return self._read(found)

    def look(self) -> None:
        """Is it there, and does it have keys?"""
        if not self._fetch_keys():
            raise NeedsPerson("OIDC: the issuer publishes no keys", next_action="look at its jwks_uri")

    def close(self) -> None:
        if "_http" in self.__dict__:
            self._http.close()

    def _who(self) -> tuple[dict[str, str], dict[str, Any]]:
        """A public client says its name, a confidential one proves it."""
        client, secret = self._settings.client_id, self._settings.client_secret.get_secret_value()
        return ({}, {"auth": httpx.BasicAuth(client, secret)}) if secret else ({"client_id": client}, {})

    def _read(self, found: Mapping[str, Any]) -> Claims:
        groups, methods, at = found.get(self._settings.groups_claim), found.get("amr"), found.get("auth_time")
        strong = bool(_texts(methods) & set(self._settings.amr)) or found.get("acr") in self._settings.acr
        return Claims(
            issuer=self._settings.issuer,
            subject=str(found["sub"]),
            email=str(found.get("email") or "").strip().lower(),
            name=str(found.get("name") or "")[:120],
            groups=frozenset(_texts(groups)),
            strong=strong,
            auth_time=datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else None,
        )

    def _key(self, token: str) -> PyJWK:
        kid = jwt.get_unverified_header(token).get("kid", "")
        with self._lock:
            read_at, keys = self._keys
            age = time.monotonic() - read_at
            if not keys or age > KNOWN_SECONDS or (kid not in keys and age > AGAIN_SECONDS):
                keys = self._fetch_keys()
                self._keys = (time.monotonic(), keys)
        if not kid and len(keys) == 1:
            return next(iter(keys.values()))
        if kid not in keys:
            raise jwt.InvalidKeyError("unknown key")
        return keys[kid]

    def _fetch_keys(self) -> dict[str, PyJWK]:
        found = self._get(self._document["jwks_uri"])
        return {key.key_id or "": key for key in PyJWKSet.from_dict(found).keys if key.public_key_use in {None, "sig"}}

    @property
    def _document(self) -> dict[str, Any]:
        read_at, document = self._found
        if not document or time.monotonic() - read_at > KNOWN_SECONDS:
            document = self._get(f"{self._settings.issuer.rstrip('/')}/.well-known/openid-configuration")
            if document.get("issuer") != self._settings.issuer:
                raise NeedsPerson(
                    "OIDC discovery: another issuer answers than the one that is named",
                    next_action="write CP_OPERATORS__OIDC__ISSUER exactly as its own document does",
                )
            self._found = (time.monotonic(), document)
        return document

    def _get(self, address: str) -> dict[str, Any]:
        answer = http.send(lambda: self._http.get(address), what="OIDC discovery", repeatable=True)
        if answer.status_code != 200:
            raise NeedsPerson(
                f"OIDC discovery: {address} answered {answer.status_code}",
                next_action="correct CP_OPERATORS__OIDC__ISSUER",
            )
        return _object(answer)


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refused("the issuer answers something else than a JSON object")
    return found


def _texts(value: Any) -> set[str]:
    return {str(item) for item in value} if isinstance(value, list) else {value} if isinstance(value, str) else set()
