"""Read printed sheets back: size, true scale, searchable names and codes, no overlaps, honest counts and notes."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from itertools import combinations

import geopandas as gpd
import numpy as np
import pypdf
import pypdfium2 as pdfium
import pytest
import shapely

from geo.catalog.palette import SHEET
from geo.errors import AmbiguousName, NotFound, UnknownName
from maps.map_data import MapData, with_drawn_zone
from maps.print.fonts import print_font
from maps.print.map_body import views_of
from maps.print.page_layout import PAPERS, choose_layout, paper_choices
from maps.print.panel import PanelContext
from maps.print.pdf_canvas import Canvas
from maps.print.sheet import SheetReport, write_sheet
from maps.print.sheet_content import STATUSES, sheet_content
from maps.print.sheet_notes import fitting_lines
from maps.print.site_symbols import draw_sites
from maps.style.coverage_classes import coverage_class
from tests.maps.print.sheet_data import CRS, MIDDLE, county, meta, small


def printed(data: MapData, **options) -> tuple[bytes, SheetReport]:
    out = io.BytesIO()
    report = write_sheet(data, out, **options)
    return out.getvalue(), report


def texts(data: bytes) -> tuple[str, str]:
    """Return the text as pypdf and as pdfium read it."""
    document = pdfium.PdfDocument(data)
    try:
        seen = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    return pypdf.PdfReader(io.BytesIO(data), strict=True).pages[0].extract_text(), seen


def empty_frame(**columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({name: [] for name in columns}, geometry=[], crs=CRS)


@pytest.fixture(scope="module")
def whole() -> tuple[MapData, bytes, SheetReport]:
    """Return the sheet of a county of 120 crowded grids, printed once."""
    data = county(120, 6, 900, 600, 9_000.0)
    return data, *printed(data)


# ----------------------------------------------------------------------------------------------------- page, scale


@pytest.mark.parametrize("name", [*PAPERS, "A3-portrait", "A4-landscape"])
def test_page_has_the_size_of_its_paper(name):
    data, report = printed(small(), paper=name)
    box = pypdf.PdfReader(io.BytesIO(data)).pages[0].mediabox
    short, long = PAPERS[name[:2]]
    size = (float(box.width) * 25.4 / 72, float(box.height) * 25.4 / 72)
    assert sorted(size) == pytest.approx([short, long], abs=0.01)
    assert size == pytest.approx((report.width_mm, report.height_mm), abs=0.01)
    assert report.paper.startswith(name)
    assert f"1:{report.scale:,}" in texts(data)[0]


def test_known_distances_measure_true_on_paper():
    """Two squares 30 km east and 40 km north of each other are 50 km apart on the ground."""
    corners = MIDDLE + np.array([[0, 0], [30_000, 40_000]])
    zones = gpd.GeoDataFrame(
        {"code": ["a", "b"], "name": ["甲", "乙"], "sure_share": [0.9, 0.1]},
        geometry=[shapely.box(x, y, x + 5_000, y + 5_000) for x, y in corners],
        crs=CRS,
    )
    data, report = printed(small(zones={"grids": zones}, gaps=empty_frame(), cameras=empty_frame(id=0)))
    # Zones are drawn in file units of 0.01 mm, so their corners can be read from the page as they stand.
    content = pypdf.PdfReader(io.BytesIO(data)).pages[0].get_contents().get_data().decode("latin-1")
    found = {}
    for colour, path in re.findall(r"([\d.]+ [\d.]+ [\d.]+) rg\s+((?:\d+ \d+ [ml]\s+){4}h)\s+f\b", content):
        points = np.array(re.findall(r"(\d+) (\d+) [ml]", path), dtype=float) / 100
        found[colour] = points
    side = 5_000 * 1000 / report.scale
    squares = [points for points in found.values() if np.ptp(points, axis=0) == pytest.approx([side, side], abs=0.02)]
    assert len(squares) == 2
    a, b = (points.min(axis=0) for points in squares)
    assert abs(b - a) == pytest.approx([30_000_000 / report.scale, 40_000_000 / report.scale], abs=0.02)
    assert np.hypot(*(b - a)) * report.scale / 1000 == pytest.approx(50_000, abs=0.03 * report.scale / 1000)


def test_scale_bar_measures_what_it_says(whole):
    _data, pdf, report = whole
    content = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].get_contents().get_data().decode("latin-1")
    boxes = [tuple(map(int, one)) for one in re.findall(r"(\d+) (\d+) (\d+) (\d+) re", content)]
    # Four blocks side by side, 1.5 mm high.
    bars = [box for box in boxes if box[3] == 150 and sum(other[1:] == box[1:] for other in boxes) == 4]
    assert len(bars) == 4
    step = bars[0][2] / 100 * report.scale / 1000
    assert any(f"\n{4 * round(step) / divisor:g}\n" in texts(pdf)[0].replace(" ", "\n") for divisor in (1, 1000))
    assert step == pytest.approx(round(step / 5) * 5, rel=1e-3)


# ----------------------------------------------------------------------------------------------------- text


def test_every_code_and_name_placed_is_found_whole(whole):
    data, pdf, report = whole
    for text in texts(pdf):
        for one in report.labels:
            kind, _, key = one.key.partition(":")
            assert (key if kind == "code" else one.text) in text
        assert data.meta.title_zh in text
        assert data.meta.title_en in text
        for word in ("图例", "主要盲区", "A3 原图尺寸", "密级", "审图号", "EPSG:4543", data.meta.run_id, "2026-08-18"):
            assert word in text
    codes = {one.key.removeprefix("code:") for one in report.labels if one.key.startswith("code:")}
    assert codes <= set(data.zones["grids"].code)
    names = {one.text for one in report.labels if one.key.startswith("name:")}
    assert names == set(data.zones["townships"].name)


def test_what_does_not_fit_is_said(whole):
    data, pdf, report = whole
    placed = sum(one.key.startswith("code:") for one in report.labels)
    left = len(data.zones["grids"]) - placed
    assert f"网格代码标注 {placed} 个，因位置不足省略 {left} 个。" in report.notes
    assert len(report.left_out) >= left
    assert str(left) in texts(pdf)[0]


def test_no_two_labels_overlap(whole):
    _data, _pdf, report = whole
    assert len(report.labels) > 60
    for a, b in combinations(report.labels, 2):
        apart = a.box[2] <= b.box[0] or b.box[2] <= a.box[0] or a.box[3] <= b.box[1] or b.box[3] <= a.box[1]
        assert apart, (a, b)


def test_glyphs_stay_in_their_boxes(whole):
    """The boxes of characters as pdfium draws them overlap no label but their own."""
    _data, pdf, report = whole
    document = pdfium.PdfDocument(pdf)
    try:
        page = document[0].get_textpage()
        glyphs = np.array([page.get_charbox(at) for at in range(page.count_chars())]) * 25.4 / 72
    finally:
        document.close()
    middles = (glyphs[:, :2] + glyphs[:, 2:]) / 2
    for one in report.labels:
        left, bottom, right, top = one.box
        within = ((middles > (left, bottom)) & (middles < (right, top))).all(axis=1)
        if one.key.startswith(("code:", "name:")):
            visible = within & (glyphs[:, 2] - glyphs[:, 0] > 0.25 * one.size * 25.4 / 72)
            assert visible.sum() == len(one.text)
            spare = 0.12  # half a stroke of the thickened names
            assert (glyphs[visible] >= np.array([left, bottom, left, bottom]) - spare).all()
            assert (glyphs[visible] <= np.array([right, top, right, top]) + spare).all()


def test_type_is_never_below_five_points():
    for paper in ("A4", "A3"):
        _pdf, report = printed(small(), paper=paper)
        assert min(one.size for one in report.labels) >= 5


def test_english_sheet_has_english_words_and_both_titles():
    pdf, report = printed(small(), lang="en")
    text = texts(pdf)[0]
    for word in (
        "Legend",
        "Worst gaps",
        "Grid north",
        "Convergence",
        "at A3 original size",
        "古浪县公共区域视频覆盖与网格图",
    ):
        assert word in text
    assert "图例" not in text
    assert any("left out for want of room" in note for note in report.notes)
    assert pypdf.PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Lang"] == "en"


def test_document_facts_and_bookmarks(whole):
    _data, pdf, _report = whole
    reader = pypdf.PdfReader(io.BytesIO(pdf), strict=True)
    facts = reader.metadata
    assert facts.title.startswith("古浪县公共区域视频覆盖与网格图")
    assert facts.author == "Gridsight"
    assert "EPSG:4543" in facts.subject
    assert "iec62676-4:2014" in facts.keywords
    assert facts.creation_date.isoformat().startswith("2026-08-20T00:30")  # 08:30 in Beijing
    assert [one.title for one in reader.outline][1:] == ["主要指标", "图例", "盲区"]


# ----------------------------------------------------------------------------------------------------- counts


def test_legend_counts_equal_the_data(whole):
    data, _pdf, report = whole
    codes = coverage_class(data.zones["grids"].sure_share)
    assert {key: count for key, count in report.legend.items() if key.startswith("class:")} == {
        f"class:{code}": int((codes == code).sum()) for code in np.unique(codes)
    }
    cameras = data.cameras
    best_first = ["online", "offline", "unknown", "planned"]  # what stands, before what is planned
    sites = cameras.groupby("site", sort=False).agg(
        kind=("class", "first"), status=("status", lambda rows: min(rows, key=best_first.index))
    )
    first = cameras.drop_duplicates("site").set_index("site")["class"]
    sites["kind"] = [f"{first[site]:.0f}" if first[site] > 0 else "none" for site in sites.index]  # B4: the first row's
    expected = sites.groupby(["kind", "status"]).size()
    assert {key: count for key, count in report.legend.items() if key.startswith("site:")} == {
        f"site:{kind}:{status}": int(count) for (kind, status), count in expected.items()
    }
    assert report.legend["gaps"] == len(data.gaps)


@pytest.mark.parametrize(("lang", "words"), [("zh", "状态未知"), ("en", "status unknown")])
def test_sites_of_unknown_status_are_named_where_there_are_any(lang, words):
    data = small()
    known = replace(data, cameras=data.cameras.assign(status="online"))
    status = np.where(data.cameras.site == data.cameras.site.iloc[0], "unknown", "online")
    pdf, report = printed(replace(data, cameras=data.cameras.assign(status=status)), lang=lang)
    assert sum(count for key, count in report.legend.items() if key.endswith(":unknown")) == 1
    assert words in texts(pdf)[0]
    assert words not in texts(printed(known, lang=lang)[0])[0]


def test_a_site_of_unknown_status_is_half_filled_in_grey_too():
    """Look at the four symbols of a class as a grey picture, 24 px wide: dark below and light above is only one."""
    halves = {}
    for status in STATUSES:
        canvas = Canvas(20.0, 20.0, print_font())
        draw_sites(canvas, np.array([[10.0, 10.0]]), "1", status, 6.0, 1.0)
        out = io.BytesIO()
        canvas.write(out, info={}, made=None, lang="en")
        document = pdfium.PdfDocument(out.getvalue())
        grey = document[0].render(scale=4 * 72 / 25.4 / 2.834645).to_pil().convert("L")
        document.close()
        middle = grey.width / 2
        halves[status] = [grey.getpixel((middle, middle + turn * grey.width / 12)) > 128 for turn in (-1, 1)]
    assert halves == {
        "online": [False, False],
        "offline": [True, True],
        "planned": [True, True],
        "unknown": [True, False],
    }


@pytest.mark.parametrize("name", ["possible", "views"])
def test_views_of_cameras_that_do_not_count_are_not_drawn(name):
    """U1, U6: what cameras of unknown status may see is possible; offline and planned ones add nothing."""
    views = gpd.GeoDataFrame(
        {"id": list("abcd"), "status": list(STATUSES)}, geometry=[shapely.box(0, 0, 1, 1)] * 4, crs=CRS
    )
    wanted = ["online", "unknown"] if name == "possible" else ["online"]
    cameras = views[["id", "status", "geometry"]]
    for given, known in ((views, None), (views.drop(columns="status"), cameras)):
        drawn = views_of(tuple(wanted), given, known)
        assert [STATUSES["abcd".index(one)] for one in drawn.id] == wanted


def test_gap_table_has_the_worst_with_their_numbers_on_the_map(whole):
    data, pdf, report = whole
    text = texts(pdf)[0]
    assert report.gaps_listed >= 15
    for row in data.gaps.head(report.gaps_listed).itertuples():
        assert row.grid in text
        assert f"{row.area_m2:,.0f}" in text
        assert row.camera in text
    numbers = [one.text for one in report.labels if one.key.startswith("gap:")]
    left = [text for text in report.left_out if text.isdigit() and len(text) < 3]
    assert sorted(map(int, numbers + left)) == list(range(1, report.gaps_listed + 1))


# ----------------------------------------------------------------------------------------------------- zones


@pytest.mark.parametrize("layer", ["townships", "villages", "grids"])
def test_zone_sheet_shows_its_own_and_greys_the_rest(layer):
    data = small()
    row = data.zones[layer].iloc[0]
    pdf, report = printed(data, zone=row.code)
    text = texts(pdf)[0]
    assert f"{row['name']} {row.code}" in text
    own = data.zones["grids"][data.zones["grids"].code.str.startswith(row.code)]
    assert sum(count for key, count in report.legend.items() if key.startswith("class:")) in (0, len(own))
    inside = shapely.intersects_xy(row.geometry, *shapely.get_coordinates(data.cameras.geometry).T)
    sites = data.cameras[data.cameras.site.isin(data.cameras.site[inside])]
    shown = sum(count for key, count in report.legend.items() if key.startswith("site:"))
    assert shown <= sites.site.nunique()
    assert report.legend["gaps"] == data.gaps.grid.isin(own.code).sum()
    placed = {one.key for one in report.labels if one.key.startswith("code:")}
    assert placed <= {f"code:{code}" for code in own.code}
    assert report.scale < printed(data)[1].scale
    assert any(note.startswith("相邻：") for note in report.notes)


def test_a_zone_is_printed_by_its_name_as_by_its_code():
    data = small()
    row = data.zones["townships"].iloc[1]
    assert printed(data, zone=row["name"])[0] == printed(data, zone=row.code)[0]
    assert printed(data, zone=row.code)[1].legend["gaps"] == data.gaps.grid.str.startswith(row.code).sum()


def test_a_name_of_several_zones_is_refused_with_all_of_them():
    data = small()
    villages = data.zones["villages"].assign(name="同名村")
    with pytest.raises(AmbiguousName, match=f"villages:{villages.code.iloc[0]}"):
        printed(replace(data, zones={**data.zones, "villages": villages}), zone="同名村")


def test_unknown_zone_is_not_found_and_writes_nothing(tmp_path):
    with pytest.raises(NotFound, match="no-such"):
        write_sheet(small(), tmp_path / "sheet.pdf", zone="no-such")
    assert list(tmp_path.iterdir()) == []


def test_unknown_paper_is_refused():
    with pytest.raises(UnknownName):
        printed(small(), paper="B5")


# ----------------------------------------------------------------------------------------------------- odd data


def test_missing_glyph_is_named_on_the_sheet_and_in_the_report():
    zones = dict(small().zones)
    zones["townships"] = zones["townships"].assign(name=["𡒄村镇", *zones["townships"].name[1:]])
    pdf, report = printed(small(zones=zones))
    assert report.missing == ("𡒄",)
    note = next(note for note in report.notes if "U+21484 CJK UNIFIED IDEOGRAPH-21484" in note)
    assert print_font().missing([note]) == [], "a reader sees every letter of it"
    assert "U+21484" in texts(pdf)[0]


def test_names_in_hangul_thai_arabic_and_with_accents_are_printed_and_found():
    names = ["평양동거리", "ถนนสุขุมวิท", "Łódź Đường"]
    zones = {**small().zones, "townships": small().zones["townships"].assign(name=names)}
    pdf, report = printed(small(zones=zones, meta=meta(title_zh="شارع 12")))
    assert report.missing == ()
    for text in texts(pdf):
        assert all(name in text for name in names if name not in report.left_out)
    content = pypdf.PdfReader(io.BytesIO(pdf)).pages[0].get_contents().get_data()
    assert f"/ActualText <FEFF{'شارع 12'.encode('utf-16-be').hex().upper()}>".encode() in content


@pytest.mark.parametrize(
    "changes",
    [
        {"gaps": empty_frame(rank=0, grid=0)},
        {"cameras": empty_frame(id=0, site=0)},
        {"zones": {}},
        {"zones": {"grids": empty_frame(code=0, name=0)}},
        {"summary": {}},
        {"gaps": empty_frame(), "cameras": empty_frame()},
    ],
    ids=["no gaps", "no cameras", "no zones", "empty zones", "no summary", "bare frames"],
)
def test_absent_parts_leave_a_valid_sheet(changes):
    pdf, report = printed(small(**changes))
    assert report.scale >= 1_000
    assert "古浪县公共区域视频覆盖与网格图" in texts(pdf)[0]


def test_nothing_at_all_is_still_a_sheet():
    pdf, _report = printed(small(zones={}, gaps=empty_frame(), cameras=empty_frame(id=0), summary={}))
    assert "没有可绘制的内容" in texts(pdf)[0]


def test_all_texts_empty():
    keys = ("title_zh", "title_en", "made", "data_date", "crs", "run_id", "level", "edition", "domain", "source")
    facts = meta(**dict.fromkeys(keys, ""))
    pdf, _report = printed(small(meta=facts))
    assert pypdf.PdfReader(io.BytesIO(pdf), strict=True).pages


@pytest.mark.parametrize("name", ["$x^2$ \\alpha", "(a) <b> & %d %s", "}{|~`", "一\n二\t三", "a" * 300, "𝒳"])
def test_names_with_odd_characters(name):
    data = small()
    zones = {layer: frame.assign(name=name) for layer, frame in data.zones.items()}
    cameras = data.cameras.assign(site=name, id=[f"{name}{at}" for at in range(len(data.cameras))])
    facts = meta(title_zh=name, title_en=name)
    pdf, report = printed(small(zones=zones, cameras=cameras, meta=facts))
    assert report.legend["gaps"] == 40
    assert pypdf.PdfReader(io.BytesIO(pdf), strict=True).pages[0].extract_text()


def test_frames_in_degrees_print_as_those_in_metres():
    data = small()
    moved = {name: frame.to_crs(4326) for name, frame in data.zones.items()}
    degrees = replace(data, zones=moved, gaps=data.gaps.to_crs(4326), cameras=data.cameras.to_crs(4326))
    _pdf, a = printed(data)
    _pdf, b = printed(degrees)
    assert (a.scale, a.crs, a.legend) == (b.scale, b.crs, b.legend)
    assert [one.key for one in a.labels] == [one.key for one in b.labels]
    assert np.allclose([one.box for one in a.labels], [one.box for one in b.labels], atol=0.3)


def test_missing_columns_take_their_defaults():
    data = small()
    cameras = data.cameras[["geometry"]]
    gaps = data.gaps[["geometry"]]
    zones = {"grids": data.zones["grids"][["code", "geometry"]]}
    _pdf, report = printed(small(cameras=cameras, gaps=gaps, zones=zones), paper="A4")
    assert report.legend == {"class:-1": 24, "site:none:online": len(cameras), "gaps": 40}


def test_gaps_of_demand_points_and_lines():
    data = small()
    points = data.gaps.set_geometry(data.gaps.representative_point())
    lines = data.gaps.set_geometry(data.gaps.boundary)
    for frame in (points, lines):
        _pdf, report = printed(small(gaps=frame.assign(area_m2=np.nan)))
        assert report.legend["gaps"] == 40


def test_detail_sheet_draws_views_buildings_and_roads():
    middle = gpd.GeoSeries.from_xy([MIDDLE[0]], [MIDDLE[1]], crs=CRS)
    row = {"code": ["all"], "name": ["全域"], "sure_share": [0.4]}
    zones = {"all": gpd.GeoDataFrame(row, geometry=middle.buffer(400), crs=CRS)}
    cameras = gpd.GeoDataFrame({"id": ["a"], "azimuth": [90.0], "class": [1]}, geometry=middle, crs=CRS)
    disc = gpd.GeoDataFrame({"id": ["a"], "k": [1]}, geometry=middle.buffer(60), crs=CRS)
    streets = shapely.linestrings(MIDDLE + np.array([[[-300, -300], [300, 300]], [[-300, 0], [300, 0]]]))
    reference = {
        "roads": gpd.GeoDataFrame({"width": [8.0, None]}, geometry=list(streets), crs=CRS),
        "obstacles": gpd.GeoDataFrame({"id": ["b"]}, geometry=middle.translate(90).buffer(20), crs=CRS),
    }
    gaps = gpd.GeoDataFrame({"rank": [1], "grid": ["all"]}, geometry=middle.translate(50).buffer(20), crs=CRS)
    data = MapData(meta(), zones, gaps, cameras, views=disc, possible=disc, coverage=disc, reference=reference)
    pdf, report = printed(data)
    assert report.scale <= 5_000
    text = texts(pdf)[0]
    for word in ("确定覆盖：1 个点位", "仅可能", "道路", "建筑"):
        assert word in text
    assert text.count("仅可能") == 2, "in the legend, and beside the bar of shares"
    assert texts(printed(replace(data, gaps=empty_frame()))[0])[0].count("仅可能") == 1
    assert "确定覆盖：1 个点位" not in texts(printed(replace(data, coverage=None, views=None))[0])[0]


def test_possible_ground_is_painted_inside_the_domain_only():
    """A street of 400 m by 40 m, of which a possible view of 150 m in radius has the middle: nothing off the street."""
    x, y = MIDDLE
    row = {"code": ["all"], "name": ["全域"], "sure_share": [0.0]}
    zone = gpd.GeoDataFrame(row, geometry=[shapely.box(x - 200, y - 200, x + 200, y + 200)], crs=CRS)
    street = gpd.GeoDataFrame({"rank": [1]}, geometry=[shapely.box(x - 200, y - 20, x + 200, y + 20)], crs=CRS)
    cameras = gpd.GeoDataFrame({"id": ["a"], "class": [1]}, geometry=[shapely.Point(x, y)], crs=CRS)
    disc = gpd.GeoDataFrame({"id": ["a"]}, geometry=cameras.buffer(150), crs=CRS)
    data = MapData(meta(), {"all": zone}, street, cameras, views=disc.iloc[:0], possible=disc)

    def painted(given: MapData) -> np.ndarray:
        page = pdfium.PdfDocument(printed(given)[0])[0]
        return page.render(scale=2).to_numpy()[..., :3].astype(int)

    changed = np.argwhere(np.abs(painted(data) - painted(replace(data, possible=None))).sum(axis=2) > 3)
    scale = printed(data)[1].scale
    pixel_m = 25.4 / 72 / 2 * scale / 1000
    # The legend, too, has an entry more: what lies outside the map is left away.
    room = choose_layout((x - 200, y - 200, x + 200, y + 200), paper_choices("A3"))[0].map
    pixels = np.array([room.x, room.right]) * 2 * 72 / 25.4
    on_map = changed[(changed[:, 1] > pixels[0]) & (changed[:, 1] < pixels[1])]
    assert len(on_map)
    assert np.ptp(on_map[:, 0]) * pixel_m == pytest.approx(40, abs=2 * pixel_m)
    assert np.ptp(on_map[:, 1]) * pixel_m == pytest.approx(300, abs=3 * pixel_m)


# ----------------------------------------------------------------------------------------------------- files


def test_same_data_give_the_same_bytes():
    assert printed(small())[0] == printed(small())[0]


def test_path_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "图.pdf"
    path.write_bytes(b"old")
    report = write_sheet(small(), path)
    assert path.read_bytes().startswith(b"%PDF")
    assert report.gaps_listed
    before = path.read_bytes()

    def fail(content, where):
        where.write_bytes(content[:100])
        raise OSError("disk full")

    monkeypatch.setattr("maps.print.drawn_file._write", fail)
    with pytest.raises(OSError, match="disk full"):
        write_sheet(small(), path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_two_sheets_at_once_do_not_disturb_each_other():
    from concurrent.futures import ThreadPoolExecutor

    alone = [printed(small(), lang=lang)[0] for lang in ("zh", "en")]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda lang: printed(small(), lang=lang)[0], ["zh", "en"] * 4))
    assert together == alone * 4


# ------------------------------------------------------------------------------------------------ nothing in silence


def test_labels_left_out_are_counted_by_layer(whole):
    data, _, report = whole
    placed = sum(one.key.startswith("code:") for one in report.labels)
    assert report.left_out_by_layer["grids"] == len(data.zones["grids"]) - placed > 0
    assert sum(report.left_out_by_layer.values()) == len(report.left_out)


def test_the_notes_of_the_run_are_printed_and_what_is_left_is_counted():
    told = [f"第{at}条说明 / note number {at}" for at in range(1, 8)]
    data = small(summary={**small().summary, "notes": told})
    pdf, report = printed(data, lang="en")
    assert [f"note number {at}" in report.notes for at in range(1, 8)] == [True] * 4 + [False] * 3
    assert "The run has 3 more notes: see its summary." in report.notes
    assert "note number 4" in texts(pdf)[0]
    long = small(summary={**small().summary, "notes": ["长" * 500 + " / " + "long " * 100]})
    assert any(note == "长" * 89 + "…" for note in printed(long)[1].notes)


def test_lines_without_room_are_counted():
    told = [f"{'很长的说明' * 17}{at} / x" for at in range(4)]
    data = small(summary={**small().summary, "notes": told})
    pdf, _ = printed(data, paper="A4-landscape")
    found = re.search(r"另有 (\d+) 行说明放不下", texts(pdf)[0])
    assert found is not None
    assert int(found[1]) >= 2
    canvas = Canvas(297, 210, print_font())
    lines = fitting_lines(PanelContext(canvas, 1.0, "zh"), ["一", "二", "三", "四"], 3)
    assert lines == ["一", "二", "……另有 2 行说明放不下。"]


def test_sites_of_one_name_in_two_townships_are_two():
    """B4: 20 m apart, a border between them: two sites; within one township one."""
    data = small()
    towns = data.zones["townships"]
    x, y = MIDDLE
    halves = [shapely.box(x - 5_000, y - 5_000, x, y + 5_000), shapely.box(x, y - 5_000, x + 5_000, y + 5_000)]
    towns = towns.iloc[:2].set_geometry(halves, crs=CRS)
    points = shapely.points([(x - 10, y), (x - 5, y), (x + 10, y)])
    rows = gpd.GeoDataFrame({"id": ["1", "2", "3"], "site": ["p"] * 3}, geometry=points, crs=CRS)
    sites = sheet_content(replace(data, cameras=rows, zones={**data.zones, "townships": towns})).sites
    assert sites.x.tolist() == pytest.approx([x - 10, x + 10])


def test_a_gap_of_a_zone_shows_its_rank_in_the_run_too():
    data = small()
    town = next(
        one for one in data.zones["townships"].code
        if not data.gaps[data.gaps.grid.str.startswith(one)]["rank"].isin([1]).any()
    )  # fmt: skip
    first = int(data.gaps[data.gaps.grid.str.startswith(town)]["rank"].min())
    assert first > 1
    assert f"1 ({first})" in texts(printed(data, zone=town)[0])[0]


def test_roads_without_a_width_are_drawn_by_their_class(monkeypatch):
    """D2: 15, 8 and 3 m, a tunnel not at all."""
    x, y = MIDDLE
    kinds = ["primary", "residential", "footway", "tunnel"]
    lines = [shapely.LineString([(x - 300, y + 50 * at), (x + 300, y + 50 * at)]) for at in range(4)]
    roads = gpd.GeoDataFrame({"class": kinds, "width": [None] * 4}, geometry=lines, crs=CRS)
    drawn = []
    monkeypatch.setattr(
        Canvas, "lines", lambda self, shapes, *, edge, width, **_more: drawn.append((edge, width, len(shapes)))
    )
    printed(replace(county(24, 3, 60, 40, 400.0), reference={"roads": roads}))  # small enough to show ground
    surface = [(width, count) for edge, width, count in drawn if edge == SHEET.road_surface]
    *on_map, in_legend = surface
    assert [count for _, count in on_map] == [1, 1, 1]
    assert len({width for width, _ in on_map}) == 3, "the tunnel has none"
    assert in_legend[1] == 1


def test_every_id_of_a_run_has_one_size():
    canvas = Canvas(297, 210, print_font())
    panel = PanelContext(canvas, 1.0, "zh")
    ids = ("11111111-1111-1111-1111-111111111111", "0d0d0d0d-aaaa-bbbb-cccc-dddddddddddd")
    sizes = {panel.fit_smaller(one, 6.8, 41.0)[1] for one in ids}
    assert len(sizes) == 1
    assert [panel.fit_smaller(one, 6.8, 41.0)[0] for one in ids] == list(ids)


def test_a_class_of_most_grids_is_named_and_another_scheme_offered():
    """Of 24 grids 16 lie in the lowest class: two thirds. Natural breaks cut them, and then the note is another one."""
    data = small()
    shares = np.array([0.01 * at for at in range(1, 17)] + [0.5] * 4 + [0.9] * 4)
    grids = data.zones["grids"].assign(sure_share=shares)
    data = replace(data, zones={**data.zones, "grids": grids})
    (said,) = (note for note in printed(data, paper="A4")[1].notes if "natural" in note)
    assert ">0–20 % 一级占网格 24 个中的 16 个" in said
    pdf, report = printed(data, classes="natural", lang="en", paper="A4")
    assert any("natural breaks (Fisher)" in note for note in report.notes)
    assert not any("(natural:" in note for note in report.notes)
    assert report.legend["class:5"] == 4
    assert sum(count for key, count in report.legend.items() if key.startswith("class:")) == 24
    assert ">0–" in texts(pdf)[1]
    with pytest.raises(UnknownName, match="quantile"):
        printed(data, classes="equal")


def test_the_own_of_a_drawn_zone_is_what_it_cuts():
    """Of squares of 100 m it has all of one, a fifth of one and half a metre of one: the first two are its own."""
    x, y = MIDDLE
    grids = gpd.GeoDataFrame(
        {"code": ["1", "2", "3"], "name": ["甲", "乙", "丙"], "sure_share": [0.5, 0.5, 0.5]},
        geometry=[shapely.box(x + at, y, x + at + 100, y + 100) for at in (0, 100, 200)],
        crs=CRS,
    )
    outline = shapely.box(x, y, x + 120, y + 100).union(shapely.box(x + 120, y + 40, x + 200.5, y + 42))
    row = gpd.GeoDataFrame({"code": ["drawn"], "name": [""]}, geometry=[outline], crs=CRS)
    content = sheet_content(with_drawn_zone(replace(small(), zones={"grids": grids}), row), "areas:drawn:drawn")
    assert content.own.tolist() == [True, True, False]
    assert content.focus_cuts_zones
    assert not sheet_content(replace(small(), zones={"grids": grids}), "grids:2").focus_cuts_zones


def test_a_long_name_runs_through_no_map():
    data = small()
    townships = data.zones["townships"].assign(name=["乡" * 60, *data.zones["townships"].name[1:]])
    out = io.BytesIO()
    titles = meta(title_zh="长" * 60 + "公共区域视频覆盖与网格图")
    report = write_sheet(
        replace(data, meta=titles, zones={**data.zones, "townships": townships}), out, paper="A3-portrait"
    )
    name = next(one for one in report.labels if one.key.startswith("name:") and "乡" in one.text)
    assert name.text.endswith("…")
    assert name.box[2] - name.box[0] < 0.3 * report.width_mm
    document = pdfium.PdfDocument(out.getvalue())
    assert "公共区域视频覆盖与网格图" in document[0].get_textpage().get_text_range()
    document.close()
