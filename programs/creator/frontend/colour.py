"""A creator's colour, made readable: as text it is darkened, or lightened, until it has the contrast of WCAG AA."""

import re

DEFAULT = "#4f46e5"
ENOUGH = 4.5


def theme(wanted: object) -> str:
    brand = wanted.lower() if isinstance(wanted, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", wanted) else DEFAULT
    return (
        f":root{{{_tokens(brand, '#ffffff')}}}@media(prefers-color-scheme:dark){{:root{{{_tokens(brand, '#14151a')}}}}}"
    )


def contrast(one: str, other: str) -> float:
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def readable(colour: str, ground: str) -> str:
    """Towards black on a light ground, towards white on a dark one; the end of either way is always enough."""
    end = 0 if _light(ground) > 0.5 else 255
    for step in range(21):
        mixed = "#" + "".join(f"{round(part + (end - part) * step / 20):02x}" for part in _parts(colour))
        if contrast(mixed, ground) >= ENOUGH:
            break
    return mixed


def _tokens(brand: str, ground: str) -> str:
    brand = readable(brand, ground)
    ink = max(("#ffffff", "#000000"), key=lambda ink: contrast(ink, brand))
    return f"--brand:{brand};--on-brand:{ink}"


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _light(colour: str) -> float:
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
              for part in (value / 255 for value in _parts(colour))]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
