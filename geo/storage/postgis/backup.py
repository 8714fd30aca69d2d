"""Back up the database to a file and restore it elsewhere, rights included.

Policies in a dump name roles, and a dump does not contain roles: restored where they are missing, tables keep row
security without any policy. A backup is therefore two files, the dump (``pg_dump`` custom format) and
``<dump>.roles.sql``, without passwords; a restore creates the roles first and stops at the first error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from geo.errors import Conflict, StoreBroken, UnreadableFile
from geo.files import write_atomically
from geo.storage.postgis.operator_connections import connect, require_utf8
from geo.storage.postgis.startup_checks import harden_postgis
from geo.storage.postgis.tables import LOGIN, OWNER, ROLES, SCHEMA
from geo.storage.postgis.urls import libpq_url, url_without_password
from geo.types import Progress, no_progress

_ROLES = (*dict.fromkeys(ROLES.values()), OWNER, LOGIN)
# The restoring login assigns schema and tables to their owner: it has to be a member of that role, and the role needs
# the right to create a schema.
_GRANT_OWNER = f"""
DO $$ BEGIN
  IF NOT pg_has_role(current_user, '{OWNER}',
                     CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
    EXECUTE format('GRANT {OWNER} TO %I', current_user);
  END IF;
  EXECUTE format('GRANT CREATE ON DATABASE %I TO {OWNER}', current_database());
END $$
"""
#: Folder of the client programs of each version in Debian.
_CLIENT_FOLDERS = Path("/usr/lib/postgresql")
#: A dump of a schema does not contain the rights of its database: who may connect is restored with the roles.
_CONNECT_OURS = (
    "DO $$ BEGIN EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database()); "
    f"EXECUTE format('GRANT CONNECT ON DATABASE %I TO {LOGIN}', current_database()); END $$;"
)
#: What client programs say where the file is at fault, not the server.
_FILE_FAULTS = (
    "could not open output file", "could not open input file", "could not write", "valid archive",
    "No space left on device", "unexpected end of file", "could not read from input file",
)  # fmt: skip
_MAX_REASON = 500
_ROLES_FILE_HEADER = "-- Roles of gridsight, without passwords; gridsight db restore runs this first."


def backup(url: str, out: Path, *, progress: Progress = no_progress) -> None:
    """Write the database to a file, and its roles to another; existing files are replaced when both are complete.

    Parameters
    ----------
    url
        Of an operator: a superuser, or a member of ``gridsight_owner``.
    out
        The dump; roles are written to ``<out>.roles.sql``.

    Raises
    ------
    UnreadableFile
        ``pg_dump`` is missing or older than the server, or the file cannot be written: with its reason, and no file is
        left behind.
    StoreBroken, StoreDown
        The database was never migrated, may not be read by this login, or cannot be reached.
    """
    program = _program("pg_dump")
    progress("导出角色 / writing the roles", 0.0)
    with connect(url) as conn:
        if conn.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.alembic_version",)).fetchone() == (None,):
            raise StoreBroken(
                f"数据库 {url_without_password(url)} 中没有本系统的表",
                f"the database {url_without_password(url)} holds nothing of gridsight",
            )
        roles = _roles_script(conn)
    progress("导出数据 / writing the data", 0.1)

    def dump(path: Path) -> None:
        path.touch(mode=0o600)  # the dump contains all data and the hashes of keys
        # Sessions stay out: a restore would bring back those that a sign-out has ended.
        # pg_dump stops where a row policy would hide rows from this login, instead of writing a partial dump.
        _run(
            [
                program,
                "--format=custom",
                f"--schema={SCHEMA}",
                f"--exclude-table-data={SCHEMA}.sessions",
                f"--file={path}",
                f"--dbname={_without_password(url)}",
            ],
            url,
        )

    def dump_and_roles(path: Path) -> None:
        path.write_text(roles, encoding="utf-8")
        write_atomically(out, dump)

    try:
        # The roles get their name after the dump has its own: a dump that fails leaves no roles file behind.
        write_atomically(roles_file(out), dump_and_roles)
    except OSError as error:
        raise UnreadableFile(
            f"无法写入 {out}：{error.strerror}", f"{out} cannot be written: {error.strerror}"
        ) from None
    progress("完成 / done", 1.0)


def restore(
    url: str, path: Path, *, require_usable: Callable[[str | None], None], progress: Progress = no_progress
) -> None:
    """Restore a backup into an empty database: roles first, then all of the dump or nothing.

    Parameters
    ----------
    url
        Of an operator: a superuser, or a member of ``gridsight_owner``.
    path
        The dump; roles are read from ``<path>.roles.sql``.
    require_usable
        Given the revision of the dump, raises where this program cannot use it; then nothing is changed.

    Raises
    ------
    Conflict
        The database already has tables of gridsight.
    UnreadableFile
        The dump or its roles file is missing or invalid, or ``pg_restore`` is missing.
    StoreBroken, StoreDown
        The database is not of UTF-8, or the server refused a step; it is then unchanged except for the roles.
    """
    program = _program("pg_restore")
    script = _read_roles(roles_file(path))
    if not path.is_file():
        raise UnreadableFile(f"没有备份文件 {path}", f"there is no backup {path}")
    require_usable(_dump_revision(program, path, url))
    with connect(url) as conn:
        require_utf8(conn, url)
        if conn.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (SCHEMA,)).fetchone():
            raise Conflict(
                f"数据库 {url_without_password(url)} 不是空的；请恢复到新建的数据库",
                f"the database {url_without_password(url)} is not empty; restore into one just created",
            )
        progress("建立角色 / making the roles", 0.0)
        with conn.transaction():
            for statement in script:
                conn.execute(statement)
            conn.execute(_GRANT_OWNER)
        conn.execute("CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public")
    progress("恢复数据 / restoring the data", 0.1)
    _run([program, "--exit-on-error", "--single-transaction", f"--dbname={_without_password(url)}", str(path)], url)
    with connect(url) as conn:
        progress("更新统计 / renewing statistics", 0.9)
        conn.execute("ANALYZE")
        harden_postgis(conn)
    progress("完成 / done", 1.0)


def roles_file(path: Path) -> Path:
    """Return the path of the roles file of a dump."""
    return path.with_name(f"{path.name}.roles.sql")


def _dump_revision(program: str, path: Path, url: str) -> str | None:
    """Return the revision of the database that a dump was made of, None where the dump names none."""
    table = (f"--schema={SCHEMA}", "--table=alembic_version")
    text = _run([program, "--data-only", *table, "--file=-", str(path)], url)
    found = re.search(rf"^COPY {SCHEMA}\.alembic_version .*\n(\w+)$", text, re.MULTILINE)
    return found[1] if found else None


def _roles_script(conn: psycopg.Connection) -> str:
    """Return statements that create each missing role and its memberships; passwords are not read."""
    rows = conn.execute(
        "SELECT rolname, rolcanlogin, rolinherit FROM pg_roles WHERE rolname = ANY(%s) ORDER BY rolname",
        (list(_ROLES),),
    ).fetchall()
    members = conn.execute(
        "SELECT r.rolname, u.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
        "JOIN pg_roles u ON u.oid = m.member WHERE r.rolname = ANY(%s) AND u.rolname = %s ORDER BY 1, 2",
        (list(dict.fromkeys(ROLES.values())), LOGIN),
    ).fetchall()
    lines = [_ROLES_FILE_HEADER]
    for name, can_login, inherits in rows:
        kind = f"{'LOGIN' if can_login else 'NOLOGIN'} {'INHERIT' if inherits else 'NOINHERIT'}"
        lines.append(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
            f"THEN CREATE ROLE {name} {kind}; END IF; END $$;"
        )
    lines += [f"GRANT {role} TO {member};" for role, member in members]
    if conn.execute("SELECT has_database_privilege('public', current_database(), 'CONNECT')").fetchone() == (False,):
        lines.append(_CONNECT_OURS)
    return "\n".join(lines) + "\n"


def _read_roles(path: Path) -> list[sql.SQL]:
    """Return the statements of a roles file; statements that `backup` does not write are rejected."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UnreadableFile(
            f"没有角色文件 {path}；没有它，恢复后的表不受行级权限保护",
            f"there is no roles file {path}; without it the restored tables would have no row policies",
        ) from None
    name = r"gridsight(?:_[a-z]+)?"
    make = (
        rf"DO \$\$ BEGIN IF NOT EXISTS \(SELECT FROM pg_roles WHERE rolname = '({name})'\) "
        rf"THEN CREATE ROLE \1 (?:NO)?LOGIN (?:NO)?INHERIT; END IF; END \$\$;"
    )
    grant = rf"GRANT (?:{'|'.join(dict.fromkeys(ROLES.values()))}) TO {LOGIN};"
    known = re.compile(f"(?:{make})|(?:{grant})|(?:{re.escape(_CONNECT_OURS)})")
    statements = [line for line in lines if line.strip() and not line.startswith("--")]
    if not statements or not all(known.fullmatch(line) for line in statements):
        raise UnreadableFile(f"{path} 不是本系统的角色文件", f"{path} is no roles file of gridsight")
    return [sql.SQL(line) for line in statements]  # checked above by the whole pattern


def _program(name: str) -> str:
    """Return a client program of PostgreSQL: the one on the path, else the newest in Debian's folder."""
    if found := shutil.which(name):
        return found
    programs = sorted(_CLIENT_FOLDERS.glob(f"*/bin/{name}"), key=lambda one: float(one.parts[-3]), reverse=True)
    if not programs:
        raise UnreadableFile(
            f"本机没有 {name}；请安装 PostgreSQL 客户端（postgresql-client）",
            f"this machine has no {name}; install PostgreSQL's client programs (postgresql-client)",
        )
    return str(programs[0])


def _run(command: list[str], url: str) -> str:
    """Run a client program and return its output; the password is in its environment, which other users cannot read."""
    # Their words decide below which error it is.
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PGCONNECT_TIMEOUT": "10", **_password_environment(url)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout
    name, message = Path(command[0]).name, done.stderr
    if "server version mismatch" in message:
        raise UnreadableFile(
            f"{name} 的版本低于服务器；请安装同版本或更新的客户端",
            f"{name} is older than the server; install a client of the server's version or newer",
        )
    reason = _reason(message)
    if any(one in message for one in _FILE_FAULTS):
        raise UnreadableFile(f"{name} 无法使用备份文件：{reason}", f"{name} cannot use the backup file: {reason}")
    shown = url_without_password(url)
    raise StoreBroken(
        f"{name} 未能完成（{shown}），数据库未改动：{reason}",
        f"{name} did not finish ({shown}), nothing was changed: {reason}",
    )


def _reason(message: str) -> str:
    """Return what a client program says of its failure, on one line: its errors, else its last line."""
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"pg_\w+: (?:error|detail|hint):", line)] or lines[-1:]
    return "; ".join(errors)[:_MAX_REASON] or "?"


def _without_password(url: str) -> str:
    """Return the URL without its password, for a command line that every user can read."""
    return url_without_password(libpq_url(url))


def _password_environment(url: str) -> dict[str, str]:
    found = psycopg.conninfo.conninfo_to_dict(libpq_url(url)).get("password")
    return {"PGPASSWORD": str(found)} if found else {}
