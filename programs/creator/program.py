"""One AWS account of a creator: the baseline, the API, and the modules that were chosen."""

from collections.abc import Mapping
from importlib import import_module

from programs.base import Outputs
from programs.creator import account, registry
from programs.creator.components.api import STAGE, Api
from programs.creator.components.baseline import Baseline
from programs.creator.spec import CreatorSpec

SHARED = {"mail": "Mail", "media": "Media"}


def build(spec: CreatorSpec, _secrets: Mapping[str, str]) -> Outputs:
    own = account.Account(spec, account.provider(spec))
    Baseline(own)
    api = Api(own)
    for name in _shared(spec):
        getattr(import_module(f"programs.creator.components.{name}"), SHARED[name])(own)
    outputs: Outputs = {}
    for name, chosen in spec.chosen().items():
        outputs |= registry.MODULES[name].load()(own, chosen).exports
    api.open(own)
    outputs |= {"api_endpoint": api.api.api_endpoint, "api_id": api.api.id, "stage": STAGE}
    outputs |= {kind: own.output(kind) for kind in own.made}
    return outputs | {"config": {"api": f"/{STAGE}", "locale": spec.locale, "modules": list(spec.chosen())}}


def _shared(spec: CreatorSpec) -> list[str]:
    wanted = {name for module in spec.modules for name in registry.MODULES[module].shared}
    return [name for name in SHARED if name in wanted]
