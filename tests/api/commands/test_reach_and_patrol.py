"""Ask the command line for reach and patrols: JSON, tables, a GPX for each sector."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import pytest
import shapely

from api.commands import reach as reach_command
from geo.storage.geopackage.store import open_store
from tests.api.conftest import CRS, V1
from tests.browser import opened

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.fixture
def county(workspace: Path) -> Path:
    centre = gpd.GeoDataFrame(
        {"code": ["f1"], "name": ["南综治中心"], "kind": ["governance_centre"], "serves": [V1]},
        geometry=[shapely.Point(102.0, 37.001)],
        crs=CRS,
    )
    store = open_store(workspace)
    store.write("facilities", centre, "upsert", actor="test")
    store.close()
    return workspace


def test_reach_lists_the_farthest_and_says_who_has_none(run, county: Path) -> None:
    out, err = run("reach", "--kind", "综治中心", "--limit", 100, "--workspace", county)
    assert "\nvillages: 2, 1 without one of their own: " in out
    # The centre serves the first village and does not tell its link; it stands in one township, the other has none.
    assert "video link: townships 0/2 linked" in out
    assert "  not told whether linked 1: 南镇" in out
    assert "  without a facility 1: 北镇" in out
    assert "named where it is not the nearest" in out
    assert "cross at 1 place without a common vertex" in err  # the two roads of the drawing are a bridge
    found = json.loads(run("reach", "--kind", "综治中心", "--workspace", county, "--json")[0])
    assert found["kind"] == "governance_centre"
    assert {row["layer"] for row in found["units"]} == {"townships", "villages", "grids"}
    _, err = run("reach", "--kind", "moon", "--workspace", county, code=2)
    assert "no facilities of kind moon; there are: comprehensive governance centre" in err


def test_reach_says_how_many_units_it_leaves_out_of_its_table(
    run, county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("reach", "--kind", "综治中心", "--workspace", county)
    assert "are listed" not in run(*asked)[0]
    measured = len([one for one in json.loads(run(*asked, "--json")[0])["units"] if one["distance_m"] is not None])
    monkeypatch.setattr(reach_command, "_LISTED", 2)
    assert f"\n{measured} units, the farthest 2 are listed; all of them: --json" in run(*asked)[0]


def test_reach_without_a_kind_names_some(run, county: Path) -> None:
    _, err = run("reach", "--workspace", county, code=2)
    assert "--kind: kind of facility, such as governance_centre" in err


def test_reach_of_one_layer_names_all_and_a_list_that_is_cut_says_how_many(
    run, county: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = json.loads(run("reach", "--kind", "综治中心", "--workspace", county, "--json")[0])
    asked = ("reach", "--kind", "综治中心", "--layer", "townships", "--workspace", county)
    found = json.loads(run(*asked, "--json")[0])
    assert found["units"] == [row for row in whole["units"] if row["layer"] == "townships"]
    assert (list(found["without_own"]), list(found["links"])) == (["townships"], ["townships"])
    assert "villages" not in run(*asked)[0]
    rows = [{"code": str(k), "name": None if k == 2 else f"村{k}"} for k in range(1, 5)]
    assert reach_command.listed(rows, 2) == ("村1、2 等 4 个", "村1, 2 and 2 more")
    assert reach_command.listed(rows, None) == ("村1、2、村3、村4", "村1, 2, 村3, 村4")


def test_reach_says_which_own_facility_is_not_the_nearest_and_where_the_file_is(
    run, county: Path, tmp_path: Path
) -> None:
    """A clinic far away serves the village by its code, another stands beside it and serves nobody."""
    with open_store(county) as store:
        village = store.read("villages").set_index("code").geometry[V1].representative_point()
        rows = {"code": ["far", "near"], "kind": ["clinic"] * 2, "serves": [V1, None]}
        points = [shapely.Point(village.x + 0.5, village.y), village]
        store.write("facilities", gpd.GeoDataFrame(rows, geometry=points, crs=CRS), "upsert", actor="test")
        store.write("villages", store.read("villages").assign(geometry=village), "upsert", actor="test")
    file = tmp_path / "reach.csv"
    out, _ = run("reach", "--kind", "clinic", "--layer", "villages", "--out", file, "--workspace", county)
    assert "yes (far)" in next(line for line in out.splitlines() if V1 in line)
    assert f"wrote {file}" in out


def test_patrol_writes_a_gpx_for_each_sector(run, county: Path, tmp_path: Path) -> None:
    out, _ = run("patrol", "--sectors", 2, "--gpx", tmp_path / "rounds", "--workspace", county)
    assert "wrote 2 GPX files" in out
    for number in (1, 2):
        text = (tmp_path / "rounds" / f"patrol-{number}.gpx").read_text(encoding="utf-8")
        points = [one for one in ElementTree.fromstring(text).iter() if one.tag.endswith("trkpt")]
        assert points[0].attrib == points[-1].attrib
    found = json.loads(run("patrol", "--sectors", 2, "--length", 0.1, "--workspace", county, "--json")[0])
    assert {road for one in found["sectors"] for road in one["roads"]} == {"r1", "r2"}
    assert all(one["parts"] > 1 for one in found["sectors"])
    _, err = run("patrol", "--sectors", 2, "--without", "moon", "--workspace", county, code=2)
    assert "no site or camera moon" in err
    page = tmp_path / "failed.html"
    _, err = run("patrol", "--sectors", 1, "--without", "p1", "--out", page, "--workspace", county)
    assert "taken as failed, sites or cameras: p1" in err
    assert "假设停用的点位或摄像机：p1" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", [".html", ".pdf", ".gpx", ".geojson"])
def test_patrol_is_written_in_each_form(run, county: Path, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"rounds{suffix}"
    found = json.loads(run("patrol", "--sectors", 2, "--out", file, "--workspace", county, "--json")[0])
    assert found["files"] == [str(file)]
    head = file.read_bytes()[:5]
    if suffix == ".pdf":
        assert head == b"%PDF-"
    elif suffix == ".html":
        assert '"rounds":{"columns":{"sector":[1,2]' in file.read_text(encoding="utf-8")
    elif suffix == ".gpx":
        assert file.read_text(encoding="utf-8").count("<trk>") == 2
    else:
        parts = [one["properties"]["part"] for one in json.loads(file.read_text(encoding="utf-8"))["features"]]
        assert parts == ["pieces", "round"] * 2


@pytest.mark.parametrize("suffix", [".html", ".pdf", ".csv", ".xlsx", ".geojson", ".gpkg"])
def test_reach_is_written_in_each_form(run, county: Path, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"reach{suffix}"
    found = json.loads(
        run("reach", "--kind", "综治中心", "--lang", "zh", "--out", file, "--workspace", county, "--json")[0]
    )
    assert found["files"] == [str(file)]
    if suffix in (".geojson", ".gpkg"):
        lines = gpd.read_file(file)
        assert set(lines.geometry.geom_type) == {"LineString"}
        assert lines["unit"].tolist() == [row["layer"] for row in found["units"]]
    elif suffix == ".csv":
        rows = file.read_text(encoding="utf-8-sig").splitlines()
        assert rows[0] == "单元,代码,名称,最近设施,最近设施名称,距离（米）,量法,有自己的,自己的设施"
        of_village = next(one.split(",") for one in rows if f",{V1}," in one)
        assert (of_village[3:5], of_village[7:]) == (["f1", "南综治中心"], ["是", "f1"])
        assert len(rows) == 1 + len(found["units"])
    elif suffix == ".html":
        assert '"reach":{"columns":{"id":["townships:' in file.read_text(encoding="utf-8")
    else:
        assert file.stat().st_size > 1000


@pytest.mark.parametrize("words", [("patrol", "--sectors", 2), ("reach", "--kind", "综治中心")])
def test_an_unknown_suffix_is_named_before_anything_is_computed(run, county: Path, tmp_path: Path, words) -> None:
    _, err = run(*words, "--out", tmp_path / "out.doc", "--workspace", county, code=2)
    assert ".pdf" in err
    assert not (tmp_path / "out.doc").exists()


def test_a_map_of_reach_opens_with_its_facilities_and_roads(run, county: Path, tmp_path: Path, chromium) -> None:
    file = tmp_path / "reach.html"
    out, _ = run("reach", "--kind", "综治中心", "--out", file, "--workspace", county)
    assert out.splitlines()[-1] == f"wrote {file}"
    with opened(chromium, file.as_uri()) as tab:
        tab.page.goto(tab.home)
        tab.page.wait_for_function("window.gridsight && gridsight.map && gridsight.model.rows('reach').length")
        shown = tab.page.evaluate("gridsight.state.shown")
    assert (shown["facilities"], shown["roads"], shown["reach"], shown["gaps"]) == (True, True, True, False)
