"""A process with a program, as a worker is one: `python -m tests.contract.engine.host FOLDER INSTALLATION COUNT`."""

import sys
from pathlib import Path

from tests.contract.engine.lab import Lab
from tests.contract.engine.things import things


def main() -> None:
    folder, installation, count = sys.argv[1:]
    lab = Lab(Path(folder), root=Path(installation), home=Path(installation))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    lab.stack("dev", things(int(count))).up(parallel=4, color="never")


if __name__ == "__main__":
    main()
