"""Keep planners from giving grids and villages the name of another township or of a village of it."""

from __future__ import annotations

from pathlib import Path

from migrations.parts_20261129.names import renewed_function
from migrations.steps import begin, run

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NAMED = ("grids", "villages")
_PARTS = Path(__file__).parent.parent
_FOREIGN_NAMES = _PARTS / "parts_20261129" / "foreign_names.sql"

# Zones are asked for by code or name: what another answers to would turn its answers ambiguous, or be given instead. A
# name that stays as it was stored is no change. A row that comes does not make its name its township's own.
_FUNCTION = """
CREATE FUNCTION gridsight.named_apart() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
DECLARE
  mine text[] := coalesce(string_to_array(current_setting('app.townships', true), ','), '{}');
  day date := gridsight.today();
  keys text[];
  words text[];
  fault record;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(c.code), array_agg(c.name) INTO keys, words FROM came c;
  ELSE
    SELECT array_agg(c.code), array_agg(c.name) INTO keys, words FROM came c JOIN went w ON w.fid = c.fid
    WHERE w.name IS DISTINCT FROM c.name OR w.code <> c.code;
  END IF;
  WITH named AS (
    SELECT gridsight.plain_words(d.name) AS name, left(d.code, 9) = ANY (mine) AS is_own FROM gridsight.divisions d
    WHERE d.level IN ('township', 'village') AND coalesce(d.valid_to, 'infinity') > day
      AND left(d.code, 6) IN (SELECT left(one, 6) FROM unnest(mine) one)
    UNION ALL
    SELECT gridsight.plain_words(v.name), true FROM gridsight.villages v
    WHERE left(v.code, 9) = ANY (mine) AND NOT v.code = ANY (coalesce(keys, '{}'))
  ), asked AS (
    SELECT a.key, unnest(ARRAY[a.name, a.key]) AS word FROM unnest(keys, words) AS a (key, name))
  SELECT a.key, a.word INTO fault FROM asked a
  WHERE gridsight.plain_words(a.word) IN (SELECT n.name FROM named n WHERE NOT n.is_own AND n.name <> '')
    AND NOT EXISTS (SELECT FROM named n WHERE n.is_own AND n.name = gridsight.plain_words(a.word))
  LIMIT 1;
  IF fault.key IS NOT NULL THEN
    PERFORM gridsight.refuse('name', fault.key, NULL, fault.word);
  END IF;
  RETURN NULL;
END
$$
;;
REVOKE EXECUTE ON FUNCTION gridsight.named_apart() FROM PUBLIC
"""

_TRIGGERS = """
CREATE TRIGGER named_apart_insert AFTER INSERT ON gridsight.{name} REFERENCING NEW TABLE AS came
  FOR EACH STATEMENT WHEN (current_user = 'gridsight_planner') EXECUTE FUNCTION gridsight.named_apart()
;;
CREATE TRIGGER named_apart_update AFTER UPDATE ON gridsight.{name} REFERENCING OLD TABLE AS went NEW TABLE AS came
  FOR EACH STATEMENT WHEN (current_user = 'gridsight_planner') EXECUTE FUNCTION gridsight.named_apart()
"""

_UNDO = """
DROP TRIGGER named_apart_insert ON gridsight.{name}
;;
DROP TRIGGER named_apart_update ON gridsight.{name}
"""


def upgrade() -> None:
    """Make the functions and the triggers; what is stored stays."""
    begin()
    run(_FOREIGN_NAMES.read_text(encoding="utf-8"))
    run(_FUNCTION)
    for name in _NAMED:
        run(_TRIGGERS.format(name=name))


def downgrade() -> None:
    """Take them out; names are found as before."""
    begin()
    for name in _NAMED:
        run(_UNDO.format(name=name))
    run("DROP FUNCTION gridsight.named_apart()")
    run(renewed_function("foreign_names("))
