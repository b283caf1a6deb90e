"""`python -m bench [NAME …]`: every benchmark, as a table and as build/bench.json. Ratios, both sides in one run."""

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

SUITES = ("house", "sandbox", "engine", "selling", "provisioning", "pages", "creator")
TARGET = Path("build/bench.json")

Row = dict[str, Any]


def main() -> int:
    wanted = sys.argv[1:] or [name for name in SUITES if (Path(__file__).parent / f"{name}.py").exists()]
    rows: list[Row] = []
    for name in wanted:
        rows += importlib.import_module(f"bench.{name}").run()
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(rows, indent=1) + "\n")
    _print(rows)
    return 0


def _print(rows: list[Row]) -> None:
    table = Table("what", "value", "goal", "met")
    for row in rows:
        met = {True: "[green]yes", False: "[red]no", None: ""}[row["met"]]
        table.add_row(row["name"], f"{row['value']:.3g}", f"{row['goal']:.3g}" if row["goal"] is not None else "", met)
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
