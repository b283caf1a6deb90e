"""One AWS account of a creator: the baseline, the API, and the modules that were chosen."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from programs.base import Outputs
from programs.creator import account, registry
from programs.creator.components.api import STAGE, Api
from programs.creator.components.baseline import Baseline
from programs.creator.spec import CreatorSpec

# Made when the first module needs them: some need what modules before it have made.
SHARED = {
    "mail": "mail:Mail",
    "media": "media:Media",
    "payments": "payments.component:Payments",
    "realtime": "realtime.component:Realtime",
}


def build(spec: CreatorSpec, _secrets: Mapping[str, str]) -> Outputs:
    own = account.Account(spec, account.provider(spec))
    Baseline(own)
    api = Api(own)
    outputs: Outputs = {}
    made: set[str] = set()
    for name, chosen in spec.chosen().items():
        for shared in (each for each in registry.MODULES[name].shared if each not in made):
            _component(shared)(own)
            made.add(shared)
        outputs |= registry.MODULES[name].load()(own, chosen).exports
    api.open(own)
    outputs |= {"api_endpoint": api.api.api_endpoint, "api_id": api.api.id, "stage": STAGE}
    outputs |= {kind: own.output(kind) for kind in own.made}
    config = {"api": f"/{STAGE}", "locale": spec.locale, "modules": list(spec.chosen())}
    return outputs | {"config": config | own.config}


def _component(name: str) -> Any:
    module, _, found = SHARED[name].partition(":")
    return getattr(import_module(f"programs.creator.components.{module}"), found)
