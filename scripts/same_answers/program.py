"""Run one tree of the code as its users do: commands, and the service."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

_HERE = Path(__file__).resolve().parent
_LONGEST_SECONDS = 900


class AskingFailed(Exception):
    """The questions cannot be asked; no word about the answers."""


@dataclass(frozen=True)
class Done:
    """Hold what a command did."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return the one JSON object of ``--json``."""
        return json.loads(self.out)


class Program:
    """Run the code of a folder, whatever is installed beside it.

    Parameters
    ----------
    root
        The folder that holds the packages `geo` and `api`.
    python
        The interpreter with what the code depends on.
    """

    def __init__(self, root: Path, python: str = sys.executable) -> None:
        self.root = root.resolve()
        self.python = python
        self._forks: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._forks is not None and self._forks.stdin is not None:
            self._forks.stdin.close()
            self._forks.wait(_LONGEST_SECONDS)

    def require_own(self) -> None:
        """Raise AskingFailed where python would load the packages of another folder."""
        with tempfile.TemporaryDirectory() as folder:
            done = self._python(["-c", "import api, geo; print(api.__file__); print(geo.__file__)"], Path(folder), "zh")
        found = [Path(line).resolve() for line in done.out.split("\n") if line]
        if done.code or len(found) != 2 or not all(path.is_relative_to(self.root) for path in found):
            raise AskingFailed(f"{self.python} does not run the code of {self.root}: {found} {done.err[-2000:]}")

    def environment(self, lang: str = "zh", **more: str) -> dict[str, str]:
        """Return the environment of a command: nothing of the caller's own settings, and days in UTC."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRIDSIGHT_", "PYTHON"))}
        return {**kept, "PYTHONPATH": str(self.root), "TZ": "UTC", "GRIDSIGHT_LANG": lang, **more}

    def run(self, args: Sequence[str], cwd: Path, *, lang: str = "zh") -> Done:
        """Run a command in a process of its own."""
        return self._python(["-m", "api", *args], cwd, lang)

    def script(self, path: Path, args: Sequence[str], cwd: Path) -> Done:
        """Run a python file with this code."""
        return self._python([str(path), *args], cwd, "zh")

    def quick(self, args: Sequence[str], cwd: Path, *, lang: str = "zh", given: str = "") -> Done:
        """Run a command in a process forked from one that has loaded the program."""
        if not hasattr(os, "fork"):
            return self.run(args, cwd, lang=lang)
        if self._forks is None:
            self._forks = subprocess.Popen(
                [self.python, "-P", str(_HERE / "forks.py")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=cwd, env=self.environment(),
            )  # fmt: skip
        with tempfile.TemporaryDirectory() as folder:
            files = {name: Path(folder, name) for name in ("stdin", "stdout", "stderr")}
            files["stdin"].write_text(given, encoding="utf-8")
            task = {
                "args": list(args), "cwd": str(cwd), "env": {"GRIDSIGHT_LANG": lang},
                **{name: str(path) for name, path in files.items()},
            }  # fmt: skip
            self._forks.stdin.write(json.dumps(task) + "\n")
            self._forks.stdin.flush()
            code = self._forks.stdout.readline().strip()
            if not code:
                raise AskingFailed(f"the process for commands of {self.root} has died at {list(args)}")
            out, err = (files[name].read_text(encoding="utf-8", errors="replace") for name in ("stdout", "stderr"))
            return Done(int(code), out, err)

    def serve(self, workspace: Path, cwd: Path) -> Service:
        """Start the service of a workspace on a free port."""
        args = ["-m", "api", "serve", "--port", "0", "--workspace", workspace.name, "--json"]
        log = (cwd / f"{workspace.stem}-serve.log").open("w")
        process = subprocess.Popen(
            [self.python, "-P", *args], cwd=cwd, env=self.environment(), stdout=subprocess.PIPE, stderr=log, text=True
        )
        line = process.stdout.readline()
        if not line:
            raise AskingFailed(f"the service of {self.root} did not start: {Path(log.name).read_text()[-2000:]}")
        return Service(process, json.loads(line)["url"])

    def _python(self, args: Sequence[str], cwd: Path, lang: str) -> Done:
        done = subprocess.run(
            [self.python, "-P", *args], cwd=cwd, env=self.environment(lang), capture_output=True, timeout=1200,
            check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Done(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


@dataclass(frozen=True)
class Reply:
    """Hold an answer of the service; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the body read as JSON."""
        return json.loads(self.body)


class Service:
    """Ask a running service, one request at a time."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.place = urlsplit(url).netloc

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Reply:
        """Send a request and return what is answered."""
        target = quote(path, safe="/?&=:,;@!$'()*+%~-._[]")
        # A connection a request: one that is kept is closed by the service when whoever asks takes too long.
        connection = http.client.HTTPConnection(self.place, timeout=_LONGEST_SECONDS)
        try:
            connection.request(method, target, body=body, headers={"Connection": "close", **(headers or {})})
            answer = connection.getresponse()
            content = answer.read()
        except (http.client.HTTPException, OSError) as error:
            raise AskingFailed(f"no answer to {method} {path}: {type(error).__name__} {error}") from error
        finally:
            connection.close()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)
