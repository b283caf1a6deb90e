"""What search engines and link previews read: titles, canonical and twin addresses, structured data, the sitemap."""

import json
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from markupsafe import Markup

from controlplane.billing.catalog import Interval, catalog
from controlplane.web import assets, paths
from controlplane.web.language import Language
from controlplane.web.routing import Pages

INDEXED = ("home", "site", "creator", *paths.LEGAL)
router = Pages(group="public")


@dataclass(frozen=True)
class Meta:
    title: str
    about: str
    canonical: str
    twins: dict[str, str]
    picture: str
    indexed: bool


def base(request: Request) -> str:
    found: str = request.app.state.gateways.settings.public_url
    return found.rstrip("/")


def meta(
    request: Request,
    language: Language,
    name: str,
    *,
    title: str,
    about: str,
    canonical: str = "",
    indexed: bool = True,
    **values: str,
) -> Meta:
    root, named = base(request), canonical or name
    return Meta(
        title=language(title),
        about=language(about),
        canonical=root + paths.path(named, language.code, None, **values),
        twins={code: root + paths.path(named, code, None, **values) for code in ("de", "en")},
        picture=root + assets.address(f"og-{language.code}.png"),
        indexed=indexed,
    )


def of_landing(request: Request, language: Language) -> Markup:
    root = base(request)
    company = {"@type": "Organization", "@id": f"{root}/#organisation", "name": "SmartPages", "url": root}
    site = {"@type": "WebSite", "name": "SmartPages", "url": root, "inLanguage": language.code}
    answers = [
        {
            "@type": "Question",
            "name": language(f"faq.{n}.question"),
            "acceptedAnswer": {"@type": "Answer", "text": language(f"faq.{n}.answer")},
        }
        for n in range(1, 6)
    ]
    return _document([company, site, {"@type": "FAQPage", "mainEntity": answers}])


def of_product(request: Request, language: Language, line: str) -> Markup:
    root = base(request)
    offers = [
        {
            "@type": "Offer",
            "name": offer.texts[language.code]["name"],
            "price": f"{offer.amounts[Interval.MONTH] / 100:.2f}",
            "priceCurrency": catalog().currency.upper(),
            "availability": "https://schema.org/InStock",
            "url": root + paths.path(line, language.code),
        }
        for offer in catalog().of_line(line)
        if offer.is_base
    ]
    about = {"name": language(f"{line}.name"), "description": language(f"{line}.description"), "offers": offers}
    places = [("home", "nav.home"), (line, f"{line}.name")]
    trail = [
        {"@type": "ListItem", "position": n, "name": language(key), "item": root + paths.path(name, language.code)}
        for n, (name, key) in enumerate(places, 1)
    ]
    return _document([{"@type": "Product", **about}, {"@type": "BreadcrumbList", "itemListElement": trail}])


def _document(graph: list[dict[str, Any]]) -> Markup:
    """As text for a script element: nothing in it can end that element."""
    text = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    harmless = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(harmless)  # noqa: S704 -- no sign of markup is left in it


@router.get("/sitemap.xml")
def sitemap(request: Request) -> Response:
    root, day = base(request), f"{catalog().version}-01"
    entries = "".join(_entry(root, name, code, day) for name in INDEXED for code in ("de", "en"))
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    body = f"{head}{entries}</urlset>\n"
    return Response(body, media_type="application/xml", headers={"cache-control": "public, max-age=3600"})


def _entry(root: str, name: str, code: str, day: str) -> str:
    return f"<url><loc>{root}{paths.path(name, code)}</loc><lastmod>{day}</lastmod></url>"


@router.get("/robots.txt")
def robots(request: Request) -> Response:
    closed = ("/portal", "/console", "/v1/", "/de/angebot/", "/en/quote/", "/de/bestellung/", "/en/order/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {base(request)}/sitemap.xml", ""]
    return Response("\n".join(lines), media_type="text/plain", headers={"cache-control": "public, max-age=3600"})
