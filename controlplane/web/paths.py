"""Every address of a page, in both languages, in one table."""

from collections.abc import Mapping
from urllib.parse import urlencode

TWINS: dict[str, tuple[str, str]] = {
    "home": ("/de", "/en"),
    "start": ("/de/start/{campaign}", "/en/start/{campaign}"),
    "site": ("/de/webseite", "/en/website"),
    "creator": ("/de/creator-plattform", "/en/creator-platform"),
    "configure": ("/de/konfigurator/{line}", "/en/configure/{line}"),
    "details": ("/de/angebot/{quote_id}/angaben", "/en/quote/{quote_id}/details"),
    "check": ("/de/angebot/{quote_id}/pruefen", "/en/quote/{quote_id}/check"),
    "place": ("/de/angebot/{quote_id}/bestellen", "/en/quote/{quote_id}/order"),
    "slug": ("/de/adresse/{line}", "/en/address/{line}"),
    "order": ("/de/bestellung/{token}", "/en/order/{token}"),
    "order_live": ("/de/bestellung/{token}/stand", "/en/order/{token}/state"),
    "order_stream": ("/de/bestellung/{token}/strom", "/en/order/{token}/stream"),
    "imprint": ("/de/impressum", "/en/imprint"),
    "privacy": ("/de/datenschutz", "/en/privacy"),
    "terms": ("/de/agb", "/en/terms"),
    "processing": ("/de/auftragsverarbeitung", "/en/data-processing"),
    "withdrawal": ("/de/widerruf", "/en/withdrawal"),
    "accessibility": ("/de/barrierefreiheit", "/en/accessibility"),
    "leaving": ("/de/wechsel", "/en/leaving"),
    "withdraw": ("/de/vertrag-widerrufen", "/en/withdraw"),
    "cancel": ("/de/kuendigen", "/en/cancel"),
    "report": ("/de/inhalt-melden", "/en/report-content"),
    "consent": ("/de/datenschutz-einstellungen", "/en/privacy-settings"),
}
LEGAL = ("imprint", "privacy", "terms", "processing", "withdrawal", "accessibility", "leaving")
# A version of a text has an address for good: whoever agreed to it finds it again.
TWINS |= {f"{name}.version": (f"{TWINS[name][0]}/fassung/{{version}}", f"{TWINS[name][1]}/version/{{version}}")
          for name in LEGAL}  # fmt: skip
LINES = ("site", "creator")


def template(name: str, language: str) -> str:
    return TWINS[name][0 if language == "de" else 1]


def path(name: str, language: str, query: Mapping[str, str] | None = None, **values: str) -> str:
    found = template(name, language).format(**values)
    return f"{found}?{urlencode(query)}" if query else found
