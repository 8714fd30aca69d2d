"""Ask the studies on drawings: what is read, counted, derived, written and compared."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from api.representations.batch_rows import row_record
from api.representations.frame_records import records
from geo import crs
from geo.errors import BadValue, NotFound, UnknownCrs, UnknownName
from geo.files import write_atomically
from geo.storage.geopackage.store import open_store
from geo.storage.protocol import Store
from geo.studies.analysis import analyze, analyze_files
from geo.studies.analyze_options import AnalyzeOptions
from geo.studies.compare_runs import compare
from geo.studies.import_files import import_file, import_frames
from geo.studies.input_crs import shift_notes
from geo.studies.locate_positions import gazetteer_of, locate_address, locate_point
from geo.studies.locate_rows import locate_rows
from geo.studies.outages import outage
from geo.studies.run_files import write_out
from geo.studies.stored_runs import gap_rows, gaps
from tests.geo.demo_counties import small_county

CRS = "EPSG:4326"
STEP = 0.001


def cell(column: float, row: float, wide: float = 1, high: float = 1) -> shapely.Polygon:
    """Return a box of the drawing: cells of a thousandth of a degree from (102, 37)."""
    x, y = 102 + column * STEP, 37 + row * STEP
    return shapely.box(x, y, x + wide * STEP, y + high * STEP)


def frame(shapes: list, **columns: list) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    opened = open_store(tmp_path / "w.gpkg")
    yield opened
    opened.close()


def town(store: Store, *, cameras: int = 1) -> None:
    """Write two grids side by side and cameras that look all round from the middle of the first."""
    spots = shapely.points([102 + (0.5 + k) * STEP for k in range(cameras)], 37 + 0.5 * STEP)
    import_frames(
        store,
        {
            "grids": frame([cell(0, 0), cell(1, 0)], code=["g1", "g2"]),
            "cameras": frame(
                list(spots),
                id=[f"c{k}" for k in range(cameras)],
                kind=["panoramic"] * cameras,
                max_range=[20.0] * cameras,
            ),
        },
    )


# --- owners ---


def test_dedicated_grids_come_before_general_ones_then_codes(store: Store) -> None:
    """L1, the service: overlapping grids, whatever their order in the file."""
    grids = frame(
        [cell(0, 0), cell(0, 0), cell(0, 0), cell(1, 0)],
        code=["a", "z", "y", "b"],
        kind=["general", "dedicated", "dedicated", None],
    )
    import_frames(store, {"grids": grids})
    where = {"lat": 37 + STEP / 2, "crs": "wgs84"}
    assert locate_point(store, 102 + STEP / 2, **where).candidates[0].grid["code"] == "y"
    assert locate_point(store, 102 + STEP, **where).candidates[0].grid["code"] == "y", "the border too"
    assert locate_point(store, 102 + 1.5 * STEP, **where).candidates[0].grid["code"] == "b"


def test_a_micro_grid_is_looked_up_inside_its_grid(store: Store) -> None:
    """L1: on the border of a and b the grid is a; the microgrid of b comes first by code and must not win."""
    grids = frame(
        [cell(0, 0), cell(1, 0), cell(1, 0), cell(0, 0), cell(2, 0)],
        code=["a", "b", "m1", "m2", "m3"], level=[1, 1, 2, 2, 2], parent=[None, None, "b", "a", "gone"],
    )  # fmt: skip
    import_frames(store, {"grids": grids})
    places = gazetteer_of(store)
    found = places.points(102 + STEP * np.array([1.0, 0.5, 1.5, 2.5]), np.full(4, 37 + STEP / 2), accuracy=20)
    assert [one.grid["code"] for one in found] == ["m2", "m2", "m1", "m3"]
    assert [step["code"] for step in found[0].chain] == ["a", "m2"]


def test_a_micro_grid_of_another_parent_does_not_hide_the_grid(store: Store) -> None:
    grids = frame(
        [cell(0, 0), cell(5, 0), cell(0, 0, 0.5)], code=["a", "b", "m"], level=[1, 1, 2], parent=[None, None, "b"]
    )
    import_frames(store, {"grids": grids})
    assert locate_point(store, 102.0001, 37.0001, "wgs84").candidates[0].grid["code"] == "a"


def test_places_follow_the_day(store: Store) -> None:
    grids = frame(
        [cell(0, 0), cell(1, 0)],
        code=["old", "new"],
        valid_from=["2000-01-01", "2026-01-01"],
        valid_to=["2026-01-01", None],
    )
    import_frames(store, {"grids": grids})
    for day, expected in ((date(2025, 12, 31), "old"), (date(2026, 1, 1), "new")):
        codes = {
            one.grid["code"]
            for one in gazetteer_of(store, day).points(
                102 + STEP * np.array([0.5, 1.5]), np.full(2, 37.0005), accuracy=1
            )
            if one
        }
        assert codes == {expected}


def test_the_grid_of_an_address_is_derived_at_import_and_again_when_asked(store: Store) -> None:
    town(store)
    addresses = frame([shapely.Point(102.0005, 37.0005)], id=["a"], text=["甲路1号"], grid=["g9"])
    import_frames(store, {"addresses": addresses})
    assert store.read("addresses")["grid"].tolist() == ["g1"]
    import_frames(store, {"grids": frame([cell(0, 0)], code=["h1"])})
    assert locate_address(store, "甲路1号").candidates[0].grid["code"] == "h1"


def test_an_address_outside_every_grid_names_its_division(store: Store) -> None:
    divisions = frame(
        [cell(0, 0, 9, 9), cell(0, 0, 3, 3)],
        code=["620622", "620622101"],
        name=["县", "镇"],
        level=["county", "township"],
    )
    addresses = frame([shapely.Point(102.0025, 37.0025)], id=["a"], text=["山上1号"])
    import_frames(store, {"divisions": divisions, "addresses": addresses})
    found = locate_address(store, "山上1号")
    assert (found.status, found.candidates[0].grid) == ("partial", None)
    assert [step["code"] for step in found.candidates[0].chain] == ["620622", "620622101"]


@pytest.mark.parametrize("crs", [None, "", "  ", "moon"])
def test_without_a_crs_there_is_no_answer(store: Store, crs: str | None) -> None:
    """L3."""
    town(store)
    with pytest.raises(UnknownCrs):
        locate_point(store, 102.0, 37.0, crs)


@pytest.mark.parametrize("point", [(float("nan"), 37.0), (102.0, float("inf")), (500.0, 37.0), (102.0, 91.0)])
def test_impossible_points_are_refused(store: Store, point: tuple[float, float]) -> None:
    town(store)
    with pytest.raises(BadValue):
        locate_point(store, *point, "wgs84")


def test_one_bad_row_does_not_spoil_a_batch(store: Store) -> None:
    town(store)
    rows = [
        {"id": 1, "lon": 102.0005, "lat": 37.0005, "crs": "wgs84"},
        {"id": 2, "lon": 400, "lat": 37.0005, "crs": "wgs84"},
        {"id": 3, "lon": 102.0015, "lat": 37.0005, "crs": "wgs84"},
        {"id": 4, "lon": 0, "lat": 0, "crs": "wgs84"},
    ]
    found = list(locate_rows(gazetteer_of(store), rows))
    assert [one.match.candidates[0].grid["code"] if one.match and one.match.candidates else None for one in found] == [
        "g1",
        None,
        "g2",
        None,
    ]
    assert [one.error is None for one in found] == [True, False, True, True]
    assert found[3].match.status == "not_found"


# --- runs ---


def test_a_run_is_saved_with_its_layers(store: Store) -> None:
    town(store)
    run = analyze(store, AnalyzeOptions())
    kept = store.run(run.id)
    assert set(kept.layers) == {"views", "possible", "coverage", "grids", "all", "gaps"}
    assert kept.summary["totals"] == run.summary["totals"]
    disc = np.pi * (20**2 - (3.5 - 1.6) ** 2)  # slant range 20 m, lens 1.9 m above the target
    assert run.summary["totals"]["sure_m2"] == pytest.approx(disc, rel=0.01)
    assert run.summary["levels"]["detect"] == run.summary["totals"]
    assert run.summary["zones"] == {"grids": 2}


def test_the_day_chooses_the_rows(store: Store) -> None:
    cameras = frame(
        list(shapely.points([102.0005, 102.0015], 37.0005)), id=["a", "b"], valid_from=["2000-01-01", "2026-01-01"]
    )
    import_frames(store, {"cameras": cameras, "grids": frame([cell(0, 0, 2)], code=["g"])})
    assert analyze(store, AnalyzeOptions(at="2025-06-01")).summary["inputs"]["cameras"] == 1
    assert analyze(store, AnalyzeOptions(at="2026-06-01")).summary["inputs"]["cameras"] == 2
    with pytest.raises(NotFound):
        analyze(store, AnalyzeOptions(at="1999-01-01"))


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"level": "outline"}, UnknownName),
        ({"edition": "x"}, UnknownName),
        ({"domain": "x"}, UnknownName),
        ({"zones": ("x",)}, UnknownName),
        ({"target_height": 0.0}, BadValue),
        ({"target_height": float("nan")}, BadValue),
        ({"at": "2026-1-1"}, BadValue),
    ],
)
def test_impossible_options_are_refused(options: dict, kind: type) -> None:
    with pytest.raises(kind):
        AnalyzeOptions(**options).checked()


def test_the_default_level_is_the_editions() -> None:
    assert AnalyzeOptions().checked().level == "detect"
    assert AnalyzeOptions(edition="iec62676-4:2025").checked().level == "outline"


def test_an_outage_of_the_only_site_leaves_nothing_seen(store: Store) -> None:
    town(store, cameras=2)
    analyze(store, AnalyzeOptions())
    found = outage(store, ["c0"])
    before = found.run.layers["grids"].set_index("code")["sure_m2"]
    after = found.frames["grids"].set_index("code")["sure_m2"]
    assert after["g1"] == pytest.approx(0, abs=1e-6)
    assert after["g2"] == pytest.approx(before["g2"])
    assert (found.lost["cameras"], found.lost["online"], found.lost["zones"]) == (1, 1, 1)
    assert (found.lost["blind"], found.lost["worst"]) == (1, "g1")
    assert found.lost["sure_m2"] == pytest.approx(before["g1"])
    zh, en = found.text.split(" / ", 1)
    assert "1 个网格受影响，其中 1 个不再有确定覆盖；损失最大的是 g1" in zh
    assert "1 grids see less, 1 of them nothing any more; g1 loses most" in en
    assert f"{before['g1']:,.0f} m²" in zh
    assert outage(store, ["c0", "c1"], layer="all").frames["all"]["sure_m2"].tolist() == [0]
    for sites, layer, kind in ((["zz"], "grids", NotFound), (["c0"], "villages", UnknownName), ([], "grids", BadValue)):
        with pytest.raises(kind):
            outage(store, sites, layer=layer)
    with pytest.raises(NotFound):
        outage(store, ["c0"], "none")


def test_an_outage_says_where_nothing_is_lost(store: Store) -> None:
    """Two lenses of one pole see the same; a third is offline."""
    spot = shapely.Point(102 + 0.5 * STEP, 37 + 0.5 * STEP)
    rows = {"id": ["c0", "c1", "off"], "site": ["p", "p", None], "status": ["online", "online", "offline"]}
    cameras = frame([spot] * 3, **rows, kind=["panoramic"] * 3, max_range=[20.0] * 3)
    import_frames(store, {"grids": frame([cell(0, 0)], code=["g1"]), "cameras": cameras})
    run = analyze(store, AnalyzeOptions())
    one = outage(store, ["c1"])
    assert one.lost["zones"] == 0
    assert "no sure coverage is lost" in one.text
    assert one.frames["grids"]["sure_m2"].tolist() == run.layers["grids"]["sure_m2"].tolist()
    assert "none is online" in outage(store, ["off"]).text
    assert outage(store, ["p"]).frames["grids"]["sure_m2"].tolist() == [0]


def test_a_camera_of_unknown_status_is_possible_and_never_sure(store: Store) -> None:
    """U1: of two cameras alike in two cells, the second of unknown status; then it fails, and then it is mended."""
    town(store, cameras=2)
    both = analyze(store, AnalyzeOptions()).summary["totals"]
    cameras = store.read("cameras")
    store.write("cameras", cameras.assign(status=["online", "unknown"]), "upsert", actor="li")
    run = analyze(store, AnalyzeOptions())
    assert run.summary["cameras"] == {"online": 1, "offline": 0, "planned": 0, "unknown": 1}
    grids = run.layers["grids"].set_index("code")
    names = ["sure_share", "k2_share", "cameras", "offline", "seeing"]
    assert grids.loc["g2", names].tolist() == [0, 0, 0, 0, 0]
    assert grids.loc["g2", "possible_m2"] == pytest.approx(grids.loc["g1", "sure_m2"], rel=1e-3)
    assert run.summary["totals"]["possible_m2"] == pytest.approx(both["possible_m2"])
    assert run.summary["totals"]["sure_m2"] == pytest.approx(both["sure_m2"] / 2, rel=1e-3)
    views = run.layers["views"].set_index("id")
    assert views["status"].tolist() == ["online", "unknown"]
    assert views.loc["c1", "area_m2"] == pytest.approx(views.loc["c0", "area_m2"], rel=1e-3)
    gap = run.layers["gaps"].set_index("grid").loc["g2"]
    assert gap["possible_share"] == pytest.approx(grids.loc["g2", "possible_share"])
    assert "unknown" in gap["causes"]
    assert "offline" not in gap["causes"]
    found = outage(store, ["c1"])
    assert (found.lost["online"], found.lost["unknown"], found.lost["zones"], found.lost["sure_m2"]) == (0, 1, 0, 0)
    assert found.lost["possible_share"] == pytest.approx(run.summary["totals"]["possible_share"] / 2, rel=1e-3)
    assert found.frames["grids"]["possible_m2"].tolist() == pytest.approx([grids.loc["g1", "possible_m2"], 0])
    zh, en = found.text.split(" / ", 1)
    assert "其中在线 0 台，状态未知 1 台" in zh
    assert "全域可能覆盖由" in zh
    assert "0 of them online, 1 of unknown status" in en
    assert "no sure coverage is lost; the possible share of the whole area falls from" in en
    store.write("cameras", cameras, "upsert", actor="li")
    assert analyze(store, AnalyzeOptions()).summary["totals"] == both


def test_a_site_name_far_away_is_another_site_and_is_said(store: Store) -> None:
    """B4: one name at two places 88 m apart counts twice, and an outage of a camera's id is of its place alone."""
    town(store, cameras=2)
    cameras = store.read("cameras").assign(site="P1")
    store.write("cameras", cameras, "upsert", actor="li")
    run = analyze(store, AnalyzeOptions())
    assert run.summary["totals"]["cameras"] == 2
    assert [note for note in run.summary["notes"] if "P1" in note] == run.summary["scoped_notes"] != []
    assert outage(store, ["P1"]).frames["all"]["sure_m2"].tolist() == [0]
    assert outage(store, ["c0"]).frames["grids"]["cameras"].tolist() == [0, 1]
    assert outage(store, ["P1"], visible=["c1"]).frames["grids"]["cameras"].tolist() == [1, 0]
    for name in ("P1", "c0"):
        with pytest.raises(NotFound):
            outage(store, [name], visible=["x"])


def test_the_name_of_a_site_elsewhere_changes_no_figure(store: Store) -> None:
    """Two townships side by side: a camera of the first takes the site name of one in the second, 2 m off."""
    spots = shapely.points([102 + 0.99999 * STEP, 102 + 1.00001 * STEP], 37 + 0.5 * STEP)
    optics = {"kind": ["panoramic"] * 2, "max_range": [20.0] * 2}
    towns = frame([cell(0, 0), cell(1, 0)], code=["990101101", "990101102"], level=["township"] * 2)
    grids = frame([cell(0, 0), cell(1, 0)], code=["g1", "g2"])
    runs = []
    for sites in (["own", "P1"], ["P1", "P1"]):
        cameras = frame(list(spots), id=["mine", "theirs"], site=sites, **optics)
        import_frames(store, {"divisions": towns, "grids": grids, "cameras": cameras})
        runs.append(analyze(store, AnalyzeOptions()))
    for layer in ("grids", "townships", "all"):
        assert records(runs[0].layers[layer]) == records(runs[1].layers[layer])
    # whoever knows only its own camera gets the outage of its own site, and of the other the answer of none
    own = outage(store, ["P1"], runs[1].id, visible=["mine"])
    assert records(own.frames["grids"]) == records(outage(store, ["own"], runs[0].id).frames["grids"])
    assert (own.lost["cameras"], own.lost["worst"]) == (1, "g1")
    with pytest.raises(NotFound):
        outage(store, ["P1"], runs[0].id, visible=["mine"])


def test_runs_are_compared_zone_by_zone_and_gap_by_gap(store: Store) -> None:
    town(store, cameras=1)
    a = analyze(store, AnalyzeOptions())
    town(store, cameras=2)
    b = analyze(store, AnalyzeOptions())
    found = compare(store, a.id, b.id)
    grids = found.zones["grids"].set_index("code")
    assert grids.loc["g1", "sure_m2"] == pytest.approx(0, abs=1e-6)
    seen = b.layers["grids"].set_index("code").loc["g2", "sure_m2"]
    assert grids.loc["g2", "sure_m2"] == pytest.approx(seen)
    assert grids.loc["g2", "gap_m2"] == pytest.approx(-seen)
    assert len(found.gaps_only_a) == len(found.gaps_only_b) == 0, "every gap of one shares area with a gap of the other"


def test_a_comparison_names_the_options_that_differ(store: Store) -> None:
    town(store, cameras=1)
    a, b, c = (analyze(store, AnalyzeOptions(**options)) for options in ({}, {"level": "identify"}, {"domain": "all"}))
    found = compare(store, a.id, b.id)
    assert found.differing == {"level": ("detect", "identify")}
    assert "：评价级别 探测 → 确认 / " in found.caution
    assert found.caution.endswith(": level detect → identify")
    assert found.caution.count(" / ") == 1
    # the domain used is compared, whatever was asked for: auto took all, as there is nothing else
    same = compare(store, a.id, c.id)
    assert (same.differing, same.caution) == ({}, "")
    fewer = compare(store, a.id, analyze(store, AnalyzeOptions(zones=("townships",))).id)
    assert fewer.differing == {"zones": ("grids", "all")}
    assert "：区域 网格 → 全域 / " in fewer.caution
    assert fewer.caution.endswith(": zones grids → whole area")


def test_a_run_of_shifted_cameras_says_so(store: Store) -> None:
    county = small_county(0)
    lonlat = shapely.get_coordinates(county["cameras"].geometry.to_numpy())
    moved = crs.from_wgs84(lonlat[:, 0], lonlat[:, 1], crs.GCJ02)
    shifted = county["cameras"].set_geometry(gpd.points_from_xy(*moved, crs=CRS))
    names = ("grids", "roads", "obstacles")
    import_frames(store, {"cameras": shifted, **{name: county[name] for name in names}})
    run = analyze(store, AnalyzeOptions())
    told = [note for note in run.summary["notes"] if "GCJ-02 taken for WGS-84" in note]
    assert told
    assert set(told) <= set(run.summary["scoped_notes"]), "it names a source of cameras: not for everybody to read"
    assert shift_notes(county) == []
    status = county["cameras"]["status"].value_counts()
    assert run.summary["cameras"]["offline"] == status["offline"]
    assert run.summary["cameras"]["online"] == status["online"]


def test_gaps_that_share_only_an_edge_are_not_the_same(store: Store) -> None:
    import_frames(store, {"cameras": frame([shapely.Point(102.01, 37.01)], id=["c"], max_range=[5.0])})
    import_frames(store, {"grids": frame([cell(0, 0)], code=["g1"])})
    a = analyze(store, AnalyzeOptions())
    import_frames(store, {"grids": frame([cell(1, 0)], code=["g2"])})
    b = analyze(store, AnalyzeOptions())
    found = compare(store, a.id, b.id)
    assert (found.gaps_only_a["grid"].tolist(), found.gaps_only_b["grid"].tolist()) == (["g1"], ["g2"])
    zones = found.zones["grids"].set_index("code")
    assert zones["gap_m2"].isna().all(), "a zone that only one run has differs by nothing known"


def test_gaps_of_one_grid(store: Store) -> None:
    town(store)
    analyze(store, AnalyzeOptions())
    _, every = gaps(store)
    assert every["rank"].tolist() == [1, 2]
    assert gaps(store, zone="g2")[1]["grid"].tolist() == ["g2"]
    with pytest.raises(NotFound):
        gaps(store, zone="g7")
    for zone in (None, "g2"):
        assert gap_rows(store, zone=zone)[1] == records(gaps(store, zone=zone)[1])
    with pytest.raises(NotFound):
        gap_rows(store, zone="g7")
    with pytest.raises(NotFound):
        gap_rows(store, "none")


# --- files ---


def write_files(folder: Path) -> dict[str, Path]:
    cameras = frame([shapely.Point(102.0005, 37.0005)], id=["c"], kind=["panoramic"], max_range=[20.0])
    cameras.to_crs("EPSG:4543").to_file(folder / "c.gpkg")
    frame([cell(0, 0), cell(1, 0)], code=["g1", "g2"]).to_crs("EPSG:32648").to_file(folder / "g.gpkg")
    return {"cameras": folder / "c.gpkg", "grids": folder / "g.gpkg"}


def test_files_of_two_crs_are_brought_to_the_cameras(tmp_path: Path) -> None:
    run, frames, rejects = analyze_files(write_files(tmp_path), AnalyzeOptions())
    assert rejects == []
    assert {name: one.crs.to_epsg() for name, one in frames.items()} == {"cameras": 4543, "grids": 4543}
    assert (run.summary["crs"], run.summary["computing_crs"]) == ("EPSG:4543", "EPSG:4543")
    assert {one.crs.to_epsg() for one in run.layers.values()} == {4543}
    out = tmp_path / "out"
    write_out(run, out)
    names = pyogrio.list_layers(out / "coverage.gpkg")[:, 0].tolist()
    assert names == ["views", "possible", "coverage", "grids", "all", "gaps"]
    grids = gpd.read_file(out / "coverage.gpkg", layer="grids")
    assert grids["sure_m2"].sum() == pytest.approx(run.summary["totals"]["sure_m2"])
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["totals"] == run.summary["totals"]
    write_out(run, out)
    assert sorted(path.name for path in out.iterdir()) == ["coverage.gpkg", "summary.json"], "no temporary file stays"


def test_files_need_cameras_and_known_layers(tmp_path: Path) -> None:
    paths = write_files(tmp_path)
    for files in ({"grids": paths["grids"]}, {**paths, "moons": paths["grids"]}):
        with pytest.raises(UnknownName):
            analyze_files(files, AnalyzeOptions())


def test_a_file_without_crs_takes_the_one_named_and_others_keep_theirs(tmp_path: Path) -> None:
    paths = write_files(tmp_path)
    (tmp_path / "c.csv").write_text("id,lon,lat,kind\nc,102.0005,37.0005,panoramic\n", encoding="utf-8")
    files = {**paths, "cameras": tmp_path / "c.csv"}
    with pytest.raises(UnknownCrs):
        analyze_files(files, AnalyzeOptions())
    run, frames, _ = analyze_files(files, AnalyzeOptions(), crs="wgs84")
    assert run.summary["crs"] == CRS
    assert frames["grids"].total_bounds == pytest.approx([102, 37, 102.002, 37.001], abs=1e-8)


def test_the_levels_of_a_run_without_zones_are_shares_of_one_area(tmp_path: Path) -> None:
    """D4: 80 degrees of a circle, 45.7, 18.1, 8.8 and 3.9 m on the ground, all of the circle of 45.7 m."""
    path = tmp_path / "cameras.csv"
    path.write_text("id,lon,lat,azimuth\na,103.0,37.5,90\n", encoding="utf-8")
    for level in ("detect", "identify"):
        run, _, _ = analyze_files({"cameras": path}, AnalyzeOptions(level=level), crs="wgs84")
        levels = run.summary["levels"]
        assert [one["domain_m2"] for one in levels.values()] == pytest.approx([levels["detect"]["domain_m2"]] * 4)
        assert [round(one["sure_share"], 3) for one in levels.values()] == [0.222, 0.035, 0.008, 0.002]
        assert run.summary["totals"] == levels[level]


def test_an_import_counts_source_features(store: Store, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "id,lon,lat,hfov\na,102,37,80\nb,102,99,80\na,102,37,80\nc,102,37,90\n", encoding="utf-8"
    )
    report = import_file(store, tmp_path / "c.csv", "cameras", crs="wgs84", rejects=tmp_path / "r.csv")
    assert (report.read, report.imported, report.updated, report.rejected, report.rows_made) == (4, 2, 0, 2, 2)
    again = import_file(store, tmp_path / "c.csv", "cameras", crs="wgs84", rejects=tmp_path / "r.csv")
    assert (again.read, again.imported, again.updated, again.rejected) == (4, 0, 2, 2)
    replaced = import_file(
        store, tmp_path / "c.csv", "cameras", crs="wgs84", mode="replace", rejects=tmp_path / "r.csv"
    )
    assert (replaced.imported, replaced.updated) == (2, 0)
    with pytest.raises(UnknownName):
        import_file(store, tmp_path / "c.csv", "cameras", crs="wgs84", mode="merge")


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("before")

    def fail(temporary: Path) -> None:
        temporary.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, fail)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_row_whose_address_and_point_disagree_names_both(store: Store) -> None:
    import_frames(
        store,
        {
            "grids": frame([cell(0, 0), cell(1, 0)], code=["g1", "g2"]),
            "addresses": frame([shapely.Point(102.0005, 37.0005)], id=["a"], text=["人民路1号"]),
        },
    )
    places = gazetteer_of(store)
    row = {"address": "人民路1号", "lat": "37.0005", "crs": "wgs84"}
    lons = {"same": "102.0006", "other": "102.0015", "outside": "102.9"}
    rows = [{**row, "id": name, "lon": lon} for name, lon in lons.items()]
    rows.append({**rows[1], "id": "unknown", "address": "没有的地方"})
    same, other, outside, unknown = (found.match for found in locate_rows(places, rows))
    assert same.candidates[0].faults == ()
    assert (unknown.status, [one["code"] for one in unknown.candidates[0].faults]) == ("partial", ["unread"])
    assert (other.status, other.candidates[0].grid["code"], outside.status) == ("ambiguous", "g2", "partial")
    (fault,) = other.candidates[0].faults
    assert (fault["code"], "g1" in fault["text"], "g2" in fault["text"]) == ("address_differs", True, True)
    assert "outside every grid" in outside.candidates[0].faults[0]["text"]
    records_ = [row_record(found, "en") for found in locate_rows(places, rows)]
    assert [bool(one["error"]) for one in records_] == [False, True, True, True]
    assert records_[1]["error"].endswith("the address is in grid g1, the point in grid g2")


def test_an_address_that_is_understood_in_part_is_compared_with_its_point_too(store: Store) -> None:
    """A degree of longitude is 89 km here: the points are 0.1 km and 9 km from the address, in another grid."""
    grids = frame([cell(0, 0), shapely.box(102.001, 37.0, 102.2, 37.001)], code=["g1", "g2"])
    addresses = frame([shapely.Point(102.0005, 37.0005)], id=["a"], text=["人民路1号"])
    import_frames(store, {"grids": grids, "addresses": addresses})
    row = {"lat": "37.0005", "crs": "wgs84"}
    rows = [
        {**row, "address": f"人民路1号{tail}", "lon": lon}
        for tail in ("对面", "停车场")
        for lon in ("102.0016", "102.1")
    ]
    found = [row_record(one, "en")["error"] for one in locate_rows(gazetteer_of(store), rows)]
    # A point opposite an address agrees with it; of words that are not understood nobody knows.
    assert [bool(text) for text in found] == [False, True, True, True]
    (alone,) = locate_rows(gazetteer_of(store), [{"address": "人民路1号对面"}])
    assert row_record(alone, "en")["error"] == "the text means a place near this address (对面)"


def test_a_point_of_a_datum_without_parameters_says_how_far_it_may_be_off(store: Store) -> None:
    """The grid's border is 44 m away: the neighbour may own the point."""
    import_frames(store, {"grids": frame([cell(0, 0), cell(1, 0)], code=["g1", "g2"])})
    found = locate_point(store, 102.0005, 37.0005, "EPSG:4610").candidates[0]
    assert (found.precision_m, found.neighbours, found.faults[0]["code"]) == (100.0, ("g2",), "datum")
    assert locate_point(store, 102.0005, 37.0005, "wgs84").candidates[0].faults == ()
