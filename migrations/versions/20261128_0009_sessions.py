"""Record sessions, so that a sign-out ends one in every process."""

from __future__ import annotations

from migrations.parts_20261122.rights import ALL
from migrations.steps import begin, run

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_FUNCTIONS = (
    "session_begin(text, text, text, double precision)", "session_of(text)",
    "session_claim(text, double precision, double precision)", "session_renew(text, text)", "session_end(text)",
)  # fmt: skip

# No request role has a right to the table. A session is found by a hash of a secret that only its browser has.
_UPGRADE = """
CREATE TABLE gridsight.sessions (
  id text COLLATE "C" PRIMARY KEY, principal text COLLATE "C" NOT NULL, state text COLLATE "C" NOT NULL DEFAULT '',
  created timestamptz NOT NULL DEFAULT now(), read timestamptz NOT NULL DEFAULT now(), ends timestamptz NOT NULL,
  claimed timestamptz)
;;
CREATE INDEX sessions_ends ON gridsight.sessions (ends)
;;
CREATE FUNCTION gridsight.session_begin(wanted text, whose text, sealed text, seconds double precision) RETURNS void
  SECURITY DEFINER LANGUAGE sql SET search_path = pg_catalog, gridsight, public, pg_temp
BEGIN ATOMIC
  DELETE FROM gridsight.sessions WHERE ends <= now();
  INSERT INTO gridsight.sessions (id, principal, state, ends)
  VALUES (wanted, whose, sealed, now() + make_interval(secs => seconds));
END
;;
CREATE FUNCTION gridsight.session_of(wanted text)
  RETURNS TABLE (principal text, state text, age double precision)
  STABLE SECURITY DEFINER LANGUAGE sql SET search_path = pg_catalog, gridsight, public, pg_temp
BEGIN ATOMIC
  SELECT s.principal, s.state, extract(epoch FROM clock_timestamp() - s.read)::double precision
  FROM gridsight.sessions s WHERE s.id = wanted AND s.ends > now();
END
;;
CREATE FUNCTION gridsight.session_claim(wanted text, seconds double precision, age double precision) RETURNS boolean
  SECURITY DEFINER LANGUAGE sql SET search_path = pg_catalog, gridsight, public, pg_temp
BEGIN ATOMIC
  UPDATE gridsight.sessions SET claimed = now()
  WHERE id = wanted AND (claimed IS NULL OR claimed <= now() - make_interval(secs => seconds))
    AND read <= clock_timestamp() - make_interval(secs => age)
  RETURNING true;
END
;;
CREATE FUNCTION gridsight.session_renew(wanted text, sealed text) RETURNS void
  SECURITY DEFINER LANGUAGE sql SET search_path = pg_catalog, gridsight, public, pg_temp
BEGIN ATOMIC
  UPDATE gridsight.sessions SET state = sealed, read = clock_timestamp(), claimed = NULL WHERE id = wanted;
END
;;
CREATE FUNCTION gridsight.session_end(wanted text) RETURNS void
  SECURITY DEFINER LANGUAGE sql SET search_path = pg_catalog, gridsight, public, pg_temp
BEGIN ATOMIC
  DELETE FROM gridsight.sessions WHERE id = wanted;
END
"""


def upgrade() -> None:
    """Make the table and the functions that requests reach it by."""
    begin()
    run(_UPGRADE)
    for one in _FUNCTIONS:
        run(f"REVOKE EXECUTE ON FUNCTION gridsight.{one} FROM PUBLIC")
        run(f"GRANT EXECUTE ON FUNCTION gridsight.{one} TO {ALL}")


def downgrade() -> None:
    """Take them out: whoever is signed in signs in again."""
    begin()
    for one in _FUNCTIONS:
        run(f"DROP FUNCTION gridsight.{one}")
    run("DROP TABLE gridsight.sessions")
