"""Every component in every state on one page: looked at and measured there, and only where nothing is sold."""

from datetime import timedelta
from typing import Any

from fastapi import Request, Response

from controlplane.billing import quotes
from controlplane.core.errors import NotFound
from controlplane.settings import Environment
from controlplane.web import plots
from controlplane.web.language import LANGUAGES, Language
from controlplane.web.routing import Pages
from controlplane.web.shell import Class, Page, render
from controlplane.web.storefront.choice import DEFAULT
from controlplane.web.storefront.routes import SHOWN

router = Pages(group="public")
TONES = {"ok": "ok", "running": "working", "waiting": "working", "yours": "attention", "needs": "attention",
         "danger": "blocked", "unknown": "unknown", "off": "unknown"}  # fmt: skip
STEPS = ("done", "done", "now", "failed", "next")
CHANGES = [{"op": op, "urn": f"urn:pulumi:t::site::cloudflare:index/record:Record::{op}"} for op in
           ("replace", "delete", "update", "create")]  # fmt: skip


@router.get("/gallery/{code}")
def show(code: str, request: Request) -> Response:
    gateways = request.app.state.gateways
    if gateways.settings.environment is Environment.LIVE or code not in LANGUAGES:
        raise NotFound("There is no such page.")
    language = Language(code)
    values: dict[str, Any] = {
        "tones": TONES, "steps": STEPS, "changes_shown": CHANGES,
        "now": gateways.now(), "since": gateways.now() - timedelta(hours=3),
        "plot": plots.running_cost(quotes.typical_cost(DEFAULT["creator"], *SHOWN), language), "plot_file": "",
        "errors": {"slug": language("problem.slug_taken"), "": language("problem.unknown")},
    }  # fmt: skip
    return render(request, language, Page("gallery.html", values, kind=Class.TOKEN))
