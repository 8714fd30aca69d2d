"""Store API keys in the server's database; imported in server mode only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from api.security.api_keys import ApiKey
from geo.errors import NotAllowed
from geo.storage.postgis.connections import Connection
from geo.storage.postgis.store import PostgisStore
from geo.storage.records import AuditEntry, Caller

#: The caller that looks up keys; it sees one row, by the function ``key_of``.
_KEY_LOOKUP_CALLER = Caller("", "public")
_FIELDS = ("id", "hash", "name", "role", "townships", "created", "expires", "revoked", "created_by")
_LISTED = ", ".join(_FIELDS)


class DatabaseKeyStore:
    """Keys in the table ``api_keys``; each change and its audit entry are one transaction.

    Parameters
    ----------
    store
        The server store, acting for the admin who creates and revokes keys.
    """

    scoped = True
    is_local = False

    def __init__(self, store: PostgisStore) -> None:
        self._store = store
        self._key_lookup = store.acting(_KEY_LOOKUP_CALLER)

    def required(self) -> bool:
        """Return True: in server mode requests need a credential."""
        return True

    def find(self, key_id: str) -> ApiKey | None:
        """Return a key by its id."""
        with _connection(self._key_lookup) as conn:
            return _key(conn.row(f"SELECT {_LISTED} FROM key_of(:id)", id=key_id))  # noqa: S608

    def used(self, key_id: str) -> None:
        """Record that a key has just been used; the database stores the minute."""
        with _connection(self._key_lookup) as conn:
            conn.rows("SELECT key_used(:id)", id=key_id)

    def all(self) -> list[ApiKey]:
        """Return all keys, oldest first."""
        self._require_admin()
        with _connection(self._store) as conn:
            rows = conn.rows(f"SELECT {_LISTED} FROM api_keys ORDER BY created, id")  # noqa: S608
        return [key for key in map(_key, rows) if key is not None]

    def add(self, key: ApiKey) -> None:
        """Store a new key and audit its creation."""
        self._require_admin()
        values = {name: getattr(key, name) for name in _FIELDS}
        values["townships"] = None if key.townships is None else list(key.townships)
        marks = ", ".join(f":{name}" for name in _FIELDS)
        with self._store.transaction():
            with _connection(self._store) as conn:
                conn.change(f"INSERT INTO api_keys ({_LISTED}) VALUES ({marks})", **values)  # noqa: S608
            detail = {"name": key.name, "role": key.role, "townships": values["townships"]}
            self._store.record(AuditEntry("key-create", feature=key.id, detail=detail))

    def revoke(self, key_id: str, when: datetime, by: str) -> ApiKey | None:  # noqa: ARG002 (the audit names the caller)
        """Mark a key as revoked, unless it is already, and audit it."""
        self._require_admin()
        with self._store.transaction():
            with _connection(self._store) as conn:
                changed = conn.change(
                    "UPDATE api_keys SET revoked = :when WHERE id = :id AND revoked IS NULL", id=key_id, when=when
                )
                found = _key(conn.row(f"SELECT {_LISTED} FROM api_keys WHERE id = :id", id=key_id))  # noqa: S608
            if changed:
                self._store.record(AuditEntry("key-revoke", feature=key_id))
        return found

    def _require_admin(self) -> None:
        if self._store._caller.role != "admin":
            raise NotAllowed("密钥只由管理员管理", "keys are for admins to manage")


@contextmanager
def _connection(store: PostgisStore) -> Iterator[Connection]:
    """Yield a connection in a transaction of the store's caller, the current one where there is one."""
    with store._writing() as conn:
        yield conn


def _key(row: Sequence[Any] | None) -> ApiKey | None:
    if row is None:
        return None
    values = dict(zip(_FIELDS, row, strict=True))
    values["hash"] = bytes(values["hash"])
    values["townships"] = None if values["townships"] is None else tuple(values["townships"])
    return ApiKey(**values)
