"""What one person alone must not do: the first request asks, and works when somebody else has agreed."""

import hashlib
import json
from urllib.parse import parse_qsl

from fastapi import Request

from controlplane.core.errors import Problem
from controlplane.gateways import Gateways
from controlplane.identity import acts
from controlplane.identity.actor import Actor
from controlplane.identity.models import Act


class Waiting(Problem):
    """Not an error of the caller, but not done either."""

    status, title, code = 428, "A second person must agree first", "second_person"


class SecondPerson:
    def __init__(self, gateways: Gateways, request: Request, actor: Actor, group: str, body: bytes) -> None:
        self._gateways, self._request, self._actor, self._group, self._body = gateways, request, actor, group, body

    def act_id(self) -> str:
        """Of the agreement that this request uses up."""
        with self._gateways.db.transaction() as session:
            row = acts.open_act(
                session,
                self._gateways,
                group=self._group,
                method=self._request.method,
                path=self._target(),
                digest=hashlib.sha256(_meant(self._body)).hexdigest(),
                by=str(self._actor),
                reason=_reason(self._body),
            )
            if acts.ripe(self._gateways, row):
                acts.use(session, self._gateways, row)
                return row.id
        raise self._waiting(row)

    def _target(self) -> str:
        query = self._request.url.query
        return f"{self._request.url.path}?{query}" if query else self._request.url.path

    def _waiting(self, row: Act) -> Waiting:
        who = "Wait one hour: there is nobody else who could agree." if row.alone else "Ask another person to agree."
        return Waiting(
            next_step=f"{who} Then send the same request again.",
            act=row.id,
            expires_at=row.expires_at.isoformat(),
            confirm=f"/v1/acts/{row.id}",
        )


def asked_again(gateways: Gateways, act_id: str) -> None:
    with gateways.db.transaction() as session:
        acts.unused(session, act_id)


def _meant(body: bytes) -> bytes:
    """What is agreed to; the token that a page puts into its forms is another one each time."""
    return b"&".join(part for part in body.split(b"&") if not part.startswith(b"csrf_token="))


def _reason(body: bytes) -> str:
    try:
        given = json.loads(body)
    except ValueError:
        given = dict(parse_qsl(body.decode(errors="replace")))
    told = [str(given[name]) for name in ("reason", "proof") if given.get(name)] if isinstance(given, dict) else []
    return "; ".join(told)
