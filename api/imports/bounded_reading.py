"""Read a file that was sent, within bounds on time and memory, in a process of its own."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.long_work import Turns
from geo.errors import GeoError, UnreadableFile
from geo.readers.reading import ReadResult

#: Readings at a time in one process of the service, how many wait for their turn, and how long, in seconds.
_AT_A_TIME, _WAITING, _TURN_SECONDS = 2, 8, 20.0
#: Address space of a reading, which is more than the memory it uses; rows and unpacked bytes that it takes.
_MEMORY_BYTES, _MAX_ROWS, _UNPACKED_BYTES = 8 << 30, 1_000_000, 1 << 30

#: The folder of the packages of this program.
_ROOT = Path(__file__).resolve().parents[2]
_turns = Turns(
    _AT_A_TIME, waiting=_WAITING, seconds=_TURN_SECONDS,
    busy=("正在读其他文件，稍后重试", "other files are being read; try again shortly"),
)  # fmt: skip


def read_bounded(
    path: Path, layer: str, options: Mapping[str, Any], *, outcome: Path, seconds: float, max_bytes: int
) -> ReadResult:
    """Return what ``geo.readers.reading.read_layer`` reads, with the first values of every column.

    Parameters
    ----------
    options
        Those of `geo.readers.read_options.ReadOptions` by name, and ``near`` of that function.
    outcome
        File for what was read; its folder is readable by the service only, as it is unpickled here.
    seconds
        How long it may take.
    max_bytes
        Size of a file.

    Raises
    ------
    GeoError
        As ``read_layer``; UnreadableFile where time or memory were not enough, or where reading broke off.
    TooMany
        Other files are being read.
    """
    limits = {
        "file_bytes": max_bytes, "json_bytes": max_bytes, "features": _MAX_ROWS, "table_bytes": _UNPACKED_BYTES,
        "zip_bytes": _UNPACKED_BYTES, "xlsx_bytes": _UNPACKED_BYTES,
    }  # fmt: skip
    instruction = {
        "path": str(path), "layer": layer, "options": dict(options), "outcome": str(outcome), "limits": limits,
        "memory_bytes": _MEMORY_BYTES,
    }  # fmt: skip
    with _turns.turn():
        _run(instruction, path.name, seconds)
    return load_reading(outcome, path.name)


def load_reading(outcome: Path, name: str) -> ReadResult:
    """Return what was read and kept; raise the error that was kept instead."""
    try:
        found = pickle.loads(outcome.read_bytes())  # noqa: S301 (written by this service in its own folder)
    except (OSError, EOFError, pickle.UnpicklingError):
        raise _broken_off_error(name) from None
    if isinstance(found, GeoError):
        raise found
    assert isinstance(found, ReadResult)  # noqa: S101 (what reading_process writes)
    return found


def _run(instruction: Mapping[str, Any], name: str, seconds: float) -> None:
    # No secret of the service is in reach of what reads a stranger's file.
    environment = {key: text for key, text in os.environ.items() if not key.upper().startswith(("GRIDSIGHT_", "PG"))}
    # It runs this same program, wherever that lies, and no module of the folder in which the service was started.
    paths = [str(_ROOT), *filter(None, [environment.get("PYTHONPATH")])]
    environment |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(paths)}
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "api.imports.reading_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        assert child.stdin is not None  # noqa: S101 (a pipe was asked for)
        try:
            child.stdin.write(json.dumps(instruction).encode() + b"\n")
            child.stdin.flush()
        except OSError:
            raise _broken_off_error(name) from None
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise UnreadableFile(
                f"{name} 在 {seconds:g} 秒内没有读完；请分成几份",
                f"{name} was not read within {seconds:g} s: send it in parts",
            ) from None
        if code != 0:
            raise _broken_off_error(name)
    finally:
        child.kill()
        child.wait()
        if child.stdin is not None:
            child.stdin.close()


def _broken_off_error(name: str) -> UnreadableFile:
    return UnreadableFile(
        f"读取 {name} 时中断：文件损坏，或需要的内存过多",
        f"reading {name} broke off: it is damaged or takes too much memory",
    )
