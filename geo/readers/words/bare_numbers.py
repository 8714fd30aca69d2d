"""Tell addresses that are numbers alone, without a place that they are of."""

from __future__ import annotations

import re
import unicodedata

# A letter before a number may be that of a road: G30, S308, X125.
_NUMERAL = r"(?:\d{1,6}|[零〇一二三四五六七八九十百]{1,5}|[甲乙丙丁戊己庚辛]|[a-z](?=[座栋幢区]))"
_COUNTED = "号楼|号院|单元|村民小组|小组|[号组社队栋幢区座楼层室户门院排]"
_NUMBER = re.compile(
    rf"(?:第|附|[abd-fh-rt-wz])?{_NUMERAL}[a-z]?(?:[-之、~至/]{_NUMERAL}[a-z]?)*(?:{_COUNTED})*(?:[ ,，-]|之)?",
    re.IGNORECASE,
)
#: Characters of a text that may be a number: the rest of a text is an address of its own.
_LONGEST = 40


def is_number_only(text: str) -> bool:
    """Return whether a text has numbers of groups, doors, buildings and rooms, and no name that they are of.

    Examples
    --------
    >>> [is_number_only(text) for text in ("3号", "二组1号", "３号楼２单元501室", "第4村民小组12号", "3-1", "A座502")]
    [True, True, True, True, True, True]
    >>> [is_number_only(text) for text in ("新民村3号", "八一路", "三里屯", "1号路3号", "十里铺", "东街", "七组路")]
    [False, False, False, False, False, False, False]
    """
    if len(text) > _LONGEST:
        return False
    rest = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    while rest:
        number = _NUMBER.match(rest)
        if number is None:
            return False
        rest = rest[number.end() :]
    return True
