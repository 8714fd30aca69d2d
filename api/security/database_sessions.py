"""Record sessions in the server's database, for every process; imported in server mode only."""

from __future__ import annotations

from api.security.session_records import SessionRecord
from geo.storage.postgis.store import PostgisStore
from geo.storage.records import Caller

#: The caller that looks up sessions; it has no right to their table, only to the functions of its owner.
_LOOKUP_CALLER = Caller("", "public")


class DatabaseSessionStore:
    """Sessions in the table ``sessions``, by the functions of migration 0009."""

    is_local = False

    def __init__(self, store: PostgisStore) -> None:
        self._store = store.acting(_LOOKUP_CALLER)

    def begin(self, session_id: str, principal: str, state: str, seconds: float) -> None:
        """Record a session that ends after some seconds."""
        with self._store._writing() as conn:
            conn.rows(
                "SELECT session_begin(:id, :principal, :state, CAST(:seconds AS double precision))",
                id=session_id, principal=principal, state=state, seconds=seconds,
            )  # fmt: skip

    def find(self, session_id: str) -> SessionRecord | None:
        """Return a session that has not ended."""
        with self._store._writing() as conn:
            row = conn.row("SELECT principal, state, age FROM session_of(:id)", id=session_id)
        return None if row is None else SessionRecord(str(row[0]), str(row[1]), float(row[2]))

    def claim(self, session_id: str, seconds: float, *, age: float) -> bool:
        """Return whether the caller is the one to read the rights again; nobody else is for some seconds."""
        with self._store._writing() as conn:
            sql = "SELECT session_claim(:id, CAST(:seconds AS double precision), CAST(:age AS double precision))"
            return bool(conn.value(sql, id=session_id, seconds=seconds, age=age))

    def renew(self, session_id: str, state: str) -> None:
        """Store rights that have just been read, and give the claim back."""
        with self._store._writing() as conn:
            conn.rows("SELECT session_renew(:id, :state)", id=session_id, state=state)

    def end(self, session_id: str) -> None:
        """End a session."""
        with self._store._writing() as conn:
            conn.rows("SELECT session_end(:id)", id=session_id)
