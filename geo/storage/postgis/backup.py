"""Back the database up into one file and restore it elsewhere, rights included.

A dump says who may see what by the names of roles, and roles are not in it: restored where they are missing, its
tables keep row security with no policy left. So a backup is two files, the dump (``pg_dump`` custom format) and
``<dump>.roles.sql``, without passwords; a restore makes the roles first and stops at the first error.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql

from geo.errors import Conflict, StoreBroken, UnreadableFile
from geo.files import write_atomically
from geo.storage.postgis.startup_checks import tighten
from geo.storage.postgis.tables import LOGIN, OWNER, ROLES, SCHEMA
from geo.storage.postgis.urls import connected, plain_url, shown
from geo.types import Progress, silent

_ROLES = (*dict.fromkeys(ROLES.values()), OWNER, LOGIN)
# Schema and tables are handed to their owner by whoever restores them: only a member may do that, and only to a role
# that could have made the schema.
_JOIN_OWNER = f"""
DO $$ BEGIN
  IF NOT pg_has_role(current_user, '{OWNER}',
                     CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) THEN
    EXECUTE format('GRANT {OWNER} TO %I', current_user);
  END IF;
  EXECUTE format('GRANT CREATE ON DATABASE %I TO {OWNER}', current_database());
END $$
"""
#: Where Debian keeps the client programs of each version.
_PLACES = Path("/usr/lib/postgresql")
_HEAD = "-- Roles of gridsight, without passwords; gridsight db restore runs this first."


def backup(url: str, out: Path, *, progress: Progress = silent) -> None:
    """Write the database to a file, and its roles beside it; files of that name are replaced once both are whole.

    Parameters
    ----------
    url
        An operator's: a superuser, or a member of ``gridsight_owner``.
    out
        The dump; the roles go to ``<out>.roles.sql``.

    Raises
    ------
    UnreadableFile
        ``pg_dump`` is not on this machine, is older than the server, or the file cannot be written.
    StoreBroken, StoreDown
        The database was never migrated, may not be read by this login, or is out of reach.
    """
    program = _program("pg_dump")
    progress("导出角色 / writing the roles", 0.0)
    with connected(url) as conn:
        if conn.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.alembic_version",)).fetchone() == (None,):
            raise StoreBroken(
                f"数据库 {shown(url)} 中没有本系统的表", f"the database {shown(url)} holds nothing of gridsight"
            )
        roles = _roles_script(conn)
    progress("导出数据 / writing the data", 0.1)

    def dump(path: Path) -> None:
        path.touch(mode=0o600)  # it holds the whole county and the hashes of keys
        # pg_dump stops where a row policy would hide rows from this login: never a part in silence.
        _run([program, "--format=custom", f"--schema={SCHEMA}", f"--file={path}", f"--dbname={_bare(url)}"], url)

    try:
        write_atomically(roles_file(out), lambda path: path.write_text(roles, encoding="utf-8"))
        write_atomically(out, dump)
    except OSError as error:
        raise UnreadableFile(
            f"无法写入 {out}：{error.strerror}", f"{out} cannot be written: {error.strerror}"
        ) from None
    progress("完成 / done", 1.0)


def restore(url: str, path: Path, *, progress: Progress = silent) -> None:
    """Fill an empty database from a backup: its roles first, all of the dump or nothing of it.

    Raises
    ------
    Conflict
        The database already holds tables of gridsight.
    UnreadableFile
        The dump or its roles file is not there, or is none, or ``pg_restore`` is not on this machine.
    StoreBroken, StoreDown
        The server refused a step; the database is then as it was, roles apart.
    """
    program = _program("pg_restore")
    script = _read_roles(roles_file(path))
    if not path.is_file():
        raise UnreadableFile(f"没有备份文件 {path}", f"there is no backup {path}")
    with connected(url) as conn:
        if conn.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (SCHEMA,)).fetchone():
            raise Conflict(
                f"数据库 {shown(url)} 不是空的；请恢复到新建的数据库",
                f"the database {shown(url)} is not empty; restore into one just created",
            )
        progress("建立角色 / making the roles", 0.0)
        with conn.transaction():
            for statement in script:
                conn.execute(statement)
            conn.execute(_JOIN_OWNER)
        conn.execute("CREATE EXTENSION IF NOT EXISTS postgis SCHEMA public")
    progress("恢复数据 / restoring the data", 0.1)
    _run([program, "--exit-on-error", "--single-transaction", f"--dbname={_bare(url)}", str(path)], url)
    with connected(url) as conn:
        progress("更新统计 / renewing statistics", 0.9)
        conn.execute("ANALYZE")
        tighten(conn)
    progress("完成 / done", 1.0)


def roles_file(path: Path) -> Path:
    """Return where the roles of a dump stand."""
    return path.with_name(f"{path.name}.roles.sql")


def _roles_script(conn: psycopg.Connection) -> str:
    """Return statements that make each role where it is absent, and its memberships; no password is ever read."""
    rows = conn.execute(
        "SELECT rolname, rolcanlogin, rolinherit FROM pg_roles WHERE rolname = ANY(%s) ORDER BY rolname",
        (list(_ROLES),),
    ).fetchall()
    members = conn.execute(
        "SELECT r.rolname, u.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid "
        "JOIN pg_roles u ON u.oid = m.member WHERE r.rolname = ANY(%s) AND u.rolname = %s ORDER BY 1, 2",
        (list(dict.fromkeys(ROLES.values())), LOGIN),
    ).fetchall()
    lines = [_HEAD]
    for name, can_login, inherits in rows:
        kind = f"{'LOGIN' if can_login else 'NOLOGIN'} {'INHERIT' if inherits else 'NOINHERIT'}"
        lines.append(
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
            f"THEN CREATE ROLE {name} {kind}; END IF; END $$;"
        )
    lines += [f"GRANT {role} TO {member};" for role, member in members]
    return "\n".join(lines) + "\n"


def _read_roles(path: Path) -> list[sql.SQL]:
    """Return the statements of a roles file; whatever `backup` would not have written there is refused."""
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
    known = re.compile(f"(?:{make})|(?:{grant})")
    statements = [line for line in lines if line.strip() and not line.startswith("--")]
    if not statements or not all(known.fullmatch(line) for line in statements):
        raise UnreadableFile(f"{path} 不是本系统的角色文件", f"{path} is no roles file of gridsight")
    return [sql.SQL(line) for line in statements]  # checked above, word by word


def _program(name: str) -> str:
    """Return a program of PostgreSQL's client: the one on the path, else the newest of Debian's."""
    if found := shutil.which(name):
        return found
    places = sorted(_PLACES.glob(f"*/bin/{name}"), key=lambda one: float(one.parts[-3]), reverse=True)
    if not places:
        raise UnreadableFile(
            f"本机没有 {name}；请安装 PostgreSQL 客户端（postgresql-client）",
            f"this machine has no {name}; install PostgreSQL's client programs (postgresql-client)",
        )
    return str(places[0])


def _run(command: list[str], url: str) -> None:
    """Run a client program; the password goes by the environment, where other users of the machine cannot read it."""
    env = {**os.environ, "PGCONNECT_TIMEOUT": "10", **_password(url)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    name, said = Path(command[0]).name, done.stderr
    if "server version mismatch" in said:
        raise UnreadableFile(
            f"{name} 的版本低于服务器；请安装同版本或更新的客户端",
            f"{name} is older than the server; install a client of the server's version or newer",
        )
    if "could not open output file" in said or "could not open input file" in said or "valid archive" in said:
        raise UnreadableFile(f"{name} 无法使用备份文件", f"{name} cannot use the backup file")
    raise StoreBroken(
        f"{name} 未能完成（{shown(url)}）；数据库未改动", f"{name} did not finish ({shown(url)}); nothing was changed"
    )


def _bare(url: str) -> str:
    """Return the URL without its password, for an argument that every user of the machine can read."""
    return shown(plain_url(url))


def _password(url: str) -> dict[str, str]:
    found = psycopg.conninfo.conninfo_to_dict(plain_url(url)).get("password")
    return {"PGPASSWORD": str(found)} if found else {}
