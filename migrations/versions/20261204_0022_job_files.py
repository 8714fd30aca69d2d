"""Keep the files that jobs made, as prints: each is seen by whoever sees its job, and goes with it."""

from __future__ import annotations

from migrations.steps import begin, run

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# The policy reads the jobs as the caller does, whose own policy shows those that are the caller's.
_UPGRADE = """
CREATE TABLE gridsight.job_files (
  job text COLLATE "C" PRIMARY KEY REFERENCES gridsight.jobs (id) ON DELETE CASCADE,
  name text COLLATE "C" NOT NULL, media_type text COLLATE "C" NOT NULL, content bytea NOT NULL,
  created text COLLATE "C" NOT NULL)
;;
ALTER TABLE gridsight.job_files ALTER COLUMN content SET STORAGE EXTERNAL
;;
CREATE INDEX job_files_created ON gridsight.job_files (created)
;;
GRANT SELECT ON gridsight.job_files TO gridsight_viewer
;;
GRANT SELECT, DELETE ON gridsight.job_files TO gridsight_planner
;;
GRANT SELECT, INSERT, UPDATE, DELETE ON gridsight.job_files TO gridsight_admin, gridsight_worker
;;
ALTER TABLE gridsight.job_files ENABLE ROW LEVEL SECURITY
;;
CREATE POLICY mine ON gridsight.job_files TO gridsight_viewer, gridsight_planner
  USING (EXISTS (SELECT FROM gridsight.jobs j WHERE j.id = job))
;;
CREATE POLICY everything ON gridsight.job_files TO gridsight_admin, gridsight_worker USING (true) WITH CHECK (true)
"""


def upgrade() -> None:
    """Make the table and its rights."""
    begin()
    run(_UPGRADE)


def downgrade() -> None:
    """Take it out, with the files; their jobs stay."""
    begin()
    run("DROP TABLE gridsight.job_files")
