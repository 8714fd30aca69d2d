"""Run the commands of the compose file as plain processes on a private cluster: its words, environment and login."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import httpx
import psycopg
import yaml

from api.cli import main
from tests.postgres import Cluster, programs, wait_until
from tests.processes import Processes

ROOT = Path(__file__).resolve().parent.parent.parent
SERVICES = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text(encoding="utf-8"))["services"]
#: Short, so that a test need not wait as a county would.
HASTE = {"GRIDSIGHT_HEARTBEAT_SECONDS": "1", "GRIDSIGHT_SHUTDOWN_SECONDS": "3", "GRIDSIGHT_RATE_PER_MINUTE": "0"}
#: Given, so that httpx need not read all authorities of this machine for each request.
_NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_PASSWORDS = {"operator_password": "operator-of-the-test", "service_password": "service-of-the-test"}


#: No commit that is acknowledged may be lost where the database crashes.
_DURABLE = {"synchronous_commit": "on", "password_encryption": "'scram-sha-256'"}


def _require_passwords(cluster: Cluster) -> None:
    """Make a database, and let logins over the network in by their passwords alone."""
    with psycopg.connect(cluster.url, autocommit=True) as conn:
        conn.execute(f"ALTER ROLE postgres PASSWORD '{_PASSWORDS['operator_password']}'")
        conn.execute("CREATE DATABASE gridsight")
    (cluster.data / "pg_hba.conf").write_text(
        "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n", encoding="ascii"
    )
    cluster.stop()
    cluster.start()


class CountyServer:
    """Hold one county_server: its cluster, its secrets, its processes.

    Parameters
    ----------
    folder
        For secrets and logs.
    cluster
        The database server.
    processes
        What starts its services.
    """

    def __init__(self, folder: Path, cluster: Cluster, processes: Processes) -> None:
        self.folder = folder
        self.cluster = cluster
        self._processes = processes
        self.url = ""
        self.processes: dict[str, subprocess.Popen[str]] = {}
        (folder / "secrets").mkdir(parents=True)
        for name, text in {**_PASSWORDS, "session_secret": "s" * 64}.items():
            (folder / "secrets" / name).write_text(f"{text}\n", encoding="ascii")

    def make_login(self) -> None:
        """Make the service's login by the script that the database's container runs when it is new."""
        script = (ROOT / "deploy" / "initdb" / "10-login.sh").read_text(encoding="utf-8")
        path = self.folder / "login.sh"
        path.write_text(script.replace("/run/secrets", str(self.folder / "secrets")), encoding="utf-8")
        env = {"PATH": f"{programs()}:{os.environ['PATH']}", "POSTGRES_USER": "postgres"}
        env |= {"PGHOST": str(self.cluster.folder), "PGPORT": str(self.cluster.port)}
        self._processes.run("sh", path, env=env, check=True)

    def environment(self, service: str) -> dict[str, str]:
        """Return what compose would give a service, with this server's host, secrets and haste."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("GRIDSIGHT")}
        example = (ROOT / "deploy" / "gridsight.env.example").read_text(encoding="utf-8")
        env |= dict(re.findall(r"(?m)^(GRIDSIGHT_[A-Z_]+)=(.*)$", example))
        for name, value in SERVICES[service]["environment"].items():
            here = value.replace("@database/", f"@127.0.0.1:{self.cluster.port}/")
            env[name] = here.replace("/run/secrets", str(self.folder / "secrets"))
        return {**env, **HASTE, "GRIDSIGHT_LANG": "en"}

    def upgrade(self) -> dict[str, Any]:
        """Run the one-shot service to its end, and return what it says."""
        command = [sys.executable, "-m", "api", *SERVICES["migrate"]["command"], "--json"]
        done = self._processes.run(*command, env=self.environment("migrate"), cwd=self.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    def run(self, *words: object, service: str = "migrate", code: int = 0) -> dict[str, Any]:
        """Run a command here, in the environment of a service, and return the JSON that it says.

        Within this process, as another takes seconds to load.
        """
        said = io.StringIO()
        with mock.patch.dict(os.environ, self.environment(service), clear=True), contextlib.redirect_stdout(said):
            assert main([*map(str, words), "--json"]) == code, said.getvalue()
        return json.loads(said.getvalue())

    def start(self, service: str, name: str = "", **settings: object) -> dict[str, Any]:
        """Start a lasting service with the words of the compose file, and return what it says once it is ready."""
        env = self.environment(service) | {f"GRIDSIGHT_{key.upper()}": str(value) for key, value in settings.items()}
        words = list(SERVICES[service]["command"])
        if service == "api":
            assert words == ["serve", "--host", "0.0.0.0", "--port", "8000"]
            words[2], words[4] = "127.0.0.1", "0"
        with (self.folder / f"{service}.log").open("a", encoding="utf-8") as log:
            command = [sys.executable, "-m", "api", *words, "--json"]
            process = self._processes.start(*command, env=env, cwd=self.folder, stderr=log)
        self.processes[name or service] = process
        line = process.stdout.readline()
        assert line, self.log(service)
        told = json.loads(line)
        if service == "api":
            self.url = told["url"].rstrip("/")
        return told

    def stop(self, name: str, how: int = signal.SIGTERM, *, seconds: float = 20) -> int:
        """Send a process a signal, and return its exit code."""
        return self._processes.end(self.processes.pop(name), how, seconds=seconds)

    def close(self) -> None:
        """Kill what still runs."""
        for name in list(self.processes):
            self.stop(name, signal.SIGKILL)

    def log(self, service: str) -> str:
        """Return what a service has written."""
        return (self.folder / f"{service}.log").read_text(encoding="utf-8")

    def ask(
        self, method: str, path: str, key: str | None = None, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """Send one request over a connection of its own."""
        shown = {} if key is None else {"X-API-Key": key}
        given = {"headers": {**shown, **(headers or {})}, "timeout": 30, "verify": _NO_AUTHORITIES}
        return httpx.request(method, self.url + path, **given, **more)

    def get(self, path: str, key: str | None = None) -> Any:
        """Return the JSON of an answer, which must be 200."""
        answer = self.ask("GET", path, key)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def submit(self, key: str, **options: Any) -> str:
        """Ask for an analysis, and return the path of its job."""
        answer = self.ask("POST", "/runs", key, json=options)
        assert answer.status_code == 202, answer.text
        return "/" + answer.headers["location"].removeprefix(self.url).lstrip("/")

    def wait_for(self, job: str, key: str, *statuses: str, seconds: float = 120) -> dict[str, Any]:
        """Return a job once its status is one of these."""

        def look() -> dict[str, Any] | None:
            found = self.get(job, key)
            return found if found["status"] in statuses else None

        return wait_until(look, seconds=seconds, every=0.05)


@contextmanager
def county_server(
    folder: Path, clusters: Callable[..., AbstractContextManager[Cluster]], processes: Processes
) -> Iterator[CountyServer]:
    """Give a database with the service's login, without a service; nothing of it runs afterwards."""
    with clusters(settings=_DURABLE) as cluster:
        _require_passwords(cluster)
        made = CountyServer(folder, cluster, processes)
        try:
            made.make_login()
            yield made
        finally:
            made.close()
