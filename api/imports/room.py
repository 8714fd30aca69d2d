"""Hold how many imports wait, and how many bytes of them, to limits; say how to free a place where there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from api.imports.import_record import Record
from api.problems import BodyTooLarge, TooMany
from geo.errors import RowFault
from geo.sentences import sentence

#: When to look again, in seconds, where others take all the room, as any of them may accept or drop at any time; and
#: where a file of the caller is still being read, which may turn out to be spoiled.
_OTHERS_SECONDS, _READING_SECONDS = 60, 20
#: How a caller makes room.
_HOW = (
    "接受（POST /imports/{id}/accept）或撤下（DELETE /imports/{id}）其中之一，编号见 errors 与 GET /imports",
    "accept one (POST /imports/{id}/accept) or drop one (DELETE /imports/{id}); errors and GET /imports name them",
)
#: Imports of a caller that an answer names.
_MAX_NAMED = 100


@dataclass(frozen=True)
class SpoolLimits:
    """Most imports, and most bytes of them, that wait for one principal and for all together."""

    per_caller: int
    in_all: int
    bytes_per_caller: int
    bytes_in_all: int


class NoRoom(TooMany):
    """So many imports wait that no other one may.

    Attributes
    ----------
    seconds
        When a place is free at the latest if the caller does nothing, or when to look again.
    """

    def __init__(self, zh: str, en: str, *, rows: Sequence[RowFault] = (), seconds: int) -> None:
        super().__init__(zh, en, rows=rows)
        self.seconds = seconds


def require_room(new: Record, others: Sequence[Record], limits: SpoolLimits, now: float) -> None:
    """Raise NoRoom where an import may not wait beside the others; BodyTooLarge where it may not alone.

    Parameters
    ----------
    others
        All that wait or are being read, of everybody.
    now
        Seconds since 1970.
    """
    own = sorted((one for one in others if one.owner == new.owner), key=lambda one: one.expires)
    if new.size > limits.bytes_per_caller:
        raise BodyTooLarge(
            f"{new.name} 要占 {new.size:,} 字节，一人最多 {limits.bytes_per_caller:,}；请分成几份",
            f"{new.name} takes {new.size:,} bytes, and one caller may have {limits.bytes_per_caller:,}:"
            " send it in parts",
        )
    named = [RowFault("imports", one.id, "", _state_of(one)) for one in own[:_MAX_NAMED]]
    # The first of them to expire makes the room, or some of it.
    seconds = max(1, math.ceil(own[0].expires - now)) if own else _OTHERS_SECONDS
    if any(one.state == "reading" for one in own):
        seconds = min(seconds, _READING_SECONDS)
    if len(own) >= limits.per_caller:
        raise NoRoom(
            f"您已有 {len(own)} 个导入等待确认或正在读，最多 {limits.per_caller} 个，这个文件没有读；{_HOW[0]}",
            f"you have {len(own)} imports that wait or are being read, and may have {limits.per_caller}: this file"
            f" was not read; {_HOW[1]}",
            rows=named,
            seconds=seconds,
        )
    taken = sum(one.size for one in own)
    if taken + new.size > limits.bytes_per_caller:
        raise NoRoom(
            f"您等待确认的导入已占 {taken:,} 字节，最多 {limits.bytes_per_caller:,}，容不下这个文件；{_HOW[0]}",
            f"your waiting imports take {taken:,} bytes of {limits.bytes_per_caller:,}: there is no room for this"
            f" file; {_HOW[1]}",
            rows=named,
            seconds=seconds,
        )
    if len(others) >= limits.in_all or sum(one.size for one in others) + new.size > limits.bytes_in_all:
        freed_zh, freed_en = ("；或先" + _HOW[0], "; or " + _HOW[1]) if own else ("", "")
        raise NoRoom(
            f"大家等待确认的导入合起来太多，稍后重试{freed_zh}",
            f"too many imports of all callers wait; try again later{freed_en}",
            rows=named,
            seconds=_OTHERS_SECONDS,
        )


def _state_of(one: Record) -> str:
    if one.state == "waiting":
        return sentence(f"{one.name} 等待确认", f"{one.name} waits to be accepted")
    return sentence(f"{one.name} 正在接收或读取", f"{one.name} is arriving or being read")
