"""Legal texts, one file per language and name; who we are comes from the settings, and what is missing is said.

A new version moves the one before to `older/<name>-<version>.md`: it stays readable where it was agreed to.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from controlplane.core.errors import NotFound
from controlplane.settings import Settings

HERE = Path(__file__).parent / "texts"
OF_CONSENT = {"terms": "terms", "processing": "processing", "immediate_start": "withdrawal"}
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


@dataclass(frozen=True)
class Version:
    version: str
    valid_from: str


def versions(name: str, language: str) -> tuple[Version, ...]:
    """The one that applies first, then back in time."""
    return tuple(Version(head["version"], head["valid_from"]) for head, _body in _sources(name, language))


def read(name: str, language: str, settings: Settings, *, version: str = "") -> Text:
    found = (one for one in _sources(name, language) if version in {"", one[0]["version"]})
    head, body = next(found, ({}, ""))
    if not head:
        raise NotFound("There is no such version of this text.", code="text_version")
    known = {key: value or GAP[language] for key, value in settings.seller.model_dump().items()}
    return Text(head["title"], head["version"], head["valid_from"], _blocks(body.format(**known)))


@cache
def _sources(name: str, language: str) -> tuple[tuple[dict[str, str], str], ...]:
    here = HERE / language
    older = sorted((_source(file) for file in here.glob(f"older/{name}-*.md")), key=lambda one: one[0]["version"])
    return (_source(here / f"{name}.md"), *reversed(older))


def _source(file: Path) -> tuple[dict[str, str], str]:
    _start, head, body = file.read_text().split("---\n", 2)
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
