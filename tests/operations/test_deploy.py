"""Check, without a container runtime or systemd, what the deployment files promise: users, secrets, commands, names."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import shutil
import stat
import tomllib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

import click
import psycopg
import pytest
import yaml

from api import language
from api.cli import gridsight
from api.settings import Settings
from geo.storage.postgis import maintenance
from tests.needs import absent
from tests.operations.units import unit
from tests.postgres import Cluster, database_url, programs, without_locale
from tests.processes import Processes

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
LASTING = [name for name, one in SERVICES.items() if one["restart"] != "no"]
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
OWN_USER = "10001:10001"
SETTINGS = {f"GRIDSIGHT_{one.name.upper()}": one.default for one in dataclasses.fields(Settings)}
#: What others read: compose, and the command line itself.
OTHERS = {"GRIDSIGHT_PUBLISH", "GRIDSIGHT_LANG", "GRIDSIGHT_DEBUG"}


def _id(path: Path) -> str:
    return path.name


def accepts(words: list[str]) -> None:
    """Fail unless `gridsight WORDS` is a command that there is, with options that it has."""
    command: click.Command = gridsight
    context = click.Context(gridsight, info_name="gridsight")
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        assert found is not None, f"no command {name}"
        command = found
    try:
        command.make_context("gridsight", list(words))  # parses, and runs nothing
    except click.UsageError as error:
        pytest.fail(f"{command.name} {words}: {error.format_message()}")


# --- compose.yaml ---------------------------------------------------------------------------------------------------


def test_the_services_are_these() -> None:
    assert set(SERVICES) == {"database", "migrate", "api", "worker"}
    assert LASTING == ["database", "api", "worker"]


@pytest.mark.parametrize("name", SERVICES)
def test_services_have_no_privileges(name: str) -> None:
    one = SERVICES[name]
    user, group = one["user"].split(":")
    assert int(user) > 0
    assert int(group) > 0
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert "cap_add" not in one
    assert "privileged" not in one
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["logging"]["options"]["max-size"]
    assert one["logging"]["options"]["max-file"]
    if name != "database":
        assert one["ulimits"]["core"] == 0
        assert one["ulimits"]["nofile"]["soft"] >= 8192
    limits = one["deploy"]["resources"]["limits"]
    assert {"cpus", "memory", "pids"} <= set(limits)
    for volume in one["volumes"]:
        source, _, mode = volume.partition(":")
        assert "docker.sock" not in volume
        assert source in COMPOSE["volumes"] or mode.endswith(":ro"), volume


@pytest.mark.parametrize("name", LASTING)
def test_lasting_services_are_watched_and_come_back(name: str) -> None:
    one = SERVICES[name]
    assert one["healthcheck"]["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= set(one["healthcheck"])
    assert one["restart"] == "unless-stopped"


def test_the_migration_runs_once_and_before_the_others() -> None:
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("api", "worker"):
        assert SERVICES[name]["depends_on"] == {
            "database": {"condition": "service_healthy"},
            "migrate": {"condition": "service_completed_successfully"},
        }


def test_only_the_api_is_published_and_only_to_this_machine() -> None:
    published = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert published == {"api": ["${GRIDSIGHT_PUBLISH:-127.0.0.1:8000}:8000"]}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert {name: one["networks"] for name, one in SERVICES.items()} == {
        "database": ["inside"],
        "migrate": ["inside"],
        "api": ["inside", "outside"],
        "worker": ["inside"],
    }


def test_passwords_come_from_files_and_only_to_who_needs_them() -> None:
    for name, one in SERVICES.items():
        for key, value in one["environment"].items():
            if "PASSWORD" in key or "SECRET" in key:
                assert key.endswith("_FILE"), key
                assert value.removeprefix("/run/secrets/") in one["secrets"], f"{name} {key}"
        assert set(one["secrets"]) <= set(COMPOSE["secrets"])
    # The operator's login never reaches what users talk to.
    for name in ("api", "worker"):
        assert "operator_password" not in SERVICES[name]["secrets"]
        assert SERVICES[name]["environment"]["GRIDSIGHT_DATABASE_URL"].startswith("postgresql://gridsight@")
    for secret in COMPOSE["secrets"].values():
        assert secret["file"].startswith("secrets/")


@pytest.mark.parametrize("name", ["migrate", "api", "worker"])
def test_the_commands_of_the_compose_file_exist(name: str) -> None:
    one = SERVICES[name]
    assert one["image"] == f"gridsight:{VERSION}"
    assert one["user"] == OWN_USER
    assert one["env_file"] == ["gridsight.env"]
    accepts(one["command"])
    check = one["healthcheck"].get("test", [])
    if check[1:2] == ["gridsight"]:
        accepts(check[2:])


def test_services_get_longer_to_stop_than_requests_get_to_end() -> None:
    for name in ("api", "worker"):
        allowed = float(SERVICES[name]["environment"]["GRIDSIGHT_SHUTDOWN_SECONDS"])
        assert _seconds(SERVICES[name]["stop_grace_period"]) >= allowed + 5
        assert Settings(shutdown_seconds=allowed).shutdown_seconds == allowed


def _seconds(text: str) -> float:
    assert text.endswith("s")
    return float(text[:-1])


def test_images_are_pinned_and_of_one_release() -> None:
    database = re.fullmatch(r"postgis/postgis:(\d+)-(\d+\.\d+)", SERVICES["database"]["image"])
    assert database, "a release of PostgreSQL and one of PostGIS"
    assert int(database[1]) >= 15
    assert tuple(map(int, database[2].split("."))) >= (3, 3)
    # pg_dump refuses a server that is newer than itself.
    assert f"postgresql-client-{database[1]}" in DOCKERFILE


# --- Dockerfile -----------------------------------------------------------------------------------------------------


def _instructions() -> list[tuple[str, str]]:
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", DOCKERFILE))
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in joined.splitlines() if line.strip()]


def test_the_image_is_pinned_built_from_the_lock_and_runs_as_nobody() -> None:
    steps = _instructions()
    bases = [rest.split()[0] for word, rest in steps if word == "FROM"]
    assert len(bases) == 2
    for base in bases:
        assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", base)
    final = steps[max(k for k, (word, _) in enumerate(steps) if word == "FROM") :]
    assert [rest for word, rest in final if word == "USER"] == [OWN_USER]
    after = final[next(k for k, (word, _) in enumerate(final) if word == "USER") :]
    assert not any(word in {"RUN", "COPY", "ADD"} for word, _ in after)
    runs = " ".join(rest for word, rest in steps if word == "RUN")
    assert "--require-hashes --only-binary :all: --no-deps -r requirements-server.lock" in runs
    assert "python -m geo.kernels" in runs
    assert "ADD" not in {word for word, _ in steps}
    assert any(word == "HEALTHCHECK" for word, _ in final)
    assert f'org.opencontainers.image.version="{VERSION}"' in DOCKERFILE


def test_the_image_serves_by_itself() -> None:
    steps = dict(_instructions())
    assert yaml.safe_load(steps["ENTRYPOINT"]) == ["gridsight"]
    accepts(yaml.safe_load(steps["CMD"]))
    told = re.search(r"CMD (\[.*\])", steps["HEALTHCHECK"])
    assert yaml.safe_load(told[1]) == SERVICES["api"]["healthcheck"]["test"][1:]


def test_what_is_copied_is_there_and_no_secret_goes_to_the_builder() -> None:
    allowed = set()
    for line in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines():
        if line.startswith("!"):
            allowed.add(line[1:])
    for word, rest in _instructions():
        if word == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert source in allowed, source
    assert "deploy" not in allowed
    assert (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()[1] == "*"


# --- systemd --------------------------------------------------------------------------------------------------------

HARDENED = {
    "DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes",
    "PrivateTmp": "yes", "PrivateDevices": "yes", "ProtectKernelTunables": "yes", "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes", "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
    "CapabilityBoundingSet": "", "AmbientCapabilities": "", "UMask": "0077",
}  # fmt: skip


@pytest.mark.parametrize("path", UNITS, ids=_id)
def test_units_are_hardened_and_get_passwords_as_credentials(path: Path) -> None:
    service = unit(path)["Service"]
    for key, value in HARDENED.items():
        assert service[key] == [value], key
    assert service["SystemCallFilter"] == ["@system-service", "~@privileged"]
    names = {one.partition(":")[0] for one in service["LoadCredential"]}
    for line in service["Environment"]:
        key, _, value = line.partition("=")
        if key.startswith("GRIDSIGHT_") and key.endswith("_FILE"):
            assert value.removeprefix("%d/") in names, line
        elif key == "GRIDSIGHT_DATABASE_URL":
            assert re.fullmatch(r"postgresql://[a-z]+@127\.0\.0\.1/gridsight", value)
    assert ("operator-password" in names) == ("postgresql://postgres@" in " ".join(service["Environment"]))
    assert "WatchdogSec" not in service, "the service does not answer a watchdog"


@pytest.mark.parametrize("path", UNITS, ids=_id)
def test_units_may_open_files_and_leave_no_dump_of_memory(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["LimitCORE"] == ["0"]
    (most,) = service["LimitNOFILE"]
    # A browser holds six connections; the API answers some thousand browsers.
    assert int(most) >= (8192 if path.stem == "gridsight-api" else 1024)


@pytest.mark.parametrize("path", UNITS, ids=_id)
def test_units_run_commands_that_there_are(path: Path) -> None:
    service = unit(path)["Service"]
    (start,) = service["ExecStart"]
    words = shlex.split(start)
    if words[0] == "/bin/sh":
        words = shlex.split(words[2].removeprefix("exec ").replace("%%", "%"))
    assert words[0] == "/opt/gridsight/bin/gridsight"
    accepts(words[1:])


@pytest.mark.parametrize("name", ["gridsight-api", "gridsight-worker"])
def test_lasting_units_come_back_and_get_time_to_stop(name: str) -> None:
    sections = unit(DEPLOY / "systemd" / f"{name}.service")
    service = sections["Service"]
    assert service["Restart"] == ["on-failure"]
    assert sections["Unit"]["StartLimitIntervalSec"] == ["0"], "no number of failures is the last try"
    if name == "gridsight-worker":
        assert service["KillMode"] == ["mixed"], "the process of a job under way gets its time too"
    allowed = float(dict(one.split("=", 1) for one in service["Environment"])["GRIDSIGHT_SHUTDOWN_SECONDS"])
    assert float(service["TimeoutStopSec"][0]) >= allowed + 5
    assert "gridsight-migrate.service" in sections["Unit"]["After"][0].split()
    assert sections["Install"]["WantedBy"] == ["multi-user.target"]


def test_backups_are_timed() -> None:
    timer = unit(DEPLOY / "systemd" / "gridsight-backup.timer")
    assert timer["Timer"]["Persistent"] == ["true"]
    assert timer["Install"]["WantedBy"] == ["timers.target"]
    assert "Install" not in unit(DEPLOY / "systemd" / "gridsight-backup.service")


def test_systemd_reads_the_units_without_complaint(processes: Processes, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        absent("no systemd-analyze here (make test installs it if root)")
    for path in (DEPLOY / "systemd").iterdir():
        text = path.read_text(encoding="utf-8")
        # The programs are not installed here; systemd would complain of that alone.
        text = re.sub(r"/opt/gridsight/bin/(?:gridsight|python)", "/bin/true", text)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir())
    env = {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    done = processes.run("systemd-analyze", "verify", "--man=no", *units, env=env)
    complaints = [line for line in done.stderr.splitlines() if "gridsight" in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


def test_units_and_compose_set_the_same() -> None:
    """A setting in one of them only is one that was forgotten in the other."""

    def names(settings: Iterable[str]) -> set[str]:
        return {name for name in settings if name.startswith("GRIDSIGHT_")}

    for name in ("migrate", "api", "worker"):
        service = unit(DEPLOY / "systemd" / f"gridsight-{name}.service")["Service"]
        in_unit = dict(one.split("=", 1) for one in service["Environment"])
        in_compose = SERVICES[name]["environment"]
        assert names(in_unit) == names(in_compose)
        login = "postgres" if name == "migrate" else "gridsight"
        for settings in (in_unit, in_compose):
            assert settings["GRIDSIGHT_DATABASE_URL"].startswith(f"postgresql://{login}@")
            assert settings["GRIDSIGHT_DATABASE_URL"].endswith("/gridsight")
        (start,) = service["ExecStart"]
        host = {"serve": ["serve", "--host", "127.0.0.1", "--port", "8000"]}  # in a container: 0.0.0.0
        told = SERVICES[name]["command"]
        assert shlex.split(start)[1:] == host.get(told[0], told)
        assert float(service["TimeoutStopSec"][0]) == _seconds(SERVICES[name]["stop_grace_period"])
        memory = SERVICES[name]["deploy"]["resources"]["limits"]
        assert service["MemoryMax"] == [memory["memory"].upper()]
        assert service["TasksMax"] == [str(memory["pids"])]


# --- names, secrets, scripts ----------------------------------------------------------------------------------------

FILES = [path for path in sorted(DEPLOY.rglob("*")) if path.is_file() and "secrets" not in path.parts]


def test_every_setting_named_is_one() -> None:
    for path in FILES:
        for name in set(re.findall(r"\bGRIDSIGHT_[A-Z_]+\b", path.read_text(encoding="utf-8"))):
            assert name in {*SETTINGS, *OTHERS}, f"{path.name}: {name}"


def test_the_example_environment_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (DEPLOY / "gridsight.env.example").read_text(encoding="utf-8").splitlines()
    given = [line.lstrip("# ") for line in lines if re.match(r"(?:# )?GRIDSIGHT_[A-Z_]+=", line)]
    assert len(given) > 15
    for line in given:
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value)
        if name == "GRIDSIGHT_LANG":
            assert language.from_environment() == value
            continue
        assert getattr(Settings.read(), name.removeprefix("GRIDSIGHT_").lower()) is not None


def test_defaults_told_are_the_defaults() -> None:
    text = (DEPLOY / "gridsight.env.example").read_text(encoding="utf-8")
    for name, value in re.findall(r"(?m)^# (GRIDSIGHT_(?:MAX|POOL|TILE|STATEMENT|JOB)[A-Z_]*)=(.*)$", text):
        assert float(value) == SETTINGS[name], name


@pytest.mark.parametrize("path", FILES, ids=_id)
def test_no_password_stands_in_a_file(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        assert not re.search(r"://[^\s/:@]+:[^\s/@]+@", line), line
        told = re.search(r"(?i)(?:password|secret)\w*\s*[=:]\s*(\S+)", line)
        if told and not line.lstrip().startswith("#"):
            # A file, a list of names, a variable of psql: never a value.
            assert re.match(r"[/%\[{\"':$]|secrets/|/run/|scram-|service_|operator_|session_", told[1]), line


def test_secrets_are_kept_out_of_the_repository() -> None:
    assert {"secrets/", "gridsight.env"} <= set((DEPLOY / ".gitignore").read_text(encoding="utf-8").split())


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.sh")), ids=_id)
def test_scripts_are_programs_of_the_plain_shell(processes: Processes, path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    assert path.stat().st_mode & stat.S_IXUSR
    assert processes.run("sh", "-n", path).returncode == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root may give files to another group")
def test_secrets_are_drawn_once_and_are_for_the_containers_alone(processes: Processes, tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "make-secrets.sh", tmp_path)
    rounds = []
    for _ in range(2):
        processes.run("sh", tmp_path / "make-secrets.sh", check=True)
        rounds.append({path.name: path.read_text(encoding="ascii") for path in (tmp_path / "secrets").iterdir()})
    first, second = rounds
    assert first == second
    assert {f"secrets/{name}" for name in first} == {one["file"] for one in COMPOSE["secrets"].values()}
    assert len(set(first.values())) == len(first)
    for name, text in first.items():
        assert re.fullmatch(r"[0-9a-f]{64}\n", text)
        info = (tmp_path / "secrets" / name).stat()
        assert (stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid) == (0o440, 0, 10001)


def test_the_database_may_read_the_secrets() -> None:
    assert SERVICES["database"]["group_add"] == [OWN_USER.partition(":")[2]]


# --- documents ------------------------------------------------------------------------------------------------------

PAGES = ("server.md", "upgrade.md", "security.md")


@pytest.mark.parametrize("name", PAGES)
def test_commands_in_the_documents_are_commands(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    found = 0
    for block in re.findall(r"```sh\n(.*?)```", text, re.S):
        for part in re.split(r"&&|;|\n", re.sub(r"\s#.*", "", block)):
            words = shlex.split(part)
            if words[:1] == ["gridsight"]:
                accepts(words[1:])
                found += 1
    in_compose = r"`(docker compose [^`]* run --rm (?:--volume \S+ )?migrate [^`]*)`"
    for line in re.findall(in_compose, text.replace("\n", " ")):
        accepts(shlex.split(line.partition(" migrate ")[2]))
        found += 1
    for span in re.findall(r"`gridsight ([a-z][a-z -]*)", text):
        assert span.split()[0] in gridsight.list_commands(click.Context(gridsight)), span
        found += 1
    assert found or name == "security.md"


@pytest.mark.parametrize("name", PAGES)
def test_files_named_in_the_documents_are_there(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    for path in set(re.findall(r"`((?:tests|deploy|docs|geo|api|maps|migrations)/[\w./-]+)`", text)):
        assert (ROOT / path).exists() or path == "deploy/secrets/" or path == "deploy/gridsight.env", path
    for setting in set(re.findall(r"GRIDSIGHT_[A-Z_]+", text)):
        assert setting in {*SETTINGS, *OTHERS}, setting


def test_every_metric_is_told() -> None:
    told = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
    for source in ("api/store_metrics.py", "api/middleware.py"):
        for name in re.findall(r'"(gridsight_[a-z_]+)"', (ROOT / source).read_text(encoding="utf-8")):
            assert f"`{name}" in told, name


# --- nginx ----------------------------------------------------------------------------------------------------------


def test_the_proxy_strikes_out_what_it_alone_may_say() -> None:
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    code = re.sub(r"(?m)#.*$", "", text)
    assert code.count("{") == code.count("}")
    for line in filter(None, map(str.strip, code.splitlines())):
        assert line.endswith((";", "{", "}")), line
    for header in ("X-Gridsight-User", "X-Gridsight-Role", "X-Gridsight-Townships"):
        assert f'proxy_set_header {header} "";' in code
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in code, "what a caller claims to have passed is dropped"
    assert "proxy_set_header X-Forwarded-Host $http_host;" in code
    assert "limit_req " in code
    megabytes = re.search(r"client_max_body_size (\d+)m;", code)
    assert int(megabytes[1]) * 1_000_000 == Settings.max_body_bytes
    megabytes = re.search(r"location = /imports \{\s*client_max_body_size (\d+)m;", code)
    assert int(megabytes[1]) * 1_000_000 == Settings.max_import_bytes
    assert "proxy_set_header" not in code.split("location / {", 1)[1], "a header in a location would drop all others"
    assert "$args" not in code
    assert not re.search(r"\$request\b|\$request_uri [^;]*\"", code.split("server {")[0]), "no query in the log"


# --- the database by hand -------------------------------------------------------------------------------------------


def test_the_script_makes_database_login_and_passwords_once(
    processes: Processes, clusters: Callable[[], AbstractContextManager[Cluster]], tmp_path: Path
) -> None:
    """Run it as docs/server.md has it, with psql of a private cluster; then upgrade, as gridsight-migrate does."""
    folder = tmp_path / "etc"
    with clusters() as cluster:
        with psycopg.connect(cluster.url, autocommit=True) as conn:
            without_locale(conn)
        psql = f"{programs()}/psql --host={cluster.folder} --port={cluster.port} --username=postgres"
        rounds = []
        for _ in range(2):
            processes.run("sh", DEPLOY / "make-database.sh", folder, env={**os.environ, "PSQL": psql}, check=True)
            rounds.append({one.name: one.read_text(encoding="ascii") for one in folder.iterdir()})
        assert rounds[0] == rounds[1]
        assert sorted(rounds[0]) == ["operator-password", "service-password", "session-secret"]
        assert all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in folder.iterdir())
        url = database_url(cluster.url, "gridsight")
        assert maintenance.upgrade(url)
        assert maintenance.require_startup_checks(database_url(cluster.url, "gridsight", login="gridsight")) == []
        with psycopg.connect(url) as conn:
            closed = "SELECT has_database_privilege('public', 'gridsight', 'CONNECT')"
            assert conn.execute(closed).fetchone() == (False,)
            known = "SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256%' ORDER BY 1"
            assert conn.execute(known).fetchall() == [("gridsight",), ("postgres",)]
