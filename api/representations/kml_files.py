"""Write frames as KML: placemarks in WGS-84 with a name and every field, no styles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from api.representations.tables import number_text
from geo.crs import STORAGE_CRS
from geo.errors import BadValue

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
_TAIL = "</Document></kml>\n"
#: Characters that XML cannot hold, even by number.
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
#: Line ends and tabs, which XML would read as others.
_KEPT = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def kml_bytes(frame: gpd.GeoDataFrame, table: pd.DataFrame, title: str, titles: Mapping[str, str]) -> bytes:
    """Return a KML document.

    Parameters
    ----------
    frame
        The shapes, in any known CRS; KML is in longitude and latitude by its standard.
    table
        The values, row by row, columns by the names of the fields.
    title
        Name of the document.
    titles
        Column -> what people read for it.

    Raises
    ------
    BadValue
        A text has a character that XML cannot hold: nothing is left out in silence.
    """
    shapes = np.asarray(frame.geometry if frame.crs is None else frame.geometry.to_crs(STORAGE_CRS))
    columns = [str(name) for name in table.columns]
    named_by = next((name for name in ("name", "text", "id", "code", "rank", "grid") if name in columns), None)
    parts = [_HEAD, f"<name>{escape(title)}</name>"]
    cells = {name: [_text(cell, name) for cell in table[name]] for name in columns}
    for row, shape in enumerate(shapes):
        values = {name: cells[name][row] for name in columns}
        parts.append("<Placemark>")
        if named_by is not None and values[named_by]:
            parts.append(f"<name>{escape(values[named_by], _KEPT)}</name>")
        parts.append("<ExtendedData>")
        for name, value in values.items():
            if value:
                shown = f"<displayName>{escape(titles[name])}</displayName>" if titles.get(name, name) != name else ""
                parts.append(f"<Data name={quoteattr(name)}>{shown}<value>{escape(value, _KEPT)}</value></Data>")
        parts.append("</ExtendedData>")
        if shape is not None and not shape.is_empty:
            parts.extend(_shape(shape))
        parts.append("</Placemark>\n")
    return "".join([*parts, _TAIL]).encode()


def _shape(shape: shapely.Geometry) -> Iterator[str]:
    if shape.geom_type == "Point":
        yield f"<Point>{_coordinates(shape)}</Point>"
    elif shape.geom_type in ("LineString", "LinearRing"):
        yield f"<LineString><tessellate>1</tessellate>{_coordinates(shape)}</LineString>"
    elif shape.geom_type == "Polygon":
        yield f"<Polygon><outerBoundaryIs><LinearRing>{_coordinates(shape.exterior)}</LinearRing></outerBoundaryIs>"
        for ring in shape.interiors:
            yield f"<innerBoundaryIs><LinearRing>{_coordinates(ring)}</LinearRing></innerBoundaryIs>"
        yield "</Polygon>"
    else:
        yield "<MultiGeometry>"
        for part in shape.geoms:
            yield from _shape(part)
        yield "</MultiGeometry>"


def _coordinates(shape: shapely.Geometry) -> str:
    pairs: Sequence[Sequence[float]] = shapely.get_coordinates(shape).tolist()
    return f"<coordinates>{' '.join(f'{number_text(x)},{number_text(y)}' for x, y in pairs)}</coordinates>"


def _text(cell: object, name: str) -> str:
    if cell is None or cell is pd.NA or cell is pd.NaT or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    if isinstance(cell, (float, np.floating)):
        return number_text(float(cell))
    text = str(cell)
    found = _NOT_IN_XML.search(text)
    if found is not None:
        shown, code = _NOT_IN_XML.sub("□", text[:40]), f"U+{ord(found[0]):04X}"
        raise BadValue(
            f"字段 {name} 的“{shown}”含 KML 不能写的字符 {code}；请用 csv 或 gpkg",
            f"field {name}: “{shown}” has the character {code}, which KML cannot hold: use csv or gpkg",
        )
    return text
