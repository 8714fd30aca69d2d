"""Keep drafts of changes of grids: planners draft in their townships, admins approve, nobody deletes."""

from __future__ import annotations

from migrations.steps import begin, run

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

# Read once a statement, as a sub-select; unset or empty it names no township, and so shows no draft.
_SCOPE = (
    "cardinality(townships) > 0 AND townships <@ (SELECT string_to_array(current_setting('app.townships', true), ','))"
)

# The townships follow from the places by the function that drafts of cameras have.
_UPGRADE = """
CREATE TABLE gridsight.grid_drafts (
  id text COLLATE "C" PRIMARY KEY, name text COLLATE "C" NOT NULL, note text COLLATE "C" NOT NULL,
  author text COLLATE "C" NOT NULL, author_id text COLLATE "C" NOT NULL,
  created text COLLATE "C" NOT NULL, changed text COLLATE "C" NOT NULL, changed_by text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL CHECK (state IN ('draft', 'approved', 'withdrawn')),
  effective text COLLATE "C" NOT NULL, decided text COLLATE "C" NOT NULL, decided_by text COLLATE "C" NOT NULL,
  decided_role text COLLATE "C" NOT NULL, operations text COLLATE "C" NOT NULL, content text COLLATE "C" NOT NULL,
  seen text COLLATE "C" NOT NULL, applied text COLLATE "C" NOT NULL, places text COLLATE "C" NOT NULL,
  version bigint NOT NULL, townships text[] COLLATE "C" NOT NULL)
;;
CREATE TRIGGER drafting BEFORE INSERT OR UPDATE ON gridsight.grid_drafts
  FOR EACH ROW EXECUTE FUNCTION gridsight.drafting()
;;
GRANT SELECT, INSERT, UPDATE ON gridsight.grid_drafts TO gridsight_planner, gridsight_admin
;;
ALTER TABLE gridsight.grid_drafts ENABLE ROW LEVEL SECURITY
;;
CREATE POLICY seen ON gridsight.grid_drafts FOR SELECT TO gridsight_planner USING ({scope})
;;
CREATE POLICY added ON gridsight.grid_drafts FOR INSERT TO gridsight_planner WITH CHECK ({scope} AND state = 'draft')
;;
CREATE POLICY changed ON gridsight.grid_drafts FOR UPDATE TO gridsight_planner
  USING ({scope} AND state = 'draft') WITH CHECK ({scope} AND state <> 'approved')
;;
CREATE POLICY everything ON gridsight.grid_drafts TO gridsight_admin USING (true) WITH CHECK (true)
"""


def upgrade() -> None:
    """Make the table and its rights."""
    begin()
    run(_UPGRADE.format(scope=_SCOPE))


def downgrade() -> None:
    """Take it out, with the drafts; what was carried out stays in the layer and its history."""
    begin()
    run("DROP TABLE gridsight.grid_drafts")
