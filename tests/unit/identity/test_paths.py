from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controlplane.identity.paths import own_path

TRICKS = """//evil.example /\\evil.example \\/evil.example https://evil.example https:evil.example javascript:alert(1)
/%5Cevil.example /%2F/evil.example /\t/evil.example /\n/evil.example ///evil.example /..//evil.example /a//b /%0d%0aset
evil.example @evil.example /.//evil.example""".split(" ")


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_lead_home(trick: str) -> None:
    assert own_path(trick) == "/"


@given(st.text())
def test_nothing_leads_away(text: str) -> None:
    for candidate in (text, "/" + text, "//" + text, "/\\" + text):
        assert urlsplit(urljoin("https://own.example/a/b", own_path(candidate))).netloc == "own.example"


@pytest.mark.parametrize("path", ["/", "/portal", "/a/b?c=d&e=https%3A%2F%2Fx.example", "/de/konto"])
def test_own_paths_stay(path: str) -> None:
    assert own_path(path) == path
