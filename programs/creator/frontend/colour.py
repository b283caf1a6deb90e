"""A creator's colour, made readable: as text it is darkened, or lightened, until it has the contrast of WCAG AA."""

import re

DEFAULT = "#4f46e5"
ENOUGH = 4.5
LIGHT = ("#ffffff", "#f5f6f8")  # the grounds that text of this colour stands on, as in style.css
DARK = ("#0f1318", "#171c23")
FAINT = 0.12  # of the colour, in the tint behind large things


def theme(wanted: object) -> str:
    brand = _brand(wanted)
    light, dark = (_tokens(brand, *grounds) for grounds in (LIGHT, DARK))
    return f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"


def icon(wanted: object, name: str) -> str:
    """The first letter on the colour, in a square."""
    brand = readable(_brand(wanted), LIGHT[0])
    letter = next((sign for sign in name if sign.isalnum()), "·").upper()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{brand}"/>'
        f'<text x="16" y="23" font-family="sans-serif" font-size="20" font-weight="700" text-anchor="middle" '
        f'fill="{_ink(brand)}">{letter}</text></svg>'
    )


def contrast(one: str, other: str) -> float:
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, *grounds: str) -> str:
    """Towards black on light grounds, towards white on dark ones; the end of either way is always enough."""
    end = "#000000" if _light(grounds[0]) > 0.5 else "#ffffff"
    for step in range(21):
        mixed = _mixed(colour, end, step / 20)
        if all(contrast(mixed, ground) >= ENOUGH for ground in grounds):
            break
    return mixed


def _brand(wanted: object) -> str:
    known = isinstance(wanted, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", wanted)
    return str(wanted).lower() if known else DEFAULT


def _tokens(brand: str, *grounds: str) -> str:
    """The tint is behind text of the colour as well: it is one of its grounds."""
    tint = _mixed(grounds[0], brand, FAINT)
    shade = readable(brand, *grounds, tint)
    return f"--brand:{shade};--on-brand:{_ink(shade)};--tint:{tint}"


def _ink(ground: str) -> str:
    return max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, ground))


def _mixed(one: str, other: str, share: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _light(colour: str) -> float:
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
              for part in (value / 255 for value in _parts(colour))]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
