"""Read the boxes of texts of a PDF page in mm, and check that none covers another or crosses a line."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pypdfium2 as pdfium

from maps.print.page_layout import Layout, Rect

Box = tuple[float, float, float, float]
_MM = 25.4 / 72
#: Boxes of characters have a rim; this much of one another, in mm, is none of their ink.
_RIM = 0.25


def text_boxes(pdf: bytes, page: int = 0) -> list[tuple[str, Box]]:
    """Return each run of text with its box (left, bottom, right, top)."""
    document = pdfium.PdfDocument(pdf)
    try:
        texts = document[page].get_textpage()
        out = []
        for at in range(texts.count_rects()):
            left, bottom, right, top = texts.get_rect(at)
            text = texts.get_text_bounded(left, bottom, right, top).strip()
            out.append((text, (left * _MM, bottom * _MM, right * _MM, top * _MM)))
        return out
    finally:
        document.close()


def overlapping(boxes: list[tuple[str, Box]]) -> list[tuple[str, str]]:
    """Return the pairs of texts whose boxes share more than a rim."""
    out = []
    for (one, a), (two, b) in combinations(boxes, 2):
        wide = min(a[2], b[2]) - max(a[0], b[0])
        high = min(a[3], b[3]) - max(a[1], b[1])
        if wide > _RIM and high > _RIM:
            out.append((one, two))
    return out


def crossing(boxes: list[tuple[str, Box]], frame: Box) -> list[str]:
    """Return the texts that are neither wholly inside nor wholly outside a rectangle."""
    left, bottom, right, top = frame
    out = []
    for text, (x0, y0, x1, y1) in boxes:
        is_inside = x0 >= left and x1 <= right and y0 >= bottom and y1 <= top
        is_outside = x1 <= left or x0 >= right or y1 <= bottom or y0 >= top
        if not is_inside and not is_outside:
            out.append(text)
    return out


def characters_out_of_place(pdf: bytes, layout: Layout) -> list[str]:
    """Return the characters beyond the neatline, and those on the frame of the map: neither inside nor outside it."""
    document = pdfium.PdfDocument(pdf)
    try:
        text = document[0].get_textpage()
        boxes = [tuple(side * _MM for side in text.get_charbox(at)) for at in range(text.count_chars())]
        shown = [at for at, (left, bottom, right, top) in enumerate(boxes) if right > left and top > bottom]
        named = [(text.get_text_range(at, 1), boxes[at]) for at in shown]
    finally:
        document.close()
    neat, frame = layout.neatline, layout.frame
    out = [name for name, box in named if not _holds(neat, box)]
    return out + crossing(named, (frame.x, frame.y, frame.right, frame.top))


def _holds(rect: Rect, box: Box) -> bool:
    left, bottom, right, top = np.array(box)
    return bool(left > rect.x and bottom > rect.y and right < rect.right and top < rect.top)
