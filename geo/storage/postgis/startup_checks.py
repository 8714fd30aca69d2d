"""Check the login's rights, row policies and index use of the database (docs/contract.md section 5)."""

from __future__ import annotations

import psycopg

from geo.errors import StoreBroken
from geo.storage.postgis.operator_connections import connect
from geo.storage.postgis.tables import LOGIN, ROLES, SCHEMA, metadata
from geo.storage.postgis.urls import url_without_password

_LEAKPROOF = "public.geometry_overlaps(public.geometry,public.geometry)"
_REQUEST_ROLES = tuple(dict.fromkeys(ROLES.values()))

# Functions of PostGIS that estimate extents, also from rows that the caller may not read.
_ESTIMATES = """
SELECT p.oid::regprocedure::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND p.proname IN ('st_estimatedextent', '_postgis_stats', '_postgis_selectivity',
  '_postgis_join_selectivity', '_postgis_index_extent')
"""

_LOGIN_FACTS = """
SELECT current_user, r.rolsuper, r.rolbypassrls, r.rolcreaterole,
  (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = %(schema)s AND pg_has_role(current_user, c.relowner, 'MEMBER')),
  (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = %(schema)s AND c.relkind IN ('r', 'p', 'v')
     AND (has_table_privilege(c.oid, 'SELECT') OR has_table_privilege(c.oid, 'INSERT')
          OR has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE'))),
  (SELECT count(*) FROM unnest(%(roles)s::text[]) AS wanted(name)
   WHERE NOT EXISTS (SELECT FROM pg_roles q WHERE q.rolname = wanted.name
                     AND pg_has_role(current_user, q.oid, 'MEMBER')))
FROM pg_roles r WHERE r.rolname = current_user
"""


def harden_postgis(conn: psycopg.Connection) -> None:
    """Set options of PostGIS functions, as far as this login may.

    Under a row policy PostgreSQL evaluates the policy before any function that may reveal its arguments in an error,
    and uses no index for such a function: the box filter of a map was forty times slower. ``geometry_overlaps`` reveals
    nothing, so it is marked leakproof. An extension update resets the flag, so each ``db upgrade`` and ``db restore``
    sets it. Estimates of PostGIS use all rows: only their owner may call them.
    """
    try:
        with conn.transaction():
            conn.execute(f"ALTER FUNCTION {_LEAKPROOF} LEAKPROOF")
            for (one,) in conn.execute(_ESTIMATES).fetchall():
                conn.execute(f"REVOKE EXECUTE ON FUNCTION {one} FROM PUBLIC")
    except psycopg.errors.InsufficientPrivilege:
        return  # `require_startup_checks` warns


def require_startup_checks(url: str) -> list[str]:
    """Raise StoreBroken where a server must not start with this login; return warnings.

    The login must have no rights of its own: it is not a superuser, not exempt from row policies, not an owner of a
    table or a member of one, and has no grant before it takes a role. A request that fails to take its role then reads
    nothing. Row policies must exist: a dump restored without its roles has lost them.

    Returns
    -------
    warnings
        Sentences as ``中文 / English``: what is slow, or open to a side channel, until an operator corrects it.
    """
    with connect(url) as conn:
        _require_login(conn, url_without_password(url))
        _require_policies(conn, url_without_password(url))
        return _warnings(conn)


def maintenance_warnings(url: str) -> list[str]:
    """Return the warnings of `require_startup_checks`, for any login."""
    with connect(url) as conn:
        return _warnings(conn)


def _require_login(conn: psycopg.Connection, name: str) -> None:
    found = conn.execute(_LOGIN_FACTS, {"schema": SCHEMA, "roles": list(_REQUEST_ROLES)}).fetchone()
    assert found is not None  # noqa: S101 (current_user is a role)
    login, is_super, bypasses, creates, owned, granted, missing = found
    faults = [
        (is_super, "是超级用户", "is a superuser"),
        (bypasses, "不受行级权限约束（BYPASSRLS）", "is exempt from row policies (BYPASSRLS)"),
        (creates, "可创建角色（CREATEROLE）", "may create roles (CREATEROLE)"),
        (owned, "拥有或属于表的所有者", "owns tables, or is a member of their owner"),
        (granted, "不经角色即有表权限（应为 NOINHERIT 且无直接授权）", "has grants before it takes a role"),
    ]
    for wrong, zh, en in faults:
        if wrong:
            raise StoreBroken(
                f"数据库 {name} 的登录账号 {login} {zh}，服务不能启动；请使用 {LOGIN} 那样的账号",
                f"the login {login} of {name} {en}; the server will not start with it, use one such as {LOGIN}",
            )
    if missing:
        roles = ", ".join(_REQUEST_ROLES)
        raise StoreBroken(
            f"数据库 {name} 的登录账号 {login} 须为这些角色的成员：{roles}；请运行 gridsight db upgrade",
            f"the login {login} of {name} must be a member of {roles}; run gridsight db upgrade",
        )


def _require_policies(conn: psycopg.Connection, name: str) -> None:
    """Raise StoreBroken where a table with townships has no row security, or no policy."""
    open_tables = conn.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = ANY(%s) AND (NOT c.relrowsecurity OR NOT EXISTS "
        "(SELECT FROM pg_policy p WHERE p.polrelid = c.oid)) ORDER BY 1",
        (SCHEMA, _tables_with_policies()),
    ).fetchall()
    if open_tables:
        names = ", ".join(row[0] for row in open_tables)
        raise StoreBroken(
            f"数据库 {name} 的这些表没有行级权限：{names}；若由备份恢复，请用 gridsight db restore",
            f"tables of {name} have no row policies: {names}; restore backups by gridsight db restore",
        )


def _tables_with_policies() -> list[str]:
    return [one.name for one in metadata.tables.values() if "township" in one.columns] + ["jobs", "job_files"]


def _warnings(conn: psycopg.Connection) -> list[str]:
    warnings = []
    found = conn.execute("SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure(%s)", (_LEAKPROOF,)).fetchone()
    if not (found and found[0]):
        warnings.append(
            "空间索引在行级权限下不起作用，地图会慢：请以超级用户运行 gridsight db upgrade / "
            "spatial indexes do not work under row policies, maps will be slow: run gridsight db upgrade as a superuser"
        )
    may = "SELECT bool_or(has_function_privilege(%s, one, 'EXECUTE')) FROM unnest(%s::text[]) AS estimates(one)"
    estimates = [row[0] for row in conn.execute(_ESTIMATES).fetchall()]
    if estimates and conn.execute(may, (ROLES["viewer"], estimates)).fetchone() == (True,):
        warnings.append(
            "任何账号都可查询 PostGIS 的范围估计：请以超级用户运行 gridsight db upgrade / "
            "any login may ask PostGIS for estimated extents: run gridsight db upgrade as a superuser"
        )
    return warnings
