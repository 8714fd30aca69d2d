"""Fill a database by plain SQL, as its superuser: two townships side by side, with history and a run.

The county is 2 degrees wide, 1 high: township A = 620622100 west of 102, B = 620622101 east of it. Scoped layers have
two rows in A, one in B and one outside all; each first row has one past version.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg

A, B = "620622100", "620622101"
SCOPED = ("cameras", "demand", "protected")
REFERENCE = (
    "divisions", "grids", "villages", "obstacles", "roads", "addresses", "places", "claims", "facilities", "areas",
)  # fmt: skip
KEYS = {
    **dict.fromkeys(("divisions", "grids", "villages", "places", "facilities", "areas"), "code"), "claims": "claim",
}  # fmt: skip
ROLES = ("viewer", "planner", "admin", "worker")

_BOX = "ST_Multi(ST_MakeEnvelope({0}, 37, {1}, 38, 4326))"
_POINT = "ST_SetSRID(ST_MakePoint({0}, 37.5), 4326)"

_FILL = f"""
SET app.day = '2026-03-01';
INSERT INTO gridsight.divisions (geom, code, name, level) VALUES
  ({_BOX.format(101, 103)}, '620622', 'county', 'county'),
  ({_BOX.format(101, 102)}, '{A}000', 'A', 'township'),
  ({_BOX.format(102, 103)}, '{B}', 'B', 'township');
INSERT INTO gridsight.grids (geom, code, name) VALUES
  ({_BOX.format(101.1, 101.2)}, 'ga', 'in A'), ({_BOX.format(102.1, 102.2)}, 'gb', 'in B');
INSERT INTO gridsight.villages (geom, code, name) VALUES
  ({_POINT.format(101.5)}, 'va', 'in A'), ({_POINT.format(102.5)}, 'vb', 'in B');
INSERT INTO gridsight.obstacles (geom, id, height) VALUES
  ({_BOX.format(101.3, 101.31)}, 'oa', 3), ({_BOX.format(102.3, 102.31)}, 'ob', 6);
INSERT INTO gridsight.roads (geom, id, class) VALUES
  (ST_Multi(ST_MakeLine({_POINT.format(101.1)}, {_POINT.format(101.9)})), 'ra', 'x'),
  (ST_Multi(ST_MakeLine({_POINT.format(102.1)}, {_POINT.format(102.9)})), 'rb', 'x');
INSERT INTO gridsight.addresses (geom, id, text) VALUES
  ({_POINT.format(101.5)}, 'da', '一号'), ({_POINT.format(102.5)}, 'db', '二号');
INSERT INTO gridsight.cameras (geom, id, site, kind, class, azimuth) VALUES
  ({_POINT.format(101.4)}, 'a1', 'sa', 'fixed', 1, 0.1), ({_POINT.format(101.6)}, 'a2', 'sa', 'ptz', 2, NULL),
  ({_POINT.format(102.4)}, 'b1', 'sb', 'fixed', 1, 90), ({_POINT.format(110)}, 'x1', 'sx', 'fixed', 3, 1e-300);
INSERT INTO gridsight.demand (geom, id, weight, kind) VALUES
  ({_BOX.format(101.4, 101.5)}, 'a1', 1, 'k'), ({_POINT.format(101.6)}, 'a2', 2, 'k'),
  ({_POINT.format(102.4)}, 'b1', 1, 'k'), ({_POINT.format(110)}, 'x1', 1, 'k');
INSERT INTO gridsight.protected (geom, id, rule, kind) VALUES
  ({_BOX.format(101.4, 101.5)}, 'a1', 'never', 'k'), ({_POINT.format(101.6)}, 'a2', 'mask', 'k'),
  ({_POINT.format(102.4)}, 'b1', 'mask', 'k'), ({_POINT.format(110)}, 'x1', 'mask', 'k');
SET app.day = '2026-05-01';
UPDATE gridsight.cameras SET kind = 'panoramic' WHERE id IN ('a1', 'b1');
UPDATE gridsight.demand SET kind = 'm' WHERE id IN ('a1', 'b1');
UPDATE gridsight.protected SET kind = 'm' WHERE id IN ('a1', 'b1');
UPDATE gridsight.grids SET name = 'renamed' WHERE code = 'ga';
INSERT INTO gridsight.runs VALUES ('r1', '2026-05-01T00:00:00Z', '{{}}', '{{}}', 'x', '{{}}');
INSERT INTO gridsight.run_incidence VALUES ('r1', '\\x0001ff');
INSERT INTO gridsight.run_views (geom, run, id, area_m2, township) VALUES
  ({_BOX.format(101.4, 101.5)}, 'r1', 'a1', 0.1, '{A}'), ({_BOX.format(102.4, 102.5)}, 'r1', 'b1', 2, '{B}');
INSERT INTO gridsight.run_possible (geom, run, id, area_m2, township) SELECT geom, run, id, area_m2, township
  FROM gridsight.run_views;
INSERT INTO gridsight.run_coverage (geom, run, k, area_m2) VALUES ({_BOX.format(101, 103)}, 'r1', 1, 9);
INSERT INTO gridsight.run_zones (geom, run, layer, code, sure_m2) VALUES
  ({_BOX.format(101, 102)}, 'r1', 'grids', 'ga', 1), ({_BOX.format(102, 103)}, 'r1', 'grids', 'gb', 2);
INSERT INTO gridsight.run_gaps (geom, run, rank, camera, lon, lat, township, camera_township) VALUES
  ({_BOX.format(101.9, 101.95)}, 'r1', 1, 'a1', 101.9, 37.5, '{A}', '{A}'),
  ({_BOX.format(101.95, 102)}, 'r1', 2, 'b1', 101.96, 37.5, '{A}', '{B}'),
  ({_BOX.format(102.9, 102.95)}, 'r1', 3, 'b1', 102.9, 37.5, '{B}', '{B}');
"""

_FILL_RIGHTS = f"""
SET app.day = '2026-03-01';
INSERT INTO gridsight.places (geom, code, name, kind, claim, share) VALUES
  ({_BOX.format(101.4, 101.41)}, 'pa', 'school in A', 'school', 'schools', 0.9),
  ({_POINT.format(102.4)}, 'pb', 'crossing in B', 'crossing', 'crossings', NULL);
INSERT INTO gridsight.claims (claim, level, share) VALUES ('schools', 'detect', 0.5), ('crossings', NULL, NULL);
INSERT INTO gridsight.facilities (geom, code, kind, level, link) VALUES
  ({_POINT.format(101.5)}, 'fa', 'governance_centre', 'township', 'yes'),
  ({_POINT.format(102.5)}, 'fb', 'x', NULL, NULL);
INSERT INTO gridsight.areas (geom, code, kind) VALUES
  ({_BOX.format(101.6, 101.7)}, 'ra', 'key_area'), ({_BOX.format(102.6, 102.7)}, 'rb', 'key_area');
SET app.day = '2026-05-01';
UPDATE gridsight.places SET share = 0.8 WHERE code = 'pa';
UPDATE gridsight.claims SET share = 0.8 WHERE claim = 'schools';
UPDATE gridsight.facilities SET link = 'no' WHERE code = 'fa';
UPDATE gridsight.areas SET kind = 'resettlement' WHERE code = 'ra';
INSERT INTO gridsight.run_coverage_parts (geom, run, township, k, area_m2) VALUES
  ({_BOX.format(101, 102)}, 'r1', '{A}', 1, 4), ({_BOX.format(102, 103)}, 'r1', '{B}', 1, 5);
INSERT INTO gridsight.audit (who, action) VALUES ('me', 'create');
INSERT INTO gridsight.api_keys (id, hash, name, role, townships)
  VALUES ('k1', '\\xff', 'machine', 'planner', ARRAY['{A}']);
INSERT INTO gridsight.jobs (id, process, status, inputs, owner, role, created, owner_id) VALUES
  ('j1', 'analyze', 'successful', '{{}}', 'ann', 'planner', 't', 'ann'),
  ('j2', 'analyze', 'failed', '{{}}', 'bob', 'planner', 't', 'bob');
INSERT INTO gridsight.job_files VALUES ('j1', 'atlas.pdf', 'application/pdf', '\\x25504446', 't');
INSERT INTO gridsight.sessions (id, principal, ends) VALUES ('s1', 'k1', now() + interval '1 day');
INSERT INTO gridsight.drafts
  (id, name, note, author, author_id, run, created, changed, changed_by, changes, seen, places, version, townships)
VALUES
  ('d1', 'own', '', 'ann', 'ann', '', 't', 't', 'ann', '{{}}', '{{}}', '[[101.5, 37.5]]', 1, '{{}}'),
  ('d2', 'both', '', 'ann', 'ann', '', 't', 't', 'ann', '{{}}', '{{}}', '[[101.5, 37.5], [102.5, 37.5]]', 1, '{{{A}}}'),
  ('d3', 'nowhere', '', 'ann', 'ann', '', 't', 't', 'ann', '{{}}', '{{}}', '[[0, 0]]', 1, '{{{A}}}'),
  ('d4', 'empty', '', 'ann', 'ann', '', 't', 't', 'ann', '{{}}', '{{}}', '[]', 1, '{{{A}}}');
INSERT INTO gridsight.grid_drafts
  (id, name, note, author, author_id, created, changed, changed_by, state, effective, decided, decided_by,
   decided_role, operations, content, seen, applied, places, version, townships)
SELECT id, name, '', 'ann', 'ann', 't', 't', 'ann', state, '', '', '',
  '', '[]', '{{}}', '{{}}', '{{}}', places, 1, '{{{A}}}'
FROM (VALUES
  ('e1', 'own', 'draft', '[[101.5, 37.5]]'), ('e2', 'both', 'draft', '[[101.5, 37.5], [102.5, 37.5]]'),
  ('e3', 'approved', 'approved', '[[101.5, 37.5]]'), ('e4', 'empty', 'draft', '[]')
) AS one (id, name, state, places);
"""


def fill(url: str, *, rights: bool = True) -> None:
    """Put the rows in; without ``rights`` those that version 0001 knows."""
    with psycopg.connect(url) as conn:
        conn.execute(_FILL + (_FILL_RIGHTS if rights else ""))


@contextmanager
def acting(url: str, role: str, townships: str | None = None, actor: str = "ann") -> Iterator[psycopg.Connection]:
    """Give one transaction of the server's login in a role, as the store opens it; rolled back at the end."""
    parts = urlsplit(url)
    login = urlunsplit((parts.scheme, f"gridsight@{parts.netloc.rpartition('@')[2]}", parts.path, parts.query, ""))
    with psycopg.connect(login) as conn:
        conn.execute("SELECT set_config('role', %s, true)", (f"gridsight_{role}",))
        if townships is not None:
            conn.execute("SELECT set_config('app.townships', %s, true)", (townships,))
        conn.execute("SELECT set_config('app.actor', %s, true)", (actor,))
        yield conn
        conn.rollback()


def tables(conn: psycopg.Connection) -> list[str]:
    """Return our tables that there are, the queue's and alembic's apart."""
    rows = conn.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'gridsight' AND tablename !~ '^(procrastinate|alembic)_' "
        "ORDER BY 1"
    )
    return [row[0] for row in rows]


def contents(url: str) -> dict[str, list[dict[str, str | None]]]:
    """Return every row of every table, each value as text: geometry as hex, numbers in full."""
    found = {}
    with psycopg.connect(url) as conn:
        for name in tables(conn):
            columns = [
                row[0]
                for row in conn.execute(
                    "SELECT attname FROM pg_attribute "
                    "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                    (f"gridsight.{name}",),
                )
            ]
            listed = ", ".join(f'"{one}"::text' for one in columns)
            rows = conn.execute(f"SELECT {listed} FROM gridsight.{name} t ORDER BY t::text")
            found[name] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


def known_to(older: dict[str, list[dict[str, str | None]]], newer: dict[str, list[dict[str, str | None]]]) -> dict:
    """Return of the contents of a newer database what the older one has tables and columns for."""
    columns = {name: set(rows[0]) if rows else set() for name, rows in older.items()}
    return {
        name: [
            {one: value for one, value in row.items() if one in columns[name]}
            for row in newer[name]
            if name != "revisions" or row["layer"] in older
        ]
        for name in older
    }
