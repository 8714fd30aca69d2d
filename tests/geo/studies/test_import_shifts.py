"""A contractor, sheet or source that came in another system is named as its file is imported; a clean file never is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from geo import crs
from geo.errors import UnknownName
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.import_files import import_file, import_frames
from geo.types import CellFinding
from tests.geo.demo_counties import Frames, small_county

SEEDS = (1, 3)


@pytest.fixture(scope="module", params=SEEDS)
def county(request: pytest.FixtureRequest) -> Frames:
    return small_county(request.param)


@pytest.fixture(scope="module", params=["roads obstacles", "divisions"])
def store(request: pytest.FixtureRequest, county: Frames, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Give a store with roads and buildings, and one that knows nothing of where cameras stand."""
    with open_store(tmp_path_factory.mktemp("shifts") / "workspace.gpkg") as found:
        import_frames(found, {name: county[name] for name in request.param.split()})
        yield found


def is_first(cameras: gpd.GeoDataFrame) -> np.ndarray:
    return np.random.default_rng(4).random(len(cameras)) < 0.4


def table(cameras: gpd.GeoDataFrame, shifted: np.ndarray, to: str = "gcj02", /, **more: Any) -> pd.DataFrame:
    """Return a register of which some rows are in another system than the rest."""
    x, y = cameras.geometry.x.to_numpy().copy(), cameras.geometry.y.to_numpy().copy()
    x[shifted], y[shifted] = crs.from_wgs84(x[shifted], y[shifted], to)
    return pd.DataFrame({"编号": cameras["id"], "名称": cameras["name"], "经度": x, "纬度": y, **more})


def found_in(store: Store, path: Path, rows: pd.DataFrame, named: str = "wgs84") -> list[CellFinding]:
    rows.to_csv(path, index=False, encoding="utf-8")
    report = import_file(store, path, "cameras", crs=named, dry_run=True)
    return [one for one in report.findings if one.field == "geometry"]


@pytest.mark.parametrize(("heading", "to"), [("承建单位", "gcj02"), ("数据来源", "bd09"), ("Installed by", "gcj02")])
def test_the_contractor_is_named_with_the_way_to_read_it(
    store: Store, county: Frames, tmp_path: Path, heading: str, to: str
) -> None:
    cameras = county["cameras"]
    first = is_first(cameras)
    makers = {heading: np.where(first, "甲公司", "乙公司")}
    (one,) = found_in(store, tmp_path / "册.csv", table(cameras, first, to, **makers))
    assert one.count == int(first.sum())
    assert one.value.startswith(f"{heading}=甲公司; {to}->wgs84; ")
    assert one.value.endswith(f"; --crs 甲公司={to}")
    # Read as the finding says, it is where it was drawn, and nothing is found any more.
    path = tmp_path / "册.csv"
    again = import_file(store, path, "cameras", crs=f"甲公司={to}; wgs84", dry_run=True)
    assert [one for one in again.findings if one.field == "geometry"] == []
    assert set(again.crs.split(" + ")) == {to, "EPSG:4326"}


def test_a_clean_register_is_never_named(store: Store, county: Frames, tmp_path: Path) -> None:
    cameras = county["cameras"]
    nobody = np.zeros(len(cameras), dtype=bool)
    rng = np.random.default_rng(5)
    makers: dict[str, Any] = {
        "承建单位": rng.choice(["甲公司", "乙公司", "丙公司"], len(cameras)),
        "项目": rng.choice(["一期", "二期"], len(cameras)),
        "数据来源": np.where(cameras.geometry.x > cameras.geometry.x.median(), "东所", "西所"),
    }
    assert found_in(store, tmp_path / "c.csv", table(cameras, nobody, **makers)) == []
    # The whole of it in GCJ-02 and read so is as clean.
    assert found_in(store, tmp_path / "g.csv", table(cameras, ~nobody, **makers), "gcj02") == []


def test_a_file_shifted_as_a_whole_is_named_where_something_tells(county: Frames, tmp_path: Path) -> None:
    cameras = county["cameras"]
    rows = table(cameras, np.ones(len(cameras), dtype=bool), "bd09", 承建单位=np.where(is_first(cameras), "甲", "乙"))
    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, {name: county[name] for name in ("roads", "obstacles")})
        (one,) = found_in(store, tmp_path / "全.csv", rows)
    assert one.count == len(cameras)
    assert one.value.startswith("全.csv; bd09->wgs84; ")
    assert one.value.endswith("; --crs bd09")
    with open_store(tmp_path / "empty.gpkg") as store:
        assert found_in(store, tmp_path / "全.csv", rows) == []


def test_stored_cameras_tell_where_nothing_is_drawn(county: Frames, tmp_path: Path) -> None:
    cameras = county["cameras"]
    first = is_first(cameras)
    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, {"cameras": cameras[~first]})
        later = cameras[first]
        every = np.ones(len(later), dtype=bool)
        (one,) = found_in(store, tmp_path / "补.csv", table(later, every))
        assert one.value.startswith("补.csv; gcj02->wgs84; ")
        assert found_in(store, tmp_path / "好.csv", table(later, ~every)) == []


def test_a_sheet_is_named_and_read_by_its_name(county: Frames, tmp_path: Path) -> None:
    cameras = county["cameras"]
    first = is_first(cameras)
    rows = table(cameras, first, "gcj02")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, part in (("土门镇", rows[first]), ("城关镇", rows[~first])):
        sheet = book.create_sheet(name)
        for cells in [list(rows.columns), *part.values.tolist()]:
            sheet.append(cells)
    path = tmp_path / "两镇.xlsx"
    book.save(path)
    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, {name: county[name] for name in ("roads", "obstacles")})
        report = import_file(store, path, "cameras", crs="wgs84", dry_run=True)
        (one,) = [one for one in report.findings if one.field == "geometry"]
        assert one.value.startswith("工作表=土门镇; gcj02->wgs84; ")
        mended = import_file(store, path, "cameras", crs="土门镇=gcj02;wgs84")
        assert not [one for one in mended.findings if one.field == "geometry"]
        stored = store.read("cameras").set_index("id").geometry
    truth = cameras.set_index("id").geometry
    assert float(shapely.distance(stored.to_numpy(), truth[stored.index].to_numpy()).max()) < 1e-7
    with open_store(tmp_path / "w.gpkg") as store, pytest.raises(UnknownName, match=r"土门, which is no sheet.*土门镇"):
        import_file(store, path, "cameras", crs="土门=gcj02;wgs84")


def test_what_has_no_crs_named_is_rejected_by_row(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("编号,经度,纬度,施工单位\na,103.1,37.6,甲\nb,103.1,37.6,乙\n", encoding="utf-8")
    with open_store(tmp_path / "w.gpkg") as store:
        report = import_file(store, path, "cameras", crs="甲=gcj02")
        kept = store.read("cameras")
    assert [(fault.row, fault.field) for fault in report.rejects] == [("2", "crs")]
    assert kept["id"].tolist() == ["a"]
    assert (kept.geometry.x[0], kept.geometry.y[0]) == pytest.approx(
        tuple(float(v[0]) for v in crs.to_wgs84([103.1], [37.6], "gcj02"))
    )


def test_rows_too_far_from_anything_drawn_stop_nothing(county: Frames, tmp_path: Path) -> None:
    cameras = county["cameras"]
    rows = table(cameras, np.zeros(len(cameras), dtype=bool))
    rows["经度"] = np.linspace(80.0, 130.0, len(rows))
    with open_store(tmp_path / "w.gpkg") as store:
        import_frames(store, {name: county[name] for name in ("roads", "obstacles")})
        assert found_in(store, tmp_path / "far.csv", rows) == []


@pytest.mark.parametrize(("then", "now"), [("gcj02", "wgs84"), ("wgs84", "gcj02"), ("bd09", "gcj02")])
def test_a_register_that_is_read_in_another_system_than_before_is_named(tmp_path: Path, then: str, now: str) -> None:
    path = tmp_path / "c.csv"
    path.write_text("id,lon,lat\n" + "".join(f"c{n},{102.9 + n / 1000},37.4{n % 3}\n" for n in range(8)), "utf-8")
    with open_store(tmp_path / "workspace.gpkg") as found:
        first = import_file(found, path, "cameras", crs=then)
        same = import_file(found, path, "cameras", crs=then)
        (finding,) = import_file(found, path, "cameras", crs=now, dry_run=True).findings
    assert not [*first.findings, *same.findings]
    assert "同编号" in finding.reason
    assert f"; {then}->{now}; " in finding.value
    assert finding.value.endswith(f"--crs {then}")
    assert (finding.field, finding.count) == ("geometry", 8)


def test_cameras_that_were_surveyed_again_are_no_other_system(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    with open_store(tmp_path / "workspace.gpkg") as found:
        for off in (0, 0.002):
            path.write_text(
                "id,lon,lat\n" + "".join(f"c{n},{102.9 + n / 1000 + off},37.4\n" for n in range(8)), "utf-8"
            )
            assert not import_file(found, path, "cameras", crs="wgs84").findings
