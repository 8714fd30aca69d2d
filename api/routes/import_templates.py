"""Serve the workbooks that layers are collected in, as ``gridsight template`` writes them."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from api.dependencies import Language
from api.representations.downloads import DOWNLOAD_FORMATS
from api.representations.templates import template_bytes
from api.security import requires
from geo.catalog.headings import TableLanguage, title
from geo.catalog.layers import LAYERS
from geo.catalog.layers import layer as layer_of

router = APIRouter(tags=["imports"])
_XLSX = DOWNLOAD_FORMATS["xlsx"].media_type


@router.get(
    "/templates/{layer}",
    dependencies=[requires("viewer")],
    response_class=Response,
    responses={200: {"content": {_XLSX: {}}}},
)
def template(
    layer: str,
    language: Language,
    lang: Annotated[str | None, Query(pattern="^(zh|en)$", description="language of headings and words")] = None,
) -> Response:
    """Return the workbook that a layer is collected in: headings, drop-downs, an example row, a sheet of notes."""
    found = layer_of(layer)
    words: TableLanguage = "en" if (lang or language) == "en" else "zh"
    name = quote(f"{title(found.name, words, of_run=False)}.xlsx")
    headers = {"Content-Disposition": f"attachment; filename=\"{found.name}.xlsx\"; filename*=UTF-8''{name}"}
    return Response(_workbook(found.name, words), media_type=_XLSX, headers=headers)


@lru_cache(maxsize=2 * len(LAYERS))
def _workbook(layer: str, lang: TableLanguage) -> bytes:
    return template_bytes(LAYERS[layer], lang)
