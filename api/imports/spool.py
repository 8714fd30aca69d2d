"""Keep waiting imports in a folder that every process of the service shares, and only the service can read.

Each import is a folder named by its id, which nobody can guess: the file as sent, what was read of it, its report, and
a record, which is replaced atomically. A lock of the system says who is at work on it and ends with its process.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from api.imports.import_record import Record
from api.imports.room import SpoolLimits, require_room
from api.jobs.process_lock import ProcessLock
from api.problems import TooMany
from geo.errors import Conflict, NotFound, StoreBroken
from geo.files import write_atomically
from geo.storage.records import Caller

#: How long an import waits, and how long its record is kept after that, in seconds.
WAITS, KEPT = 3600.0, 3600.0
#: Records of one principal that are kept though nothing waits for them.
_MAX_ENDED = 20
#: How long a request waits for the lock of the folder, in seconds.
_LOCK_SECONDS = 5.0
_ID = re.compile(r"[0-9a-f]{32}")
_RECORD, _REPORT, _LOCK, _READING, _FILES = "record.json", "report.json", "lock", "reading.pickle", "file"
#: What is kept beside a preview, and how much of it after the import was done: the list of rejected rows.
CHANGES, REJECTS = "changes.json", "rejects.csv"
_KEPT_BYTES = 10_000_000


class Spool:
    """The folder of waiting imports.

    Parameters
    ----------
    folder
        Made when the first file arrives.
    clock
        Seconds since 1970.
    """

    def __init__(self, folder: Path, limits: SpoolLimits, *, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.limits = limits
        self.clock = clock

    # --- from a file to a waiting import -----------------------------------------------------------------------------

    def reserve(
        self,
        caller: Caller,
        name: str,
        *,
        layer: str,
        mode: str,
        options: Mapping[str, Any],
        size: int,
        replaces: str = "",
    ) -> Incoming:
        """Make room for a file of a caller; whoever calls this closes what it returns.

        ``replaces`` is an import of the same caller that goes once this one waits, if it still waits itself: it takes
        no room beside this one, and it is there as long as nothing stands in its place.

        Raises
        ------
        TooMany
            Too many imports, or bytes of them, wait already.
        BodyTooLarge
            It takes more than all the room of one caller.
        """
        self._make_folder()
        now = self.clock()
        record = Record(
            id=uuid.uuid4().hex, owner=caller.id, state="reading", created=now, expires=now + WAITS, name=name,
            size=size, layer=layer, mode=mode, options=options, replaces=replaces,
        )  # fmt: skip
        with self._locked():
            self.sweep()
            self._require_room(record)
            self._forget_ended(record.owner)
            home = self.folder / record.id
            home.mkdir(mode=0o700)
            lock = ProcessLock(home / _LOCK)
            lock.acquire()
            try:
                (home / _FILES).mkdir(mode=0o700)
                self._save(record)
            except BaseException:
                self._remove(record.id)
                lock.release()
                raise
        return Incoming(self, record, lock)

    def _require_room(self, record: Record) -> None:
        now = self.clock()
        own = {record.id, *(one.id for one in [self._replaced(record)] if one)}
        others = [one for one in self._records() if one.is_waiting(now) and one.id not in own]
        require_room(record, others, self.limits, now)

    def _replaced(self, record: Record) -> Record | None:
        """Return the import whose place another takes: of the same caller, and waiting; None for none."""
        found = self._load(record.replaces) if _ID.fullmatch(record.replaces) else None
        return found if found and found.owner == record.owner and found.state == "waiting" else None

    def _let_go(self, record: Record) -> None:
        """Drop the import whose place another has taken, unless it is being accepted."""
        found = self._replaced(record)
        lock = ProcessLock(self.folder / found.id / _LOCK) if found else None
        if found is None or lock is None or not lock.acquire():
            return
        try:
            if self._replaced(record):
                self._remove(found.id)
        finally:
            lock.release()

    def _forget_ended(self, owner: str) -> None:
        now = self.clock()
        ended = [one for one in self._records() if one.owner == owner and not one.is_waiting(now)]
        for one in sorted(ended, key=_age)[_MAX_ENDED:]:
            self._remove(one.id)

    # --- waiting imports ---------------------------------------------------------------------------------------------

    def waiting(self, caller: Caller) -> list[Record]:
        """Return the imports of a caller that wait to be accepted, newest first; nobody is told of those of others."""
        now = self.clock()
        own = (one for one in self._records() if one.owner == caller.id and one.state == "waiting")
        return sorted((one for one in own if one.is_waiting(now)), key=lambda one: (-one.created, one.id))

    def get(self, import_id: str, caller: Caller) -> Record:
        """Return an import; raise NotFound, with the same text whether there is none or it is somebody else's."""
        record = self._load(import_id) if _ID.fullmatch(import_id) else None
        if record is None or record.owner != caller.id or record.state == "reading":
            raise _none_error(import_id)
        try:
            report = json.loads((self.folder / import_id / _REPORT).read_bytes())
        except (OSError, ValueError):
            raise _none_error(import_id) from None  # dropped meanwhile
        return self._told(replace(record, report=report))

    @contextmanager
    def claimed(self, import_id: str, caller: Caller) -> Iterator[Claim]:
        """Be the only one that accepts a waiting import during the context.

        Raises
        ------
        NotFound
            As ``get``.
        Conflict
            It is being accepted, was accepted, or has expired.
        """
        self.get(import_id, caller)
        lock = ProcessLock(self.folder / import_id / _LOCK)
        if not lock.acquire():
            self.get(import_id, caller)  # dropped meanwhile
            raise Conflict("这个导入正在执行", "this import is being done")
        try:
            record = self.get(import_id, caller)
            if record.state == "accepted":
                raise Conflict("这个导入已经执行过", "this import has been done")
            if record.state == "expired":
                raise Conflict("预览已过期，请重新上传", "the preview has expired: send the file again")
            yield Claim(self, record)
        finally:
            lock.release()

    def drop(self, import_id: str, caller: Caller) -> None:
        """Drop an import and its file; raise NotFound as ``get``, Conflict where it is being accepted."""
        self.get(import_id, caller)
        lock = ProcessLock(self.folder / import_id / _LOCK)
        if not lock.acquire():
            raise Conflict("这个导入正在执行", "this import is being done")
        try:
            self.get(import_id, caller)
            self._remove(import_id)
        finally:
            lock.release()

    def sweep(self) -> None:
        """Remove files that nobody waits for any more, records some time later, and what a dead process has left."""
        now = self.clock()
        for home in self._homes():
            record = self._load(home.name)
            if record is None:
                with suppress(OSError):
                    if now - home.stat().st_mtime > WAITS:
                        self._remove(home.name)
            elif now >= record.expires or record.state == "reading":
                self._sweep_one(home.name, now)

    def _sweep_one(self, import_id: str, now: float) -> None:
        """Remove what is over of one import, unless a request is at work on it."""
        lock = ProcessLock(self.folder / import_id / _LOCK)
        if not lock.acquire():
            return
        try:
            record = self._load(import_id)  # what was being read may have come to wait meanwhile
            if record is None or record.state == "reading" or now >= record.expires + KEPT:
                self._remove(import_id)
            elif now >= record.expires:
                self._remove_files(import_id)
        finally:
            lock.release()

    # --- details -----------------------------------------------------------------------------------------------------

    def home(self, import_id: str) -> Path:
        """Return the folder of an import."""
        return self.folder / import_id

    def kept(self, import_id: str, caller: Caller, name: str) -> BinaryIO:
        """Open a list that is kept beside an import of a caller; raise NotFound as ``get``, and where it is gone.

        It may be larger than memory should hold. Whoever opens it reads it to its end, though it is dropped meanwhile.
        """
        self.get(import_id, caller)
        try:
            return (self.home(import_id) / name).open("rb")
        except OSError:
            raise NotFound(
                "这份清单已不再保留，请重新上传", "this list is no longer kept: send the file again"
            ) from None

    def _told(self, record: Record) -> Record:
        is_over = record.state == "waiting" and not record.is_waiting(self.clock())
        return replace(record, state="expired") if is_over else record

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._is_ours() and not self.folder.is_symlink() and not any(self.folder.iterdir()):
            with suppress(OSError):  # of another user
                self.folder.chmod(0o700)  # an operator made it for this; nobody has put anything there
        if not self._is_ours():
            raise StoreBroken(
                "服务的导入文件夹不可用，请联系管理员",
                "the folder of the service for imports cannot be used; tell the operator",
                for_operator=f"{self.folder} must be a folder of this user that no other user can enter (mode 0700)",
            )

    def _is_ours(self) -> bool:
        """Return whether the folder is of this user, and nobody else enters it.

        Anybody may make a folder of its name where the temporary files of all are; what lies in such a one is neither
        read nor removed.
        """
        try:
            found = self.folder.lstat()
        except OSError:
            return False
        if os.name == "nt":
            return stat.S_ISDIR(found.st_mode)
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Be the only process, and the only thread, that makes room."""
        lock, end = ProcessLock(self.folder / ".lock"), time.monotonic() + _LOCK_SECONDS
        while not lock.acquire():
            if time.monotonic() > end:
                raise TooMany("正在接收其他文件，稍后重试", "other files are arriving; try again shortly")
            time.sleep(0.01)
        try:
            yield
        finally:
            lock.release()

    def _homes(self) -> list[Path]:
        if not self._is_ours():
            return []
        try:
            return [one for one in self.folder.iterdir() if _ID.fullmatch(one.name)]
        except OSError:
            return []

    def _records(self) -> list[Record]:
        return [found for found in (self._load(home.name) for home in self._homes()) if found is not None]

    def _load(self, import_id: str) -> Record | None:
        """Return a record without its report, which may be long; None where there is none."""
        if not self._is_ours():
            return None
        try:
            return Record(**json.loads((self.folder / import_id / _RECORD).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def _save(self, record: Record) -> None:
        values = asdict(record)
        report = values.pop("report")
        # The report first: a plan that is older than its report is refused when it is accepted, and shown anew.
        for name, value in ((_REPORT, report), (_RECORD, values)):
            # Half a surrogate pair in a cell is no text in UTF-8; json reads back what is written so.
            text = json.dumps(value, ensure_ascii=False, default=str).encode("utf-8", "surrogatepass")
            write_atomically(self.folder / record.id / name, partial(Path.write_bytes, data=text))

    def _remove_files(self, import_id: str, *, keeps_rejects: bool = False) -> None:
        home = self.folder / import_id
        shutil.rmtree(home / _FILES, ignore_errors=True)
        (home / _READING).unlink(missing_ok=True)
        (home / CHANGES).unlink(missing_ok=True)
        with suppress(OSError):
            if not keeps_rejects or (home / REJECTS).stat().st_size > _KEPT_BYTES:
                (home / REJECTS).unlink(missing_ok=True)

    def _remove(self, import_id: str) -> None:
        # The record first: without it there is no import, whatever of the rest is still being read.
        (self.folder / import_id / _RECORD).unlink(missing_ok=True)
        shutil.rmtree(self.folder / import_id, ignore_errors=True)


class Incoming:
    """One file on its way to become a waiting import; dropped when it is closed before."""

    def __init__(self, spool: Spool, record: Record, lock: ProcessLock) -> None:
        self._spool = spool
        self._lock = lock
        self.record = record

    @property
    def path(self) -> Path:
        """Return where the file is to be written."""
        return self._spool.home(self.record.id) / _FILES / self.record.name

    def beside(self, name: str) -> Path:
        """Return where ``CHANGES`` or ``REJECTS`` of it is to be written."""
        return self._spool.home(self.record.id) / name

    @property
    def outcome(self) -> Path:
        """Return where what was read of it is to be written."""
        return self._spool.home(self.record.id) / _READING

    def wait(self, plan: str, report: Mapping[str, Any], shifts: Sequence[Mapping[str, Any]] = ()) -> Record:
        """Let it wait to be accepted: from now on its owner finds it.

        What was read may be far larger than a packed file; then the errors of ``Spool.reserve`` are raised here.
        """
        beside = [self._spool.home(self.record.id) / name for name in (CHANGES, REJECTS)]
        size = sum(one.stat().st_size for one in (self.path, self.outcome, *beside) if one.exists())
        record = replace(self.record, state="waiting", plan=plan, report=report, shifts=shifts, size=size)
        with self._spool._locked():
            if size > self.record.size:
                self._spool._require_room(record)
            self._spool._save(record)
            self._spool._let_go(record)
        self.record = record
        return record

    def close(self) -> None:
        """Drop it unless it waits; idempotent."""
        if self.record.state == "reading":
            self._spool._remove(self.record.id)
        self._lock.release()


class Claim:
    """One waiting import in the hands of the request that accepts it."""

    def __init__(self, spool: Spool, record: Record) -> None:
        self._spool = spool
        self.record = record

    def beside(self, name: str) -> Path:
        """Return where ``CHANGES`` or ``REJECTS`` of it is to be written."""
        return self._spool.home(self.record.id) / name

    @property
    def outcome(self) -> Path:
        """Return the file with what was read."""
        return self._spool.home(self.record.id) / _READING

    def show(self, plan: str, report: Mapping[str, Any], shifts: Sequence[Mapping[str, Any]] = ()) -> Record:
        """Let it wait on, with another plan and report."""
        self.record = replace(self.record, plan=plan, report=report, shifts=shifts)
        self._spool._save(self.record)
        return self.record

    def done(self, report: Mapping[str, Any]) -> Record:
        """Say that it was done, and remove its file."""
        self.record = replace(self.record, state="accepted", report=report, size=0)
        self._spool._save(self.record)
        self._spool._remove_files(self.record.id, keeps_rejects=True)
        return self.record


def _age(record: Record) -> float:
    return -record.created


def _none_error(import_id: str) -> NotFound:
    return NotFound(f"没有导入 {import_id[:60]}", f"there is no import {import_id[:60]}")
