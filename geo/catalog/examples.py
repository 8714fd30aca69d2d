"""Give one example row of every layer for templates; its key marks it, so that an import never takes it for data."""

from __future__ import annotations

from collections.abc import Mapping

from geo.catalog.headings import CRS_COLUMN, FIELDS, TableLanguage, words
from geo.catalog.layers import LAYERS, Layer
from geo.catalog.template_notes import OFFERED_WORDS

#: The key of the example row, in Chinese and English.
EXAMPLE_KEYS = ("示例：请改写或删除", "EXAMPLE: overwrite or delete")

_SQUARE = "POLYGON ((102.9 37.4, 102.91 37.4, 102.91 37.41, 102.9 37.41, 102.9 37.4))"
_POINT: Mapping[str, object] = {"lon": 102.905, "lat": 37.405}

#: Layer -> field -> value as stored, or a pair of texts in Chinese and English.
_VALUES: Mapping[str, Mapping[str, object]] = {
    "divisions": {"name": ("示例镇", "Example township"), "level": "township", "parent": "620622", "wkt": _SQUARE},
    "grids": {
        "name": ("第一网格", "First grid"), "kind": "general", "level": 1, "village": "620622102201", "households": 320,
        "population": 980, "staff": 2, "wkt": _SQUARE,
    },
    "villages": {"name": ("示例村", "Example village"), "households": 210, "population": 760, **_POINT},
    "cameras": {
        "site": ("1 号杆", "Pole 1"), "name": ("示例路口东北角", "North-east corner"), "class": 1, "kind": "fixed",
        "azimuth": 135, "hfov": 80, "tilt": 15, "height": 6, "width_px": 2560, "height_px": 1440, "status": "online",
        "place_type": ("室外", "outdoor"), **_POINT,
    },
    "obstacles": {"height": 18, "wkt": _SQUARE},
    "roads": {
        "class": ("次干路", "secondary"), "width": 12, "name": ("示例路", "Example road"),
        "wkt": "LINESTRING (102.9 37.4, 102.91 37.405)",
    },
    "demand": {"weight": 3, "name": ("校门", "School gate"), "kind": ("学校", "school"), "wkt": _SQUARE},
    "protected": {"kind": ("住宅", "dwelling"), "name": ("1 号楼", "House 1"), "rule": "mask", "wkt": _SQUARE},
    "addresses": {
        "text": ("示例县示例镇示例路 1 号", "1 Example Road, Example Township"), "building": ("1 幢", "1"), **_POINT,
    },
    "places": {
        "name": ("示例小学", "Example school"), "kind": "school", "claim": ("学校全覆盖", "all schools"),
        "level": "observe", "share": 0.9, "parent": "620622102", "weight": 1, "wkt": _SQUARE,
    },
    "claims": {"level": "detect", "share": 0.8},
    "facilities": {
        "name": ("示例镇综治中心", "Example governance centre"), "kind": "governance_centre", "level": "township",
        "parent": "620622", "serves": "620622102", "link": "yes", "capacity": 4, **_POINT,
    },
    "areas": {"name": ("示例安置区", "Example resettlement"), "kind": "resettlement", "wkt": _SQUARE},
}  # fmt: skip


def place_columns(layer: Layer) -> tuple[str, ...]:
    """Return the columns of a template that hold the place: lon and lat where rows are points, else WKT, if any."""
    if not layer.is_placed:
        return ()
    return ("lon", "lat") if "point" in layer.shapes and "line" not in layer.shapes else ("wkt",)


def collected_columns(layer: Layer) -> tuple[str, ...]:
    """Return the columns of a template that a place is typed into: where points and other shapes are mixed, both ways.

    Examples
    --------
    >>> collected_columns(LAYERS["places"]), collected_columns(LAYERS["roads"])
    (('lon', 'lat', 'wkt'), ('wkt',))
    """
    columns = place_columns(layer)
    return ("lon", "lat", *columns) if "point" in layer.shapes and columns == ("wkt",) else columns


def example_row(layer: str, lang: TableLanguage) -> dict[str, object]:
    """Return field -> value of the example row, values with choices as their words; fields left empty are not in it.

    Examples
    --------
    >>> row = example_row("cameras", "zh")
    >>> row["id"], row["kind"], row["height"]
    ('示例：请改写或删除', '枪机', 6)
    """
    found = LAYERS[layer]
    row: dict[str, object] = {found.key: EXAMPLE_KEYS[lang != "zh"]}
    for name, value in _VALUES.get(layer, dict.fromkeys(place_columns(found))).items():
        if value is None:
            row |= _POINT if name in _POINT else {"wkt": _shape_example(found)}
        elif isinstance(value, tuple):
            row[name] = value[lang != "zh"]
        else:
            known = words(found.field(name), lang) if name not in ("lon", "lat", "wkt") and lang != FIELDS else {}
            row[name] = known.get(str(value), value)
    row[CRS_COLUMN.name] = OFFERED_WORDS[CRS_COLUMN.name][lang != "zh"][0]
    return row


def _shape_example(layer: Layer) -> str:
    return _SQUARE if "polygon" in layer.shapes else "LINESTRING (102.9 37.4, 102.91 37.405)"
