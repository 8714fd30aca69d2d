"""Relay tiles of a WMTS, chosen by its capabilities: layer, matrix set, template or keys and values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from geo.basemaps.matrices import DEGREES, MERCATOR, Matrix, zoom_of
from geo.basemaps.projections import of_base
from geo.basemaps.relay import Relay, moved_to
from geo.basemaps.tile_sources import TileSource, between
from geo.basemaps.wmts_capabilities import Capabilities, Layer, MatrixSet, parsed
from geo.basemaps.wmts_matrices import matrices_of, projection_of_set
from geo.catalog.base_maps import BaseMap
from geo.errors import BadValue, SourceBroken, SourceSlow, UnreadableFile

#: Parameters of a request for capabilities, which are none of a request for a tile; others, as a key, are kept.
_OF_CAPABILITIES = {"service", "request", "version", "acceptversions", "sections", "updatesequence", "acceptformats"}
_PICTURES = ("image/png", "image/jpeg", "image/jpgpng", "tiles", "image/png8", "image/webp")


class WmtsTiles(TileSource):
    """Tiles of a WMTS; all requests go to the host that its capabilities were named at."""

    def __init__(self, base: BaseMap) -> None:
        self._relay = Relay(base.source)
        found = parsed(self._document(base.source))
        self._layer = found.layer(base.layer)
        self._set, self.projection = _chosen_set(found, self._layer, base)
        kind = DEGREES if self.projection == DEGREES else MERCATOR
        matrices = matrices_of(self._set, self.projection, self._layer.box)
        self.matrices = between(matrices, [zoom_of(one, kind) for one in matrices], base.levels)
        self.extent = self._layer.box
        self._format = next((one for one in _PICTURES if one in self._layer.formats), None) or "image/png"
        self.is_photo = self._format == "image/jpeg"
        self._more = [
            (key, value)
            for key, value in parse_qsl(urlsplit(base.source).query, keep_blank_values=True)
            if key.lower() not in _OF_CAPABILITIES
        ]
        self._template = self._template_of(found, base.source)

    @property
    def layer(self) -> str:
        """Return the name of the layer that was chosen."""
        return self._layer.id

    def picture(self, matrix: Matrix, column: int, row: int) -> bytes | None:
        """Return a tile: see ``TileSource.picture``."""
        values = {
            "tilematrixset": self._set.id, "tilematrix": matrix.id, "tilerow": str(row), "tilecol": str(column),
            "style": self._layer.style, "layer": self._layer.id,
        }  # fmt: skip

        def value(found: re.Match[str]) -> str:
            return quote(values.get(found[1].lower(), "default"), safe="")

        return self._relay.picture(re.sub(r"\{(\w+)\}", value, self._template))

    def _document(self, source: str) -> bytes:
        """Return the capabilities: as they are asked for, else what lies at the URL as it was given."""
        asking = _capabilities_url(source)
        try:
            return self._relay.document(asking)
        except SourceSlow:
            raise
        except SourceBroken:
            if asking == source:
                raise
        return self._relay.document(source)

    def _template_of(self, found: Capabilities, source: str) -> str:
        """Return the template of tiles: that of the layer, else one by keys and values."""
        templates = sorted(self._layer.templates, key=lambda one: one[0] != self._format)
        if templates:
            return _with_keys(moved_to(urljoin(source, templates[0][1]), source), self._more)
        keys = [
            ("SERVICE", "WMTS"), ("REQUEST", "GetTile"), ("VERSION", "1.0.0"), ("LAYER", "{layer}"),
            ("STYLE", "{style}"), ("TILEMATRIXSET", "{tilematrixset}"), ("TILEMATRIX", "{tilematrix}"),
            ("TILEROW", "{tilerow}"), ("TILECOL", "{tilecol}"), ("FORMAT", self._format),
        ]  # fmt: skip
        home = moved_to(urljoin(source, found.get_tile or source), source)
        said = parse_qsl(urlsplit(home).query, keep_blank_values=True)
        own = {key.lower() for key, _ in (*keys, *self._more)}
        kept = [(key, value) for key, value in said if key.lower() not in own | _OF_CAPABILITIES]
        return _with_keys(urlunsplit(urlsplit(home)._replace(query="")), [*kept, *keys, *self._more])


def _capabilities_url(source: str) -> str:
    """Return a URL of capabilities; one without a question, and no file, gets the question."""
    parts = urlsplit(source)
    if parts.path.lower().endswith(".xml") or "request" in {key.lower() for key, _ in parse_qsl(parts.query)}:
        return source
    asking = [("SERVICE", "WMTS"), ("REQUEST", "GetCapabilities"), ("VERSION", "1.0.0")]
    return _with_keys(source, [(k, v) for k, v in asking if k.lower() not in parts.query.lower()])


def _with_keys(url: str, more: Sequence[tuple[str, str]]) -> str:
    """Return a URL with more keys and values in its query; braces of places stay as they are."""
    parts = urlsplit(url)
    there = {key.lower() for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = urlencode([(key, value) for key, value in more if key.lower() not in there], safe="{}/")
    return urlunsplit(parts._replace(query="&".join(part for part in (parts.query, added) if part)))


def _chosen_set(found: Capabilities, layer: Layer, base: BaseMap) -> tuple[MatrixSet, str]:
    """Return the matrix set of a layer in the CRS of the base map, with its projection.

    Raises
    ------
    BadValue
        The layer has none in that CRS; those that it has are listed.
    UnreadableFile
        The layer has none that can be used at all.
    """
    linked = [one for one in found.sets if one.id in layer.sets] or list(found.sets)
    usable = [(one, kind) for one in linked if (kind := projection_of_set(one.crs)) is not None]
    if not usable:
        raise UnreadableFile(
            f"WMTS 图层 {layer.id} 没有已知坐标系的矩阵集",
            f"layer {layer.id} of the WMTS has no matrix set in a known CRS",
        )
    said = of_base(base)
    # GCJ-02 is a shift of either: Web Mercator first, where most such tiles are.
    fitting = [one for one in usable if said in (None, one[1])]
    if not fitting:
        listed = ", ".join(f"{one.id} ({one.crs})" for one, _ in usable)
        raise BadValue(
            f"WMTS 图层 {layer.id} 没有坐标系 {base.crs} 的矩阵集；它有：{listed}",
            f"layer {layer.id} of the WMTS has no matrix set in {base.crs}; it has: {listed}",
        )
    code = re.compile(rf"\D{base.crs.removeprefix('EPSG:')}$")
    return min(fitting, key=lambda one: (not code.search(one[0].crs), one[1] != MERCATOR, -len(one[0].matrices)))
