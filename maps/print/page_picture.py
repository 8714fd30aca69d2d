"""Draw a page of a PDF as a PNG at a given resolution."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from io import BytesIO

from geo.errors import BadValue

#: Dots per inch that a picture may have, and pixels: A0 at 200 dpi has 62 million.
LEAST_DPI, MOST_DPI, DEFAULT_DPI, MOST_PIXELS = 50, 600, 200, 80_000_000
_POINTS_PER_INCH, _INCH_MM = 72, 25.4
_LOCK = threading.Lock()  # PDFium has one state for the whole process


@dataclass(frozen=True)
class PagePicture:
    """A PNG with its width and height in pixels."""

    png: bytes
    pixels: tuple[int, int]


def require_dpi(dpi: int, page: tuple[float, float], most_pixels: int = MOST_PIXELS) -> None:
    """Raise BadValue where a page, mm, is not drawn at so many dots per inch.

    Examples
    --------
    >>> require_dpi(300, (420, 297))
    >>> require_dpi(300, (1189, 841))
    Traceback (most recent call last):
    geo.errors.BadValue: 这张图纸在 300 dpi 下太大，至多 227 dpi / the sheet is too large at 300 dpi, 227 at most
    """
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise BadValue(f"dpi 须在 {LEAST_DPI} 到 {MOST_DPI} 之间", f"dpi must be {LEAST_DPI} to {MOST_DPI}")
    most = int((most_pixels / (page[0] * page[1])) ** 0.5 * _INCH_MM)
    if dpi > most:
        raise BadValue(
            f"这张图纸在 {dpi} dpi 下太大，至多 {most} dpi", f"the sheet is too large at {dpi} dpi, {most} at most"
        )


def page_picture(pdf: bytes, dpi: int) -> PagePicture:
    """Return the first page of a PDF as a PNG; the same file gives the same bytes.

    Parameters
    ----------
    pdf
        The file.
    dpi
        Dots per inch, as ``require_dpi`` allows.
    """
    import pypdfium2  # noqa: PLC0415 (a library of its own that only pictures need)

    with _LOCK:
        document = pypdfium2.PdfDocument(pdf)
        try:
            page = document[0]
            # The library rounds sides up: a page of whole pixels is not to get one more by the last digit of its size.
            picture = page.render(scale=dpi / _POINTS_PER_INCH * (1 - 2e-6)).to_pil().convert("RGB")
            page.close()
        finally:
            document.close()
    out = BytesIO()
    picture.save(out, "PNG", dpi=(dpi, dpi))
    return PagePicture(out.getvalue(), picture.size)
