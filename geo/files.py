"""Write a file whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then rename it: readers see the old file or the new one."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        # GDAL makes its own file, and a file made anew has the rights others may read it by, which mkstemp's has not;
        # the name stays ours by its random part.
        temporary.unlink()
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
