"""Write figures for tables and sentences, so that a tiny one never reads as none."""

from __future__ import annotations

import math


def plain_figure(value: float, decimals: int = 0) -> str:
    """Return a number with so many decimals and commas between thousands; one that rounds to 0 and is not says so.

    Decided on the figure itself, not on a rounded one: only 0 reads as 0.

    Examples
    --------
    >>> [plain_figure(one, 3) for one in (0.0, 0.0004, 0.0005, 0.001, -0.0004, 2.5)]
    ['0.000', '<0.001', '0.001', '0.001', '>-0.001', '2.500']
    >>> [plain_figure(one) for one in (0.0, 0.5, 12345.6)]
    ['0', '<1', '12,346']
    """
    text = f"{value:,.{decimals}f}"
    if value and not text.strip("-0."):
        least = f"{10.0**-decimals:.{decimals}f}"
        return f"<{least}" if value > 0 else f">-{least}"
    return text


def percent_figure(share: float, decimals: int = 1) -> str:
    """Return a share as a number of percent: only 0 reads as 0, and only 1 as 100.

    Examples
    --------
    >>> [percent_figure(one) for one in (0.0, 0.0004, 0.177, 0.9996, 1.0)]
    ['0.0', '<0.1', '17.7', '>99.9', '100.0']
    >>> percent_figure(0.99996, 2), percent_figure(0.004, 0)
    ('>99.99', '<1')
    """
    text = plain_figure(100 * share, decimals)
    if share < 1 and text == f"{100:.{decimals}f}":
        return f">{100 - 10.0**-decimals:.{decimals}f}"
    return text


def share_text(share: float | None) -> str:
    """Return a share as a percentage of one decimal, a dash where it is null.

    Nothing but 0 reads as 0 %, and nothing but 1 as 100 %: a zone that is seen a little is not in the class of those
    not seen at all, and its figure may not say so. ``gridsight.share`` of the page writes the same.

    Examples
    --------
    >>> [share_text(one) for one in (0.0, 0.000004, 0.5, 0.99996, 1.0, None)]
    ['0.0 %', '<0.1 %', '50.0 %', '>99.9 %', '100.0 %', '—']
    """
    if share is None or math.isnan(share):
        return "—"
    return f"{percent_figure(share)} %"


def percent_text(share: float | None) -> str:
    """Return ``share_text`` without spaces, as sentences and tables of a terminal have it.

    Examples
    --------
    >>> [percent_text(one) for one in (0.177, 0.0001, 0.99999, None)]
    ['17.7%', '<0.1%', '>99.9%', '—']
    """
    return share_text(share).replace(" ", "")


def chinese_numeral(number: int) -> str:
    """Return a number from 1 to 9999 in Chinese, as it stands in names: 三, 十二, 二十, 一百零五.

    Examples
    --------
    >>> [chinese_numeral(one) for one in (3, 10, 12, 20, 105, 110, 2034)]
    ['三', '十', '十二', '二十', '一百零五', '一百一十', '二千零三十四']
    """
    digits = "零一二三四五六七八九"
    out, was_zero = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            out += ("零" if was_zero and out else "") + digits[digit] + unit
        was_zero = digit == 0
    return out.removeprefix("一") if 10 <= number < 20 else out
