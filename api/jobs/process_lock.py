"""Lock that marks this process as the only one on a workspace; the system releases it when the process ends."""

from __future__ import annotations

import os
from pathlib import Path


class ProcessLock:
    """Exclusive lock on a separate file; never on the workspace, whose locks are SQLite's."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def is_held(self) -> bool:
        """Return whether this process holds the lock."""
        return self._handle is not None

    def acquire(self) -> bool:
        """Acquire the lock if it is free; return whether this process holds it."""
        if self._handle is not None:
            return True
        try:
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return False  # a read-only folder: jobs of other processes are not judged from here
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Release the lock; the file is kept, as removing it could remove the lock of another process."""
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
