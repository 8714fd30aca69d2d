"""Write figures for tables, so that a tiny one never reads as none."""

from __future__ import annotations


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
