"""Divide the width of a table among its columns, so that as few texts as can be are cut."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from maps.print.fonts import Font

#: A heading has at most so many lines.
HEADING_LINES = 2
#: Where there is room, a column is at most so much wider than its widest cell, mm.
_MOST_SPARE_MM = 6.0
#: Beyond a text's own width, so that it is surely one line, mm; to so many mm the least width of a column is found.
_BESIDE_MM, _STEP_MM = 0.5, 0.5
#: Words no wider than this are not broken, mm.
_LONGEST_WORD_MM = 40.0


def column_widths(
    font: Font,
    size: float,
    columns: Sequence[tuple[str, Sequence[str]]],
    numbers: Sequence[bool],
    available: float,
    most_lines: int,
) -> np.ndarray:
    """Return the width of each column in mm.

    Each is as wide as its widest cell where that fits. Otherwise texts go on in further lines: in as few as let every
    text of every column have room. Only where ``most_lines`` are too few is the same limit set to all columns.

    Parameters
    ----------
    font, size
        Of the texts, mm per em.
    columns
        Heading and cells of each; a heading has at most ``HEADING_LINES``.
    numbers
        Whether the cells of a column are numbers, which stay in one line.
    available
        Width of all columns together, mm.
    most_lines
        Lines that a cell may have.
    """
    texts = [list(dict.fromkeys((heading, *cells))) for heading, cells in columns]
    natural = np.array([max(font.width(text, size) for text in column) for column in texts]) + _BESIDE_MM
    if natural.sum() <= available:
        return natural + min(_MOST_SPARE_MM, (available - natural.sum()) / len(columns))
    of_numbers = [
        max((font.width(cell, size) for cell in cells), default=-_BESIDE_MM) + _BESIDE_MM if is_number else 0.0
        for (_, cells), is_number in zip(columns, numbers, strict=True)
    ]
    for lines in range(2, most_lines + 1):
        least = np.minimum(_least_widths(font, size, columns, of_numbers, lines), natural)
        if least.sum() <= available:
            wanted = natural - least
            return least + wanted * (available - least.sum()) / wanted.sum()
    return _even_widths(natural, np.minimum(of_numbers, natural), available)


def _least_widths(
    font: Font, size: float, columns: Sequence[tuple[str, Sequence[str]]], numbers: Sequence[float], lines: int
) -> np.ndarray:
    """Return the least width of each column in which its texts have so many lines."""
    out = []
    for (heading, cells), width in zip(columns, numbers, strict=True):
        least = _widened(font, size, heading, HEADING_LINES, width)
        # The widest first: those after it are mostly as wide as it needs.
        for text in () if width else sorted(dict.fromkeys(cells), key=lambda one: -font.width(one, size)):
            least = _widened(font, size, text, lines, least)
        out.append(least)
    return np.array(out)


def _widened(font: Font, size: float, text: str, lines: int, width: float) -> float:
    """Return a width, or the least above it in which a text has so many lines and its words are whole."""
    whole = font.width(text, size) + _BESIDE_MM
    if whole <= width:
        return width
    word = max((font.width(piece, size) for piece in font.wrap(text, size, 0.0)), default=0.0) + _BESIDE_MM
    low, high = max(width, whole / lines, min(word, _LONGEST_WORD_MM)), whole
    if len(font.wrap_within(text, size, low)) <= lines:
        return low
    while high - low > _STEP_MM:
        middle = (low + high) / 2
        low, high = (low, middle) if len(font.wrap_within(text, size, middle)) <= lines else (middle, high)
    return high


def _even_widths(natural: np.ndarray, least: np.ndarray, available: float) -> np.ndarray:
    """Return widths that fill what is available: none wider than a limit of them all, none narrower than its least."""
    low, high = 0.0, float(natural.max())
    for _ in range(40):
        middle = (low + high) / 2
        if np.maximum(np.minimum(natural, middle), least).sum() <= available:
            low = middle
        else:
            high = middle
    return np.maximum(np.minimum(natural, low), least)
