"""Operations by method and path; what every resource has in common is declared, not written again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.stripe.books import Books
from sandbox.stripe.errors import Doc


@dataclass(frozen=True)
class Call:
    books: Books
    path: dict[str, str]
    params: Doc

    @property
    def id(self) -> str:
        return self.path["id"]


@dataclass(frozen=True)
class Operation:
    method: str
    path: str
    params: str
    supports: frozenset[str]
    run: Callable[[Call], Any]
    load: Callable[[Books, Doc], Doc] | None = None  # list entries are rows; this reads the document of one

    @property
    def resource(self) -> str:
        """What a restricted key may be allowed to use: `customers`, `checkout/sessions`."""
        return self.path.removeprefix("/v1/").split("/{")[0]


Run = Callable[[Call], Any]
Decorator = Callable[[Run], Run]
_LIST = "limit starting_after ending_before created"


@dataclass
class Routes:
    operations: list[Operation] = field(default_factory=list)

    def add(
        self, method: str, path: str, params: str, supports: str, load: Callable[[Books, Doc], Doc] | None = None
    ) -> Decorator:
        def register(run: Run) -> Run:
            self.operations.append(Operation(method, path, params, frozenset(supports.split()), run, load))
            return run

        return register

    def get(self, path: str, params: str, supports: str = "") -> Decorator:
        return self.add("GET", path, params, supports)

    def post(self, path: str, params: str, supports: str = "") -> Decorator:
        return self.add("POST", path, params, supports)

    def remove(self, path: str, params: str, supports: str = "") -> Decorator:
        return self.add("DELETE", path, params, supports)

    def listing(
        self, path: str, params: str, supports: str = "", load: Callable[[Books, Doc], Doc] | None = None
    ) -> Decorator:
        """The function answers all that match, oldest first; cutting pages is done for it."""
        return self.add("GET", path, params, f"{_LIST} {supports}", load)

    def retrieve(self, path: str, kind: str, params: str) -> None:
        self.get(path, params)(lambda call: call.books.need(kind, call.id, status=404))

    def by_fields(self, path: str, kind: str, params: str, fields: str = "") -> None:
        """A list that filters on equal fields of the same name."""

        def run(call: Call) -> list[Doc]:
            equal = {name: call.params[name] for name in fields.split() if name in call.params}
            return [doc for doc in call.books.all(kind) if all(doc.get(name) == value for name, value in equal.items())]

        self.listing(path, params, fields)(run)


def assign(doc: Doc, params: Doc, names: str) -> None:
    """Copy plain parameters; an empty string clears a field."""
    for name in names.split():
        if name in params:
            doc[name] = None if params[name] == "" else params[name]


def merge_metadata(doc: Doc, params: Doc) -> None:
    """Keys are merged; an empty value removes a key, an empty `metadata` all of them."""
    if "metadata" not in params:
        return
    new = params["metadata"] or {}
    kept = {} if params["metadata"] == "" else doc.get("metadata") or {}
    doc["metadata"] = {key: value for key, value in {**kept, **new}.items() if value != ""}
