"""Amounts and days as people read them."""

from datetime import datetime

from babel.dates import format_date
from babel.numbers import format_currency


def shown(amount: int, currency: str, locale: str) -> str:
    return format_currency(amount / 100, currency.upper(), locale=_locale(locale))


def day(moment: datetime | None, locale: str) -> str:
    return format_date(moment, format="long", locale=_locale(locale)) if moment else ""


def _locale(locale: str) -> str:
    return "en_GB" if locale == "en" else "de_DE"
