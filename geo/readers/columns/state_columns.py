"""Read columns of the states of cameras by what their heading asks: yes below 是否故障 is offline."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from geo.catalog.yes_no import is_yes
from geo.readers.columns.column_mapping import normalised_column_name
from geo.types import CellFinding

_ASKS_FOR_FAULT = re.compile(
    r"(?:故障|离线|掉线|断线|异常|损坏|停用|停机|报警|告警)(?:状态|状况|情况)?$|^(?:is)?(?:fault|faulty|offline|broken|disabled|down)$"
)
_SAYS_ONLINE = re.compile(r"在线|online|是否|启用|enabled|active")
#: Zeros from which on a column of mostly zeros is remarkable.
_MANY_ZEROS = 10
MOSTLY_ZERO = "状态多数为 0，按离线读；若 0 表示正常，请改成文字后重新导入"
MOSTLY_ZERO += " / most states are 0 and read as offline: where 0 is normal, write words and import again"
TURNED_ROUND = "列名问的是故障或离线，“是”作离线，“否”作在线"
TURNED_ROUND += " / the heading asks for faults: yes is offline, no is online"


def asks_for_fault(heading: str) -> bool:
    """Return whether a yes below a heading says that the camera does not work.

    Examples
    --------
    >>> [asks_for_fault(heading) for heading in ("是否故障", "离线状态", "在线状态", "is_offline")]
    [True, True, False, True]
    """
    return _ASKS_FOR_FAULT.search(normalised_column_name(heading)) is not None


def turned_round(texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the states below a heading that asks for faults, and where a yes or a no was turned round."""
    answers = [None if text is None else is_yes(text) for text in texts]
    states = {True: "offline", False: "online"}
    read = [text if answer is None else states[answer] for text, answer in zip(texts, answers, strict=True)]
    return np.array(read, dtype=object), np.array([answer is not None for answer in answers], dtype=bool)


def mostly_zero(texts: Sequence[str | None], heading: str) -> CellFinding | None:
    """Return the finding on a column of mostly zeros: some platforms write 0 for normal; None where it is clear."""
    if _SAYS_ONLINE.search(unicodedata.normalize("NFKC", heading).casefold()):
        return None
    zeros, given = sum(text == "0" for text in texts), sum(text is not None for text in texts)
    if zeros < _MANY_ZEROS or 2 * zeros < given:
        return None
    return CellFinding("status", MOSTLY_ZERO, "0", (), zeros)
