"""The registry: lazy, strict about specs, and a hash that follows every source."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from programs import registry
from programs.specs import SiteSpec

SITE = {
    "env": "test",
    "tenant_id": "0123456789abcdefghijklmnop",
    "slug": "anna",
    "account_id": "a",
    "sites_zone": "sites.example",
    "sites_zone_id": "z",
    "routing_namespace_id": "n",
}


def test_naming_programs_loads_no_provider() -> None:
    code = (
        "import sys; from programs import registry; registry.program('site').release();"
        "print([name for name in sys.modules if name.startswith('pulumi')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_reads_a_spec_out_of_a_job() -> None:
    spec = registry.program("site").read({**SITE, "own_hosts": [{"host": "www.anna.example", "verified": True}]})
    assert isinstance(spec, SiteSpec)
    assert spec.own_hosts[0].verified is True


@pytest.mark.parametrize("wrong", [{"tenant_id": None}, {"surprise": 1}, {"own_hosts": [{"host": 7}]}, {"slug": 7}])
def test_refuses_specs_that_do_not_fit(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        registry.program("site").read({**SITE, **wrong})


def test_refuses_a_program_that_does_not_exist_and_a_foreign_spec() -> None:
    with pytest.raises(LookupError):
        registry.program("nothing")
    with pytest.raises(TypeError, match="PlatformSpec"):
        registry.program("platform").entry(registry.program("site").read(SITE), {})


def test_the_release_follows_every_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = registry.program("platform")
    for source in program.files():
        copy = tmp_path / source.relative_to(registry.HERE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes())
    before = program.release()
    monkeypatch.setattr(registry, "HERE", tmp_path)
    for source in program.files():
        content = source.read_bytes()
        source.write_bytes(content + b"\n")
        registry._digest.cache_clear()
        assert program.release() != before, source.name
        source.write_bytes(content)
    registry._digest.cache_clear()
    assert program.release() == before
    monkeypatch.undo()
    registry._digest.cache_clear()


def test_the_platform_release_covers_the_workers() -> None:
    names = {path.name for path in registry.program("platform").files()}
    assert {
        "core.mjs",
        "customer.mjs",
        "billing.mjs",
        "mailer.mjs",
        "domain.mjs",
        "bindings.json",
        "platform.py",
    } <= names
