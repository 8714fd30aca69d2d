"""Run a private PostGIS cluster for tests, or use the one that GRIDSIGHT_TEST_DATABASE_URL names."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests import needs

#: A cluster never serves as root; Debian's package makes this account.
_ACCOUNT = "postgres"
_SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "120",
    "shared_buffers": "256MB", "work_mem": "32MB", "maintenance_work_mem": "256MB", "max_wal_size": "2GB",
    "timezone": "UTC", "log_min_messages": "error", "jit": "off",
}  # fmt: skip


def programs() -> Path | None:
    """Return the folder of the newest server programs that know PostGIS, None where there are none."""
    found = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if Path(f"/usr/share/postgresql/{path.parent.parent.name}/extension/postgis.control").exists()
    ]
    return max(found, key=lambda one: int(one.parent.name), default=None)


class Cluster:
    """Hold a PostgreSQL cluster in a folder of its own, on a free port of 127.0.0.1."""

    def __init__(self, folder: Path, *, settings: dict[str, str] | None = None) -> None:
        needs.require("server")
        self.bin = programs()
        if self.bin is None:
            raise RuntimeError("no PostgreSQL with PostGIS: apt-get install postgresql-15-postgis-3")
        self.folder = folder
        self.data = folder / "data"
        self.port = _free_port()
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            import pwd  # absent on Windows, where nobody is root

            account = pwd.getpwnam(_ACCOUNT)
            os.chown(folder, account.pw_uid, account.pw_gid)
            _let_through(folder)
        self._run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        chosen = {**_SETTINGS, "port": str(self.port), "listen_addresses": "'127.0.0.1'", **(settings or {})}
        chosen["unix_socket_directories"] = f"'{folder}'"
        lines = "".join(f"{name} = {value}\n" for name, value in chosen.items())
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(lines)
        self._watch = self._watched()
        try:
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def url(self) -> str:
        """Return the URL of the superuser at the database ``postgres``."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", "60", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: smart, fast, or immediate, which is as a crash."""
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-m", mode, "stop")

    def close(self) -> None:
        """Stop the server and remove its folder."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)
        self._watch.stdin.close()
        self._watch.wait(30)

    def _watched(self) -> subprocess.Popen[bytes]:
        """Start what stops the server and removes its folder once this process is gone, however it went."""
        stop = [*self._command("pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop"]
        script = 'read -r _; folder=$1; shift; "$@"; rm -rf "$folder"'
        return subprocess.Popen(
            ["sh", "-c", script, "sh", str(self.folder), *stop], stdin=subprocess.PIPE, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def _command(self, program: str) -> list[str]:
        as_account = ["runuser", "-u", _ACCOUNT, "--"] if os.geteuid() == 0 else []
        return [*as_account, str(self.bin / program)]

    def _run(self, program: str, *words: object) -> None:
        command = [*self._command(program), *map(str, words)]
        with (self.folder / "commands").open("ab") as said:  # a pipe would stay open in the server
            done = subprocess.run(command, stdout=said, stderr=said, cwd=self.folder, check=False)
        if done.returncode:
            tail = (self.folder / "commands").read_text(errors="replace")[-2000:]
            log = self.folder / "log"
            tail += log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise subprocess.CalledProcessError(done.returncode, command, tail)


@contextlib.contextmanager
def own_cluster(**options: dict[str, str]) -> Iterator[Cluster]:
    """Give a running cluster, and remove it; skip where there is no PostGIS, never in CI."""
    if programs() is None:
        needs.absent("no PostGIS here (make test installs it if root; or set GRIDSIGHT_TEST_DATABASE_URL)")
    # Not below pytest's own folder: another session closes that to all but its own account, the server's included.
    folder = Path(tempfile.mkdtemp(prefix="gridsight-pg-"))
    try:
        cluster = Cluster(folder / "cluster", **options)
        try:
            yield cluster
        finally:
            cluster.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database_url(server: str, name: str, *, login: str | None = None) -> str:
    """Return the URL of a database on a server, as its superuser or as another login."""
    parts = urlsplit(server)
    place = parts.netloc if login is None else f"{login}@{parts.netloc.rpartition('@')[2]}"
    return urlunsplit((parts.scheme, place, f"/{name}", parts.query, ""))


def service_url(url: str) -> str:
    """Return the URL of a database as the service's login opens it, from that of its superuser."""
    return database_url(url, url.rpartition("/")[2].partition("?")[0], login="gridsight")


@contextlib.contextmanager
def fresh_database(server: str, *, template: str | None = None) -> Iterator[str]:
    """Give a database of one's own, copied from a template, and drop it after; yields the superuser's URL."""
    needs.require("server")
    name = f"gridsight_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as conn:
        copied = f' TEMPLATE "{template}"' if template else " TEMPLATE template0"
        conn.execute(f'CREATE DATABASE "{name}"{copied}')
    try:
        yield database_url(server, name)
    finally:
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(server, autocommit=True) as conn:
            conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def without_locale(conn: psycopg.Connection) -> None:
    """Let new databases of a cluster be of SQL_ASCII, as where Debian made it on a machine without a locale."""
    for statement in (
        "ALTER DATABASE template1 IS_TEMPLATE false", "DROP DATABASE template1",
        "CREATE DATABASE template1 TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C' IS_TEMPLATE true",
    ):  # fmt: skip
        conn.execute(statement)


def wait_until(ready, *, seconds: float = 20.0, every: float = 0.05):
    """Call until what comes back is true, and return it; fail after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        if found := ready():
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"not ready after {seconds} s")
        time.sleep(every)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def _let_through(folder: Path) -> None:
    """Let the account reach a folder below pytest's own, which only root may enter."""
    for above in folder.parents:
        mode = above.stat().st_mode
        if not mode & 0o001:
            above.chmod(mode | 0o011)
