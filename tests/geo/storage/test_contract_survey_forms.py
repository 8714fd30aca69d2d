"""Read survey forms back into both stores: filled cells change alone, whatever else the store has of a row."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.catalog.survey_form import MARK
from geo.errors import BadValue
from geo.storage.protocol import Store
from geo.studies.import_files import import_file


def fill(store: Store) -> gpd.GeoDataFrame:
    """Store three cameras with something in most fields; return them by id."""
    columns = {
        "id": ["c1", "c2", "c3"],
        "site": ["p1", "p1", None],
        "name": ["东门", None, "西门"],
        "class": [1, None, 3],
        "kind": ["fixed", "ptz", None],
        "azimuth": [None, None, 10.0],
        "height": [None, 6.5, None],
        "width_px": [1920, None, 2560],
        "status": ["unknown", "online", None],
        "status_on": ["2026-03-01", None, None],
        "owner": ["甲局", None, "乙局"],
        "other_ids": [None, "x9", None],
        "valid_to": [None, "2030-01-01", None],
    }
    points = shapely.points([[103.1, 37.6], [103.1, 37.6], [103.2, 37.6]])
    store.write("cameras", gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326"), "upsert", actor="me")
    return store.read("cameras").set_index("id")


def form(folder: Path, text: str) -> Path:
    path = folder / "form.csv"
    path.write_text(
        f"编号,{MARK.zh},方位角（度）,状态,状态日期,安装高度（米）,经度（度）,纬度（度）\n{text}", encoding="utf-8"
    )
    return path


def test_filled_cells_change_alone(store: Store, tmp_path: Path) -> None:
    before = fill(store)
    path = form(
        tmp_path, "c1,方位角,东南,在线,2026-05-02,,103.1,37.6\nc2,方位角,,,,,103.1,37.6\nc3,方位角,,,,4.5,103.2,37.6\n"
    )
    report = import_file(store, path, "cameras", crs="wgs84")
    assert (report.read, report.updated, report.rejected, report.findings) == (3, 3, 0, [])
    assert report.unchanged == 1
    after = store.read("cameras").set_index("id")
    assert after.loc["c1", ["azimuth", "status"]].tolist() == [135.0, "online"]
    assert str(after.loc["c1", "status_on"]) == "2026-05-02"
    assert after.loc["c3", "height"] == 4.5
    changed = {"c1": ["azimuth", "status", "status_on"], "c2": [], "c3": ["height"]}
    for key, fields in changed.items():
        same = [name for name in before.columns if name not in (*fields, "valid_from", "geometry")]
        pd.testing.assert_series_equal(after.loc[key, same], before.loc[key, same], check_dtype=False)
    assert (after.geometry == before.geometry).all()


def test_a_preview_tells_the_fields_that_change(store: Store, tmp_path: Path) -> None:
    before = fill(store)
    path = form(tmp_path, "c1,方位角,90,,,,103.1,37.6\n")
    report = import_file(store, path, "cameras", crs="wgs84", dry_run=True)
    assert report.changes is not None
    assert report.changes.fields.keys() - {"valid_from"} == {"azimuth"}
    assert store.read("cameras").set_index("id")["azimuth"].equals(before["azimuth"])


def test_rows_that_are_not_stored_are_rejected(store: Store, tmp_path: Path) -> None:
    fill(store)
    report = import_file(store, form(tmp_path, "c9,方位角,90,,,,103.1,37.6\n"), "cameras", crs="wgs84")
    assert (report.rejected, report.imported) == (1, 0)
    assert "核实表" in report.rejects[0].reason
    assert store.count("cameras") == 3


@pytest.mark.parametrize(("layer", "mode"), [("cameras", "replace"), ("cameras", "append"), ("demand", "upsert")])
def test_a_form_is_of_cameras_or_buildings_and_updates_only(
    store: Store, tmp_path: Path, layer: str, mode: str
) -> None:
    fill(store)
    with pytest.raises(BadValue, match="survey form"):
        import_file(store, form(tmp_path, "c1,方位角,90,,,,103.1,37.6\n"), layer, crs="wgs84", mode=mode)  # type: ignore[arg-type]
    assert store.count("cameras") == 3
