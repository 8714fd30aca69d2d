"""Read one file in a process of its own, started by ``bounded_reading``: ``python -m api.imports.reading_process``.

The first line of stdin is the instruction, as JSON; stdin then stays open. When it closes, the service has died, and
this process exits. A file that breaks a library, or uses up memory or time, ends this process and not the service.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.errors import GeoError
from geo.files import write_atomically
from geo.readers.reading import FileLimits, read_layer

#: Exit codes: the outcome is in its file; there is none.
EXIT_WRITTEN, EXIT_ORPHANED = 0, 3


def main() -> int:
    """Read the file of the instruction, write what was read, or why not, and return an exit code."""
    instruction = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_exit_when_stdin_closes, daemon=True).start()
    _limit_memory(instruction["memory_bytes"])
    outcome = _read(instruction)
    write_atomically(Path(instruction["outcome"]), lambda path: path.write_bytes(pickle.dumps(outcome, protocol=5)))
    return EXIT_WRITTEN


def _read(instruction: dict[str, Any]) -> Any:
    """Return what was read, or the error."""
    try:
        found = read_layer(
            instruction["path"], instruction["layer"], limits=FileLimits(**instruction["limits"]), with_samples=True,
            **instruction["options"],
        )  # fmt: skip
    except GeoError as error:
        return error
    # The rows in the CRS of the file are for analyses of files; an import writes degrees.
    return replace(found, native=found.frame)


def _limit_memory(most: int) -> None:
    """Bound the memory of this process where the system can; beyond it a reader fails as without memory."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 (not on Windows)

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _exit_when_stdin_closes() -> None:
    while os.read(0, 1):
        pass
    os._exit(EXIT_ORPHANED)


if __name__ == "__main__":
    sys.exit(main())
