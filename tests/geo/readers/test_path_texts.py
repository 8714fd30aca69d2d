"""Test shapes kept as texts of positions, by hand and against what random shapes are written as."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geo.readers.geodata.drawn_shapes import RINGS_CLOSED
from geo.readers.geodata.path_texts import LATITUDE_FIRST, looks_like_paths, shapes_of_paths
from geo.readers.reading import read_layer

OPEN = [[102.9, 37.5], [102.91, 37.5], [102.91, 37.51]]
AREA = shapely.Polygon(OPEN)


@pytest.mark.parametrize(
    "text",
    [
        "102.9,37.5;102.91,37.5;102.91,37.51",
        "102.9,37.5;102.91,37.5;102.91,37.51;102.9,37.5;",
        "102.9，37.5；102.91，37.5；102.91，37.51",
        " 102.9, 37.5 ; 102.91, 37.5 ; 102.91, 37.51 ",
        "37.5,102.9;37.5,102.91;37.51,102.91",
        json.dumps(OPEN),
        json.dumps([OPEN]),
        json.dumps([[OPEN]]),
        json.dumps([[str(x), str(y)] for x, y in OPEN]),
        json.dumps([{"lng": x, "lat": y} for x, y in OPEN]),
        json.dumps([{"longitude": x, "latitude": y} for x, y in OPEN]),
        json.dumps([f"{x},{y}" for x, y in OPEN]),
    ],
)
def test_every_way_of_writing_a_path_gives_its_area(text: str) -> None:
    assert looks_like_paths([text])
    found = shapes_of_paths([text], ["polygon"])
    assert found.faults == {}
    assert found.shapes[0].equals(AREA)


def test_parts_are_several_areas_and_a_part_within_another_is_its_hole() -> None:
    def square(west: float, side: float) -> str:
        return ";".join(f"{x},{y}" for x, y in shapely.box(west, 37, west + side, 37 + side).exterior.coords)

    inner = ";".join(f"{x},{y}" for x, y in shapely.box(100.2, 37.2, 100.4, 37.4).exterior.coords)
    found = shapes_of_paths([f"{square(100, 1)}|{inner}|{square(105, 2)}"], ["polygon"])
    assert found.shapes[0].area == pytest.approx(1 - 0.04 + 4)
    assert found.closed == []


def test_lines_and_points_are_what_a_layer_of_them_gets() -> None:
    text = ";".join(f"{x},{y}" for x, y in OPEN)
    assert shapes_of_paths([text], ["line"]).shapes[0].equals(shapely.LineString(OPEN))
    assert shapes_of_paths([text], ["point"]).shapes[0].geom_type == "MultiPoint"


@pytest.mark.parametrize(
    "text",
    [
        "102.9,37.5;x,1;3,4",
        "102.9,37.5;102.9,37.5",
        "1e400,2;3,4;5,6",
        "[[1,2],[3]]",
        "[[1,2",
        "[[[[[[[1]]]]]]]",
        "true",
        "102,37;103,1 / 2;103,38",
    ],
)
def test_a_text_that_is_no_path_costs_its_row(text: str) -> None:
    found = shapes_of_paths([text, "102,37;103,37;103,38"], ["polygon"])
    assert set(found.faults) == {0}
    zh, en = found.faults[0].reason.split(" / ")
    assert not zh.isascii()
    assert en.isascii()
    assert found.shapes[1] is not None


@pytest.mark.parametrize(
    "texts", [[], [None], ["东街;西街"], ["1,2"], ["102.9,37.5"], ["3,4,5"], ["a;b"], ["[1,2,3]"], ["[]"]]
)
def test_other_texts_are_not_taken_for_paths(texts: list[str | None]) -> None:
    assert not looks_like_paths(texts)


def test_a_column_of_paths_is_found_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "g.csv"
    path.write_text(
        '编码,名称,电子围栏\n1,甲,"102.9,37.5;102.91,37.5;102.91,37.51"\n2,乙,"37.5,102.9;37.5,102.91;37.51,102.91"\n3,丙,\n'
    )
    reading = read_layer(path, "grids", crs="wgs84")
    assert [one.equals(AREA) for one in reading.frame.geometry] == [True, True]
    assert reading.mapping["wkt"] == "电子围栏"
    assert reading.unused_columns == []
    assert (reading.assumed[RINGS_CLOSED], reading.assumed[LATITUDE_FIRST]) == (2, 1)
    assert [fault.row for fault in reading.rejects] == ["3"]


positions = st.tuples(st.floats(91, 179), st.floats(-89, 89)).map(lambda at: (round(at[0], 6), round(at[1], 6)))


@given(st.lists(positions, min_size=4, max_size=9), st.booleans(), st.booleans())
def test_what_is_written_comes_back(points: list[tuple[float, float]], as_json: bool, swapped: bool) -> None:
    written = [(y, x) if swapped else (x, y) for x, y in points]
    text = json.dumps(written) if as_json else ";".join(f"{x:.6f},{y:.6f}" for x, y in written)
    found = shapes_of_paths([text], ["line"])
    assert list(found.shapes[0].coords) == points
    assert found.swapped == ([0] if swapped else [])


def test_a_path_comes_before_the_numbers_of_a_point_within_it(tmp_path: Path) -> None:
    path = tmp_path / "grids.csv"
    path.write_text('code,lng,lat,范围\ng1,102.905,37.505,"102.9,37.5;102.91,37.5;102.91,37.51"\n', encoding="utf-8")
    result = read_layer(path, "grids", crs="wgs84")
    assert result.frame.geometry.iloc[0].equals(AREA)
    assert (result.mapping["wkt"], result.unused_columns) == ("范围", ["lng", "lat"])


def test_a_pair_in_one_cell_is_no_path(tmp_path: Path) -> None:
    path = tmp_path / "cameras.json"
    path.write_text(
        '[{"id": "c1", "location": [102.9, 37.5]}, {"id": "c2", "location": [102.91, 37.51]}]', encoding="utf-8"
    )
    result = read_layer(path, "cameras", crs="wgs84")
    assert [shape.coords[0] for shape in result.frame.geometry] == [(102.9, 37.5), (102.91, 37.51)]
