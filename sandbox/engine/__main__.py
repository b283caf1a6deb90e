"""`python -m sandbox.engine install DIR [--plugin NAME=VERSION=MODULE ...]`; anything else is a pulumi command."""

import argparse
import sys
from pathlib import Path

from .install import Plugin, install


def main() -> None:
    if sys.argv[1:2] != ["install"]:
        from .cli.main import run

        sys.exit(run(sys.argv[1:]))
    parser = argparse.ArgumentParser(prog="python -m sandbox.engine install")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--plugin", action="append", default=[], type=Plugin.parse, metavar="NAME=VERSION=MODULE")
    options = parser.parse_args(sys.argv[2:])
    install(options.directory.resolve(), options.plugin)
    print(options.directory.resolve() / "bin" / "pulumi")


if __name__ == "__main__":
    main()
