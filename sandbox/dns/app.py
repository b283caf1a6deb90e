"""The customers' registrar: a page for people, JSON for tests. The DNS server itself is server.py."""

from json import JSONDecodeError
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.control.pages import Pages, require_same_site
from sandbox.dns.input import InvalidRecord, parse_record
from sandbox.dns.replies import FAULTS
from sandbox.dns.table import DnsTable, Record
from sandbox.kit.home import Emulator, Home

__all__ = ["FAULTS", "build"]

REGISTRAR = "registrar"


def build(home: Home) -> Emulator:
    registrar = Registrar(home.dns)
    app = Starlette(
        routes=[
            Route("/", lambda request: RedirectResponse(f"{request.scope['root_path']}/registrar")),
            Route("/registrar", registrar.page, methods=["GET"]),
            Route("/registrar", registrar.submit, methods=["POST"]),
            Route("/records", registrar.show, methods=["GET"]),
            Route("/records", registrar.publish, methods=["POST"]),
            Route("/records", registrar.withdraw, methods=["DELETE"]),
        ],
        exception_handlers={InvalidRecord: refuse},
    )
    return Emulator("dns", app)


class Registrar:
    def __init__(self, table: DnsTable) -> None:
        self._table = table
        self._pages = Pages(Path(__file__).parent / "templates")

    async def page(self, request: Request) -> Response:
        return self._page(request.query_params.get("domain", ""))

    async def submit(self, request: Request) -> Response:
        require_same_site(request)
        form = {name: str(value) for name, value in (await request.form()).items()}
        domain = form.pop("domain", "")
        action = form.pop("action", "publish")
        try:
            record = parse_record(form)
            self._withdraw(record) if action == "withdraw" else self._publish([record])
        except InvalidRecord as error:
            return self._page(domain, error=error, form=form)
        back = request.url.include_query_params(domain=domain) if domain else request.url
        return RedirectResponse(str(back), 303)

    async def show(self, request: Request) -> Response:
        found = self._select(dict(request.query_params))
        return JSONResponse({"records": [vars(record) for record in found]})

    async def publish(self, request: Request) -> Response:
        require_same_site(request)
        try:
            body = await request.json()
        except (JSONDecodeError, UnicodeDecodeError):
            raise InvalidRecord("body", "is no JSON") from None
        records = [parse_record(entry) for entry in (body if isinstance(body, list) else [body])]
        self._publish(records)
        return JSONResponse({"records": [vars(record) for record in records]}, 201)

    async def withdraw(self, request: Request) -> Response:
        require_same_site(request)
        chosen = {field: value for field, value in request.query_params.items() if field in {"name", "type", "value"}}
        if "name" not in chosen:
            raise InvalidRecord("name", "is missing")
        found = self._select({**chosen, "owner": REGISTRAR})
        return JSONResponse({"withdrawn": sum(self._withdraw(record) for record in found)})

    def _page(self, domain: str, *, error: InvalidRecord | None = None, form: dict[str, str] | None = None) -> Response:
        status = 422 if error else 200
        found = sorted(
            self._select({"domain": domain} if domain else {}), key=lambda r: (r.name.split(".")[::-1], r.type)
        )
        return self._pages.show(
            "registrar.html", status, records=found, domain=domain, error=error, form=form or {}, own=REGISTRAR
        )

    def _select(self, chosen: dict[str, str]) -> list[Record]:
        exact: dict[str, str] = {field: chosen[field] for field in ("type", "value", "owner") if field in chosen}
        exact |= {"name": chosen["name"].lower().rstrip(".")} if "name" in chosen else {}
        domain = chosen.get("domain", "").strip().lower().rstrip(".")
        return [r for r in self._table.records(**exact) if not domain or f".{r.name}".endswith(f".{domain}")]

    def _publish(self, records: list[Record]) -> None:
        for record in records:
            self._refuse_a_clash(record)
        for record in records:
            self._table.publish(record)

    def _refuse_a_clash(self, record: Record) -> None:
        others = [r for r in self._table.records(name=record.name, owner=REGISTRAR) if r.id != record.id]
        if record.type == "CNAME" and others:
            raise InvalidRecord("type", f"{record.name} has other records: a CNAME must be alone")
        if any(other.type == "CNAME" for other in others):
            raise InvalidRecord("type", f"{record.name} has a CNAME: nothing else may stand beside it")

    def _withdraw(self, record: Record) -> bool:
        return self._table.withdraw(record)


async def refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidRecord)
    return JSONResponse({"error": str(error), "field": error.field}, 422)
