"""Hold planners within their townships: all of a shape, and what codes and address texts name, at every write."""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.parts_20261122.tables import Plan
from migrations.steps import run

#: Fields whose value is the code of a division or a grid, and fields that hold an address in words.
_CODES = ("code", "village", "parent", "grid", "serves")
_TEXTS = ("text", "standard", "aliases")

_FUNCTIONS = Path(__file__).with_suffix(".sql")

_TRIGGERS = """
CREATE TRIGGER within_insert AFTER INSERT ON gridsight.{name} REFERENCING NEW TABLE AS came
  FOR EACH STATEMENT WHEN (current_user = 'gridsight_planner')
  EXECUTE FUNCTION gridsight.within('{key}', '{codes}', '{texts}')
;;
CREATE TRIGGER within_update AFTER UPDATE ON gridsight.{name} REFERENCING OLD TABLE AS went NEW TABLE AS came
  FOR EACH STATEMENT WHEN (current_user = 'gridsight_planner')
  EXECUTE FUNCTION gridsight.within('{key}', '{codes}', '{texts}')
;;
CREATE TRIGGER within_delete AFTER DELETE ON gridsight.{name} REFERENCING OLD TABLE AS went
  FOR EACH STATEMENT WHEN (current_user = 'gridsight_planner')
  EXECUTE FUNCTION gridsight.within('{key}', '{codes}', '{texts}')
"""

# Which rows a planner may change at all stands in a policy, so that a statement on all rows changes its own; whether it
# may is found by the triggers, a statement at a time: a policy would ask it row by row, at thirty times the cost.
_OPEN = """
ALTER POLICY added ON gridsight.{name} WITH CHECK (true)
;;
ALTER POLICY changed ON gridsight.{name} WITH CHECK (true)
"""

_PLACING = """
CREATE OR REPLACE FUNCTION gridsight.placing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_planner boolean := current_user = 'gridsight_planner';
BEGIN
  -- A bulk statement of an admin may have found the townships itself; what a planner says of them counts for nothing.
  IF TG_OP = 'INSERT' THEN
    NEW.township := gridsight.township_of(NEW.geom);
  ELSIF is_planner OR NEW.township IS NOT DISTINCT FROM OLD.township THEN
    NEW.township := gridsight.township_of(NEW.geom);
  END IF;
  IF is_planner AND NOT coalesce(
      NEW.township = ANY (string_to_array(current_setting('app.townships', true), ',')), false) THEN
    PERFORM gridsight.refuse(CASE WHEN NEW.township IS NULL THEN 'outside' ELSE 'elsewhere' END,
      to_jsonb(NEW) ->> 'id', NEW.township, NULL);
  END IF;
  RETURN NEW;
END
$$
"""


def make_within() -> None:
    """Make the functions that refuse what a planner writes out of its townships."""
    run(_FUNCTIONS.read_text(encoding="utf-8"))
    run(_PLACING)


def can_hold_within() -> bool:
    """Return whether the functions are there, which a database of an earlier day has not."""
    there = op.get_bind().exec_driver_sql("SELECT to_regprocedure('gridsight.within()') IS NOT NULL")
    return bool(there.scalar_one())


def hold_within(plan: Plan) -> None:
    """Make the triggers that hold planners within their townships in a layer, anew where they are there."""
    release(plan.name)
    codes, texts = (", ".join(f"s.{one}" for one in plan.names if one in fields) for fields in (_CODES, _TEXTS))
    run(_TRIGGERS.format(name=plan.name, key=plan.key, codes=codes, texts=texts))
    if not plan.is_scoped and not plan.is_admins:
        run(_OPEN.format(name=plan.name))


def release(name: str) -> None:
    """Take the triggers of a layer out."""
    for deed in ("insert", "update", "delete"):
        run(f"DROP TRIGGER IF EXISTS within_{deed} ON gridsight.{name}")


def drop_within() -> None:
    """Take the functions out; what finds townships and policies are for the step to put back."""
    run(
        "DROP FUNCTION gridsight.within(), gridsight.foreign_names(text[]), gridsight.refuse(text, text, text, text), "
        "gridsight.why_not(public.geometry, text[]), gridsight.reach(public.geometry, text[]), "
        "gridsight.along(public.geometry, public.geometry, float8), "
        "gridsight.plain_words(text)"
    )
