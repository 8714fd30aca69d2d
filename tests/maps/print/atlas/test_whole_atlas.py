"""Read atlases back: pages and their labels, outline, links, neighbours, directory, rights, odd shapes, whole files."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pypdf
import pyproj
import pytest
import shapely

from geo.errors import NotFound, UnknownName
from maps.map_data import MapData
from maps.print.atlas.whole_atlas import AtlasReport, write_atlas
from maps.print.fonts import print_font
from maps.print.pdf_canvas import Canvas
from tests.maps.print.atlas.atlas_data import (
    SIDE,
    nine,
    overlapping_characters,
    printed,
    reader,
    townships_of,
)
from tests.maps.print.sheet_data import CRS, MIDDLE, county, small

#: Page -> pages round it, of the county of three rows of three.
ROUND = {1: {2, 4, 5}, 2: {1, 3, 4, 5, 6}, 5: {1, 2, 3, 4, 6, 7, 8, 9}, 9: {5, 6, 8}}


@pytest.fixture(scope="module")
def grids() -> tuple[bytes, AtlasReport]:
    """Return the atlas of the nine grids, printed once."""
    return printed(nine(), by="grids")


@pytest.fixture(scope="module")
def townships() -> tuple[MapData, bytes, AtlasReport]:
    """Return the atlas of a county of 120 crowded grids in six townships, printed once."""
    data = county(120, 6, 900, 600, 9_000.0)
    return data, *printed(data)


def text(file: pypdf.PdfReader, page: int) -> str:
    return file.pages[page].extract_text()


def links(file: pypdf.PdfReader, page: int) -> list[tuple[str, int]]:
    """Return what each link of a page says and the page that it leads to, both counted from 0."""
    numbers = {one.indirect_reference.idnum: at for at, one in enumerate(file.pages)}
    found = [one.get_object() for one in file.pages[page].get("/Annots", ())]
    return [(one["/Contents"], numbers[one["/Dest"][0].idnum]) for one in found]


# ----------------------------------------------------------------------------------------------------- pages


def test_an_atlas_has_a_page_for_each_zone_between_its_front_and_its_directory(grids):
    pdf, report = grids
    file = reader(pdf)
    assert (report.front, len(report.sheets), report.directory, report.pages) == (3, 9, 1, 13)
    assert len(file.pages) == 13
    assert file.page_labels == ["i", "ii", "iii", *(str(at) for at in range(1, 11))]
    for number in range(1, 11):
        assert f"第 {number} 页，共 10 页" in text(file, 2 + number)
    for at, numeral in enumerate(("i", "ii", "iii")):
        assert f"第 {numeral} 页" in text(file, at)


def test_every_map_of_an_atlas_has_a_viewport_that_places_it(grids):
    """The squares of the paper county are on the ground where the corners of the viewports, projected by PROJ, say."""
    file = reader(grids[0])
    maps = [page.get("/VP", []) for page in file.pages]
    assert [len(one) for one in maps] == [1, 0, 1, *[1] * 9, 0], (
        "cover, index and sheets; guide and directory have none"
    )
    county = shapely.unary_union(nine().zones["grids"].to_crs(CRS).geometry.to_numpy())
    for page, scale in zip(range(3, 12), (one.scale for one in grids[1].sheets), strict=True):
        ground, paper_mm = _placed(maps[page][0])
        across, high = ground[2] - ground[0], ground[3] - ground[1]
        # A millimetre of paper is a metre for each thousand of the scale (the printed scale is round).
        assert (across, high) == pytest.approx([side * scale / 1000 for side in paper_mm], rel=1e-6)
        square = nine().zones["grids"].to_crs(CRS).geometry.iloc[page - 3]
        assert shapely.box(*ground).contains(square)
    for page in (0, 2):
        assert shapely.box(*_placed(maps[page][0])[0]).contains(county)


def _placed(viewport: dict) -> tuple[tuple[float, ...], tuple[float, float]]:
    """Return the bounds of a map on the ground, in metres, and its width and height on paper in mm."""
    measure = viewport["/Measure"]
    crs = pyproj.CRS(int(measure["/GCS"]["/EPSG"]))
    lat, lon = np.array(measure["/GPTS"], float).reshape(-1, 2).T
    x, y = pyproj.Transformer.from_crs(crs.geodetic_crs, CRS, always_xy=True).transform(lon, lat)
    left, bottom, right, top = np.array(viewport["/BBox"], float) * 25.4 / 72
    return (x.min(), y.min(), x.max(), y.max()), (right - left, top - bottom)


def test_the_cover_tells_what_the_atlas_is_of_and_has_its_contents(grids):
    pdf, _report = grids
    file, facts = reader(pdf), nine().meta
    cover = text(file, 0)
    for word in (
        facts.title_zh,
        facts.title_en,
        "图册",
        "按网格分图，共 9 张",
        facts.data_date,
        "2026-08-20",
        facts.run_id,
    ):
        assert word in cover
    for told in ("怎样看这本图册", "图纸索引", "网格名录", "南镇", "5号网格", "1:4,000"):
        assert told in cover
    assert file.metadata.title.endswith("图册")
    assert file.trailer["/Root"]["/Lang"] == "zh-CN"


def test_the_outline_leads_to_every_page(grids):
    pdf, _report = grids
    file = reader(pdf)

    def flat(entries: list) -> list[tuple[str, int]]:
        return [
            one
            for entry in entries
            for one in (
                flat(entry) if isinstance(entry, list) else [(entry.title, file.get_destination_page_number(entry))]
            )
        ]

    found = flat(file.outline)
    assert found[:4] == [("封面", 0), ("怎样看这本图册", 1), ("图纸索引", 2), ("图纸", 3)]
    assert found[-1] == ("网格名录", 12)
    assert [one for one in found if one[0] in ("南镇", "中镇", "北镇")] == [("南镇", 3), ("中镇", 6), ("北镇", 9)]
    assert [(f"{at}　{at}号网格", 2 + at) in found for at in range(1, 10)] == [True] * 9


def test_every_link_leads_where_it_says(grids):
    pdf, report = grids
    file = reader(pdf)
    cover = dict(links(file, 0))
    assert cover["ii"] == 1
    assert cover["iii"] == 2
    assert cover["10"] == 12
    assert [cover[str(at)] for at in range(1, 10)] == list(range(3, 12))
    assert dict(links(file, 2)) == {f"第{at}页": 2 + at for at in range(1, 10)}, "the index, on its map"
    codes = {one.code: one.page for one in report.sheets}
    directory = dict(links(file, 12))
    assert {code: 2 + page for code, page in codes.items()}.items() <= directory.items()
    for page in range(1, len(file.pages)):
        if page != 2:
            assert ("到图纸索引", 2) in links(file, page)


@pytest.mark.parametrize("page", ROUND)
def test_a_sheet_names_the_sheets_round_it_with_their_pages(grids, page):
    pdf, _report = grids
    file = reader(pdf)
    at_edges = {(told, to) for told, to in links(file, 2 + page) if told.startswith("第")}
    assert at_edges == {(f"第{other}页", 2 + other) for other in ROUND[page]}
    assert {int(one) for one in re.findall(r"号网格 第(\d+)页", text(file, 2 + page))} == ROUND[page]


def test_names_of_neighbours_stand_on_their_side(grids):
    """North up: 8 above 5, 4 at its left, 9 at the right above."""
    pdf, _report = grids
    file = reader(pdf)
    numbers = {one.indirect_reference.idnum: at for at, one in enumerate(file.pages)}
    page = file.pages[7]
    places = {}
    for one in (one.get_object() for one in page["/Annots"]):
        left, bottom, right, top = map(float, one["/Rect"])
        places[numbers[one["/Dest"][0].idnum] - 2] = ((left + right) / 2, (bottom + top) / 2)
    assert places[7][0] < places[8][0] < places[9][0]
    assert places[4][0] < places[6][0]
    assert places[7][1] > places[4][1] > places[1][1]
    assert places[8][1] > places[2][1]


def test_the_directory_is_the_table_of_the_grids(grids):
    pdf, report = grids
    assert report.grids == 9
    said = text(reader(pdf), 12)
    for at, code in enumerate(sorted(nine().zones["grids"].code), 1):
        row = said[said.index(code) :].split("\n")[:5]
        assert row[:4] == [code, f"{at}号网格", f"{at}村", str(at)]
        assert re.fullmatch("[A-H][1-8]", row[4].strip())


def test_squares_of_the_directory_are_those_of_the_sheet(townships):
    """The code of a grid that fits whole into it stands in the square that the directory names, or beside it."""
    data, pdf, report = townships
    file = reader(pdf)
    assert report.grids == len(data.zones["grids"]) == 120
    listed = re.findall(
        r"(\d{15})\n(\S+)\n(\S+)\n(\d+)\n([A-H]\d)", "".join(text(file, at) for at in range(9, report.pages))
    )
    assert sorted(one[0] for one in listed) == sorted(data.zones["grids"].code)
    names = data.zones["grids"].set_index("code")["name"]
    pages = {one.code: one.page for one in report.sheets}
    for code, name, _village, page, _square in listed:
        assert (name, int(page)) == (names[code], pages[code[:9]])
    assert len({one[4] for one in listed}) > 10


# ----------------------------------------------------------------------------------------------------- sheets


def test_sheets_by_township_have_their_own_scale_tables_and_figures(townships):
    data, pdf, report = townships
    file = reader(pdf)
    assert [one.code for one in report.sheets] == sorted(data.zones["townships"].code)
    for sheet in report.sheets:
        said = text(file, report.front + sheet.page - 1)
        for word in (
            f"1:{sheet.scale:,}",
            f"{sheet.name} {sheet.code}",
            "主要指标",
            "主要盲区",
            "摄像机点位（",
            "相邻：",
        ):
            assert word in said
    assert [one.page for one in report.sheets] == list(range(1, 7))


def test_a_table_of_sites_without_room_is_said():
    pdf, report = printed(small(), paper="A4-landscape")
    said = text(reader(pdf), report.front)
    assert "摄像机点位（" not in said
    assert re.search(r"\d+ 处摄像机点位的表放不下", said)


def test_text_boxes_do_not_overlap(townships, grids):
    _data, pdf, report = townships
    for page in (0, 1, 2, 4, report.pages - 1):
        assert overlapping_characters(pdf, page) == []
    english, _report = printed(small(), paper="A4-portrait", lang="en")
    for page in range(5):
        assert overlapping_characters(english, page) == []
    assert overlapping_characters(grids[0], 7) == []


def test_overlapping_characters_are_seen():
    canvas, out = Canvas(50, 50, print_font()), io.BytesIO()
    canvas.text(10, 10, "网格", 12)
    canvas.text(11, 10.5, "道路", 12)
    canvas.write(out, info={}, made=None, lang="zh-CN")
    assert overlapping_characters(out.getvalue(), 0)


def test_rows_of_the_index_lead_to_their_sheets(townships):
    """Each sheet is led to twice: from its zone on the map, and from its row beside it."""
    _data, pdf, report = townships
    found = links(reader(pdf), report.front - 1)
    for sheet in report.sheets:
        assert found.count((f"第{sheet.page}页", report.front + sheet.page - 1)) == 2


def test_an_english_atlas_has_english_words():
    pdf, report = printed(nine(), by="villages", lang="en")
    file = reader(pdf)
    said = " ".join(" ".join(text(file, at).split()) for at in range(len(file.pages)))
    for word in ("Atlas", "How to read this atlas", "Index of sheets", "One sheet for each village: 9", "p. 4",
                 "page 1 of 10", "Directory of grids", "Adjoining:"):  # fmt: skip
        assert word in said
    assert next(one.title for one in file.outline if not isinstance(one, list)) == "Cover"
    assert report.by == "villages"


def test_a_title_and_layers_that_were_chosen():
    pdf, report = printed(nine(), title="春季核查", layers=("gaps",))
    file = reader(pdf)
    cover, sheet = text(file, 0), text(file, report.front)
    assert cover.index("春季核查") < cover.index("古浪县公共区域")
    assert file.metadata.title.startswith("春季核查")
    assert "春季核查" in sheet
    assert "按选择未画" in sheet
    assert "按选择未画" not in text(reader(printed(nine())[0]), report.front)


def test_a_zone_or_townships_alone():
    data = nine()
    _pdf, middle = printed(data, by="grids", zone="中镇")
    assert [one.name for one in middle.sheets] == ["4号网格", "5号网格", "6号网格"]
    pdf, scoped = printed(replace(data, partial="townships"), townships=frozenset({"620622100"}))
    assert [one.name for one in scoped.sheets] == ["南镇"]
    assert scoped.grids == 3
    file = reader(pdf)
    assert "本册只含您有权查看的镇街：1 张图纸" in "".join(text(file, 0).split("\n"))
    assert "中镇" not in text(file, 0) + text(file, 2)
    assert "中镇 第" not in text(file, 3), "a neighbour without a sheet has no page"
    assert "620622101200001" not in text(file, 4)


def test_the_atlas_of_a_whole_has_no_note_of_a_part(grids):
    assert "本册只含" not in text(reader(grids[0]), 0)


def test_where_a_gap_is_a_sheet_tells_by_the_whole_county():
    """A school two grids away is nearer than 3 km, and is told of on the sheet of each grid, not of its own alone."""
    data = nine()
    x, y = MIDDLE
    school = gpd.GeoDataFrame(
        {"name": ["一小"], "source": [None]}, geometry=[shapely.Point(x + 2_800, y + 500)], crs=CRS
    )
    pdf, report = printed(replace(data, reference={"places": school}), by="grids")
    file = reader(pdf)
    # the gaps of grids 1 to 3 lie 700, 1,700 and 2,700 m east of the corner, 10 m across and up to their middle
    for page, words in enumerate(("一小西2.1公里", "一小西1.1公里", "一小西90米")):
        assert words in text(file, report.front + page)


# ----------------------------------------------------------------------------------------------------- odd shapes


def test_townships_of_every_shape_have_a_sheet():
    """An L, one with a hole and what lies in it, one of three islands, and a grid 30 m wide."""
    x, y = MIDDLE

    def box(west: float, south: float, east: float, north: float) -> shapely.Geometry:
        return shapely.box(x + west * SIDE, y + south * SIDE, x + east * SIDE, y + north * SIDE)

    hole = box(4, 1, 5, 2)
    shapes = {
        "弯镇": shapely.union(box(0, 0, 1, 3), box(1, 0, 3, 1)),
        "环镇": shapely.difference(box(3, 0, 6, 3), hole),
        "心镇": hole,
        "岛镇": shapely.union_all([box(7, 0, 8, 1), box(9, 2, 9.5, 3), box(9, 0, 9.2, 0.2)]),
        "小镇": shapely.box(x - 30, y, x, y + 30),
    }
    data = townships_of(shapes)
    for by in ("townships", "grids"):
        pdf, report = printed(data, by=by, paper="A4")
        assert [one.name for one in report.sheets] == list(shapes)
        file = reader(pdf)
        assert {to for told, to in links(file, report.front + 2) if told.startswith("第")} == {report.front + 1}
        assert ("第3页", report.front + 2) in links(file, report.front + 1)
        assert [one.scale for one in report.sheets][-1] == 200
        assert overlapping_characters(pdf, report.front + 1) == []


def test_zones_without_names_and_townships_are_known_by_their_codes():
    data = nine()
    bare = {"grids": data.zones["grids"][["code", "geometry"]]}
    pdf, report = printed(replace(data, zones=bare), by="grids")
    assert report.sheets[0].name == data.zones["grids"].code[0]
    assert "620622100200001 第1页" in text(reader(pdf), report.front + 1)


def test_many_sheets_have_contents_of_several_pages():
    data = county(60, 2, 10, 10, 2_000.0)
    pdf, report = printed(data, by="grids", paper="A4", zone="古浪镇")
    file = reader(pdf)
    assert report.front > 3
    assert len(file.pages) == report.pages
    assert file.page_labels[report.front] == "1"
    contents = [one for page in range(report.front - 2) for one in links(file, page)]
    assert {to for told, to in contents if told.isdigit()} >= {report.front + at for at in range(len(report.sheets))}


# ----------------------------------------------------------------------------------------------------- files


def test_same_data_give_the_same_bytes(grids):
    assert printed(nine(), by="grids")[0] == grids[0]


def test_progress_counts_every_page():
    told: list[tuple[int, int]] = []
    _pdf, report = printed(nine(), progress=lambda done, of: told.append((done, of)))
    assert told == [(at, report.pages) for at in range(1, report.pages + 1)]
    assert all(a[0] < b[0] for a, b in pairwise(told))


def test_an_atlas_that_is_stopped_leaves_no_file(tmp_path):
    def stop(done: int, _of: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    (tmp_path / "图册.pdf").write_bytes(b"old")
    with pytest.raises(KeyboardInterrupt):
        write_atlas(nine(), tmp_path / "图册.pdf", progress=stop)
    assert [one.name for one in tmp_path.iterdir()] == ["图册.pdf"]
    assert (tmp_path / "图册.pdf").read_bytes() == b"old"
    write_atlas(nine(), tmp_path / "图册.pdf")
    assert (tmp_path / "图册.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("options", "error", "said"),
    [
        ({"by": "streets"}, UnknownName, "no atlas has sheets by streets; there are townships, villages, grids"),
        ({"paper": "B5"}, UnknownName, "no paper B5"),
        ({"zone": "无此镇"}, NotFound, "no zone"),
        ({"townships": frozenset()}, NotFound, "there are no townships in what was chosen"),
        ({"townships": frozenset({"999999999"})}, NotFound, "no townships in what was chosen"),
    ],
)
def test_what_cannot_be_printed_is_said_and_leaves_no_file(tmp_path, options, error, said):
    with pytest.raises(error) as caught:
        write_atlas(nine(), tmp_path / "a.pdf", **options)
    assert said in caught.value.en
    assert list(tmp_path.iterdir()) == []


def test_an_atlas_of_nothing_is_refused(tmp_path):
    data = nine()
    empty = {name: frame.iloc[:0] for name, frame in data.zones.items()}
    for zones in ({}, empty, {"all": data.zones["all"]}):
        with pytest.raises(NotFound) as caught:
            write_atlas(replace(data, zones=zones), tmp_path / "a.pdf")
        assert "the run has no townships" in caught.value.en
    assert list(tmp_path.iterdir()) == []
