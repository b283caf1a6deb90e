"""`python -m sandbox.plugins NAME ENGINE_ADDRESS`"""

import os
import sys

from sandbox.plugins import NAMES

PARENT = os.getppid()  # before the slow imports: a parent that dies meanwhile is noticed


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
        sys.exit(f"usage: python -m sandbox.plugins {{{','.join(NAMES)}}} ENGINE_ADDRESS")
    from sandbox.plugins.server import serve

    serve(sys.argv[1], PARENT)


if __name__ == "__main__":
    main()
