"""Keep keys in a file beside a workspace: what a desk has instead of a table."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from api.security.api_keys import Key
from geo.errors import StoreBroken, StoreBusy

_WAIT_SECONDS = 5.0


class NoRecords:
    """Keep no keys: for a store that is neither a workspace nor a server, as tests have."""

    scoped = False
    at_hand = True

    def required(self) -> bool:
        """Return False."""
        return False

    def find(self, key_id: str) -> Key | None:  # noqa: ARG002
        """Return None."""
        return None

    def used(self, key_id: str) -> None:
        """Do nothing."""

    def all(self) -> list[Key]:
        """Return no key."""
        return []

    def add(self, key: Key) -> None:  # noqa: ARG002
        """Refuse."""
        raise StoreBroken("这个库不存密钥", "this store keeps no keys")

    def revoke(self, key_id: str, when: datetime, by: str) -> Key | None:  # noqa: ARG002
        """Return None."""
        return None


class DeskRecords:
    """Keep keys as JSON in ``<workspace>.keys``, for its owner's eyes only, written whole or not at all.

    Once the file has a key, valid or not, callers must show one: revoking the last does not open the desk again.
    """

    scoped = False
    at_hand = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[tuple[int, int, int], dict[str, Key]] | None = None

    @classmethod
    def beside(cls, workspace: Path) -> DeskRecords:
        """Return the records that belong to a workspace file."""
        return cls(Path(f"{workspace}.keys"))

    def required(self) -> bool:
        """Return whether any key was ever made."""
        return bool(self._keys())

    def find(self, key_id: str) -> Key | None:
        """Return a key by its id."""
        return self._keys().get(key_id)

    def used(self, key_id: str) -> None:
        """Do nothing: a file is not written to by every request."""

    def all(self) -> list[Key]:
        """Return all keys, oldest first."""
        return list(self._keys().values())

    def add(self, key: Key) -> None:
        """Keep a new key."""
        with self._changing() as keys:
            keys[key.id] = key

    def revoke(self, key_id: str, when: datetime, by: str) -> Key | None:  # noqa: ARG002 (the file has no audit)
        """Mark a key revoked, unless it is already."""
        with self._changing() as keys:
            if key_id in keys and keys[key_id].revoked is None:
                keys[key_id] = Key(**{**vars(keys[key_id]), "revoked": when})
            return keys.get(key_id)

    def _keys(self) -> dict[str, Key]:
        """Return the keys, read anew where the file has changed: a look at its dates, not a read, each time."""
        try:
            stat = self.path.stat()
        except FileNotFoundError:
            return {}
        mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if self._seen is None or self._seen[0] != mark:
            self._seen = (mark, self._read())
        return self._seen[1]

    def _read(self) -> dict[str, Key]:
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))["keys"]
            return {row["id"]: _from_row(row) for row in rows}
        except (OSError, ValueError, KeyError, TypeError):
            # Never taken as "no keys": that would open the desk.
            raise StoreBroken(f"密钥文件 {self.path} 无法读取", f"the key file {self.path} cannot be read") from None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        """Give the keys to change, and write them after; the new file is also the lock between two writers."""
        fresh = Path(f"{self.path}.new")
        handle = _alone(fresh)
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


def _alone(path: Path) -> int:
    """Make a file that must not be there yet, readable by its owner only; wait a little for another writer."""
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


def _to_row(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "hash": key.hash.hex(),
        "name": key.name,
        "role": key.role,
        "townships": None if key.townships is None else list(key.townships),
        **{name: _iso(getattr(key, name)) for name in ("created", "expires", "revoked")},
        "created_by": key.created_by,
    }


def _from_row(row: dict[str, Any]) -> Key:
    dates = {name: _date(row[name]) for name in ("created", "expires", "revoked")}
    townships = None if row["townships"] is None else tuple(map(str, row["townships"]))
    return Key(
        id=str(row["id"]), hash=bytes.fromhex(row["hash"]), name=str(row["name"]), role=str(row["role"]),
        townships=townships, created_by=str(row["created_by"]), **dates,
    )  # fmt: skip


def _iso(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _date(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
