"""Run the commands of docs/server.md and docs/upgrade.md in their order, as a newcomer does, on a private cluster."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import httpx
import psycopg
import pytest

from api.cli import main
from geo.storage.geopackage.store import open_store
from geo.storage.postgis import maintenance
from geo.studies.import_files import import_frames
from tests.api.conftest import T1, frames
from tests.needs import absent
from tests.operations.units import unit
from tests.postgres import Cluster, database_url, programs, wait_until, without_locale
from tests.processes import Processes

Clusters = Callable[..., AbstractContextManager[Cluster]]
ROOT = Path(__file__).resolve().parent.parent.parent
#: The pages, their Chinese halves: those hold the commands.
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("server", "upgrade")}
#: What stands for the machine's own folders: the same below a folder of the test.
FOLDERS = ("/etc/gridsight", "/etc/systemd/system", "/etc/nginx", "/var/backups", "/var/lib/gridsight-audit")
#: A script that knows its folder by itself is told another one.
SCRIPT = "deploy/make-database.sh"
#: Lines that fetch and install packages; tests/test_package.py installs the wheel.
INSTALLS = ("apt-get ", "python3 -m pip ", "python3 -m venv ", "/opt/gridsight/bin/pip ", "ln -sf /opt/gridsight/")
#: What a reader puts in the place of the examples: the township of the test's county, and ids that were printed.
TOWNSHIP, KEY, RUN = "990121100", "a1b2c3d4e5f6", "0199a5c0-0000-7000-8000-000000000000"
#: Programs of the shell and of PostgreSQL that a line may begin with, besides those that the newcomer plays.
SHELL = {"sh", "install", "sed", "cp", "openssl", "ln", "psql", "createdb", "dropdb"}
READY = "/health?ready=1"


def commands(section: int | str, page: str = "server") -> list[list[str]]:
    """Return the fenced commands of a section, by its number or heading, block by block."""
    begins = f"{section}. " if isinstance(section, int) else f"{section}\n"
    text = re.split(r"(?m)^### ", PAGES[page].split("\n## English\n")[0])
    (section,) = [one for one in text if one.startswith(begins)]
    return [block.strip().splitlines() for block in re.findall(r"```sh\n(.*?)```", section, re.S)]


class Newcomer:
    """Play an operator at a machine: run lines as they stand, with the substitutions at the top of this file."""

    def __init__(self, folder: Path, cluster: Cluster, processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.cluster = folder, cluster
        self._processes, self._monkeypatch = processes, monkeypatch
        self.running: dict[str, subprocess.Popen[str]] = {}
        self.finished: set[str] = set()
        self.url = ""
        self.ids = {TOWNSHIP: T1}
        self.keys: list[dict[str, str]] = []
        there = ("/etc/systemd/system", "/etc/nginx/sites-available", "/etc/nginx/sites-enabled", "/var/backups")
        for name in (*there, "/var/lib"):
            self.here(name).mkdir(parents=True)
        self.source = folder / "source"
        self.source.mkdir()
        (self.source / "deploy").symlink_to(ROOT / "deploy")
        for name, value in {
            "PATH": f"{programs()}:{os.environ['PATH']}:/usr/sbin", "PGHOST": str(cluster.folder),
            "PGPORT": str(cluster.port), "PGUSER": "postgres", "PSQL": "psql", "GRIDSIGHT_LANG": "en",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(self.source)

    def here(self, path: str) -> Path:
        """Return what stands for a path of the machine."""
        return self.folder / path.lstrip("/")

    def follow(self, lines: list[str]) -> None:
        """Run lines one after the other; the first that fails is the end."""
        for line in lines:
            self.run(line)

    def run(self, line: str) -> None:
        """Run one line."""
        line = line.replace("sudo ", "").replace("runuser -u postgres -- ", "")
        if line.startswith(INSTALLS):
            return
        line = re.sub(f"{re.escape(SCRIPT)}$", f"{SCRIPT} /etc/gridsight", line)
        for name in FOLDERS:
            line = line.replace(name, str(self.here(name)))
        for example, given in self.ids.items():
            line = line.replace(example, given)
        line = line.replace("@127.0.0.1/", f"@127.0.0.1:{self.cluster.port}/")
        words = shlex.split(line)
        outside = [one for one in words if re.match("/(etc|home|opt|root|srv|usr|var)/", one)]
        assert not outside, f"nothing stands for {outside}"
        if words[0] == "export":
            for one in words[1:]:
                self._monkeypatch.setenv(*one.split("=", 1))
        elif words[0] == "gridsight":
            self.gridsight(*words[1:])
        elif words[0] == "systemctl":
            self.systemctl(*words[1:])
        elif words[0] == "curl":
            self.curl(*words[1:])
        elif line == "nginx -t && systemctl reload nginx":
            self.nginx()
        else:
            assert words[0] in SHELL, f"nobody plays {words[0]}"
            if shutil.which(words[0]) is None:
                absent(f"no {words[0]} here")
            done = self._processes.run("sh", "-ec", line, cwd=self.source)
            assert done.returncode == 0, (line, done.stderr)

    def gridsight(self, *words: str) -> dict:
        """Run a command of the program within this process, and keep the ids that it prints."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main([*words, "--json"])
        assert code == 0, (words, out.getvalue(), err.getvalue())
        told = json.loads(out.getvalue())
        if words[:2] == ("keys", "create"):
            self.keys.append(told)
            self.ids[KEY] = told["id"] if told["role"] == "viewer" else self.ids.get(KEY, "")
        elif words[0] == "runs":
            self.ids[RUN] = told["runs"][0]["id"]
        return told

    def systemctl(self, verb: str, *names: str) -> None:
        """Start and stop what the installed units say; timers are not waited for."""
        assert verb in {"daemon-reload", "enable", "start", "stop", "restart"}, verb
        for name in names:
            if name == "--now" or name.endswith(".timer"):
                continue
            if verb in {"stop", "restart"}:
                self.finished.discard(name)
                if name in self.running:
                    assert self._processes.end(self.running.pop(name)) == 0
            if verb != "stop":
                self.start(name)

    def start(self, name: str) -> None:
        """Run the command of an installed unit, and before it the units that it wants and that have not run."""
        if name in self.finished:
            return
        sections = unit(self.here(f"/etc/systemd/system/{name}.service"))
        for other in " ".join(sections["Unit"].get("Wants", [])).split():
            if other.startswith("gridsight"):
                self.start(other.removesuffix(".service"))
        service = sections["Service"]
        env = {one: value for one, value in os.environ.items() if not one.startswith(("GRIDSIGHT", "PG"))}
        given = dict(line.partition(":")[::2] for line in service["LoadCredential"])
        for line in service["Environment"]:
            key, _, value = line.partition("=")
            if not key.startswith("NUMBA"):  # the kernels of this checkout are compiled already
                value = value.replace("@127.0.0.1/", f"@127.0.0.1:{self.cluster.port}/")
                secret = given.get(value.removeprefix("%d/"))
                env[key] = value if secret is None else str(self.here(secret))
        text = self.here(service["EnvironmentFile"][0]).read_text(encoding="utf-8")
        env |= dict(re.findall(r"(?m)^(GRIDSIGHT_[A-Z_]+)=(.*)$", text))
        (start,) = service["ExecStart"]
        words = shlex.split(start)[1:]
        command = [sys.executable, "-m", "api", *words, "--json"]
        if service["Type"] == ["oneshot"]:
            done = self._processes.run(*command, env=env, cwd=ROOT)
            assert done.returncode == 0, done.stderr
            if service.get("RemainAfterExit") == ["yes"]:
                self.finished.add(name)
            return
        if "--port" in words:
            command[command.index("--port") + 1] = str(_free_port())
        with (self.folder / f"{name}.log").open("a", encoding="utf-8") as log:
            self.running[name] = process = self._processes.start(*command, env=env, cwd=ROOT, stderr=log)
        line = process.stdout.readline()
        assert line, (self.folder / f"{name}.log").read_text(encoding="utf-8")
        if "--port" in words:
            self.url = json.loads(line)["url"].rstrip("/")

    def curl(self, *words: str) -> None:
        """Ask what the line asks: of the service itself, or of the proxy, which is another test's."""
        assert "--fail" in words
        url = words[-1]
        if url.startswith("https://"):
            return
        assert url.endswith(READY)
        assert {"--retry", "--retry-connrefused"} <= set(words), "the service answers some seconds after it is started"
        wait_until(lambda: self.ask(READY).status_code == 200)

    def nginx(self) -> None:
        """Let nginx read the site, with the folders of the test in it."""
        if shutil.which("nginx") is None:
            absent("nginx is not installed")
        if os.geteuid() != 0:
            absent("only root may test listening at the ports of the proxy")
        (site,) = (self.here("/etc/nginx") / "sites-enabled").iterdir()
        text = site.read_text(encoding="utf-8")
        assert "gridsight.example" not in text.replace("# Replace gridsight.example", "")
        text = text.replace("/etc/gridsight", str(self.here("/etc/gridsight")))
        text = text.replace("/var/log/nginx", str(self.folder))
        alone = self.folder / "nginx.conf"
        alone.write_text(f"pid {self.folder}/pid;\nevents {{}}\nhttp {{\n{text}\n}}\n", encoding="utf-8")
        done = self._processes.run("nginx", "-t", "-q", "-c", alone, "-e", self.folder / "nginx.log")
        assert (done.returncode, done.stderr) == (0, ""), done.stderr

    def ask(self, path: str, key: str | None = None, **headers: str) -> httpx.Response:
        """Send a request to the service, from its own machine."""
        shown = headers if key is None else {**headers, "X-API-Key": key}
        return httpx.get(self.url + path, headers=shown, timeout=30)

    def at_the_machine(self, database: str) -> psycopg.Connection:
        """Connect as the account of the database, by the socket."""
        place = {"host": str(self.cluster.folder), "port": self.cluster.port, "user": "postgres"}
        return psycopg.connect(dbname=database, autocommit=True, **place)

    def close(self) -> None:
        """Stop what runs."""
        for name in list(self.running):
            self._processes.end(self.running.pop(name))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def _as_debian_makes_it(cluster: Cluster) -> None:
    """Let logins over the network in by their passwords alone, and have the encoding of a machine without a locale."""
    (cluster.data / "pg_hba.conf").write_text(
        "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n", encoding="ascii"
    )
    with psycopg.connect(cluster.url, autocommit=True) as conn:
        without_locale(conn)
        conn.execute("SELECT pg_reload_conf()")


@contextlib.contextmanager
def _newcomer(
    folder: Path, clusters: Clusters, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Newcomer]:
    with clusters() as cluster:
        _as_debian_makes_it(cluster)
        one = Newcomer(folder, cluster, processes, monkeypatch)
        try:
            yield one
        finally:
            one.close()


@pytest.fixture(scope="module")
def monkeypatches() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as made:
        for name in [one for one in os.environ if one.startswith(("GRIDSIGHT_", "PG"))]:
            made.delenv(name)
        yield made


@pytest.fixture(scope="module")
def newcomer(
    clusters: Clusters,
    processes: Processes,
    monkeypatches: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Newcomer]:
    """Return who has come as far as the tests before; those of this file run in their order."""
    with _newcomer(tmp_path_factory.mktemp("machine"), clusters, processes, monkeypatches) as one:
        yield one


CAMERA = "/ogc/collections/cameras/items/c1"


def _name_of_camera(newcomer: Newcomer) -> str:
    return newcomer.ask(CAMERA, newcomer.keys[0]["key"]).json()["properties"]["name"]


def _require_published(newcomer: Newcomer) -> None:
    told = newcomer.gridsight("runs")
    assert (told["published_run"], told["stands_in"]) == (newcomer.ids[RUN], False)


def test_section_3_installs_a_service_that_is_ready(newcomer: Newcomer) -> None:
    for block in commands(3):
        newcomer.follow(block)
    answer = newcomer.ask("/ogc", Host="county.example")
    links = [one["href"] for one in answer.json()["links"]]
    assert links
    assert all(one.startswith("https://county.example/") for one in links)
    etc = newcomer.here("/etc/gridsight")
    for name in ("operator-password", "service-password", "session-secret", "tls/key.pem"):
        assert stat.S_IMODE((etc / name).stat().st_mode) == 0o600, name
    assert set(newcomer.running) == {"gridsight-api", "gridsight-worker"}
    login = database_url(newcomer.cluster.url, "gridsight", login="gridsight")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(login)


def test_section_4_gives_a_key_data_and_a_published_run(newcomer: Newcomer) -> None:
    store = open_store(newcomer.source / "workspace.gpkg")
    import_frames(store, frames(), actor="embedded")
    store.close()
    (block,) = commands(4)
    newcomer.follow(block)
    key = newcomer.keys[0]["key"]
    assert newcomer.ask("/ogc/collections/cameras/items", key).json()["numberReturned"] == 4
    assert [one["id"] for one in newcomer.ask("/runs").json()["runs"]] == [newcomer.ids[RUN]]
    assert newcomer.gridsight("time-zone")["time_zone"] == "Asia/Shanghai"
    _require_published(newcomer)


def test_section_6_makes_lists_and_revokes_keys_and_archives_the_audit(newcomer: Newcomer) -> None:
    (block,) = commands(6)
    newcomer.follow(block)
    _, viewer, planner = newcomer.keys
    path = "/ogc/collections/cameras/items"
    assert newcomer.ask("/ogc/collections/grids/items", viewer["key"]).status_code == 401, "revoked"
    # c1, c2, c3 stand in the planner's township, c4 in the other.
    seen = newcomer.ask(path, planner["key"]).json()["features"]
    assert [one["id"] for one in seen] == ["c1", "c2", "c3"]
    assert list(newcomer.here("/var/lib/gridsight-audit").iterdir()) == [], "no month of before 2026 is there"


def test_section_10_restores_in_place(newcomer: Newcomer) -> None:
    backup, rehearsal, _, in_place = commands(10)
    newcomer.follow(backup)
    before = _name_of_camera(newcomer)
    with newcomer.at_the_machine("gridsight") as conn:
        conn.execute("UPDATE gridsight.cameras SET name = '备份之后' WHERE id = 'c1'")
    assert _name_of_camera(newcomer) == "备份之后"
    newcomer.follow(rehearsal)
    assert _name_of_camera(newcomer) == "备份之后", "a rehearsal changes nothing"
    newcomer.follow(in_place)
    assert _name_of_camera(newcomer) == before
    _, viewer, planner = newcomer.keys
    assert newcomer.ask(CAMERA, planner["key"]).status_code == 200
    assert newcomer.ask("/ogc/collections/grids/items", viewer["key"]).status_code == 401, "revoked it stays"
    _require_published(newcomer)
    with newcomer.at_the_machine("gridsight") as conn:
        closed = "SELECT datname FROM pg_database WHERE NOT has_database_privilege('public', oid, 'CONNECT') ORDER BY 1"
        assert [one for (one,) in conn.execute(closed)] == ["gridsight", "gridsight_before"]
    with newcomer.at_the_machine("gridsight_before") as conn:
        kept = conn.execute("SELECT name FROM gridsight.cameras WHERE id = 'c1'").fetchone()
    assert kept == ("备份之后",), "the way back is open"


def test_an_upgrade_keeps_what_is_there(newcomer: Newcomer) -> None:
    (block,) = commands("升级服务器", "upgrade")
    name = _name_of_camera(newcomer)
    newcomer.follow(block)
    assert _name_of_camera(newcomer) == name
    _require_published(newcomer)
    assert set(newcomer.running) == {"gridsight-api", "gridsight-worker"}


def test_section_10_restores_on_a_new_machine(
    newcomer: Newcomer, clusters: Clusters, processes: Processes, tmp_path: Path
) -> None:
    """As section 3 has it until the environment file is written, then the restore, then section 3 to its end."""
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        _newcomer(tmp_path, clusters, processes, monkeypatch) as second,
    ):
        blocks = commands(3)
        made = next(at for at, block in enumerate(blocks) if any("make-database.sh" in line for line in block))
        for block in blocks[: made + 1]:
            second.follow(block)
        second.run(commands(4)[0][0])  # the two variables
        for name in ("gridsight-20261122.dump", "gridsight-20261122.dump.roles.sql"):
            shutil.copy(newcomer.here("/var/backups") / name, second.here("/var/backups") / name)
        second.follow(commands(10)[2])
        for block in blocks[made + 1 :]:
            second.follow(block)
        second.keys = newcomer.keys
        assert _name_of_camera(second) == _name_of_camera(newcomer)
        login = database_url(second.cluster.url, "gridsight", login="gridsight")
        password = (second.here("/etc/gridsight") / "service-password").read_text(encoding="ascii")
        assert maintenance.require_startup_checks(login.replace("gridsight@", f"gridsight:{password}@")) == []
