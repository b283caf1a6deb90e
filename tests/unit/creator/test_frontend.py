"""The creator's site as files: the same input, the same bytes. What a browser makes of them is tested in the flow."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from programs.creator.frontend.build import SOURCE, build, write
from programs.creator.frontend.colour import DARK, ENOUGH, LIGHT, contrast, icon, theme
from programs.creator.registry import MODULES

CONFIG: dict[str, Any] = {
    "name": "<b>Studio</b>", "locale": "de", "modules": sorted(MODULES), "look": {"colour": "#ffee00"},
    "playback_url": "https://video.example/live.m3u8", "chat_endpoint": "wss://chat.example",
}  # fmt: skip


class TestBuild:
    def test_the_same_input_gives_the_same_bytes_and_another_another_release(self, tmp_path: Path) -> None:
        one, two = write(CONFIG, tmp_path), build(dict(reversed(CONFIG.items())))
        assert (one.release, one.manifest) == (two.release, two.manifest)
        assert one.release != build({**CONFIG, "name": "Other"}).release
        kept = json.loads((tmp_path / "manifest.json").read_text())
        assert kept == one.manifest
        assert all((tmp_path / path).is_file() for path in kept["files"])
        assert all(path.startswith(f"assets/{one.release}/") for path in one.assets)

    def test_names_are_text_and_addresses_bound_the_policy(self) -> None:
        index = build({**CONFIG, "playback_url": "javascript:x"}).switch["index.html"].decode()
        assert "<b>Studio" not in index
        assert "&lt;b&gt;Studio" in index
        assert "javascript:" not in index
        assert "wss://chat.example" in index
        assert not re.search(r"%[A-Z]+%|<style|<script>", index)

    @pytest.mark.parametrize("colour", ["#ffee00", "#000000", "#ffffff", "#4f46e5", "#777777", "#ff0000", "#00ff88"])
    def test_every_colour_becomes_readable_on_every_ground(self, colour: str) -> None:
        tokens = re.findall(r"--brand:(#\w+);--on-brand:(#\w+);--tint:(#\w+)", theme(colour))
        assert len(tokens) == 2
        for (brand, ink, tint), grounds in zip(tokens, (LIGHT, DARK), strict=True):
            pairs = [(brand, ground) for ground in (*grounds, tint)]
            assert min(contrast(*pair) for pair in [*pairs, (ink, brand)]) >= ENOUGH

    def test_the_grounds_are_those_of_the_sheet(self) -> None:
        sheet = (SOURCE / "style.css").read_text()
        found = re.findall(r"--ground: (#\w+); --sunken: (#\w+); --raised: (#\w+)", sheet)
        short = {"#fff": "#ffffff"}
        for each, grounds in zip(found, (LIGHT, DARK), strict=True):
            assert {short.get(one, one) for one in each} == set(grounds)

    def test_the_icon_is_the_first_letter_and_nothing_else(self) -> None:
        assert ">B</text>" in icon("#ffee00", "<b>udio")
        assert ">·</text>" in icon(None, "<&")

    def test_only_what_was_given_may_be_reached(self) -> None:
        config = {
            **CONFIG,
            "realtime": {"socket": "live.example"},
            "uploads": ["https://bucket.example", "javascript:x"],
        }
        index = html.unescape(build(config).switch["index.html"].decode())
        [line] = re.findall(r"connect-src ([^;]*)", index)
        assert set(line.split()) == {
            "'self'", "https://video.example", "https://*.live-video.net", "wss://chat.example", "wss://live.example",
            "ws://live.example", "https://bucket.example",
        }  # fmt: skip
        assert "video.example" not in build({"name": "A", "modules": []}).switch["index.html"].decode()

    def test_the_player_is_the_one_that_is_locked(self) -> None:
        """`npm ci` in the folder brings the same file again; the comment that leads to its map is left out."""
        folder = SOURCE.parent / "vendor"
        version = json.loads((folder / "package.json").read_text())["dependencies"]["hls.js"]
        locked = json.loads((folder / "package-lock.json").read_text())["packages"]["node_modules/hls.js"]
        assert (locked["version"], locked["integrity"][:7]) == (version, "sha512-")
        player = (folder / "hls.js").read_text()
        assert f'"{version}"' in player
        assert "sourceMappingURL" not in player

    def test_a_colour_that_is_none_does_not_reach_the_sheet(self) -> None:
        made = build({**CONFIG, "look": {"colour": "red;}body{display:none"}})
        assert b"display" not in made.assets[f"assets/{made.release}/theme.css"]

    def test_both_languages_have_every_text_that_is_used(self) -> None:
        texts = [json.loads((SOURCE / f"texts.{locale}.json").read_text()) for locale in ("de", "en")]
        scripts = "".join(path.read_text() for path in SOURCE.glob("*.js"))
        used = set(re.findall(r"\b(?:t|site\.t|room\.t)\.([a-z_]+)\b", scripts)) | set(
            re.findall(r'word: "(\w+)"', scripts)
        )
        assert texts[0].keys() == texts[1].keys()
        assert used - {"json"} <= texts[0].keys()
        assert all(text.strip() for one in texts for text in one.values())
