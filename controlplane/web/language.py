"""Two equal languages: texts by key from the catalogues, numbers, money and time as people write them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

LANGUAGES = ("de", "en")
NAMES = {"de": "Deutsch", "en": "English"}
HERE = Path(__file__).parent / "locales"
ZONE = ZoneInfo("Europe/Berlin")
_BABEL = {"de": "de_DE", "en": "en_GB"}


class MissingText(KeyError):
    """A key that no catalogue knows is a bug, and never shown as a text."""


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    with (HERE / language / "web.po").open("rb") as file:
        return {_key(message.id): message.string for message in _read(file) if message.id}


def _read(file: Any) -> Catalog:
    return read_po(file)


def _key(identity: Any) -> str:
    return str(identity[0] if isinstance(identity, tuple | list) else identity)


@dataclass(frozen=True)
class Language:
    code: str

    @property
    def other(self) -> "Language":
        return Language("en" if self.code == "de" else "de")

    @property
    def name(self) -> str:
        return NAMES[self.code]

    def name_of(self, code: str) -> str:
        """Each language calls itself by its own name."""
        return NAMES[code]

    @cached_property
    def _texts(self) -> Mapping[str, Any]:
        return catalogue(self.code)

    def __call__(self, key: str, **values: object) -> str:
        found = self._texts.get(key)
        if not isinstance(found, str):
            raise MissingText(key)
        return found.format(**values) if values else found

    def has(self, key: str) -> bool:
        return key in self._texts

    def word(self, family: str, code: object) -> str:
        """A code from a rule in words; one that nobody has put into words yet stays readable."""
        text = str(code or "")
        found = self._texts.get(f"{family}.{text}")
        return found if isinstance(found, str) else text.replace("_", " ")

    def reason(self, code: str) -> str:
        """For customers: the name of a fault of ours means nothing to them."""
        return self(f"reason.{code}" if self.has(f"reason.{code}") else "reason.bug") if code else self("reason.none")

    def plural(self, key: str, number: int, **values: object) -> str:
        """Both languages have one form for 1 and one for the rest."""
        forms = self._texts.get(key)
        if not isinstance(forms, tuple):
            raise MissingText(key)
        return str(forms[0 if number == 1 else 1]).format(n=self.number(number), **values)

    def money(self, minor: int, currency: str = "eur") -> str:
        return _money(self.code, minor, currency)

    def number(self, value: float) -> str:
        return format_decimal(value, locale=_BABEL[self.code])

    def percent(self, share: float) -> str:
        return format_percent(share, locale=_BABEL[self.code])

    def rate(self, percent: float) -> str:
        """Of a tax: with its decimals, where it has some."""
        return self.number(percent) + {"de": "\xa0%", "en": "%"}[self.code]

    def size(self, count: int) -> str:
        """As providers count disks; whole numbers, except that little is not nothing."""
        power = next((power for power in (3, 2, 1) if count >= 1024**power), 0)
        return f"{self.number(round(count / 1024**power))}\xa0{('Bytes', 'kB', 'MB', 'GB')[power]}"

    def moment(self, at: datetime | None) -> str:
        if at is None:
            return "–"
        local = at.astimezone(ZONE)
        return f"{_short_day(self.code, local.date())}, {local:%H:%M}"

    def short_day(self, day: date) -> str:
        return _short_day(self.code, day)

    def country(self, code: str) -> str:
        return str(Locale(self.code).territories[code])

    def clock(self, at: datetime) -> str:
        return format_time(at, "HH:mm:ss", tzinfo=ZONE, locale=_BABEL[self.code])

    def day(self, at: datetime | None) -> str:
        return format_date(at.astimezone(ZONE), "long", locale=_BABEL[self.code]) if at else "–"

    def span(self, length: timedelta | float) -> str:
        """Rounded as people say it: seconds, minutes, hours or days."""
        seconds = length.total_seconds() if isinstance(length, timedelta) else length
        for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
            if seconds >= size * 1.5 or (seconds >= size and size == 60):
                return self.plural(f"span.{unit}", round(seconds / size))
        return self.plural("span.seconds", max(1, round(seconds)))


@lru_cache(maxsize=4000)
def _money(code: str, minor: int, currency: str) -> str:
    """A page names forty prices, always the same ones, and asking the locale for one is slow."""
    whole = minor % 100 == 0
    pattern = {"de": "#,##0\xa0¤", "en": "¤#,##0"}[code] if whole else None
    return format_currency(
        minor / 100, currency.upper(), format=pattern, locale=_BABEL[code], currency_digits=not whole
    )


@lru_cache(maxsize=1000)
def _short_day(code: str, day: date) -> str:
    """A list says it fifty times, and asking the locale for it is slow."""
    return format_date(day, "medium", locale=_BABEL[code])


def preferred(accept: str) -> str:
    """The first of our languages that the browser names; German else."""
    wanted: list[tuple[float, str]] = []
    for part in accept.split(",")[:20]:
        name, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), name[:2].lower()))
        except ValueError:
            continue
    return next((name for _weight, name in sorted(wanted, key=lambda pair: pair[0]) if name in LANGUAGES), "de")
