"""The letters we write, from `letters.de.toml` and `letters.en.toml`: HTML and plain text from one source."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

HERE = Path(__file__).parent
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_ADDRESS = re.compile(r"(?i)\b(?:https?://|www\.)\S+|(?<=\w)\.(?=[a-z]{2,}(?:/|\b))")
USER_TEXTS = ("name", "company")  # typed by strangers: never a link, never a second line


@dataclass(frozen=True)
class Letter:
    subject: str
    html: str
    text: str


@cache
def texts(locale: str) -> Mapping[str, Any]:
    return tomllib.loads((HERE / f"letters.{locale}.toml").read_text())


KINDS = frozenset(name for name in texts("de") if name != "common")


# the plain part of a letter is no HTML
_HTML = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_PLAIN = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701


@cache
def _compiled(text: str, html: bool) -> Template:
    """Of our own texts only, so there are not many."""
    return (_HTML if html else _PLAIN).from_string(text)


@cache
def _layout(name: str) -> str:
    return (HERE / name).read_text()


def render(kind: str, locale: str, data: Mapping[str, Any]) -> Letter:
    words, common = texts(locale)[kind], texts(locale)["common"]
    given = {name: harmless(value) if name in USER_TEXTS else value for name, value in data.items()}
    subject = _fill(words["subject"], given, html=False)
    return Letter(
        subject=one_line(subject)[:150],
        html=_page("layout.html", words, common, given, html=True),
        text=_page("layout.txt", words, common, given, html=False),
    )


def _page(
    layout: str, words: Mapping[str, Any], common: Mapping[str, Any], data: Mapping[str, Any], *, html: bool
) -> str:
    def filled(text: str) -> str:
        return _fill(text, data, html=html)

    paragraphs = [text for text in map(filled, words["paragraphs"]) if text]
    closing = [text for text in map(filled, words.get("closing", [])) if text]
    button = words.get("button")
    target = str(data.get(button["to"], "")) if button else ""
    page: str = _compiled(_layout(layout), html).render(
        subject=filled(words["subject"]), heading=filled(words["heading"]), paragraphs=paragraphs, closing=closing,
        button=button["label"] if button and target else "", target=target, lines=data.get("lines", []),
        total=data.get("total", ""), common=common,
    )  # fmt: skip
    return page


def _fill(text: str, data: Mapping[str, Any], *, html: bool) -> str:
    filled: str = _compiled(text, html).render(**data).strip()
    return Markup(filled) if html else filled  # noqa: S704 -- rendered by an environment that escapes


def harmless(value: object) -> str:
    """One short line without anything that mail programs turn into a link."""
    text = one_line(str(value))[:80]
    return _ADDRESS.sub(lambda found: found.group().replace("://", " ").replace(".", " "), text)


def one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()
