"""Check that rights hold in the database, and that they cost no index (CONTRACT section 5)."""

from __future__ import annotations

import psycopg

from geo.errors import StoreBroken
from geo.storage.postgis.tables import LOGIN, ROLES, SCHEMA, metadata
from geo.storage.postgis.urls import connected, shown

_LEAKPROOF = "public.geometry_overlaps(public.geometry,public.geometry)"
_REQUESTING = tuple(dict.fromkeys(ROLES.values()))

# Whatever an estimate is made of, it is made of rows that the caller may not see.
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


def tighten(conn: psycopg.Connection) -> None:
    """Set what belongs to PostGIS and not to our schema, as far as this login may.

    Under a row policy PostgreSQL tests the policy before any function that might tell what it sees in an error, and
    takes no index for such a function: the box filter of a map ran forty times slower. ``geometry_overlaps`` says
    nothing of its arguments, so it is marked leakproof. An update of the extension forgets the mark, so each
    ``db upgrade`` and ``db restore`` sets it. Estimates of PostGIS look at all rows: nobody but their owner may ask.
    """
    try:
        with conn.transaction():
            conn.execute(f"ALTER FUNCTION {_LEAKPROOF} LEAKPROOF")
            for (one,) in conn.execute(_ESTIMATES).fetchall():
                conn.execute(f"REVOKE EXECUTE ON FUNCTION {one} FROM PUBLIC")
    except psycopg.errors.InsufficientPrivilege:
        return  # start-up warns: `require_safe`


def require_safe(url: str) -> list[str]:
    """Raise StoreBroken where a server must not start with this login; return what it should warn of.

    The login must be nobody by itself: no superuser, not exempt from row policies, no owner of a table or member of
    one, and without a grant that holds before a role is taken. Then a request that forgets to take its role sees
    nothing. Row policies must be there: a dump restored without its roles has lost them.

    Returns
    -------
    warnings
        Sentences as ``中文 / English``: what is slow, or open to a side channel, until an operator sets it right.
    """
    with connected(url) as conn:
        _require_login(conn, shown(url))
        _require_policies(conn, shown(url))
        return _warnings(conn)


def standing(url: str) -> list[str]:
    """Return what an operator should know of a database: the warnings of `require_safe`, whatever the login."""
    with connected(url) as conn:
        return _warnings(conn)


def _require_login(conn: psycopg.Connection, name: str) -> None:
    found = conn.execute(_LOGIN_FACTS, {"schema": SCHEMA, "roles": list(_REQUESTING)}).fetchone()
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
        roles = ", ".join(_REQUESTING)
        raise StoreBroken(
            f"数据库 {name} 的登录账号 {login} 须为这些角色的成员：{roles}；请运行 gridsight db upgrade",
            f"the login {login} of {name} must be a member of {roles}; run gridsight db upgrade",
        )


def _require_policies(conn: psycopg.Connection, name: str) -> None:
    """Raise StoreBroken where a table with rows by township has no row security, or no policy."""
    open_tables = conn.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relname = ANY(%s) AND (NOT c.relrowsecurity OR NOT EXISTS "
        "(SELECT FROM pg_policy p WHERE p.polrelid = c.oid)) ORDER BY 1",
        (SCHEMA, _guarded()),
    ).fetchall()
    if open_tables:
        names = ", ".join(row[0] for row in open_tables)
        raise StoreBroken(
            f"数据库 {name} 的这些表没有行级权限：{names}；若由备份恢复，请用 gridsight db restore",
            f"tables of {name} have no row policies: {names}; restore backups by gridsight db restore",
        )


def _guarded() -> list[str]:
    return [one.name for one in metadata.tables.values() if "township" in one.columns] + ["jobs"]


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
