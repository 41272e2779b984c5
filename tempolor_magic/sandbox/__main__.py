"""``python -m tempolor_magic.sandbox``: the sandbox as a process of its own."""

import sys

from tempolor_magic.sandbox.server import main

sys.exit(main())
