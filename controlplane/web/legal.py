"""Legal texts, one file per language and name; who we are comes from the settings, and what is missing is said."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from controlplane.settings import Settings

HERE = Path(__file__).parent / "texts"
GAP = {"de": "[noch einzutragen]", "en": "[to be filled in]"}


@dataclass(frozen=True)
class Block:
    kind: str  # heading, list, text
    lines: tuple[str, ...]
    anchor: str = ""


@dataclass(frozen=True)
class Text:
    title: str
    version: str
    valid_from: str
    blocks: tuple[Block, ...]

    @property
    def contents(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == "heading")


def read(name: str, language: str, settings: Settings) -> Text:
    head, body = _source(name, language)
    known = {key: value or GAP[language] for key, value in settings.seller.model_dump().items()}
    return Text(head["title"], head["version"], head["valid_from"], _blocks(body.format(**known)))


@cache
def _source(name: str, language: str) -> tuple[dict[str, str], str]:
    text = (HERE / language / f"{name}.md").read_text()
    _start, head, body = text.split("---\n", 2)
    pairs = (line.split(":", 1) for line in head.strip().splitlines())
    return {key.strip(): value.strip() for key, value in pairs}, body.strip()


def _blocks(body: str) -> tuple[Block, ...]:
    parts = (part.strip() for part in body.split("\n\n"))
    return tuple(_block(part, number) for number, part in enumerate(part for part in parts if part))


def _block(part: str, number: int) -> Block:
    if part.startswith("## "):
        return Block("heading", (part[3:],), f"s{number}")
    if part.startswith("- "):
        return Block("list", tuple(line[2:] for line in part.splitlines()))
    return Block("text", tuple(part.splitlines()))
