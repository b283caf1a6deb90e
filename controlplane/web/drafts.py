"""What was typed when a session had ended, put back into its form: nobody types it twice."""

from html import escape
from html.parser import HTMLParser
from urllib.parse import parse_qs

from fastapi import Request

from controlplane.api import cookies
from controlplane.gateways import Gateways
from controlplane.identity import drafts
from controlplane.identity.drafts import Values
from controlplane.identity.models import Principal

LARGEST = 64 * 1024
NEVER = ("password", "code", "token", "typed")  # what proves something is proved again
OWNERS = {"console": Principal.OPERATOR, "portal": Principal.CUSTOMER}


def worth_keeping(request: Request, body: bytes) -> Values:
    """Of a form of ours; no file, no secret, nothing endless."""
    if request.method != "POST" or len(body) > LARGEST:
        return {}
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return {}
    try:
        given = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return {}
    kept = {name: texts for name, texts in given.items() if not any(part in name for part in NEVER)}
    return kept if any(text for texts in kept.values() for text in texts) else {}


def keep(gateways: Gateways, request: Request, values: Values) -> str:
    principal = OWNERS.get(request.url.path.split("/")[1])
    token = cookies.read(gateways, request, principal.value) if principal else ""
    return drafts.keep(gateways, token, request.url.path, values) if token else ""


def filled(page: str, *, path: str, target: str, values: Values, notice: str) -> str:
    """The page, with the form that leads to `target` as it was; whoever typed it sends it again themselves."""
    filler = _Filler(path, target, values, notice)
    filler.feed(page)
    filler.close()
    return "".join(filler.parts)


class _Filler(HTMLParser):
    def __init__(self, path: str, target: str, values: Values, notice: str) -> None:
        super().__init__(convert_charrefs=False)
        self._path, self._target, self._values, self._notice = path, target, values, notice
        self._inside, self._select, self._skips = False, "", False
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = (given.get("action") or self._path) == self._target and given.get("method") == "post"
        self.parts.append(self._changed(tag, given) if self._inside else self.get_starttag_text() or "")
        if tag == "form" and self._inside:
            self.parts.append(f'<p class="banner waiting" role="status">{escape(self._notice)}</p>')
        if tag == "textarea" and self._inside and (known := self._values.get(given.get("name") or "")):
            self.parts.append(escape(known[0]))
            self._skips = True

    def _changed(self, tag: str, given: dict[str, str | None]) -> str:
        name, kind = given.get("name") or "", given.get("type") or "text"
        self._select = name if tag == "select" else self._select
        if tag == "input" and kind in {"radio", "checkbox"}:
            return _tag(tag, given, "checked", given.get("value") in self._values.get(name, ()))
        if tag == "option" and self._select in self._values:
            return _tag(tag, given, "selected", given.get("value") in self._values[self._select])
        if tag == "input" and kind not in {"hidden", "password", "file"} and name in self._values:
            return _tag(tag, given | {"value": self._values[name][0]})
        return self.get_starttag_text() or ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "form"
        self._skips = self._skips and tag != "textarea"
        self.parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._skips:
            self.parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.parts.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.parts.append(f"<!--{data}-->")


def _tag(tag: str, given: dict[str, str | None], flag: str = "", on: bool = False) -> str:
    kept = {name: value for name, value in given.items() if name != flag} | ({flag: None} if on else {})
    words = (name if value is None else f'{name}="{escape(value)}"' for name, value in kept.items())
    return f"<{tag} {' '.join(words)}>"
