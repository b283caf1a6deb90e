"""The site that a new tenant begins with: static files in German or English, with their name filled in."""

import html
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FOLDER = Path(__file__).parent / "edge" / "starter"
OPTIONAL = re.compile(r"<!-- (\w+) -->\n(.*?)<!-- /\1 -->\n", re.DOTALL)
PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, kw_only=True)
class Starter:
    language: Literal["de", "en"]
    company: str
    host: str
    email: str | None  # shown as the address to write to
    year: int
    forms: bool = True  # whether the plan answers forms; without, the page names the address only

    def files(self) -> dict[str, bytes]:
        """Path below the site's root → content, ready to be uploaded."""
        found = {}
        for path in sorted([*FOLDER.glob("shared/*"), *FOLDER.glob(f"{self.language}/*")]):
            content = path.read_bytes()
            found[f"/{path.name}"] = self._filled(content.decode()).encode() if path.suffix == ".html" else content
        return found

    def _filled(self, text: str) -> str:
        shown = {"forms": self.forms, "email": self.email is not None}
        values = {"company": self.company, "host": self.host, "email": self.email or "", "year": str(self.year)}
        chosen = OPTIONAL.sub(lambda match: match[2] if shown[match[1]] else "", text)
        return PLACEHOLDER.sub(lambda match: html.escape(values[match[1]]), chosen)
