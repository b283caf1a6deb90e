"""Letters: every kind in both languages, harmless whatever somebody typed as a name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlplane.delivery.wording import KINDS, harmless, render, texts

DATA = {
    "name": "Anna Beispiel", "order": "ABCD1234", "url": "https://cp.example/de/bestellung/x", "amount": "39,00 €",
    "pay": "https://pay.example/i/1", "next_try": "24. November 2026", "days": 7, "until": "1. Dezember 2026",
    "why": "Ein Schritt dauert länger.", "what": "Paid but not live", "detail": "Tenant x", "total": "39,00 €",
    "net": False, "code": "ABCD-EFGH", "contract": "ABCD1234", "more": "", "at": "21. November 2026, 10:00",
    "used": 85, "cap": 150, "usage": "https://cp.example/portal/t/x/modules",
    "lines": [{"name": "Pro", "quantity": 2, "amount": "78,00 €", "interval": "month"}],
}  # fmt: skip


def test_both_languages_have_the_same_letters() -> None:
    assert set(texts("de")) == set(texts("en"))


@pytest.mark.parametrize("locale", ["de", "en"])
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_letter_is_complete(kind: str, locale: str) -> None:
    letter = render(kind, locale, DATA)
    assert letter.subject
    assert f'lang="{locale}"' in letter.html
    assert "<script" not in letter.html
    assert "src=" not in letter.html  # nothing is fetched when it is opened
    assert letter.text.strip()
    assert "{{" not in letter.html + letter.text + letter.subject


@given(st.text(max_size=300))
def test_a_name_is_one_short_line_and_no_link(name: str) -> None:
    letter = render("tenant_live", "de", {**DATA, "name": name})
    assert "\n" not in letter.subject
    assert "\r" not in letter.subject
    shown = harmless(name)
    assert len(shown) <= 80
    assert "://" not in shown


@pytest.mark.parametrize(
    "name", ["<b>x</b>", "Gewinn! https://evil.example/a", "www.evil.example", "a\r\nBcc: x@y.example"]
)
def test_a_name_is_no_carrier(name: str) -> None:
    letter = render("order_confirmed", "de", {**DATA, "name": name})
    assert "<b>" not in letter.html
    assert "evil.example" not in letter.html + letter.text
    assert "\nBcc" not in letter.subject + letter.text
