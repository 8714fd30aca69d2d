"""Test headings and codes of base data: land registers, the national map service, DataV."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geo.readers.reading import ReadResult, read_layer


def read(folder: Path, layer: str, **columns: object) -> ReadResult:
    path = folder / "x.gpkg"
    shapes = [shapely.box(102.9, 37.5, 102.91, 37.51)]
    gpd.GeoDataFrame({name: [value] for name, value in columns.items()}, geometry=shapes, crs=4326).to_file(path)
    return read_layer(path, layer)


@pytest.mark.parametrize(
    ("code", "name"),
    [("XZQDM", "XZQMC"), ("ZLDWDM", "ZLDWMC"), ("QSDWDM", "QSDWMC"), ("BM", "MC"), ("DM", "MC"), ("adcode", "name")],
)
@pytest.mark.parametrize("layer", ["divisions", "villages"])
def test_headings_of_base_data_are_known(tmp_path: Path, code: str, name: str, layer: str) -> None:
    if (layer, code) == ("villages", "adcode"):
        return
    reading = read(tmp_path, layer, **{code: "620622100201", name: "定宁"})
    assert reading.frame[["code", "name"]].values.tolist() == [["620622100201", "定宁"]]
    # The heading of Amap and DataV raises the question of their CRS.
    assert [one.field for one in reading.findings] == ["geometry"] * (code == "adcode")


def test_codes_of_units_are_cut_to_the_village_and_that_is_said(tmp_path: Path) -> None:
    reading = read(tmp_path, "divisions", QSDWDM="6206221002010000000", QSDWMC="定宁村")
    assert reading.frame[["code", "level"]].values.tolist() == [["620622100201", "village"]]
    assert [count for sentence, count in reading.assumed.items() if "cut to the 12" in sentence] == [1]


@pytest.mark.parametrize("code", ["156620622", 156620622, 156620622.0])
def test_the_country_code_is_left_out_and_that_is_said(tmp_path: Path, code: object) -> None:
    reading = read(tmp_path, "divisions", gb=code, name="古浪县")
    assert reading.frame[["code", "level"]].values.tolist() == [["620622", "county"]]
    assert any("156" in sentence for sentence in reading.assumed)


@pytest.mark.parametrize("code", ["156620", "620622100", "150124100", "62062210020100000000"])
def test_other_codes_stay_as_they_are(tmp_path: Path, code: str) -> None:
    reading = read(tmp_path, "divisions", code=code, name="x")
    assert reading.frame["code"].tolist() == [code]
