"""Tell whether this process is the only one at work on a file: a lock that the system lets go when it dies."""

from __future__ import annotations

import os
from pathlib import Path


class Alone:
    """Hold an exclusive lock on a file of its own; never on the workspace, whose locks are SQLite's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Return whether this process holds the lock."""
        return self._handle is not None

    def take(self) -> bool:
        """Take the lock if nobody has it; return whether this process holds it now."""
        if self._handle is not None:
            return True
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return False  # a folder that cannot be written to: nobody's jobs are judged from here
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Let go of the lock; the file stays, as removing it could take away another's."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


if os.name == "nt":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
