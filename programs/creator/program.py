"""One AWS account of a creator: the baseline, the API, and the modules that were chosen."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from programs.base import Outputs
from programs.creator import account, registry
from programs.creator.components.api import STAGE, Api
from programs.creator.components.baseline import Baseline
from programs.creator.components.kept import keep
from programs.creator.spec import CreatorSpec

SHARED = {
    "mail": "mail.component:Mail",
    "media": "media:Media",
    "realtime": "realtime:Realtime",
    "payments": "payments.component:Payments",
}


def build(spec: CreatorSpec, _secrets: Mapping[str, str]) -> Outputs:
    own = account.Account(spec, account.provider(spec))
    Baseline(own)
    api = Api(own)
    outputs: Outputs = {}
    made: set[str] = set()
    for name, chosen in spec.chosen().items():
        for shared in (each for each in _before(name, spec) if each not in made):
            _component(shared)(own)
            made.add(shared)
        outputs |= registry.MODULES[name].load()(own, chosen).exports
    for name in spec.switched_off:
        keep(own, name)
    api.open(own)
    outputs |= {"api_endpoint": api.api.api_endpoint, "api_id": api.api.id, "stage": STAGE}
    outputs |= {"own_mail": spec.own_mail or "", "mail_transport": spec.mail_transport}
    outputs |= {kind: own.output(kind) for kind in own.made}
    config = {"api": f"/{STAGE}", "locale": spec.locale, "modules": list(spec.chosen())}
    return outputs | {"config": config | own.config}


def _before(name: str, spec: CreatorSpec) -> list[str]:
    """Live channels and payments stand on people; so what people stand on comes first, and all else right after."""
    first = next(iter(spec.chosen()))
    wanted = {
        each for module in ([first] if name == first else spec.modules) for each in registry.MODULES[module].shared
    }
    return [each for each in SHARED if each in wanted]


def _component(name: str) -> Any:
    module, _, found = SHARED[name].partition(":")
    return getattr(import_module(f"programs.creator.components.{module}"), found)
