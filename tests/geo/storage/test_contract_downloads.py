"""A layer of either store, written as CSV or XLSX in either language, is imported into another store as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.representations.downloads import encode_frame
from api.representations.tables import TableOptions
from geo.catalog.layers import LAYERS
from geo.storage.protocol import Store
from geo.studies.import_files import import_file
from geo.studies.names_of_codes import place_names

WGS84 = "EPSG:4326"
SQUARE = shapely.box(103.1, 37.1, 103.2 + 1e-13, 37.2)
POINT = shapely.Point(0.1 + 103.2, 37.1000000000001)
LINE = shapely.LineString([(103.1, 37.1), (103.1 + 1 / 3, 37.2)])
_SHAPES = {"point": POINT, "line": LINE, "polygon": SQUARE}
#: Layer -> the fields of one full row beside its key; a second row has the key alone, and what the layer needs.
ROWS: dict[str, dict[str, object]] = {
    "divisions": {"name": "土门镇", "level": "township", "parent": "620622"},
    "grids": {"name": "一号", "kind": "dedicated", "level": 2, "village": "620622102201", "parent": "g1", "staff": 3},
    "villages": {"name": "=土门村", "households": 12, "population": 2**40},
    "cameras": {
        "site": "s1", "name": "'东门", "class": 2, "kind": "panoramic", "azimuth": 1 / 3, "hfov": 360.0, "tilt": -0.1,
        "height": 1.1 + 2.2, "width_px": 2560, "status": "unknown", "place_type": "indoor", "owner": "所",
    },
    "obstacles": {"height": 10 / 3},
    "roads": {"class": "国道", "width": 7.7, "name": "G30"},
    "demand": {"weight": 1e-7, "name": "校门", "kind": "学校"},
    "protected": {"kind": "住宅", "name": "-1号楼", "rule": "consent"},
    "addresses": {"text": "土门镇 1 号, \"东\"", "aliases": "甲; 乙", "building": "3"},
    "places": {"name": "东门", "kind": "school", "claim": "校门;学校", "level": "detect", "share": 0.1 + 0.2},
    "facilities": {"name": "南镇综治中心", "kind": "governance_centre", "level": "township", "link": "unknown"},
    "areas": {"name": "集市", "kind": "key_area"},
    "claims": {"level": "detect", "share": 0.9},
}  # fmt: skip
NEEDED = {"cameras": {"site": "b"}, "addresses": {"text": "乙"}, "divisions": {"level": "county"}}


def frame_of(layer: str) -> gpd.GeoDataFrame:
    found = LAYERS[layer]
    keys = ["00620622102201", "b"]
    rows = [{found.key: key, **values} for key, values in zip(keys, (ROWS[layer], NEEDED.get(layer, {})), strict=True)]
    shape = _SHAPES[found.shapes[0]] if found.shapes else None
    return gpd.GeoDataFrame(pd.DataFrame(rows), geometry=[shape, shape], crs=WGS84)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_layer_comes_back_bit_equal(
    form: str, lang: str, make_store: Callable[[], Store], tmp_path: Path
) -> None:
    first, second = make_store(), make_store()
    for layer in LAYERS:
        first.write(layer, frame_of(layer), "append", actor="test")
    names = place_names(first)
    for layer in LAYERS:
        stored = first.read(layer)
        path = tmp_path / f"{layer}.{form}"
        path.write_bytes(encode_frame(stored, form, layer=layer, options=TableOptions(lang, names=names)))
        report = import_file(second, path, layer, crs="wgs84")
        # The point of these addresses is in no grid, which an import tells.
        findings = [one for one in report.findings if layer != "addresses" or "in no grid" not in one.reason]
        assert (report.rejected, findings) == (0, []), layer
        back = second.read(layer)
        # The grid of an address is derived from the grids at every import.
        apart = ["geometry", "grid"] if layer == "addresses" else ["geometry"]
        given, found = (pd.DataFrame(one.drop(columns=apart)) for one in (stored, back))
        pd.testing.assert_frame_equal(found, given, check_exact=True)
        if LAYERS[layer].is_placed:
            shapes, known = (shapely.normalize(one.geometry.array) for one in (back, stored))
            assert shapely.equals_exact(shapes, known).all(), layer


def test_an_edited_name_beside_a_code_is_a_finding(make_store: Callable[[], Store], tmp_path: Path) -> None:
    store = make_store()
    villages = pd.DataFrame({"code": ["620622102201", "620622102202"], "name": ["土门村", "黄羊村"]})
    store.write("villages", gpd.GeoDataFrame(villages, geometry=[POINT, POINT], crs=WGS84), "append", actor="test")
    grids = pd.DataFrame({"code": ["g1", "g2"], "village": ["620622102201", "620622102202"]})
    store.write("grids", gpd.GeoDataFrame(grids, geometry=[SQUARE, SQUARE], crs=WGS84), "append", actor="test")
    path = tmp_path / "grids.csv"
    options = TableOptions("zh", names=place_names(store))
    path.write_bytes(encode_frame(store.read("grids"), "csv", layer="grids", options=options))
    assert import_file(store, path, "grids", crs="wgs84").findings == []
    path.write_text(path.read_text("utf-8-sig").replace("620622102202,黄羊村", "620622102202,土门村"), "utf-8")
    (finding,) = import_file(store, path, "grids", crs="wgs84").findings
    assert (finding.field, finding.value, finding.rows) == ("village", "620622102202 土门村", ("2",))
    assert store.read("grids")["village"].tolist() == ["620622102201", "620622102202"], "the code is read"
