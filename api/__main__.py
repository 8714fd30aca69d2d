"""Start the command line by `gridsight` or `python -m api`; Ctrl+C while it loads is one line, as it is later."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Load and run the command line; return its exit code."""
    try:
        from api.cli import main as run  # noqa: PLC0415 (what loads here is what may be interrupted)

        return run()
    except KeyboardInterrupt:
        if sys.stderr is not None:  # None where the process began with stderr closed
            sys.stderr.write("已中断 / interrupted\n")
            sys.stderr.flush()
        # An interrupt that came within `exec`, as of a dataclass in the making, would make `python -m` kill itself.
        os._exit(2)


if __name__ == "__main__":
    sys.exit(main())
