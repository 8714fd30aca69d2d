"""Print patrols and reach: a square walked once, a unit that a road reaches and one that none does."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pypdf
import pytest
import shapely

from geo.errors import NotFound, UnknownName
from geo.network.patrol import patrol
from maps.map_data import MapData
from maps.print.patrol_sheets import _road_names, write_patrol
from maps.print.reach_sheet import write_reach
from maps.web.payload import payload
from tests.maps.print import sheet_data

X, Y = sheet_data.MIDDLE


@pytest.fixture(scope="module")
def walked() -> MapData:
    """Two blocks of streets of 400 m far from each other, one side of the first seen."""
    roads = []
    for at in (0.0, 1_500.0):
        corners = [(X + at, Y), (X + at, Y + 400), (X + at + 400, Y + 400), (X + at + 400, Y), (X + at, Y)]
        roads += [shapely.LineString(pair) for pair in pairwise(corners)]
    names = [f"{one}街" for one in "甲乙丙丁戊己庚辛"]
    frame = gpd.GeoDataFrame({"id": list("abcdefgh"), "name": names}, geometry=roads, crs=sheet_data.CRS)
    found = patrol(frame, roads[:1] and shapely.buffer(roads[:1], 2.0), 2)
    rows = {
        "sector": [one.sector for one in found.sectors],
        "roads": [len(one.roads) for one in found.sectors],
        "pieces_m": [one.pieces_m for one in found.sectors],
        "length_m": [one.length_m for one in found.sectors],
        "bound_m": [one.bound_m for one in found.sectors],
        "parts": [None for _ in found.sectors],
        "why": [one.why for one in found.sectors],
    }
    rounds = gpd.GeoDataFrame(rows, geometry=[one.round for one in found.sectors], crs=sheet_data.CRS)
    pieces = gpd.GeoDataFrame(rows, geometry=[one.pieces for one in found.sectors], crs=sheet_data.CRS)
    return sheet_data.small(rounds=rounds, pieces=pieces, reference={"roads": frame})


def texts(path: Path) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(path).pages]


@pytest.mark.parametrize("paper", ["A4", "A3", "A1-portrait"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_patrol_has_a_sheet_of_all_sectors_and_one_for_each(
    walked: MapData, tmp_path: Path, paper: str, lang: str
) -> None:
    assert write_patrol(walked, tmp_path / "p.pdf", paper=paper, lang=lang) == 3
    whole, first, second = texts(tmp_path / "p.pdf")
    assert ("巡查片与各圈" if lang == "zh" else "Patrol sectors and rounds") in whole
    for number, page in ((1, first), (2, second)):
        assert f"巡查片 {number}（共 2 片）" in page
        assert "1.60 km" in page  # four sides of 400 m
        assert re.search(r"1:\d", page)


def test_the_numbers_of_a_sector_are_told_with_their_road_in_the_order_walked(walked: MapData, tmp_path: Path) -> None:
    write_patrol(walked, tmp_path / "p.pdf")
    second = texts(tmp_path / "p.pdf")[2]
    walked_names = re.findall(r"[甲乙丙丁戊己庚辛]街", second)
    assert set(walked_names) <= {"戊街", "己街", "庚街", "辛街"} or set(walked_names) <= {
        "甲街",
        "乙街",
        "丙街",
        "丁街",
    }
    runs = [one for at, one in enumerate(walked_names) if at == 0 or walked_names[at - 1] != one]
    assert 4 <= len(runs) <= 5  # each street once, the first again at the end


def test_the_same_patrol_gives_the_same_bytes(walked: MapData, tmp_path: Path) -> None:
    for name in ("a.pdf", "b.pdf"):
        write_patrol(walked, tmp_path / name)
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_nothing_to_patrol_and_an_unknown_paper_are_said(walked: MapData, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        write_patrol(replace(walked, rounds=walked.rounds.iloc[:0]), tmp_path / "p.pdf")
    with pytest.raises(UnknownName):
        write_patrol(walked, tmp_path / "p.pdf", paper="A9")
    assert not list(tmp_path.iterdir())


def test_the_one_file_map_has_rounds_pieces_and_numbers(walked: MapData) -> None:
    layers = payload(walked, budget=2_000_000)["layers"]
    assert layers["rounds"]["columns"]["sector"] == [1, 2]
    assert all(layers["rounds"]["shapes"])
    assert len(layers["pieces"]["shapes"]) == 2
    numbers = [one for one in layers["stops"]["columns"]["number"] if one is not None]
    assert numbers == [*range(1, 25)] * 2


@pytest.fixture(scope="module")
def reached() -> MapData:
    lines = [shapely.LineString([(X, Y), (X + 300, Y)]), shapely.LineString([(X, Y + 900), (X + 300, Y)])]
    rows = {
        "id": ["villages:v1", "villages:v2"], "unit": ["villages"] * 2, "code": ["v1", "v2"], "name": ["东村", "西村"],
        "facility": ["f1"] * 2, "distance_m": [400.0, 948.7], "air": [False, True], "own": [True, False],
    }  # fmt: skip
    frame = gpd.GeoDataFrame(rows, geometry=lines, crs=sheet_data.CRS)
    return sheet_data.small(reach=frame, summary={"reach_kind": "governance_centre"})


def test_reach_lists_the_farthest_first_and_says_what_is_straight(reached: MapData, tmp_path: Path) -> None:
    assert write_reach(reached, tmp_path / "r.pdf", limit_m=500.0) == 2
    (text,) = texts(tmp_path / "r.pdf")
    assert "综治中心可达距离" in text
    assert text.index("西村") < text.index("东村")
    assert "2 个，有自己的 1 个" in text
    assert "直线（无路可达）" in text
    cells = text.split("\n")
    assert cells[cells.index("超过 500 m") + 1] == "1"
    write_reach(reached, tmp_path / "en.pdf", lang="en")
    assert "Reach of comprehensive governance centres" in texts(tmp_path / "en.pdf")[0]


def test_no_reach_no_sheet(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        write_reach(sheet_data.small(), tmp_path / "r.pdf")


@pytest.mark.parametrize(("lang", "words"), [("zh", ["东环路", "省道、主干路", ""]), ("en", ["东环路", "primary", ""])])
def test_a_road_without_a_name_is_told_by_its_class(lang: str, words: list[str]) -> None:
    lines = [shapely.LineString([(0, 500 * at), (100, 500 * at)]) for at in range(3)]
    rows = {"id": ["a", "b", "c"], "name": ["东环路", None, None], "class": ["residential", "primary", None]}
    roads = gpd.GeoDataFrame(rows, geometry=lines, crs=sheet_data.CRS)
    points = np.array([(50.0, 500.0 * at + 1) for at in range(3)])
    assert list(_road_names(roads, points, lang)) == words


def test_a_table_that_is_whole_does_not_say_how_many_it_leaves_out(walked: MapData, tmp_path: Path) -> None:
    write_patrol(walked, tmp_path / "p.pdf", paper="A1")
    whole, first, _ = texts(tmp_path / "p.pdf")
    assert re.search(r"顺序与道路（\d+ 处）", first)
    assert "各片一圈，一片一色" in whole
