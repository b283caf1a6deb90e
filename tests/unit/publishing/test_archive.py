"""Archives of strangers: what becomes a site, and what is refused."""

import io
import stat
import zipfile

import pytest

from controlplane.core.errors import Invalid
from controlplane.publishing.archive import Bounds, unpack

BOUNDS = Bounds(files=10, file_bytes=1_000_000, site_bytes=3_000_000)
PAGE = b"<!doctype html><title>Anna</title>"


def packed(*entries: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return target.getvalue()


def refusal(body: bytes, bounds: Bounds = BOUNDS) -> str:
    with pytest.raises(Invalid) as caught:
        unpack(body, bounds)
    return caught.value.problem_code.removeprefix("archive_")


class TestTaken:
    def test_a_site(self) -> None:
        found = unpack(packed(("index.html", PAGE), ("css/site.css", b"a{}")), BOUNDS)
        assert found == {"/index.html": PAGE, "/css/site.css": b"a{}"}

    def test_the_folder_around_everything_is_taken_off(self) -> None:
        body = packed(("site/index.html", PAGE), ("site/a/b.js", b"1"), ("__MACOSX/site/._index.html", b"x"))
        assert set(unpack(body, BOUNDS)) == {"/index.html", "/a/b.js"}

    def test_what_systems_leave_behind_is_left_out(self) -> None:
        assert set(unpack(packed(("index.html", PAGE), (".DS_Store", b"x"), ("a/Thumbs.db", b"x")), BOUNDS)) == {
            "/index.html"
        }


class TestRefused:
    @pytest.mark.parametrize(
        "name",
        ["../index.html", "a/../../x.html", "/etc/x.html", "a\\..\\x.html", "a//b.html", "./x.html", "a\x00b.html"],
    )
    def test_ways_out_of_the_folder(self, name: str) -> None:
        entry = zipfile.ZipInfo("x")
        entry.filename = name
        assert refusal(packed(("index.html", PAGE), (entry, b"x"))) in {"bad_path", "type_not_allowed"}

    @pytest.mark.parametrize("name", ["run.exe", "page.php", "Makefile", ".htaccess", "a.zip"])
    def test_types_that_are_not_served(self, name: str) -> None:
        assert refusal(packed(("index.html", PAGE), (name, b"x"))) == "type_not_allowed"

    def test_bombs(self) -> None:
        bomb = packed(("index.html", PAGE), ("a.txt", b"0" * 50_000_000))
        assert len(bomb) < 100_000
        assert refusal(bomb, Bounds(10, 100_000_000, 1_000_000_000)) == "too_large"

    def test_many_files_that_are_too_much_together(self) -> None:
        body = packed(("index.html", PAGE), *((f"{n}.txt", bytes([65 + n]) * 900_000) for n in range(5)))
        assert refusal(body) == "too_large"

    def test_too_many_files(self) -> None:
        assert refusal(packed(*((f"{n}.html", PAGE) for n in range(11)))) == "too_many_files"

    def test_links(self) -> None:
        link = zipfile.ZipInfo("index.html")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        assert refusal(packed((link, b"/etc/passwd"))) == "link"

    def test_two_names_that_some_system_takes_for_one(self) -> None:
        assert refusal(packed(("index.html", PAGE), ("Index.html", PAGE))) == "same_name"

    def test_what_has_no_first_page(self) -> None:
        assert refusal(packed(("about.html", PAGE))) == "no_index"

    def test_what_is_no_zip(self) -> None:
        assert refusal(b"PK\x03\x04 but not really") == "not_a_zip"
        assert refusal(b"") == "not_a_zip"

    def test_what_is_damaged(self) -> None:
        body = bytearray(packed(("index.html", PAGE * 100)))
        body[60] ^= 0xFF
        assert refusal(bytes(body)) == "not_a_zip"

    def test_nothing(self) -> None:
        assert refusal(packed()) == "empty"
