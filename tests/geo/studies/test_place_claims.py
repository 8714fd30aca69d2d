"""Ask stored runs for claims: three estates, two roads and four gates, kept with the run in both stores' one form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from api.cli import main
from geo.errors import NotFound
from geo.storage.geopackage.store import GeoPackageStore, open_store
from geo.storage.records import Caller
from geo.studies.analysis import AnalyzeOptions, analyze
from geo.studies.place_claims import claims, places
from geo.studies.run_rates import rates

#: One degree of latitude, and of longitude at 37.6 north, in metres.
NORTH_M, EAST_M = 110_990.0, 88_290.0


def at(x: float, y: float) -> tuple[float, float]:
    return 103.1 + x / EAST_M, 37.6 + y / NORTH_M


def square(x: float) -> shapely.Polygon:
    return shapely.box(*at(x, 0), *at(x + 10, 10))


def write(store: GeoPackageStore, layer: str, columns: dict, shapes: list) -> None:  # type: ignore[type-arg]
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")
    store.write(layer, frame, "upsert", actor="me")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GeoPackageStore]:
    """Return the drawing of tests/geo/assessment/test_claims.py in degrees: C and its gate are seen by nobody."""
    with open_store(tmp_path / "workspace.gpkg") as opened:
        spots = [(-1, -1, 45), (99, -1, 45), (300, 0, 90), (300, 50, 90)]
        lens = {"hfov": 90.0, "width_px": 1000, "height": 1.6}
        cameras = [{"id": f"c{i}", "azimuth": float(way), **lens} for i, (_, _, way) in enumerate(spots)]
        columns = pd.DataFrame(cameras).to_dict("list")
        write(opened, "cameras", columns, [shapely.Point(at(x, y)) for x, y, _ in spots])
        write(opened, "grids", {"code": ["g1"], "level": [1]}, [shapely.box(*at(-100, -100), *at(500, 200))])
        shapes = {
            "A": square(0),
            "B": square(100),
            "C": square(200),
            "R": shapely.LineString([at(300, 0), at(316, 0)]),
            "S": shapely.LineString([at(300, 50), at(340, 50)]),
            **{f"g{n}": shapely.Point(at(x, y)) for n, (x, y) in enumerate([(9, 5), (5, 9), (109, 5), (209, 5)])},
        }
        claim = ["estates"] * 3 + ["roads"] * 2 + ["gates"] * 4
        write(opened, "places", {"code": list(shapes), "claim": claim}, list(shapes.values()))
        asked = {"claim": ["estates", "roads", "gates"], "share": [0.9, 0.4, None]}
        write(opened, "claims", asked, [None] * 3)
        yield opened


def test_a_run_keeps_the_verdicts_and_points_of_its_places(store: GeoPackageStore) -> None:
    made = analyze(store, AnalyzeOptions(domain="all"))
    run, rows, kept = claims(store)
    assert run.id == made.id
    assert rows.set_index("claim")["verdict"].to_dict() == {"estates": "fails", "roads": "holds", "gates": "fails"}
    assert [one["code"] for one in kept if one["verdict"] != "covered"] == ["C", "g3"]
    frame = places(store)[1].set_index("code")
    assert frame.crs is not None
    assert shapely.distance(frame.geometry["g3"], shapely.Point(at(209, 5))) < 1e-7
    assert square(200).contains(frame.geometry["C"])
    assert frame["near"].to_dict()["C"] == 0
    # The layer is none of zones: nobody draws or sums it as one.
    assert "places" not in run.summary["zones"]
    assert store.run(run.id).layers["places"].geometry.isna().all()


def test_a_place_counts_on_its_days_only(store: GeoPackageStore) -> None:
    dates = {"code": ["C", "g3"], "claim": ["estates", "gates"], "valid_from": ["2026-03-01"] * 2}
    write(store, "places", {**dates, "valid_to": ["2026-06-01"] * 2}, [square(200), shapely.Point(at(209, 5))])
    analyze(store, AnalyzeOptions(domain="all", at="2026-07-01"))
    found = claims(store)[1].set_index("claim")
    assert found["verdict"].to_dict() == {"estates": "holds", "roads": "holds", "gates": "holds"}
    assert found["places"].to_dict() == {"estates": 2, "roads": 2, "gates": 3}


def test_a_run_without_places_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path / "empty.gpkg") as bare:
        write(bare, "cameras", {"id": ["c"], "azimuth": [0.0]}, [shapely.Point(at(0, 0))])
        analyze(bare, AnalyzeOptions(domain="all"))
        with pytest.raises(NotFound):
            claims(bare)


def test_a_claim_without_places_fails(tmp_path: Path) -> None:
    with open_store(tmp_path / "empty.gpkg") as bare:
        write(bare, "cameras", {"id": ["c"], "azimuth": [0.0]}, [shapely.Point(at(0, 0))])
        write(bare, "claims", {"claim": ["schools"]}, [None])
        analyze(bare, AnalyzeOptions(domain="all"))
        run, rows, kept = claims(bare)
        assert (rows["verdict"].tolist(), kept, len(places(bare, run.id)[1])) == (["fails"], [], 0)


def test_the_command_lists_claims_and_the_places_not_seen(
    store: GeoPackageStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    analyze(store, AnalyzeOptions(domain="all"))
    store.close()
    words = ["claims", "--workspace", str(tmp_path / "workspace.gpkg")]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["claim"], one["verdict"]) for one in told["claims"]] == [
        ("estates", "fails"), ("gates", "fails"), ("roads", "holds")
    ]  # fmt: skip
    contract = "claim code level share assessed sure_share possible_share verdict near counted"
    assert set(contract.split()) <= set(told["places"][0])
    assert main(words) == 0
    _, listed = capsys.readouterr().out.split("没有确定覆盖的部位 2 个（按声明计，其中属于声明的 2 个），列出 2 个")
    rows = [line.split()[:2] for line in listed.splitlines()]
    assert ["estates", "C"] in rows
    assert ["gates", "g3"] in rows
    assert main([*words, "--claim", "none"]) == 2


@pytest.mark.parametrize(
    ("role", "townships", "has"),
    [("public", (), set()), ("viewer", (), {"counted"}), ("planner", None, {"counted", "near"})],
)
def test_who_is_told_of_cameras(
    store: GeoPackageStore, role: str, townships: tuple[str, ...] | None, has: set[str]
) -> None:
    from api.representations.claim_rights import visible_claims, visible_places

    analyze(store, AnalyzeOptions(domain="all"))
    caller = Caller("li", role, townships)  # type: ignore[arg-type]
    frame = visible_places(places(store)[1], caller)
    assert {"counted", "near"} & set(frame.columns) == has
    assert "verdict" in frame
    assert ("counted" in visible_claims(claims(store)[1], caller)) == ("counted" in has)


def test_near_is_told_in_the_planners_townships_only() -> None:
    from api.representations.claim_rights import visible_places

    columns = {
        "code": ["p", "q", "r"],
        "township": ["990101101", "990101102", None],
        "near": [1, 2, 3],
        "counted": True,
    }
    frame = gpd.GeoDataFrame(columns, geometry=[shapely.Point(0, 0)] * 3, crs="EPSG:4326")
    seen = visible_places(frame, Caller("li", "planner", ("990101101",)))
    assert seen["near"].fillna(-1).tolist() == [1, -1, -1]


def test_the_rates_of_a_run_have_both_numbers(
    store: GeoPackageStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    analyze(store, AnalyzeOptions(domain="all"))
    store.close()
    words = ["rates", "--workspace", str(tmp_path / "workspace.gpkg")]
    assert main([*words, "--json"]) == 0
    told = {(one["rate"], one["key"]): one for one in json.loads(capsys.readouterr().out)["rates"]}
    covered = told["places_covered", None]
    assert (covered["numerator"], covered["denominator"], covered["rule"], covered["scope"]) == (7, 9, "P6", "county")
    assert told["intact", None]["value"] == 1.0
    assert told["grids_staffed", None]["value"] is None, "no grid tells its staff"
    assert main(words) == 0
    assert main([*words, "--scope", "nowhere"]) == 2


def test_an_answer_of_before_a_change_says_so(
    store: GeoPackageStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    analyze(store, AnalyzeOptions(domain="all"))
    store.close()
    words = ["claims", "--workspace", str(tmp_path / "workspace.gpkg"), "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []
    with open_store(tmp_path / "workspace.gpkg") as opened:
        write(opened, "claims", {"claim": ["estates"], "share": [0.6]}, [None])
    assert main(words) == 0
    printed = capsys.readouterr()
    (note,) = json.loads(printed.out)["notes"]
    assert note.startswith("覆盖声明在此批次之后改过")
    assert main(["claims", "--workspace", str(tmp_path / "workspace.gpkg")]) == 0
    assert "覆盖声明在此批次之后改过" in capsys.readouterr().err
    with open_store(tmp_path / "workspace.gpkg") as opened:
        analyze(opened, AnalyzeOptions(domain="all"))
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["notes"] == []


def test_the_day_of_the_data_stands_above_the_answer(
    store: GeoPackageStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dates = {"code": ["C"], "claim": ["estates"], "valid_from": ["2026-01-01"]}
    write(store, "places", dates, [square(200)])
    today = analyze(store, AnalyzeOptions(domain="all"))
    before = analyze(store, AnalyzeOptions(domain="all", at="2026-02-01"))
    day = store.today()
    store.close()
    words = ["--workspace", str(tmp_path / "workspace.gpkg")]
    assert main(["claims", before.id, *words]) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0] == f"批次 {before.id}，数据日期 2026-02-01"
    assert f"数据日期最新的批次是 {today.id}（{day}）" in printed.err
    assert main(["runs", *words]) == 0
    told = capsys.readouterr().out
    assert "数据日期" in told
    assert "2026-02-01" in told
    assert main(["claims", today.id, *words]) == 0
    assert "数据日期最新" not in capsys.readouterr().err


def test_what_a_claim_asks_for_is_printed_and_its_own_places_come_first(
    store: GeoPackageStore, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(store, "places", {"code": ["0"], "kind": ["gate"]}, [shapely.Point(at(209, 6))])
    analyze(store, AnalyzeOptions(domain="all"))
    store.close()
    words = ["claims", "--workspace", str(tmp_path / "workspace.gpkg")]
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    (heads,) = (line for line in lines if line.startswith("声明") and "部位数" in line)
    assert "要求占比" in heads
    (gates,) = (line for line in lines if line.startswith("gates") and "不成立" in line)
    assert "未写（≥1 m²、1 m 或该点）" in gates
    assert any("1 平方米" in line for line in lines)
    assert lines[-1].split()[:2] == ["-", "0"], "a place that no claim names comes last"
    assert "该点" in lines[-2]
    assert main([*words, "--claim", "none"]) == 2
    assert "estates、gates、roads" in capsys.readouterr().err


def test_shares_of_places_alone_are_told_of_their_claim_and_points_have_no_area(tmp_path: Path) -> None:
    with open_store(tmp_path / "two.gpkg") as opened:
        write(opened, "cameras", {"id": ["c"], "azimuth": [0.0]}, [shapely.Point(at(0, 0))])
        rows = {"code": ["p", "q"], "claim": ["crossings"] * 2, "share": [0.9] * 2}
        write(opened, "places", rows, [square(0), shapely.Point(at(500, 0))])
        analyze(opened, AnalyzeOptions(domain="all"))
        row = claims(opened)[1].iloc[0]
    assert row["share"] == 0.9
    assert row[["places", "area_places", "length_places"]].tolist() == [2, 1, 0]


def test_a_straight_line_is_of_the_township_that_has_its_middle(tmp_path: Path) -> None:
    """Sections wholly in a township, from its border on; one of 400 m of which 398 m are in the second township."""
    with open_store(tmp_path / "towns.gpkg") as opened:
        west, east = (shapely.box(*at(x, 0), *at(x + 1000, 1000)) for x in (0, 1000))
        towns = {"code": ["990101101", "990101102"], "level": ["township"] * 2}
        write(opened, "divisions", towns, [west, east])
        write(opened, "cameras", {"id": ["c"], "azimuth": [0.0]}, [shapely.Point(at(500, 500))])
        lines = {
            "within": shapely.LineString([at(0, 500), at(600, 500)]),
            "along": shapely.LineString([at(1000, 0), at(1500, 900)]),
            "across": shapely.LineString([at(998, 300), at(1398, 300)]),
            "parts": shapely.MultiLineString([[at(10, 10), at(20, 10)], [at(1200, 10), at(1300, 10)]]),
        }
        kinds = ["section"] * len(lines)
        write(opened, "places", {"code": list(lines), "kind": kinds}, list(lines.values()))
        analyze(opened, AnalyzeOptions(domain="all"))
        frame = places(opened)[1].set_index("code")
        assert frame["township"].to_dict() == {
            "within": "990101101", "along": "990101102", "across": "990101102", "parts": "990101102"
        }  # fmt: skip
        of = rates(opened)[1]
        of = of[of["rate"] == "sections_covered"].set_index("scope")["denominator"]
        assert of["county"] == 4 == of.drop("county").sum()
