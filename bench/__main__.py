"""`python -m bench [NAME …]`: every benchmark, as a table and as build/bench.json. Ratios, both sides in one run."""

import argparse
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
    parser = argparse.ArgumentParser(prog="python -m bench", description="Ratios, both sides measured in one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SUITES)}; without one, all")
    names = parser.parse_args().names or SUITES
    if unknown := set(names) - set(SUITES):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    rows: list[Row] = []
    for name in names:
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
