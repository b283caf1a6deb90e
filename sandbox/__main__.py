"""`python -m sandbox up | story | reset`: started by `controlplane sandbox`."""

import sys

from sandbox.command import main

sys.exit(main(sys.argv[1:]))
