"""The mailbox page: every mail that was accepted, as HTML and as text, with what became of it."""

import base64
import re
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from sandbox.control.pages import Pages
from sandbox.kit.store import Doc
from sandbox.resend.address import bare
from sandbox.resend.vendor import Vendor

PAGE = 50
# A mail is strange content: no script, no request to anywhere; links open in a tab of their own.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
)
_TONES = {"delivered": "ok", "sent": "wait", "queued": "wait", "scheduled": "wait", "delivery_delayed": "wait"}
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


class Mailbox:
    def __init__(self, vendor: Vendor) -> None:
        self._store = vendor.store
        self._pages = Pages(Path(__file__).parent / "templates")

    def routes(self) -> list[Route]:
        return [
            Route("/", lambda request: RedirectResponse(f"{request.scope['root_path']}/mailbox")),
            Route("/mailbox", self.index),
            Route("/mailbox/{id}", self.mail),
            Route("/mailbox/{id}/html", self.html),
            Route("/mailbox/{id}/attachments/{attachment}", self.attachment),
        ]

    def find(self, to: str = "") -> list[Doc]:
        """Newest first; `to` is a part of any recipient's address."""
        wanted = to.strip().lower()
        mails = self._store.all("email")[::-1]
        return [mail for mail in mails if not wanted or any(wanted in who for who in mailboxes(mail))]

    def content(self, mail: Doc) -> Doc:
        return self._store.get("content", mail["id"]) or {"html": None, "text": None, "attachments": []}

    async def index(self, request: Request) -> Response:
        to, start = request.query_params.get("to", ""), _number(request.query_params.get("from"))
        found = self.find(to)
        following = start + PAGE if len(found) > start + PAGE else None
        shown = found[start : start + PAGE]
        return self._pages.show("mailbox.html", mails=shown, to=to, total=len(found), following=following, tones=_TONES)

    async def mail(self, request: Request) -> Response:
        mail = self._mail(request)
        content, history = self.content(mail), self._store.all("event", email=mail["id"])
        links = list(dict.fromkeys(_LINK.findall(content["text"] or "")))
        return self._pages.show("mail.html", mail=mail, content=content, history=history, links=links, tones=_TONES)

    async def html(self, request: Request) -> Response:
        html = self.content(self._mail(request))["html"] or ""
        headers = {
            "content-security-policy": MAIL_POLICY,
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
        }
        return Response(f'<base target="_blank">{html}', media_type="text/html", headers=headers)

    async def attachment(self, request: Request) -> Response:
        for attachment in self.content(self._mail(request))["attachments"]:
            if attachment["id"] == request.path_params["attachment"]:
                name = re.sub(r"[^\w. -]", "_", attachment["filename"], flags=re.ASCII)
                headers = {"content-disposition": f'attachment; filename="{name}"', "x-content-type-options": "nosniff"}
                return Response(
                    base64.b64decode(attachment["content"]), headers=headers, media_type="application/octet-stream"
                )
        raise HTTPException(404)

    def _mail(self, request: Request) -> Doc:
        mail = self._store.get("email", request.path_params["id"])
        if mail is None:
            raise HTTPException(404, "there is no such mail")
        return mail


def mailboxes(mail: Doc) -> list[str]:
    return [(bare(who) or who).lower() for part in ("to", "cc", "bcc") for who in mail[part]]


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else 0
