"""Start processes for tests, and leave none behind: not after a failure, and not where pytest itself is killed."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
from typing import Any


class Processes:
    """Start processes of the program, or of a tool, and end what still runs when the tests do."""

    def __init__(self) -> None:
        self._started: list[subprocess.Popen[str]] = []

    def run(self, *words: object, timeout: float = 300, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, and return its code and what it said."""
        given = {"capture_output": True, "encoding": "utf-8", "check": False, **options}
        return subprocess.run(list(map(str, words)), timeout=timeout, **given)  # noqa: PLW1510 (given says it)

    def start(self, *words: object, **options: Any) -> subprocess.Popen[str]:
        """Start a command that lasts."""
        given = {"stdout": subprocess.PIPE, "encoding": "utf-8", **options}
        self._started.append(subprocess.Popen([*_with_parent(), *map(str, words)], **given))
        return self._started[-1]

    def end(self, process: subprocess.Popen[str], how: int = signal.SIGTERM, *, seconds: float = 30) -> int:
        """Send a process a signal, wait, kill it where it does not end in time, and return its exit code."""
        try:
            if process.poll() is None:
                process.send_signal(how)
            return process.wait(timeout=seconds)
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with contextlib.suppress(BrokenPipeError):
                        stream.close()
            self._started = [one for one in self._started if one is not process]

    def close(self) -> None:
        """Kill what still runs."""
        for process in list(self._started):
            self.end(process, signal.SIGKILL)


def _with_parent() -> list[str]:
    """Return the words before a command with which it dies as soon as the process that started it, where Linux can."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "KILL", "--"] if program else []
