"""The pages of the sandbox: one look, templates with escaping on, no script at all."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

if TYPE_CHECKING:
    from jinja2 import Environment

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'"
)
_OWN = Path(__file__).parent / "templates"


class Pages:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def show(self, template: str, status: int = 200, **context: Any) -> Response:
        html = _environment(self._folder).get_template(template).render(context)
        return HTMLResponse(html, status, {"content-security-policy": POLICY, "cache-control": "no-store"})


@lru_cache
def _environment(folder: Path) -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # slow to import, and only pages need it

    loader = FileSystemLoader([folder, _OWN])
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def require_same_site(request: Request) -> None:
    """A form of a foreign page must not change anything here."""
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise HTTPException(403, "this form was not sent from here")
