"""Modules by name. A module is a folder and a line here; nothing of it is imported before it is needed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True)
class Module:
    name: str
    folder: str
    component: str  # the class in component.py
    needs: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()  # components it stands on
    mandatory: bool = False
    has_privacy: bool = False  # it keeps data about persons: privacy.py gives it out and erases it
    sells: bool = False  # payments.py says what money means

    @property
    def package(self) -> str:
        return f"programs.creator.modules.{self.folder}"

    def read(self, data: Mapping[str, Any]) -> Any:
        spec: type[Any] = import_module(f"{self.package}.spec").Spec
        return TypeAdapter(spec).validate_json(json.dumps(dict(data)))

    def load(self) -> Any:
        return getattr(import_module(f"{self.package}.component"), self.component)

    def privacy(self, name: str) -> tuple[str, ...]:
        """TABLES where it keeps what belongs to persons, and the SECRETS that giving them up takes."""
        if not self.has_privacy:
            return ()
        found: tuple[str, ...] = getattr(import_module(f"{self.package}.privacy"), name, ())
        return found

    def plan(self) -> Any:
        """TABLES, FUNCTIONS and PROBES of the module."""
        return import_module(f"{self.package}.plan")


SELLING = ("mail", "payments")
MODULES: Mapping[str, Module] = {
    module.name: module
    for module in (
        Module("user-auth", "user_auth", "UserAuth", shared=("mail", "media"), mandatory=True),
        Module("events", "events", "Events", needs=("user-auth",), shared=SELLING, has_privacy=True, sells=True),
        Module("polls", "polls", "Polls", needs=("user-auth",), shared=("realtime",), has_privacy=True),
        Module("newsletter", "newsletter", "Newsletter", needs=("user-auth",), shared=("mail",), has_privacy=True),
        Module("contact-form", "contact_form", "ContactForm", shared=("mail",)),
        Module("shop", "shop", "Shop", needs=("user-auth",), shared=("media", *SELLING), has_privacy=True, sells=True),
        Module("donations", "donations", "Donations", shared=("realtime", *SELLING), has_privacy=True, sells=True),
        Module(
            "membership", "membership", "Membership", needs=("user-auth",), shared=SELLING, has_privacy=True, sells=True
        ),
        Module(
            "sponsor-system",
            "sponsor_system",
            "SponsorSystem",
            needs=("user-auth",),
            shared=("media", *SELLING),
            has_privacy=True,
            sells=True,
        ),
        Module("ivs-streaming", "ivs_streaming", "Streaming", shared=("realtime",)),
        Module(
            "ivs-chat", "ivs_chat", "Chat", needs=("user-auth", "ivs-streaming"), shared=("realtime",), has_privacy=True
        ),
        Module("analytics", "analytics", "Analytics"),
        Module("s3-website", "s3_website", "Website", mandatory=True),
        Module("monitoring", "monitoring", "Monitoring", needs=("user-auth",), mandatory=True),
        Module("backup", "backup", "Backup", mandatory=True),
    )
}


def load_all() -> None:
    for module in MODULES.values():
        module.load()


@cache
def order() -> tuple[str, ...]:
    """As listed: what others need stands before them."""
    for at, module in enumerate(MODULES.values()):
        if set(module.needs) - set(list(MODULES)[:at]):
            raise LookupError(f"{module.name} stands before what it needs")
    return tuple(MODULES)


def check(chosen: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises ValueError with what does not fit, before any plan is made."""
    unknown = sorted(set(chosen) - set(MODULES))
    missing = sorted(name for name, module in MODULES.items() if module.mandatory and name not in chosen)
    if unknown or missing:
        raise ValueError(f"unknown modules: {unknown}; missing modules: {missing}")
    for name, data in chosen.items():
        unmet = sorted(set(MODULES[name].needs) - set(chosen))
        if unmet:
            raise ValueError(f"{name} needs {', '.join(unmet)}")
        MODULES[name].read(data)
