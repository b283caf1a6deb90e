"""The first page of the sandbox: links to all its pages."""

from pathlib import Path

from starlette.responses import Response

from sandbox.control.pages import Pages
from sandbox.kit.home import Home

PAGES = {
    "resend": ("/resend/mailbox", "Mailbox", "Every e-mail that was sent"),
    "dns": ("/dns/registrar", "Registrar", "DNS records of customers' domains"),
    "stripe": ("/stripe/", "Stripe", "Customers, payments, webhook deliveries"),
    "cloudflare": ("/cloudflare/", "Cloudflare", "Zones, Workers, custom hostnames"),
}


def index_page(home: Home, mounted: list[str]) -> Response:
    pages = [PAGES[name] for name in PAGES if name in mounted]
    templates = Pages(Path(__file__).parent / "templates")
    return templates.show("index.html", pages=pages, now=home.clock.now(), faults=len(home.faults.active()))
