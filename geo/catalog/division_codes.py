"""Name the levels of divisions with the digits of their statistical codes, and read codes padded with zeros."""

from __future__ import annotations

import numbers
import re
import unicodedata
from collections.abc import Mapping

#: Level of a division -> digits of its code without padding, from the province down (GB/T 2260, GB/T 10114).
DIVISION_LEVELS: Mapping[str, int] = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}

#: First two digits of the codes of a province (GB/T 2260) -> its name without suffix.
PROVINCES: Mapping[str, str] = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林", "23": "黑龙江",
    "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东", "41": "河南",
    "42": "湖北", "43": "湖南", "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏", "65": "新疆", "71": "台湾",
    "81": "香港", "82": "澳门",
}  # fmt: skip

#: A code that a program wrote as a decimal number.
_DECIMAL = re.compile(r"(\d{3,})\.0+")


def code_text(code: object) -> str:
    """Return a code as a text: without spaces, full width, and the decimal point that spreadsheets add to a number.

    Examples
    --------
    >>> code_text(" ６２０６22 102 "), code_text(620622102207.0), code_text("620622102207.0"), code_text("G-1.0")
    ('620622102', '620622102207', '620622102207', 'G-1.0')
    """
    if isinstance(code, str):
        text = code if code.isalnum() and code.isascii() else re.sub(r"\s", "", unicodedata.normalize("NFKC", code))
    else:
        is_whole = (
            isinstance(code, numbers.Real) and not isinstance(code, numbers.Integral) and float(code).is_integer()
        )
        text = str(int(code)) if is_whole else str(code)  # type: ignore[call-overload]
    decimal = _DECIMAL.fullmatch(text)
    return text if decimal is None else decimal[1]


def compared_code(code: str) -> str:
    """Return a code of a place as two of them are compared: without spaces, full width and the zeros that pad it.

    Examples
    --------
    >>> compared_code("620622 102 000"), compared_code("６２０６２２"), compared_code("g1")
    ('620622102', '620622', 'g1')
    """
    return without_padding(code_text(code))


def without_padding(code: str, *, is_lenient: bool = False) -> str:
    """Return a division code without the zeros that pad it to the digits of a lower level.

    A code of 6 digits that ends in 00 is that of a city, in 0000 of a province: no county has the number 00.

    Parameters
    ----------
    code
        A code as it is stored.
    is_lenient
        Whether a code of any length and form may be padded, by groups of three zeros, else only one of 6 or 12 digits.

    Examples
    --------
    >>> without_padding("620622000000"), without_padding("620622102000"), without_padding("620622000")
    ('620622', '620622102', '620622000')
    >>> without_padding("620622000", is_lenient=True)
    '620622'
    >>> without_padding("620600000000"), without_padding("620600"), without_padding("620000")
    ('6206', '6206', '62')
    """
    if not code.endswith("00"):
        return code
    if is_lenient or re.fullmatch(r"\d{12}", code):
        while len(code) > DIVISION_LEVELS["county"] and code.endswith("000"):
            code = code[:-3]
    if re.fullmatch(r"\d{4}00", code):
        code = code[:2] if code.endswith("0000") else code[:4]
    return code


def level_of_code(code: str) -> str | None:
    """Return the level of a division that a code of digits tells, padded or not; None where it tells none.

    Examples
    --------
    >>> [level_of_code(code) for code in ("62", "620600", "620622000000", "620622102", "620622102207", "g1")]
    ['province', 'city', 'county', 'township', 'village', None]
    """
    short = without_padding(code)
    found = {digits: level for level, digits in DIVISION_LEVELS.items()}.get(len(short))
    return found if re.fullmatch(r"\d+", short) else None
