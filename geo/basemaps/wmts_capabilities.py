"""Read the capabilities of a WMTS 1.0.0: layers, matrix sets, where tiles are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from geo.basemaps.matrices import is_possible
from geo.bounds import check_xml
from geo.errors import GeoError, UnknownName, UnreadableFile

_MOST = 1_000
#: Size in metres of the pixel that scale denominators are for by the standard.
STANDARD_PIXEL_M = 0.00028


class RawMatrix(NamedTuple):
    """One matrix as the capabilities tell it: two numbers of its corner in the order they stand."""

    id: str
    scale: float
    corner: tuple[float, float]
    wide: int
    tall: int
    columns: int
    rows: int


class MatrixSet(NamedTuple):
    """One matrix set, with the name of its CRS as written."""

    id: str
    crs: str
    matrices: Sequence[RawMatrix]


class Layer(NamedTuple):
    """One layer: its style and formats, names of matrix sets, templates of URLs by format, its box in degrees."""

    id: str
    title: str
    style: str
    formats: Sequence[str]
    sets: Sequence[str]
    templates: Sequence[tuple[str, str]]
    box: tuple[float, float, float, float] | None


class Capabilities(NamedTuple):
    """What a WMTS offers; ``get_tile`` is the URL of requests by keys and values, empty where there is none."""

    layers: Sequence[Layer]
    sets: Sequence[MatrixSet]
    get_tile: str

    def layer(self, name: str) -> Layer:
        """Return a layer by name, the first where none is named; raise UnknownName where there is none."""
        found = [one for one in self.layers if not name or name in (one.id, one.title)]
        if not found:
            listed = ", ".join(one.id for one in self.layers[:20]) or "-"
            raise UnknownName(
                f"该 WMTS 没有图层 {name}，可用：{listed}", f"the WMTS has no layer {name}; there are: {listed}"
            )
        return found[0]


def parsed(data: bytes) -> Capabilities:
    """Return what capabilities say.

    Raises
    ------
    UnreadableFile
        They are no XML, have entities, or tell no layer or matrix set that can be used.
    """
    try:
        check_xml(data)
        root = ElementTree.fromstring(data)  # noqa: S314 (check_xml has refused entities)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        reason = error if isinstance(error, GeoError) else None
        raise _unreadable(reason.zh if reason else "不是 XML", reason.en if reason else "they are no XML") from None
    for one in root.iter():  # names without their namespaces, which servers write differently
        one.tag = str(one.tag).rpartition("}")[2]
    sets = [found for one in _some(root, "Contents/TileMatrixSet") if (found := _set(one)).matrices]
    layers = [_layer(one) for one in _some(root, "Contents/Layer")]
    if not layers or not sets:
        raise _unreadable("没有图层或矩阵集", "they tell no layer or no matrix set")
    return Capabilities(layers, sets, _get_tile(root))


def _set(told: ElementTree.Element) -> MatrixSet:
    matrices = [found for one in _some(told, "TileMatrix") if (found := _matrix(one)) is not None]
    return MatrixSet(_text(told, "Identifier"), _text(told, "SupportedCRS"), matrices)


def _matrix(told: ElementTree.Element) -> RawMatrix | None:
    """Return one matrix, None where a number is missing or impossible: the others may serve."""
    try:
        first, second = (float(one) for one in _text(told, "TopLeftCorner").split())
        scale = float(_text(told, "ScaleDenominator"))
        names = ("TileWidth", "TileHeight", "MatrixWidth", "MatrixHeight")
        wide, tall, columns, rows = (int(_text(told, name)) for name in names)
    except ValueError:
        return None
    is_sound = is_possible(first, second, scale * STANDARD_PIXEL_M)
    if not is_sound or not (1 <= wide <= 2048 and 1 <= tall <= 2048 and 1 <= columns < 1 << 31 and 1 <= rows < 1 << 31):
        return None
    return RawMatrix(_text(told, "Identifier"), scale, (first, second), wide, tall, columns, rows)


def _layer(told: ElementTree.Element) -> Layer:
    styles = list(_some(told, "Style"))
    chosen = next((one for one in styles if one.get("isDefault") == "true"), styles[0] if styles else None)
    return Layer(
        id=_text(told, "Identifier"),
        title=_text(told, "Title"),
        style="" if chosen is None else _text(chosen, "Identifier"),
        formats=[one.text or "" for one in _some(told, "Format")],
        sets=[_text(one, "TileMatrixSet") for one in _some(told, "TileMatrixSetLink")],
        templates=[
            (one.get("format", ""), one.get("template", ""))
            for one in _some(told, "ResourceURL")
            if one.get("resourceType") == "tile"
        ],
        box=_box(told),
    )


def _box(told: ElementTree.Element) -> tuple[float, float, float, float] | None:
    try:
        west, south = (float(one) for one in _text(told, "WGS84BoundingBox/LowerCorner").split())
        east, north = (float(one) for one in _text(told, "WGS84BoundingBox/UpperCorner").split())
    except ValueError:
        return None
    is_sound = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if is_sound else None


def _get_tile(root: ElementTree.Element) -> str:
    """Return the URL of GetTile by keys and values."""
    for operation in _some(root, "OperationsMetadata/Operation"):
        if operation.get("name") != "GetTile":
            continue
        for get in operation.iterfind("DCP/HTTP/Get"):
            encodings = [value.text for value in get.iterfind("Constraint/AllowedValues/Value")]
            hrefs = [value for key, value in get.attrib.items() if key.rpartition("}")[2] == "href"]
            if hrefs and (not encodings or "KVP" in encodings):
                return hrefs[0]
    return ""


def _some(told: ElementTree.Element, path: str) -> Iterator[ElementTree.Element]:
    for _, one in zip(range(_MOST), told.iterfind(path), strict=False):
        yield one


def _text(told: ElementTree.Element, path: str) -> str:
    return (told.findtext(path) or "").strip()


def _unreadable(zh: str, en: str) -> UnreadableFile:
    return UnreadableFile(f"WMTS 的能力文档不可用：{zh}", f"the capabilities of the WMTS cannot be used: {en}")
