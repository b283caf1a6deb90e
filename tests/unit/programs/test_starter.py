"""The starter site: complete in both languages, self-contained, and safe with any name."""

import re
from html.parser import HTMLParser
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.starter import PLACEHOLDER, Starter

Language = Literal["de", "en"]
VOID = {"meta", "link", "input", "br"}


def starter(language: Language, company: str, email: str | None, forms: bool) -> dict[str, bytes]:
    host = "muster.sites.example"
    return Starter(language=language, company=company, host=host, email=email, year=2026, forms=forms).files()


def site(language: Language = "de", company: str = "Muster & Söhne", forms: bool = True) -> dict[str, bytes]:
    return starter(language, company, "post@muster.example", forms)


class Page(HTMLParser):
    """Collects links and ids, and counts tags that are never closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.links += [values[name] for name in ("href", "src", "action") if name in values]
        self.links += [values["value"]] if values.get("name") == "_next" else []
        self.ids |= {values["id"]} if "id" in values else set()
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"


def pages(files: dict[str, bytes]) -> dict[str, Page]:
    return {path: Page(content.decode()) for path, content in files.items() if path.endswith(".html")}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("forms", [True, False])
def test_every_link_leads_somewhere_of_its_own(language: Language, forms: bool) -> None:
    files = site(language, forms=forms)
    parsed = pages(files)
    for path, page in parsed.items():
        assert page.open == [], path
        for link in page.links:
            if link == "/_sp/forms/contact" or link == "mailto:post@muster.example":
                continue
            target, _, anchor = link.partition("#")
            name = path if not target else "/index.html" if target == "/" else target
            assert name in files, f"{path} → {link}"
            assert not anchor or anchor in parsed[name].ids, f"{path} → {link}"


@pytest.mark.parametrize("language", ["de", "en"])
def test_asks_nobody_else_for_anything_and_runs_no_script(language: Language) -> None:
    for path, content in site(language).items():
        text = content.decode().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "//" not in re.sub(r"/\*.*?\*/", "", text), path
        assert "<script" not in text, path
        assert " style=" not in text, path
        assert not PLACEHOLDER.search(text), path


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_are_accessible_in_their_outline(language: Language) -> None:
    for path, content in site(language).items():
        if path.endswith(".html"):
            text = content.decode()
            assert text.count("<h1>") == 1, path
            assert f'<html lang="{language}">' in text, path
            assert '<a class="skip" href="#main">' in text, path
            assert all("<label" in field for field in re.findall(r".*<(?:input name|textarea).*", text)), path


def test_both_languages_have_the_same_number_of_pages() -> None:
    assert len(site("de")) == len(site("en")) == 9


def test_without_forms_no_form_is_shown() -> None:
    assert b"<form" in site()["/kontakt.html"]
    without = site(forms=False)["/kontakt.html"]
    assert b"<form" not in without
    assert b"post@muster.example" in without


@pytest.mark.parametrize("language", ["de", "en"])
def test_shows_an_address_only_if_there_is_one(language: Language) -> None:
    assert any(b"mailto:" in content for content in site(language).values())
    without = starter(language, "Muster", None, True)
    assert not any(b"mailto:" in content or b"<!--" in content for content in without.values())
    assert any(b"muster.sites.example" in content for content in without.values())


@given(st.text(max_size=80))
def test_a_name_stays_text(company: str) -> None:
    page = site(company=company)["/index.html"].decode()
    plain = site(company="")["/index.html"].decode()
    assert page.count("<") == plain.count("<")
    assert page.count('"') == plain.count('"')
