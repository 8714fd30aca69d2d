"""Keep drafts: changes of cameras that nobody has saved yet, seen by who may see all their places."""

from __future__ import annotations

from migrations.steps import begin, run

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# Read once a statement, as a sub-select; unset or empty it names no township, and so shows no draft.
_SCOPE = (
    "cardinality(townships) > 0 AND townships <@ (SELECT string_to_array(current_setting('app.townships', true), ','))"
)

# The townships follow from the places, whatever is said of them; a place outside all of them is null, which no scope
# contains.
_UPGRADE = """
CREATE TABLE gridsight.drafts (
  id text COLLATE "C" PRIMARY KEY, name text COLLATE "C" NOT NULL, note text COLLATE "C" NOT NULL,
  author text COLLATE "C" NOT NULL, author_id text COLLATE "C" NOT NULL, run text COLLATE "C" NOT NULL,
  created text COLLATE "C" NOT NULL, changed text COLLATE "C" NOT NULL, changed_by text COLLATE "C" NOT NULL,
  changes text COLLATE "C" NOT NULL, seen text COLLATE "C" NOT NULL, places text COLLATE "C" NOT NULL,
  version bigint NOT NULL, townships text[] COLLATE "C" NOT NULL)
;;
CREATE FUNCTION gridsight.drafting() RETURNS trigger LANGUAGE plpgsql
  SET search_path = pg_catalog, gridsight, public, pg_temp AS $$
BEGIN
  NEW.townships := ARRAY(
    SELECT DISTINCT gridsight.township_of(
      ST_SetSRID(ST_MakePoint((place->>0)::double precision, (place->>1)::double precision), 4326))
    FROM jsonb_array_elements(NEW.places::jsonb) AS place);
  RETURN NEW;
END
$$
;;
REVOKE EXECUTE ON FUNCTION gridsight.drafting() FROM PUBLIC
;;
CREATE TRIGGER drafting BEFORE INSERT OR UPDATE ON gridsight.drafts FOR EACH ROW EXECUTE FUNCTION gridsight.drafting()
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON gridsight.drafts TO gridsight_planner, gridsight_admin
;;
ALTER TABLE gridsight.drafts ENABLE ROW LEVEL SECURITY
;;
CREATE POLICY scope ON gridsight.drafts TO gridsight_planner USING ({scope}) WITH CHECK ({scope})
;;
CREATE POLICY everything ON gridsight.drafts TO gridsight_admin USING (true) WITH CHECK (true)
"""


def upgrade() -> None:
    """Make the table and its rights."""
    begin()
    run(_UPGRADE.format(scope=_SCOPE))


def downgrade() -> None:
    """Take it out, with the drafts."""
    begin()
    run("DROP TABLE gridsight.drafts")
    run("DROP FUNCTION gridsight.drafting()")
