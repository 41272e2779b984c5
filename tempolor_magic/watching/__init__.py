"""When to ask the service and what its answers mean. Knows nothing of how it is shown."""

import logging

# Without a handler Python prints warnings to stderr: from a thread that would land in some cell.
logging.getLogger("tempolor_magic").addHandler(logging.NullHandler())
