"""Represent drawn pages as PDF, PNG or SVG: media types, bounds of pictures, names of files."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from maps.print.drawn_file import MEDIA_TYPES, PageFormat
from maps.print.page_picture import LEAST_DPI

#: Dots per inch and pixels of a picture that is asked for over HTTP: A1 at 200 dpi, 100 MB while it is drawn.
MOST_DPI, MOST_PIXELS = 300, 32_000_000
Dpi = Annotated[int, Query(ge=LEAST_DPI, le=MOST_DPI, description="dots per inch of a PNG")]
#: What OpenAPI says of an answer that is a picture, or any of the formats.
PICTURES: dict[int | str, dict[str, Any]] = {200: {"content": {MEDIA_TYPES[one]: {} for one in ("png", "svg")}}}
PAGES: dict[int | str, dict[str, Any]] = {200: {"content": {one: {} for one in MEDIA_TYPES.values()}}}


def page_response(content: bytes, form: PageFormat, name: str) -> Response:
    """Return drawn pages under the name of their file."""
    headers = {"Content-Disposition": f'inline; filename="{name}.{form}"'}
    return Response(content, media_type=MEDIA_TYPES[form], headers=headers)
