"""Helpers of the OGC routes: links, layers and tile grids by name, versions as ETags."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.representations import feature_pages, responses
from api.roles import Role
from api.security.authorization import require_layer, scope_key
from geo.catalog.layers import LAYERS, SCOPED, Layer
from geo.catalog.results import SCOPED_RUN_LAYERS
from geo.crs import CRS84, OFFERED
from geo.errors import NotFound
from geo.storage.protocol import Bbox, Store
from geo.storage.records import Caller
from maps.tiles.tile_grids import GRIDS, TileGrid

GEOJSON = responses.GEOJSON
SCHEMA_JSON = "application/schema+json"
#: Most characters that are read of a list of ETags.
_MAX_TAGS = 4000
#: How far beyond the county (degrees) the box of a layer may reach.
_NEAR_DEG = 1.0
_ETAG = re.compile(r'"(\d{1,18}\.[0-9a-f]{24})(?:-\d{1,6})?"')


def link(href: str, rel: str, media: str, title: str) -> dict[str, str]:
    """Return one link."""
    return {"href": href, "rel": rel, "type": media, "title": title}


def known_layer(name: str, caller: Caller, *, write: bool = False) -> Layer:
    """Return a layer that a caller may read or write rows of; raise NotFound, NotSignedIn or NotAllowed."""
    if name not in LAYERS:
        raise NotFound(f"没有图层 {name[:40]}", f"no collection {name[:40]}")
    require_layer(caller, name, write=write)
    return LAYERS[name]


def known_tile_grid(name: str) -> TileGrid:
    """Return a tile matrix set; raise NotFound for an unknown name."""
    if name not in GRIDS:
        listed = ", ".join(GRIDS)
        raise NotFound(
            f"没有瓦片矩阵集 {name[:40]}，可用：{listed}", f"no tile matrix set {name[:40]}; there are: {listed}"
        )
    return GRIDS[name]


def layer_extent(store: Store, layer: Layer) -> Bbox | None:
    """Return the box of a layer; for a scoped layer the county's, whoever asks (docs/contract.md section 5).

    One row at (0, 0) must not stretch it, as a client opens its map there: a box ends a degree beyond the county.
    """
    county = store.extent("divisions")
    if layer.name in SCOPED or layer.name == "divisions":
        return county
    return _near(store.extent(layer.name), county)


def _near(box: Bbox | None, county: Bbox | None) -> Bbox | None:
    """Return the part of a box that lies within a degree of the county, the whole where none does."""
    if box is None or county is None:
        return box
    west, south = max(box[0], county[0] - _NEAR_DEG), max(box[1], county[1] - _NEAR_DEG)
    east, north = min(box[2], county[2] + _NEAR_DEG), min(box[3], county[3] + _NEAR_DEG)
    return (west, south, east, north) if west <= east and south <= north else box


def run_layer_role(name: str) -> Role:
    """Return the lowest role that may read a layer of a run."""
    return "planner" if name in SCOPED_RUN_LAYERS else "viewer"


def item_url(root: str, layer: str, key: str) -> str:
    """Return the URL of one feature."""
    return f"{root}/collections/{layer}/items/{quote(key, safe='')}"


def crs_header(uri: str) -> dict[str, str]:
    """Return the header with the CRS of the coordinates (Part 2, 7.6)."""
    return {"Content-Crs": f"<{uri}>"}


def offered_crs(uri: str, what: str) -> str:
    """Return the URI of an offered CRS; raise BadQuery for any other."""
    if uri not in OFFERED:
        raise problems.BadQuery(
            f"{what}：没有坐标系 {uri[:80]}，见图层的 crs", f"{what}: no CRS {uri[:80]}; see crs of the collection"
        )
    return uri


def etag_of(stored: Mapping[str, Any], version: int, layer: Layer, caller: Caller, epoch: str, crs: str = CRS84) -> str:
    """Return the ETag of a feature: its version, a digest of what it identifies, and the CRS.

    A version alone is no identity: a restored store counts on from an older one. The digest is of the epoch of the
    store, the content and, where rows are scoped, the caller's scope. The key is no part of it: the address names it.
    """
    code = "" if crs == CRS84 else f"-{crs.rpartition('/')[2]}"
    scope = scope_key(caller) if layer.name in SCOPED else ""
    properties = {name: value for name, value in stored["properties"].items() if name != layer.key}
    content = feature_pages.digest({"id": "", "geometry": stored["geometry"], "properties": properties})
    identified = "\n".join((epoch, layer.name, content, scope))
    return f'"{version}.{hashlib.sha256(identified.encode()).hexdigest()[:24]}{code}"'


def header_list(headers: Headers, name: str) -> str | None:
    """Return a header that holds a list, which may come in several lines (RFC 9110, 5.3); None where it is missing."""
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def if_match(header: str | None) -> frozenset[str] | None:
    """Return the ETags that a change may be based on, without their CRS; None for any (``*``).

    Weak ones never match (RFC 9110, 13.1.1), nor does what is no ETag of a feature.

    Raises
    ------
    NoVersion
        The header is missing.
    """
    if header is None or not header.strip():
        raise problems.NoVersion("修改须以 If-Match 给出所见的 ETag", "a change must send the ETag seen in If-Match")
    if header.strip() == "*":
        return None
    parts = (_ETAG.fullmatch(one.strip()) for one in header[:_MAX_TAGS].split(","))
    return frozenset(f'"{found[1]}"' for found in parts if found)


def content_etag(content: bytes) -> str:
    """Return the ETag of an answer, by its content or by all that its content follows from."""
    return f'"{hashlib.sha256(content).hexdigest()[:24]}"'


def not_modified(request: Request, etag: str, headers: Mapping[str, str] | None = None) -> Response | None:
    """Return the answer without a body, with its headers, to a request that has this ETag; None to any other."""
    if matches_etag(header_list(request.headers, "if-none-match"), etag):
        return Response(status_code=304, headers={"ETag": etag, **(headers or {})})
    return None


def matches_etag(header: str | None, etag: str) -> bool:
    """Return whether ``If-None-Match`` contains this ETag (RFC 9110, 13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or etag in _listed(header[:_MAX_TAGS])


def stale_version_error(
    stored: Mapping[str, Any] | None = None, etag: str = "", sent: Mapping[str, Any] | None = None
) -> problems.StaleVersion:
    """Return the error for a version that is not the stored one, with what is stored, its ETag, and what was sent.

    So two editors of one camera see both versions, and the later one can send its change again on top of the other.
    """
    error = problems.StaleVersion("要素在您读取之后被改过", "the feature has changed since you read it")
    if stored is not None:
        error.members = {"stored": dict(stored), "etag": etag, "sent": None if sent is None else dict(sent)}
    return error


def _listed(header: str) -> Iterable[str]:
    return {one.strip().removeprefix("W/") for one in header.split(",")}
