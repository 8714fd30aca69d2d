"""Store API keys in a file next to a workspace (embedded mode)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from api.security.api_keys import ApiKey
from geo.errors import StoreBroken, StoreBusy

_WAIT_SECONDS = 5.0


class NoKeyStore:
    """No keys: for a store that is neither a workspace nor a server, as in tests."""

    scoped = False
    is_local = True

    def required(self) -> bool:
        """Return False."""
        return False

    def find(self, key_id: str) -> ApiKey | None:  # noqa: ARG002
        """Return None."""
        return None

    def used(self, key_id: str) -> None:
        """Do nothing."""

    def all(self) -> list[ApiKey]:
        """Return no key."""
        return []

    def add(self, key: ApiKey) -> None:  # noqa: ARG002
        """Raise StoreBroken."""
        raise StoreBroken("这个库不存密钥", "this store keeps no keys")

    def revoke(self, key_id: str, when: datetime, by: str) -> ApiKey | None:  # noqa: ARG002
        """Return None."""
        return None


class FileKeyStore:
    """Keys as JSON in ``<workspace>.keys``, readable by its owner only, written atomically.

    Once the file has a key, valid or not, requests need one: revoking the last does not disable authentication.
    """

    scoped = False
    is_local = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[tuple[int, int, int], dict[str, ApiKey]] | None = None

    @classmethod
    def for_workspace(cls, workspace: Path) -> FileKeyStore:
        """Return the key store of a workspace file."""
        return cls(Path(f"{workspace}.keys"))

    def required(self) -> bool:
        """Return whether any key was ever created."""
        return bool(self._keys())

    def find(self, key_id: str) -> ApiKey | None:
        """Return a key by its id."""
        return self._keys().get(key_id)

    def used(self, key_id: str) -> None:
        """Do nothing: requests do not write to the file."""

    def all(self) -> list[ApiKey]:
        """Return all keys, oldest first."""
        return list(self._keys().values())

    def add(self, key: ApiKey) -> None:
        """Store a new key."""
        with self._changing() as keys:
            keys[key.id] = key

    def revoke(self, key_id: str, when: datetime, by: str) -> ApiKey | None:  # noqa: ARG002 (the file has no audit)
        """Mark a key as revoked, unless it is already."""
        with self._changing() as keys:
            if key_id in keys and keys[key_id].revoked is None:
                keys[key_id] = ApiKey(**{**vars(keys[key_id]), "revoked": when})
            return keys.get(key_id)

    def _keys(self) -> dict[str, ApiKey]:
        """Return the keys, read again only where date, size or inode of the file have changed."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return {}
        mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if self._seen is None or self._seen[0] != mark:
            self._seen = (mark, self._read())
        return self._seen[1]

    def _read(self) -> dict[str, ApiKey]:
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))["keys"]
            return {row["id"]: _from_row(row) for row in rows}
        except (OSError, ValueError, KeyError, TypeError):
            # An unreadable file is never treated as "no keys", which would disable authentication.
            raise StoreBroken(f"密钥文件 {self.path} 无法读取", f"the key file {self.path} cannot be read") from None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, ApiKey]]:
        """Yield the keys to change and write them afterwards; the new file is also the lock between writers."""
        fresh = Path(f"{self.path}.new")
        handle = _new_file(fresh)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                keys = self._read() if self.path.exists() else {}
                yield keys
                json.dump({"keys": [_to_row(key) for key in keys.values()]}, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        finally:
            fresh.unlink(missing_ok=True)


def _new_file(path: Path) -> int:
    """Create a file readable by its owner only; wait a little where another writer has it."""
    end = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if time.monotonic() > end:
                raise StoreBusy(
                    f"另有程序在写密钥；若没有，请删除 {path}",
                    f"another program writes keys; if none does, delete {path}",
                ) from None
            time.sleep(0.05)


def _to_row(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "hash": key.hash.hex(),
        "name": key.name,
        "role": key.role,
        "townships": None if key.townships is None else list(key.townships),
        **{name: _iso(getattr(key, name)) for name in ("created", "expires", "revoked")},
        "created_by": key.created_by,
    }


def _from_row(row: dict[str, Any]) -> ApiKey:
    townships = None if row["townships"] is None else tuple(map(str, row["townships"]))
    return ApiKey(
        id=str(row["id"]), hash=bytes.fromhex(row["hash"]), name=str(row["name"]), role=str(row["role"]),
        townships=townships, created=datetime.fromisoformat(row["created"]), expires=_date(row["expires"]),
        revoked=_date(row["revoked"]), created_by=str(row["created_by"]),
    )  # fmt: skip


def _iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _date(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
