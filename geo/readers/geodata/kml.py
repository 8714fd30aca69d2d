"""Read placemarks of KML and KMZ, those of Ovital included; links to other files are refused, never followed."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pandas as pd
import shapely

from geo import bounds
from geo import crs as crs_module
from geo.catalog.layers import Layer
from geo.errors import BadGeometry, UnknownName
from geo.readers.geodata.drawn_shapes import RINGS_CLOSED, closed_lines_as_areas, ring
from geo.readers.geodata.xml_files import Node, Pieces, elements
from geo.readers.source import (
    Fault,
    FileLimits,
    SourceTable,
    check_columns,
    check_features,
    check_size,
    shapes_array,
    unreadable,
)
from geo.sentences import sentence

_ROOTS = ("kml", "ovkml")
_GEOMETRIES = ("Point", "LineString", "LinearRing", "Polygon", "MultiGeometry", "Track", "MultiTrack")
_NO_NUMBERS = ("坐标不是数字", "coordinates are no numbers")
_MAX_TABLE = 200_000  # characters of a description that holds a table
_OVITAL = re.compile(rb"<ovkml[\s>]")
_HEAD_CELL = re.compile(r"(</?)th(?![a-z])")
_MARKS = re.compile(r"<[^<>]{0,2000}>")
#: Said where the version of the program that wrote the file decides the CRS.
OVITAL_HINT = (
    "奥维 9.3.0 起 ovkml、ovkmz 是 GCJ-02（--crs gcj02），更早的版本是 WGS-84（--crs wgs84）；请查看导出时的版本",
    "Ovital writes ovkml and ovkmz in GCJ-02 since version 9.3.0 (--crs gcj02) and in WGS-84 before (--crs wgs84)",
)


def read_kml(path: Path, layer: Layer, folder: str | None, limits: FileLimits, *, names_crs: bool) -> SourceTable:
    """Return the placemarks of a KML file.

    Parameters
    ----------
    layer
        The layer that they are read as.
    folder
        The folder whose placemarks are read; None for all.
    names_crs
        Whether its standard fixes WGS-84; False for Ovital's own files.
    """
    check_size(path.name, path.stat().st_size, limits.json_bytes)
    return _read(partial(_blocks, path), path.name, layer, folder, limits, names_crs=names_crs)


def read_kmz(path: Path, layer: Layer, folder: str | None, limits: FileLimits, *, names_crs: bool) -> SourceTable:
    """Return the placemarks of the one KML file in a KMZ archive: ``doc.kml``, or the only one."""
    with _document(path, limits) as (archive, name, others):
        pieces = partial(bounds.stream, archive, archive.getinfo(name))
        check_size(path.name, archive.getinfo(name).file_size, limits.json_bytes)
        names_crs = names_crs and not name.lower().endswith(".ovkml")
        source = _read(pieces, path.name, layer, folder, limits, names_crs=names_crs)
        if others:
            source.notes[
                sentence(f"没有读 KMZ 里的：{'、'.join(others[:20])}", f"not read: {', '.join(others[:20])}")
            ] = 0
        return source


@contextmanager
def _document(path: Path, limits: FileLimits) -> Iterator[tuple[ZipFile, str, list[str]]]:
    with bounds.open_zip(
        path, max_entries=limits.zip_entries, max_bytes=limits.zip_bytes, max_ratio=limits.zip_ratio
    ) as archive:
        names = [one for one in archive.namelist() if one.lower().endswith((".kml", ".ovkml"))]
        main = [one for one in names if one.lower() in ("doc.kml", "doc.ovkml")]
        chosen = main or [one for one in names if not one.startswith(("__MACOSX/", "._"))]
        if len(chosen) != 1:
            listed = f": {', '.join(chosen[:20])}" if chosen else ""
            raise unreadable(
                path.name,
                f"应含一个 .kml，找到 {len(chosen)} 个{listed}；请解开后逐个导入",
                f"it holds {len(chosen)} .kml files, not one{listed}; unpack it and import each",
            )
        others = [one for one in names if one != chosen[0] and not one.startswith(("__MACOSX/", "._"))]
        yield archive, chosen[0], others


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def _read(
    pieces: Pieces, name: str, layer: Layer, folder: str | None, limits: FileLimits, *, names_crs: bool
) -> SourceTable:
    # The file says so itself under another suffix.
    names_crs = names_crs and _OVITAL.search(next(iter(pieces()), b"")[:4_000]) is None
    rows: list[dict[str, str]] = []
    shapes: list[shapely.Geometry | None] = []
    faults: dict[int, Fault] = {}
    closed: list[int] = []
    folders: dict[str, None] = {}
    found = elements(pieces, name, roots=_ROOTS, wanted=("Placemark", "NetworkLink"), containers=("Folder", "Document"))
    for one in found:
        if one.node.tag == "NetworkLink":
            raise unreadable(
                name,
                "内容在别处（NetworkLink），不跟随链接；请把内容本身另存为 KML",
                "it links to content elsewhere (NetworkLink), which is not followed: save the content itself as KML",
            )
        folders.update(dict.fromkeys(one.inside))
        if folder is not None and folder not in one.inside:
            continue
        builder = _ShapeBuilder()
        try:
            shapes.append(builder.shape(one.node.children))
        except BadGeometry as error:
            shapes.append(None)
            faults[len(rows)] = Fault("geometry", str(error))
        except (ValueError, shapely.errors.GEOSException):
            shapes.append(None)
            faults[len(rows)] = Fault("geometry", " / ".join(_NO_NUMBERS))
        if builder.has_closed_ring:
            closed.append(len(rows))
        rows.append(_columns(one.node, one.inside))
        check_features(name, len(rows), limits)
    if folder is not None and folder not in folders:
        listed = ", ".join(list(folders)[:40])
        raise UnknownName(
            f"{name} 没有文件夹 {folder}；有：{listed}", f"{name} has no folder {folder}; it has: {listed}"
        )
    check_columns(name, len({key for row in rows for key in row}), len(rows))
    frame = pd.DataFrame.from_records(rows, index=range(len(rows)))
    if "folder" in frame and frame["folder"].nunique(dropna=False) < 2:
        frame = frame.drop(columns="folder")  # the same for every row
    source = SourceTable(
        name=name,
        columns=frame.astype(object).where(frame.notna(), None),
        shapes=shapes_array(shapes),
        crs=crs_module.STORAGE_CRS if names_crs else None,
        faults=faults,
        crs_hint=("", "") if names_crs else OVITAL_HINT,
    )
    if closed:
        source.row_notes[RINGS_CLOSED] = closed
    closed_lines_as_areas(source, layer.shapes)
    return source


# --- columns ---------------------------------------------------------------------------------------------------------


def _columns(placemark: Node, inside: Sequence[str]) -> dict[str, str]:
    """Return the cells of a placemark: name, extended data, and a table or text of its description."""
    row = {tag: text for tag, text in placemark.texts() if tag in ("name", "address", "phoneNumber")}
    extended = placemark.child("ExtendedData")
    for one in extended.children if extended is not None else ():
        if one.tag == "Data":
            value, shown = one.child("value"), one.child("displayName")
            heading = shown.text if shown is not None and shown.text else one.attributes.get("name", "")
            _set(row, heading, value.text if value is not None else "")
        elif one.tag == "SchemaData":
            for cell in one.children:
                _set(row, cell.attributes.get("name", ""), cell.text)
    description = placemark.child("description")
    if description is not None and description.text:
        pairs = _table_rows(description.text)
        for key, text in pairs:
            _set(row, key, text)
        if not pairs:
            _set(row, "description", description.text)
    if inside:
        _set(row, "folder", inside[-1])
    return row


def _set(row: dict[str, str], name: str, value: str) -> None:
    """Set a cell that is not yet there: the name of a placemark stays, and extended data come before a table.

    Another value of the same name is a column of its own, so that it is not lost unsaid.
    """
    if name.strip() and value and row.setdefault(name.strip(), value) != value:
        row.setdefault(f"{name.strip()}#2", value)


def _table_rows(description: str) -> list[tuple[str, str]]:
    """Return the rows of two cells of an HTML table, as converters write one for the attributes.

    Examples
    --------
    >>> _table_rows("<table><tr><td>code</td><td>620622</td></tr></table>")
    [('code', '620622')]
    """
    if "<td" not in description or len(description) > _MAX_TABLE:
        return []
    pairs = []
    description = _HEAD_CELL.sub(r"\1td", description)
    for line in description.split("</tr>"):
        cells = [_plain(piece.rpartition("<td")[2]) for piece in line.split("</td>")[:-1]]
        if len(cells) == 2 and cells[0]:
            pairs.append((cells[0], cells[1]))
    return pairs


def _plain(cell: str) -> str:
    return html.unescape(_MARKS.sub("", cell.partition(">")[2])).strip()


# --- shapes ----------------------------------------------------------------------------------------------------------


class _ShapeBuilder:
    """Build the geometry of one placemark, and remember whether a ring had to be closed."""

    def __init__(self) -> None:
        self.has_closed_ring = False
        self.vertices = 0

    def shape(self, nodes: Iterable[Node]) -> shapely.Geometry | None:
        """Return the geometry among the children of an element, None where there is none."""
        parts = list(self._parts(nodes, 0))
        if len(parts) < 2:
            return parts[0] if parts else None
        kinds = {part.geom_type for part in parts}
        for kind, many in (
            ("Point", shapely.MultiPoint),
            ("LineString", shapely.MultiLineString),
            ("Polygon", shapely.MultiPolygon),
        ):
            if kinds == {kind}:
                return many(parts)
        return shapely.GeometryCollection(parts)

    def _parts(self, nodes: Iterable[Node], depth: int) -> Iterator[shapely.Geometry]:
        if depth > bounds.MAX_COLLECTIONS:
            raise BadGeometry("集合嵌套过深", "collections nested too deep")
        for node in nodes:
            if node.tag not in _GEOMETRIES:
                continue
            if node.tag in ("MultiGeometry", "MultiTrack"):
                yield from self._parts(node.children, depth + 1)
            elif node.tag == "Polygon":
                yield self._polygon(node)
            elif node.tag == "Track":
                yield self._line(_numbers(" ".join(",".join(t.split()) for tag, t in node.texts() if tag == "coord")))
            else:
                points = self._points(node)
                yield shapely.Point(points[0]) if node.tag == "Point" else self._line(points)

    def _line(self, points: np.ndarray) -> shapely.LineString:
        if len(points) < 2:
            raise BadGeometry("线至少要两点", "a line needs two points")
        return shapely.LineString(points)

    def _polygon(self, node: Node) -> shapely.Polygon:
        rings: dict[str, list[np.ndarray]] = {"outerBoundaryIs": [], "innerBoundaryIs": []}
        for border in node.children:
            if border.tag in rings:
                rings[border.tag] += [self._ring(one) for one in border.children if one.tag == "LinearRing"]
        if len(rings["outerBoundaryIs"]) != 1:
            raise BadGeometry("没有坐标", "no coordinates")
        return shapely.Polygon(rings["outerBoundaryIs"][0], rings["innerBoundaryIs"])

    def _ring(self, node: Node) -> np.ndarray:
        points, was_open = ring(self._points(node))
        self.has_closed_ring |= was_open
        if len(points) < 4:
            raise BadGeometry("环至少要四点", "a ring needs four points")
        return points

    def _points(self, node: Node) -> np.ndarray:
        coordinates = node.child("coordinates")
        points = _numbers(coordinates.text if coordinates is not None else "")
        self.vertices += len(points)
        if self.vertices > bounds.MAX_VERTICES:
            raise BadGeometry(f"顶点超过 {bounds.MAX_VERTICES:,} 个", f"more than {bounds.MAX_VERTICES:,} vertices")
        return points


def _numbers(text: str) -> np.ndarray:
    """Return longitudes and latitudes of ``lon,lat[,height]`` separated by blanks, blanks beside commas left out."""
    positions = re.sub(r"\s*,\s*", ",", text[: bounds.MAX_WKT]).split()
    if not positions:
        raise BadGeometry("没有坐标", "no coordinates")
    try:
        return np.array([[float(number) for number in one.split(",")[:2]] for one in positions]).reshape(-1, 2)
    except ValueError:
        raise BadGeometry(*_NO_NUMBERS) from None
