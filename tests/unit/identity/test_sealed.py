"""A sealed column that the key rotation does not know of would be lost with the old key."""

import re
from pathlib import Path

from controlplane.sealed import COLUMNS

PLACE = re.compile(r'Place\("(\w+)", "(\w+)"')


def test_every_place_that_is_sealed_is_rewrapped() -> None:
    files = [path for path in Path("controlplane").rglob("*.py") if path.name != "sealed.py"]
    used = {f"{table}.{column}" for path in files for table, column in PLACE.findall(path.read_text())}
    assert used == {sealed.label for sealed in COLUMNS}
