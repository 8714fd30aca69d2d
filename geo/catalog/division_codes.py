"""Name the levels of divisions with the digits of their statistical codes, and read codes padded with zeros."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

#: Level of a division -> digits of its code, from the county down.
DIVISION_LEVELS: Mapping[str, int] = {"county": 6, "township": 9, "village": 12}


def without_spaces(code: str) -> str:
    """Return a code without spaces and with full-width digits as ASCII.

    Examples
    --------
    >>> without_spaces(" ６２０６22 102 ")
    '620622102'
    """
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", code))


def compared_code(code: str) -> str:
    """Return a code of a place as two of them are compared: without spaces, full width and the zeros that pad it.

    Examples
    --------
    >>> compared_code("620622 102 000"), compared_code("６２０６２２"), compared_code("g1")
    ('620622102', '620622', 'g1')
    """
    return without_padding(without_spaces(code))


def without_padding(code: str, *, is_lenient: bool = False) -> str:
    """Return a division code without the zeros that pad it to the digits of a lower level.

    Parameters
    ----------
    code
        A code as it is stored.
    is_lenient
        Whether a code of any length and form may be padded, by groups of three zeros, else only one of 12 digits.

    Examples
    --------
    >>> without_padding("620622000000"), without_padding("620622102000"), without_padding("620622000")
    ('620622', '620622102', '620622000')
    >>> without_padding("620622000", is_lenient=True)
    '620622'
    """
    if is_lenient or re.fullmatch(r"\d{12}", code):
        while len(code) > DIVISION_LEVELS["county"] and code.endswith("000"):
            code = code[:-3]
    return code
