"""Import that a camera was taken down: its row stays as removed, and nothing counts it any more (rules P3, P6)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from api.cli import main
from api.representations.map_data_of_run import stored_map_data
from geo.check.checks import check
from geo.errors import NotFound
from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.storage.protocol import Store
from geo.studies.analysis import AnalyzeOptions, analyze
from geo.studies.outages import outage
from geo.studies.place_claims import claims
from geo.studies.run_rates import rates

HEAD = "编号,经度,纬度,方位角,状态\n"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GeoPackageStore]:
    """Return a store with two cameras 100 m apart, a gate 10 m in front of each, in one grid and township."""
    (tmp_path / "c.csv").write_text(HEAD + "c1,103.1000,37.6,0,在线\nc2,103.1011,37.6,0,在线\n")
    assert main(["import", str(tmp_path / "c.csv"), "--layer", "cameras", "--crs", "wgs84", *at(tmp_path)]) == 0
    with open_store(tmp_path / "workspace.gpkg") as opened:
        square = shapely.box(103.099, 37.599, 103.103, 37.602)
        rows = {
            "grids": ({"code": ["g1"], "level": [1]}, [square]),
            "divisions": ({"code": ["990121100"], "name": ["南镇"], "level": ["township"]}, [square]),
            "places": (
                {"code": ["p1", "p2"], "claim": ["校门全覆盖"] * 2},
                [shapely.Point(103.1, 37.60009), shapely.Point(103.1011, 37.60009)],
            ),
        }
        for name, (columns, shapes) in rows.items():
            opened.write(name, gpd.GeoDataFrame(columns, geometry=shapes, crs=4326), "upsert", actor="me")
        yield opened


def at(folder: Path) -> list[str]:
    return ["--workspace", str(folder / "workspace.gpkg")]


def taken_down(store: Store, folder: Path, word: str, row: str = "c1,103.1000,37.6,0") -> int:
    (folder / "d.csv").write_text(f"{HEAD}{row},{word}\n")
    return main(["import", str(folder / "d.csv"), "--layer", "cameras", "--crs", "wgs84", *at(folder)])


def intact(store: Store) -> tuple[float, float]:
    frame = rates(store)[1]
    row = frame[(frame["rate"] == "intact") & (frame["scope"] == "county") & frame["key"].isna()].iloc[0]
    return row["numerator"], row["denominator"]


@pytest.mark.parametrize("word", ["已拆除", "拆除", "报废", "removed"])
def test_the_row_stays_as_removed_and_is_not_rejected(store: GeoPackageStore, tmp_path: Path, word: str) -> None:
    assert taken_down(store, tmp_path, word) == 0
    frame = store.read("cameras")
    assert dict(zip(frame["id"], frame["status"], strict=True)) == {"c1": "removed", "c2": "online"}


def test_a_camera_that_is_gone_counts_nowhere(store: GeoPackageStore, tmp_path: Path) -> None:
    first = analyze(store, AnalyzeOptions(domain="all"))
    assert claims(store)[1]["covered"].tolist() == [2]
    assert intact(store) == (2, 2)
    taken_down(store, tmp_path, "已拆除")
    run = analyze(store, AnalyzeOptions(domain="all"))
    assert run.layers["views"]["id"].tolist() == ["c2"]
    assert run.layers["grids"]["cameras"].tolist() == [1]
    assert first.summary["cameras"] == {"online": 2, "offline": 0, "planned": 0, "unknown": 0}
    assert run.summary["cameras"] == {"online": 1, "offline": 0, "planned": 0, "unknown": 0, "removed": 1}
    _, found, rows = claims(store)
    assert found[["covered", "not_covered", "counted"]].values.tolist() == [[1, 1, 1]]
    assert [one["near"] for one in rows] == [0, 1]
    assert intact(store) == (1, 1)
    assert run.summary["notes"] == first.summary["notes"], "no row was left out by mistake"
    assert stored_map_data(store).cameras["id"].tolist() == ["c2"]


def test_the_outage_of_a_camera_that_is_gone_names_it(store: GeoPackageStore, tmp_path: Path) -> None:
    taken_down(store, tmp_path, "已拆除")
    analyze(store, AnalyzeOptions(domain="all"))
    with pytest.raises(NotFound, match="c1"):
        outage(store, ["c1"])


def test_a_new_camera_at_the_place_of_the_old_is_no_duplicate(store: GeoPackageStore, tmp_path: Path) -> None:
    taken_down(store, tmp_path, "在线", "c3,103.1000,37.6,0")
    assert "camera-duplicate" in {one.code for one in check({"cameras": store.read("cameras")})}
    taken_down(store, tmp_path, "已拆除")
    assert "camera-duplicate" not in {one.code for one in check({"cameras": store.read("cameras")})}


def test_where_all_are_gone_there_is_nothing_to_analyse(store: GeoPackageStore, tmp_path: Path) -> None:
    taken_down(store, tmp_path, "已拆除")
    taken_down(store, tmp_path, "已拆除", "c2,103.1011,37.6,0")
    with pytest.raises(NotFound, match="all cameras are removed"):
        analyze(store, AnalyzeOptions(domain="all"))
