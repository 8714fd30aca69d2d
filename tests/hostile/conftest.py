"""Serve a small county in a process of its own, and speak to it over plain sockets, as one who means harm would."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.api.conftest import drawn  # noqa: F401 (a fixture, used by name)
from tests.processes import Processes

#: What the process may need beyond its size after a few ordinary requests, in megabytes.
MORE_MB = 400


@dataclass
class Answer:
    """Hold what came back: status 0 where the connection was closed without a word."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    rest: bytes = b""

    @property
    def problem(self) -> dict[str, object]:
        """Return the body of a problem."""
        assert self.headers["content-type"] == "application/problem+json", self
        return json.loads(self.body)


class Served:
    """Hold a served process: its port and its size."""

    def __init__(self, processes: Processes, process: subprocess.Popen[str], log: Path) -> None:
        self._processes = processes
        self.process = process
        self.log = log
        self.port = int(json.loads(process.stdout.readline())["url"].rstrip("/").rpartition(":")[2])
        for path in ("/health", "/", "/locate?address=x", "/ogc/collections/grids/items"):
            assert self.get(path).status == 200
        self.first = self.megabytes()

    def megabytes(self, name: str = "VmRSS") -> int:
        """Return the size of the process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:")) >> 10

    def connect(self, *, timeout: float = 30.0) -> socket.socket:
        """Return a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def raw(self, *pieces: bytes, timeout: float = 30.0) -> Answer:
        """Send bytes as they are, and return the first answer."""
        with self.connect(timeout=timeout) as sock:
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    sock.sendall(piece)
            return _read(sock)

    def request(self, method: str, target: str, *lines: str, body: bytes = b"", host: str | None = None) -> Answer:
        """Send one request, its header lines as given; the length is that of the body unless a line says it."""
        named = {line.partition(":")[0].lower() for line in lines}
        head = [f"{method} {target} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", "Connection: close"]
        if body and not named & {"content-length", "transfer-encoding"}:
            head.append(f"Content-Length: {len(body)}")
        return self.raw("\r\n".join([*head, *lines, "", ""]).encode("latin-1"), body)

    def get(self, target: str, *lines: str) -> Answer:
        """Send a GET."""
        return self.request("GET", target, *lines)

    def require_well(self) -> None:
        """Fail unless the process answers, has not been started anew, and is not much larger than it was."""
        assert self.process.poll() is None, "the process died"
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=30) as answer:
            assert json.load(answer)["status"] == "ok"
        assert self.megabytes() <= self.first + MORE_MB
        assert self.megabytes("VmHWM") <= self.first + 2 * MORE_MB, "its peak"

    def stop(self) -> None:
        """Stop the process and fail where it logged a failure of its own."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._processes.end(self.process, signal.SIGINT, seconds=40)
        told = self.log.read_text(encoding="utf-8", errors="replace")
        assert "Traceback" not in told, told[told.index("Traceback") :][-6_000:]


@pytest.fixture(scope="package")
def served(processes: Processes, drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:  # noqa: F811
    """Serve a copy of the county."""
    if os.name != "posix":
        pytest.skip("sizes of processes are read as Linux tells them")
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(drawn, folder / "workspace.gpkg")
    env = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSIGHT")}
    env |= {"GRIDSIGHT_LANG": "en", "GRIDSIGHT_ARRIVAL_SECONDS": "4"}
    command = [sys.executable, "-m", "api", "serve", "--port", "0", "--json", "--workspace", folder / "workspace.gpkg"]
    with (folder / "log").open("wb") as log:
        process = processes.start(*command, cwd=folder, env=env, stderr=log)
    one = Served(processes, process, folder / "log")
    try:
        yield one
    finally:
        one.stop()


@pytest.fixture
def well(served: Served) -> Iterator[Served]:
    """Give the served process, and look after the test whether it is still well."""
    yield served
    served.require_well()


def _read(sock: socket.socket) -> Answer:
    data = b""
    with contextlib.suppress(ConnectionError):
        while b"\r\n\r\n" not in data and (more := sock.recv(65_536)):
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        if not head:
            return Answer(0)
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if "content-length" in headers:
            length = int(headers["content-length"])
            while len(rest) < length and (more := sock.recv(65_536)):
                rest += more
        else:
            length = 1 << 40
            while more := sock.recv(65_536):
                rest += more
        return Answer(int(first.split()[1]), headers, rest[:length], rest[length:])
    return Answer(0)
