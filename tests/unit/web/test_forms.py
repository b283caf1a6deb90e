"""Forms that are filled again, and cells that a table program must not run."""

import pytest

from controlplane.api.sheets import plain
from controlplane.web.drafts import filled

PAGE = """<!doctype html><p>a &amp; b</p>
<form method="post" action="/portal/other"><input name="host" value="old"></form>
<form method="post" action="/portal/x"><input type="hidden" name="csrf_token" value="fresh"><input name="host" value="">
<input type="checkbox" name="shared" value="true"><input type="radio" name="kind" value="a" checked>
<input type="radio" name="kind" value="b">
<select name="role"><option value="reader" selected><option value="owner"></select>
<textarea name="note">old</textarea></form><p id="after">rest</p>"""


class TestDraft:
    def test_is_put_back_into_its_own_form_only(self) -> None:
        values = {"host": ['a "b" <c>'], "shared": ["true"], "kind": ["b"], "role": ["owner"], "note": ["new & long"],
                  "csrf_token": ["stale"]}  # fmt: skip
        page = filled(PAGE, path="/portal/page", target="/portal/x", values=values, notice="Not saved yet")
        first, second = page.split("</form>")[:2]
        assert 'value="old"' in first
        assert 'value="a &quot;b&quot; &lt;c&gt;"' in second
        assert 'value="true" checked' in second
        assert 'value="a">' in second
        assert 'value="b" checked' in second
        assert 'value="owner" selected' in second
        assert ">new &amp; long</textarea>" in second
        assert 'value="fresh"' in second
        assert "Not saved yet" in second
        assert page.startswith("<!doctype html><p>a &amp; b</p>\n")
        assert page.endswith('<p id="after">rest</p>')


class TestCell:
    @pytest.mark.parametrize("text", ["=1+1", "+49", "-1", "@cell", "\t=1", "\r=1"])
    def test_that_would_be_run_is_marked_as_text(self, text: str) -> None:
        assert plain(text) == f"'{text}"

    def test_stays_as_it_is_otherwise(self) -> None:
        assert [plain("Blumen & Co"), plain(None), plain(7)] == ["Blumen & Co", "", "7"]
