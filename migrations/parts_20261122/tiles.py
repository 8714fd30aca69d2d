"""Write the functions that build vector tiles: each takes the caller's role and answers one tile in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migrations.parts_20261122.tables import Plan
from migrations.parts_20261128.done import has_calendar
from migrations.steps import run

# A tile has 4096 units a side and 64 around it, and at most this many features: maps/tiles has the same numbers.
_MOST = 10_000

# Arithmetic and set_config stand in assignments: plpgsql works those out by itself, without a query of their own.
_HEAD = """
DECLARE
  told text;
  mine text[];
  box geometry;
  frame geometry;
  mercator boolean := true;
  side float8;
  past boolean;
  rows bigint;
BEGIN
  IF p_role NOT IN ('gridsight_viewer', 'gridsight_planner', 'gridsight_admin') THEN
    RAISE insufficient_privilege USING MESSAGE = 'no role of requests';
  END IF;
  told := set_config('role', p_role, true);
  told := set_config('app.townships', p_townships, true);
  IF p_townships IS NULL AND p_role = 'gridsight_planner' THEN
    told := (SELECT set_config('app.townships', coalesce(string_agg(DISTINCT left(d.code, 9), ','), ''), true)
             FROM gridsight.divisions d WHERE d.level = 'township');
  END IF;
  mine := string_to_array(told, ',');
  IF p_z NOT BETWEEN 0 AND 22 OR p_y NOT BETWEEN 0 AND (1 << p_z) - 1 THEN
    RAISE invalid_parameter_value USING MESSAGE = 'no such tile';
  END IF;
  IF p_grid = 'WebMercatorQuad' AND p_x BETWEEN 0 AND (1 << p_z) - 1 THEN
    side := 40075016.685578488 / (1 << p_z);
    frame := ST_MakeEnvelope(p_x * side - 20037508.342789244, 20037508.342789244 - (p_y + 1) * side,
      (p_x + 1) * side - 20037508.342789244, 20037508.342789244 - p_y * side, 3857);
    side := 2.0 / (1 << p_z);
    box := ST_MakeEnvelope(((p_x - 0.015625) * side - 1) * 180,
      degrees(atan(sinh((1 - (p_y + 1.015625) * side) * pi()))),
      ((p_x + 1.015625) * side - 1) * 180, degrees(atan(sinh((1 - (p_y - 0.015625) * side) * pi()))), 4326);
  ELSIF p_grid = 'WorldCRS84Quad' AND p_x BETWEEN 0 AND (2 << p_z) - 1 THEN
    mercator := false;
    side := 180.0 / (1 << p_z);
    frame := ST_MakeEnvelope(p_x * side - 180, 90 - (p_y + 1) * side, (p_x + 1) * side - 180, 90 - p_y * side, 4326);
    box := ST_MakeEnvelope((p_x - 0.015625) * side - 180, 90 - (p_y + 1.015625) * side,
      (p_x + 1.015625) * side - 180, 90 - (p_y - 0.015625) * side, 4326);
  ELSE
    RAISE invalid_parameter_value USING MESSAGE = 'no such tile';
  END IF;
  CASE p_layer
"""

_TAIL = """
  ELSE
    RAISE invalid_parameter_value USING MESSAGE = 'no such layer';
  END CASE;
END
"""

# Web Mercator has no poles: a shape that reaches one is cut before it is projected. A point there meets no tile.
_POINT = (
    "ST_AsMVTGeom(CASE WHEN mercator THEN ST_Transform(t.geom, 3857) ELSE t.geom END, frame, 4096, 64, true) AS geom"
)

_WORLD = "'SRID=4326;POLYGON((-180 -85.6,-180 85.6,180 85.6,180 -85.6,-180 -85.6))'::geometry"

_SHAPE = f"""ST_AsMVTGeom(
        CASE WHEN NOT mercator THEN t.geom WHEN t.geom @ {_WORLD} THEN ST_Transform(t.geom, 3857)
             ELSE ST_Transform(ST_ClipByBox2D(t.geom, {_WORLD}), 3857) END, frame, 4096, 64, true) AS geom"""

# An interval must skip versions that were replaced on the day they began; a single day does by itself.
_VALID = (
    "({0}.valid_from IS NULL OR {0}.valid_from <= p_until) AND ({0}.valid_to IS NULL OR {0}.valid_to > p_since) "
    "AND (p_since = p_until OR {0}.valid_from IS NULL OR {0}.valid_to IS NULL OR {0}.valid_from < {0}.valid_to)"
)

# The widest shapes first; of points, which have no width, an even sample.
_ORDER = "ST_XMax(t.geom) - ST_XMin(t.geom) + ST_YMax(t.geom) - ST_YMin(t.geom) DESC, hashint8(t.fid)"

# The moment of the last change besides its number: a database brought back from a backup counts on from an older one.
# Since step 0010 a function of the database says it, with the epoch.
_STAMP = (
    "(SELECT r.revision || '.' || coalesce((extract(epoch FROM r.changed_at) * 1000000)::bigint, 0) "
    "FROM gridsight.revisions r WHERE r.layer = '{name}')"
)
_RUN_STAMP = (
    "(SELECT run_now || string_agg('.' || r.revision, '' ORDER BY r.layer) FROM gridsight.revisions r "
    "WHERE r.layer IN ('cameras', 'divisions'))"
)

# Current rows alone answer a question about today unless a version in history ends later: the index says so at once.
# ORDER BY makes the planner use it whatever the statistics say. A tile that overflows is built again, in order.
_LAYER_CASE = """
  WHEN '{name}' THEN
    IF p_known IS NOT NULL THEN
      stamp := {stamp};
      IF stamp = p_known THEN
        RETURN;
      END IF;
    END IF;
    SELECT ST_AsMVT(m, '{name}', 4096, 'geom'), count(*),
        {stamp},
        (SELECT true FROM gridsight.{name}_history h WHERE coalesce(h.valid_to, '9999-12-31'::date) > p_since
         ORDER BY coalesce(h.valid_to, '9999-12-31'::date) DESC LIMIT 1)
      INTO tile, rows, stamp, past FROM (
        SELECT {shape}, {fields}
        FROM gridsight.{name} t WHERE t.geom && box AND {valid_t} LIMIT {most} + 1) m;
    IF past IS NULL AND rows <= {most} THEN
      RETURN;
    END IF;
    SELECT count(*) INTO rows FROM ({rows}) t;
    SELECT ST_AsMVT(m, '{name}', 4096, 'geom') INTO tile FROM (
      SELECT {shape}, {fields} FROM ({rows}) t ORDER BY {order} LIMIT {most}) m;
    left_out := greatest(rows - {most}, 0);
"""

_ROWS = """
      SELECT t.fid, t.geom, {fields} FROM gridsight.{name} t WHERE t.geom && box AND {valid_t}
      UNION ALL
      SELECT t.fid, t.geom, {fields} FROM gridsight.{name}_history t WHERE t.geom && box AND {valid_t}
        AND NOT EXISTS (SELECT FROM gridsight.{name} c WHERE c.{key} = t.{key} AND {valid_c})
        AND NOT EXISTS (SELECT FROM gridsight.{name}_history n
          WHERE n.{key} = t.{key} AND n.version > t.version AND {valid_n})"""

_RUN_CASE = """
  WHEN {names} THEN
    SELECT ST_AsMVT(m, p_layer, 4096, 'geom'), count(*) INTO tile, rows FROM (
      SELECT {shape}, {fields}
      FROM gridsight.{table} t WHERE t.geom && box AND t.run = run_now{also} LIMIT {most} + 1) m;
    IF rows > {most} THEN
      SELECT count(*) INTO rows FROM gridsight.{table} t WHERE t.geom && box AND t.run = run_now{also};
      SELECT ST_AsMVT(m, p_layer, 4096, 'geom') INTO tile FROM (
        SELECT {shape}, {fields}
        FROM gridsight.{table} t WHERE t.geom && box AND t.run = run_now{also} ORDER BY {order} LIMIT {most}) m;
      left_out := rows - {most};
    END IF;
"""

_MAKE = """
CREATE OR REPLACE FUNCTION gridsight.tile(
    p_role text, p_townships text, p_layer text, p_since date, p_until date, p_grid text, p_z int, p_x int, p_y int,
    p_known text, OUT stamp text, OUT left_out bigint, OUT tile bytea)
  STABLE SECURITY INVOKER LANGUAGE plpgsql AS $tile${body}$tile$
"""

_MAKE_RUN = """
CREATE OR REPLACE FUNCTION gridsight.run_tile(
    p_role text, p_townships text, p_run text, p_layer text, p_grid text, p_z int, p_x int, p_y int, p_known text,
    OUT stamp text, OUT left_out bigint, OUT tile bytea)
  STABLE SECURITY INVOKER LANGUAGE plpgsql AS $tile${body}$tile$
"""

# The pool of tiles connects as the least role; the functions take the caller's own, which the login may or may not.
_GRANTS = """
REVOKE EXECUTE ON FUNCTION gridsight.tile, gridsight.run_tile FROM PUBLIC
;;
GRANT EXECUTE ON FUNCTION gridsight.tile, gridsight.run_tile TO gridsight_viewer, gridsight_planner, gridsight_admin
"""


def make_tiles(plans: Sequence[Plan]) -> None:
    """Make the function that builds tiles of layers, for exactly these."""
    run(_MAKE.replace("{body}", _HEAD + "".join(map(_layer_case, plans)) + _TAIL))


def make_run_tiles(
    tables: Mapping[str, Sequence[str]],
    zones: Sequence[str],
    *,
    masked: Mapping[str, str] | None = None,
    with_own_zones: bool = False,
) -> None:
    """Make the function that builds tiles of runs.

    Parameters
    ----------
    tables
        Table of runs -> the fields that a tile carries.
    zones
        Names of the zone layers.
    masked
        Table of runs -> the view to read instead, which shows each caller what it may see; without one for gaps, the
        function itself leaves out the cameras that are out of scope.
    with_own_zones
        Whether layers of own areas, one for each of their kinds, are zones too.
    """
    names = [f"'{name}'" for name in zones]
    if with_own_zones:
        names.append("substring(p_layer FROM '^areas:.+$')")
    run(_MAKE_RUN.replace("{body}", _run_body(tables, names, masked or {})))


def grant_tiles() -> None:
    """Let the roles of requests call both functions, and nobody else."""
    run(_GRANTS)


def _listed(fields: Sequence[str]) -> str:
    return ", ".join(f't."{one}"' for one in fields)


def _layer_case(plan: Plan) -> str:
    """Write the part of one layer: names stand in the text, so that the caller's word is only compared."""
    words = {"name": plan.name, "key": plan.key, "fields": _listed(plan.names)}
    words |= {f"valid_{one}": _VALID.format(one) for one in "tcn"}
    return _LAYER_CASE.format(
        **words,
        rows=_ROWS.format(**words),
        shape=_POINT if plan.shape == "POINT" else _SHAPE,
        order=_ORDER,
        most=_MOST,
        stamp=f"gridsight.state_of('{plan.name}')" if has_calendar() else _STAMP.format(name=plan.name),
    )


def _run_body(tables: Mapping[str, Sequence[str]], zones: Sequence[str], masked: Mapping[str, str]) -> str:
    """Write the function of run layers; the newest run is the one with the greatest id.

    A run never changes, but whose a view is may: by the cameras' townships, and by the divisions themselves.
    """
    newest = """
  SELECT r.id INTO run_now FROM gridsight.runs r
  WHERE p_run = 'latest' OR r.id = p_run ORDER BY r.id DESC LIMIT 1;
  IF run_now IS NULL THEN
    RETURN;
  END IF;
  stamp := {stamp};
  IF stamp = p_known THEN
    RETURN;
  END IF;
  CASE p_layer
"""
    stamp = "run_now || '.' || gridsight.state_of('cameras', 'divisions')" if has_calendar() else _RUN_STAMP
    newest = newest.replace("{stamp}", stamp)
    head = _HEAD.replace("  past boolean;\n", "  run_now text;\n").replace("\n  CASE p_layer\n", newest)
    out_of_scope = (
        'CASE WHEN p_role = \'gridsight_admin\' OR t.camera_township = ANY (mine) THEN t."camera" END AS "camera"'
    )
    same = {"shape": _SHAPE, "order": _ORDER, "most": _MOST}
    cases = []
    for name in ("views", "possible", "gaps"):
        table = f"run_{name}"
        listed = _listed(tables[table])
        if table not in masked:
            listed = listed.replace('t."camera"', out_of_scope)
        cases.append(
            _RUN_CASE.format(names=f"'{name}'", table=masked.get(table, table), fields=listed, also="", **same)
        )
    zone = {
        "names": ", ".join(zones),
        "table": "run_zones",
        "fields": _listed(tables["run_zones"]),
        "also": " AND t.layer = p_layer",
    }
    cases.append(_RUN_CASE.format(**zone, **same))
    whole, parts = (
        _RUN_CASE.format(
            names="'coverage'", table=table, fields=_listed(tables["run_coverage"]), also="", **same
        ).partition("THEN\n")
        for table in ("run_coverage", "run_coverage_parts")
    )
    cases.append(f"{whole[0]}THEN\n    IF p_role = 'gridsight_admin' THEN\n{whole[2]}    ELSE\n{parts[2]}    END IF;\n")
    return head + "".join(cases) + _TAIL
