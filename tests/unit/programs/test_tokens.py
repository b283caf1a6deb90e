"""The studio's colours: readable in both themes, and the chosen dark theme is the system's dark theme."""

import re

import pytest

from programs.bindings import EDGE

CSS = (EDGE / "src" / "core" / "ui" / "tokens.css").read_text()
PORTAL = EDGE.parents[1] / "controlplane" / "web" / "static" / "tokens.css"
LIGHT, DARK, _CHOSEN_LIGHT, CHOSEN_DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root[^{]*\{([^}]*)\}", CSS)
)
WORDS = ("accent", "ok", "waiting", "yours", "danger", "off")
PAIRS = [
    *[("ink", ground, 4.5) for ground in ("bg", "sunken", "raised")],
    *[("muted", ground, 4.5) for ground in ("bg", "sunken", "raised")],
    *[(word, f"{word}-tint", 4.5) for word in WORDS],
    *[(word, "raised", 4.5) for word in WORDS],
    ("on-accent", "accent", 4.5),
    ("on-danger", "danger", 4.5),
    *[("control", ground, 3.0) for ground in ("bg", "raised")],
]


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_stands_out_enough(theme: dict[str, str], text: str, ground: str, least: float) -> None:
    assert contrast(theme[text], theme[ground]) >= least


def test_both_themes_name_the_same_colours() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert CHOSEN_DARK == DARK


def test_studio_and_portal_have_one_look() -> None:
    assert PORTAL.read_text() == CSS
