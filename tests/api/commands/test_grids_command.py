"""Draft, check, approve and withdraw changes of grids from the command line, over files and options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from geo.storage.geopackage.store import open_store

pytestmark = pytest.mark.usefixtures("quiet")
CRS = "EPSG:4326"
V = "990101101201"
EAST, WEST = f"{V}001", f"{V}002"
LATER = "2999-01-01"


@pytest.fixture
def county(tmp_path: Path) -> Path:
    path = tmp_path / "workspace.gpkg"
    store = open_store(path)
    grids = gpd.GeoDataFrame(
        {"code": [EAST, WEST], "name": ["东", "西"], "village": V, "level": 1, "households": [300, 500]},
        geometry=shapely.box([103.01, 103.0], 37.0, [103.02, 103.01], 37.01),
        crs=CRS,
    )
    store.write("grids", grids, "upsert", actor="test")
    store.close()
    return path


@pytest.fixture
def line(tmp_path: Path) -> Path:
    path = tmp_path / "line.geojson"
    shape = shapely.LineString([(103.015, 36.9), (103.015, 37.2)])
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[shape], crs=CRS).to_file(path, driver="GeoJSON")
    return path


def at(path: Path, day: str | None) -> list[str]:
    from datetime import date

    with open_store(path) as store:
        frame = store.read("grids", at=None if day is None else date.fromisoformat(day))
    return [one[-3:] for one in frame["code"]]


def test_a_split_is_drafted_approved_and_withdrawn(run: Any, county: Path, line: Path, tmp_path: Path) -> None:
    store = ("--workspace", county)
    out, _ = run("grids", "draft", *store, "--name", "拆", "--split", EAST, "--by", line, "--size", "100:200", code=1)
    assert "1 grids have no buildings: their households and persons are shared by area" in out
    assert f"{V}003" in out
    assert at(county, LATER) == ["001", "002"], "nothing is changed"
    assert "it may be approved" in run("grids", "check", *store, "拆", code=1)[0]
    approved = json.loads(run("grids", "approve", *store, "拆", "--from", LATER, "--json")[0])
    assert (approved["state"], approved["effective"], approved["closed"]) == ("approved", LATER, [EAST])
    assert (at(county, None), at(county, LATER)) == (["001", "002"], ["002", "003", "004"])
    listed = json.loads(run("grids", "list", *store, "--json")[0])["drafts"]
    assert [(one["name"], one["state"]) for one in listed] == [("拆", "approved")]
    run("grids", "succession", *store, "--out", tmp_path / "s.csv")
    assert (tmp_path / "s.csv").read_text(encoding="utf-8-sig").splitlines()[1].split(",")[:4] == [
        EAST, f"{V}003", "split", LATER,
    ]  # fmt: skip
    found = [
        json.loads(run("locate", *store, "--lon", "103.019", "--lat", "37.005", "--crs", "wgs84", *day, "--json")[0])
        for day in ((), ("--at", LATER))
    ]
    assert [one["candidates"][0]["grid"]["code"][-3:] for one in found] == ["001", "004"]
    printed = json.loads(run("print", *store, "--grid-draft", "拆", "--out", tmp_path / "f.pdf", "--json")[0])
    assert (printed["pages"], (tmp_path / "f.pdf").read_bytes()[:4]) == (1, b"%PDF")
    assert "--zone is not for --grid-draft" in run(
        "print", *store, "--grid-draft", "拆", "--zone", EAST, "--out", tmp_path / "f.pdf", code=2
    )[1]  # fmt: skip
    assert "is withdrawn" in run("grids", "withdraw", *store, "拆")[0]
    assert at(county, LATER) == ["001", "002"]
    assert "was withdrawn" in run("grids", "approve", *store, "拆", "--from", LATER, code=2)[1]


def test_several_changes_come_from_one_file(run: Any, county: Path, tmp_path: Path) -> None:
    changes = tmp_path / "changes.json"
    changes.write_text(
        json.dumps([
            {"change": "merge", "grids": [EAST, WEST], "name": "全"},
            {"change": "rename", "grid": f"{V}003", "name": "全村"},
        ]),
        encoding="utf-8",
    )  # fmt: skip
    made = json.loads(run("grids", "draft", "--workspace", county, "--name", "三月", "--changes", changes, "--json")[0])
    assert [(one["id"], one["properties"]["name"], one["properties"]["households"]) for one in made["after"]] == [
        (f"{V}003", "全村", 800)
    ]
    assert json.loads(run("grids", "show", "--workspace", county, "三月", "--json")[0]) == made


def test_changes_may_be_features_that_were_drawn_elsewhere(run: Any, county: Path, tmp_path: Path) -> None:
    path = tmp_path / "changes.geojson"
    line = shapely.LineString([(103.012, 36.9), (103.012, 37.2)])
    rows = {
        "change": ["redraw", "rename"],
        "grids": [f"{EAST}、{WEST}", None],
        "grid": [None, EAST],
        "name": [None, "x"],
    }
    gpd.GeoDataFrame(rows, geometry=[line, None], crs=CRS).to_file(path, driver="GeoJSON")
    given = ("grids", "draft", "--workspace", county, "--name", "n", "--changes", path, "--json")
    made = json.loads(run(*given, code=1)[0])
    assert [(one["change"], one["properties"]["name"], one["properties"]["households"]) for one in made["after"]] == [
        ("redraw", "x", 240), ("redraw", "西", 560),
    ]  # fmt: skip


def test_a_piece_goes_over_and_a_border_moves(run: Any, county: Path, tmp_path: Path) -> None:
    piece = tmp_path / "piece.gpkg"
    gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.box(103.0, 36, 103.012, 38)], crs=CRS).to_file(piece)
    given = ("grids", "draft", "--workspace", county, "--json")
    made = json.loads(
        run(
            *given, "--name", "a", "--hand-over", piece, "--from", EAST, "--to", WEST, "--rename", WEST, "大西", code=1
        )[0]
    )
    assert [(one["change"], one["properties"]["households"]) for one in made["after"]] == [
        ("hand_over", 240), ("hand_over", 560),
    ]  # fmt: skip
    assert made["after"][1]["properties"]["name"] == "大西"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name a change"),
        (("--split", EAST), "needs the file of what was drawn"),
        (("--by", "none.geojson"), "--by is with --split or --redraw"),
        (("--split", EAST, "--by", "none.geojson"), "none.geojson"),
        (("--hand-over", "none.geojson"), "is with --from and --to"),
        (("--rename", EAST, "x", "--from", EAST), "--from is with --hand-over"),
        (("--rename", EAST, "x", "--to", WEST), "--to is with --hand-over"),
        (("--rename", EAST, "x", "--new-name", "y"), "--new-name is with --split or --merge"),
        (("--rename", EAST, "x", "--crs", "gcj02"), "--crs is with --by or --hand-over"),
        (("--merge", EAST), "takes 2 grids"),
        (("--merge", EAST, "--merge", "nobody"), "no grid nobody"),
        (("--changes", "none.json"), "is no JSON file"),
        (("--rename", EAST, "x", "--size", "many"), "--size is written as 300:500"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(run: Any, county: Path, words: tuple[str, ...], said: str) -> None:
    _, err = run("grids", "draft", "--workspace", county, "--name", "n", *words, code=2)
    assert said in err
    assert "Traceback" not in err


def test_a_row_of_a_drawing_that_is_not_usable_is_told(run: Any, county: Path, tmp_path: Path) -> None:
    """The line that is left would cut the grid elsewhere than was drawn."""
    path = tmp_path / "lines.geojson"
    shapes = [shapely.LineString([(103.015, 36.9), (103.015, 37.2)]), shapely.LineString()]
    gpd.GeoDataFrame({"name": ["x", "y"]}, geometry=shapes, crs=CRS).to_file(path, driver="GeoJSON")
    _, err = run("grids", "draft", "--workspace", county, "--name", "n", "--split", EAST, "--by", path, code=2)
    assert f"row 2 of {path} is not usable: empty geometry" in " ".join(err.split())


def test_an_unknown_draft_is_told(run: Any, county: Path) -> None:
    for command in ("show", "check", "withdraw"):
        assert "there is no draft of grids none" in run("grids", command, "--workspace", county, "none", code=2)[1]
    assert "there are no drafts" in run("grids", "list", "--workspace", county)[0]
