"""Check places by their verdict and the table of claims on a sheet: drawings that can be counted on paper."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pypdf import PdfReader

from geo.assessment.claims import claim_rows
from geo.catalog.claims import VERDICTS
from geo.catalog.palette import DARK, LIGHT, VERDICT_MARKS
from geo.errors import NotFound
from maps.map_data import MapData, of_claim
from maps.place_verdicts import WORST_FIRST, drawn_verdicts
from maps.print import map_body, site_symbols
from maps.print.fonts import print_font
from maps.print.legend import legend_height
from maps.print.map_body import MapContents, draw_zone_lines
from maps.print.page_layout import MapFrame, Rect, choose_layout, paper_choices
from maps.print.panel import HEADING_MM, ROW_MM, PanelContext
from maps.print.pdf_canvas import Canvas
from maps.print.pdf_paths import rgb
from maps.print.place_marks import draw_mark, draw_verdict_lines
from maps.print.sheet import SheetReport, write_sheet
from maps.print.sheet_content import sheet_content
from tests.maps.print import sheet_data

X, Y = sheet_data.MIDDLE
#: Three estates, two roads and a gate without claim about the middle of the county.
ROWS = [
    ("E1", "小区全覆盖", "m2", 400.0, "covered", True, shapely.box(X, Y, X + 20, Y + 20)),
    ("E2", "小区全覆盖", "m2", 400.0, "not_covered", True, shapely.box(X + 40, Y, X + 60, Y + 20)),
    ("E3", "小区全覆盖", "m2", 400.0, "maybe", False, shapely.box(X + 80, Y, X + 100, Y + 20)),
    ("E1", "重点部位", "m2", 400.0, "maybe", True, shapely.box(X, Y, X + 20, Y + 20)),
    ("R1", "主要路段全覆盖", "m", 900.0, "covered", True, shapely.LineString([(X, Y - 50), (X + 900, Y - 50)])),
    ("R2", "主要路段全覆盖", "m", 100.0, "covered", False, shapely.LineString([(X, Y - 80), (X + 100, Y - 80)])),
    ("G1", None, "count", 1.0, "not_covered", False, shapely.Point(X - 90, Y)),
]
COLUMNS = ("code", "claim", "unit", "assessed", "verdict", "counted", "geometry")


def judged(rows: list[tuple] = ROWS) -> MapData:
    frame = gpd.GeoDataFrame(pd.DataFrame(rows, columns=COLUMNS).assign(level="detect"), crs=sheet_data.CRS)
    return sheet_data.small(verdicts=frame, claims=claim_rows(frame, []))


def printed(data: MapData, **options: str) -> tuple[SheetReport, str]:
    out = io.BytesIO()
    report = write_sheet(data, out, **options)
    return report, PdfReader(out).pages[0].extract_text()


def cells_after(cells: list[str], name: str, count: int) -> list[str]:
    at = cells.index(name) + 1
    return cells[at : at + count]


def test_each_verdict_has_its_mark_and_colour() -> None:
    assert set(VERDICT_MARKS) == set(LIGHT.verdict) == set(DARK.verdict) == set(VERDICTS) == set(WORST_FIRST)
    looks = {(mark.outline, mark.fill, mark.strokes) for mark in VERDICT_MARKS.values()}
    assert len(looks) == len({mark.dash for mark in VERDICT_MARKS.values()}) == 4


def test_a_place_is_drawn_once_with_the_worst_of_its_verdicts() -> None:
    report, _ = printed(judged())
    places = {name: count for name, count in report.legend.items() if name.startswith("verdict:")}
    # E1 is covered for one claim and only maybe for another; G1 belongs to no claim.
    assert places == {"verdict:covered": 2, "verdict:maybe": 2, "verdict:not_covered": 1}


def test_without_claims_every_place_is_drawn() -> None:
    rows = [(code, None, *rest) for code, _, *rest in ROWS]
    found = drawn_verdicts(judged(rows).verdicts)
    assert sorted(found["code"]) == ["E1", "E2", "E3", "G1", "R1", "R2"]


def test_the_table_tells_both_counts_of_each_claim() -> None:
    report, text = printed(judged())
    assert report.claims_listed == 3
    cells = text.split()  # a cell is a line of the text
    # verdict, places, covered, maybe, not covered, and those that a camera stands at
    assert cells_after(cells, "小区全覆盖", 6) == ["不成立", "3", "1", "1", "1", "2"]
    assert cells_after(cells, "主要路段全覆盖", 6) == ["成立", "2", "2", "0", "0", "1"]


@pytest.mark.parametrize("paper", ["A4-portrait", "A3-landscape", "A0-landscape"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_fits_every_paper(paper: str, lang: str) -> None:
    report, text = printed(judged(), paper=paper, lang=lang)
    assert report.claims_listed >= 1
    assert ("Claims" if lang == "en" else "覆盖声明") in text


def test_a_sheet_without_room_for_the_table_says_so() -> None:
    report, text = printed(judged(), paper="A4-landscape")
    assert report.claims_listed == 0
    assert "3 项覆盖声明的表放不下" in "".join(text.split("\n"))


def test_a_sheet_of_one_zone_counts_the_places_in_it() -> None:
    data = judged()
    grids = data.zones["grids"]
    mine = grids[shapely.contains_xy(grids.geometry.to_numpy(), X + 10, Y + 10)].iloc[0]
    inside = shapely.intersects(mine.geometry, shapely.point_on_surface(data.verdicts.geometry.to_numpy()))
    report, text = printed(data, zone=str(mine["code"]))
    wanted = claim_rows(data.verdicts[inside], [])
    drawn = sum(count for name, count in report.legend.items() if name.startswith("verdict:"))
    assert drawn == data.verdicts[inside].dropna(subset="claim")["code"].nunique()
    assert len(wanted) >= 1
    cells = text.split()
    for row in wanted.to_dict("records"):
        assert cells_after(cells, row["claim"], 2)[1] == str(row["places"])


def test_a_sheet_of_one_claim_has_its_places_only() -> None:
    report, text = printed(of_claim(judged(), "主要路段全覆盖"))
    assert {name: n for name, n in report.legend.items() if name.startswith("verdict:")} == {"verdict:covered": 2}
    assert report.claims_listed == 1
    assert "小区全覆盖" not in text
    with pytest.raises(NotFound, match="no claim moon; there are"):
        of_claim(judged(), "moon")


def test_the_legend_of_a_detailed_sheet_takes_both_columns() -> None:
    """Without coloured zones 13 lines stand beside a table of three classes of sites: (13 + 4.6) / 2 rows."""
    sites = {(camera_class, "online"): 1 for camera_class in ("1", "2", "3")}
    layers = frozenset({"township", "county", "road", "obstacle", "possible"})
    seen = dict.fromkeys((1, 2, 3), 1.0)
    contents = MapContents({}, sites, 0, 0, 5, seen, layers, {"covered": 1, "maybe": 1, "not_covered": 1})
    panel = PanelContext(Canvas(200, 200, print_font()), 1.0, "zh")
    assert legend_height(panel, contents, "grids") == pytest.approx(HEADING_MM + 9 * ROW_MM + 0.6)


def test_no_claims_no_table() -> None:
    report, text = printed(sheet_data.small())
    assert report.claims_listed == 0
    assert "覆盖声明" not in text


@pytest.mark.parametrize("verdict", VERDICTS)
def test_marks_are_drawn_in_their_colour(verdict: str) -> None:
    canvas = Canvas(20, 20, print_font())
    before = len(canvas._ops)
    draw_mark(canvas, np.array([[10.0, 10.0]]), verdict, 2.0)
    drawn = " ".join(one for one in canvas._ops[before:] if isinstance(one, str))
    assert f"{rgb(LIGHT.verdict[verdict])} RG" in drawn


def test_rings_are_drawn_thinner_and_below_the_places_they_lie_round() -> None:
    ring = shapely.difference(shapely.Point(0, 0).buffer(600), shapely.Point(0, 0).buffer(400))
    places = gpd.GeoDataFrame(
        {"verdict": ["not_covered"] * 2, "kind": ["school", "ring"]},
        geometry=[shapely.box(0, 0, 300, 300), ring],
        crs=sheet_data.CRS,
    )
    widths = []

    class Recorder(Canvas):
        def lines(self, shapes: np.ndarray, **look: object) -> None:
            if len(shapes) and look["edge"] == LIGHT.verdict["not_covered"]:
                widths.append((len(shapes), look["width"]))

    frame = MapFrame(Rect(0, 0, 200, 200), 10_000.0, -1000.0, -1000.0)
    draw_verdict_lines(Recorder(200, 200, print_font()), frame, sheet_data.CRS, places, 1.0, detail=True)
    (rings, thin), (schools, wide) = widths
    assert (rings, schools) == (2, 1)  # a ring has two borders
    assert thin < wide / 2


def test_what_cameras_reach_is_drawn_as_no_border() -> None:
    """Without zones and divisions the whole is a union of discs (rule D4): no border of anything."""
    data = sheet_data.small()
    bare = replace(data, zones={"all": data.zones["all"]})
    assert "county" in printed_layers(data)
    assert "county" not in printed_layers(bare)


def printed_layers(data: MapData) -> set[str]:
    content = sheet_content(data)
    extent = data.zones["all"].total_bounds.tolist()
    layout, frame = choose_layout(tuple(extent), paper_choices("A3"))
    layers: set[str] = set()
    draw_zone_lines(Canvas(layout.paper.width, layout.paper.height, print_font()), frame, content, data, 1.0, layers)
    return layers


def test_cameras_stand_above_the_borders_of_places(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the ground is shown above marks too; on a map of zones marks, which are thinned, stand above dots."""
    data = sheet_data.small()
    middle = data.zones["grids"].geometry.iloc[0].representative_point()
    places = gpd.GeoDataFrame(
        {"claim": ["甲"], "code": ["p1"], "verdict": ["covered"], "kind": ["school"]},
        geometry=[middle.buffer(60)],
        crs=sheet_data.CRS,
    )
    content, order = sheet_content(data), []
    for module, name in (
        (map_body, "draw_verdict_lines"),
        (map_body, "draw_verdict_marks"),
        (site_symbols, "draw_all_sites"),
    ):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, real=real, name=name, **k: (order.append(name), real(*a, **k))[1])
    for scale, expected in (
        (2_000, ["draw_verdict_lines", "draw_verdict_marks", "draw_all_sites"]),
        (50_000, ["draw_verdict_lines", "draw_all_sites", "draw_verdict_marks"]),
    ):
        order.clear()
        layout, frame = choose_layout((*middle.coords[0], *middle.coords[0]), paper_choices("A3"), scale=scale)
        canvas = Canvas(layout.paper.width, layout.paper.height, print_font())
        map_body.draw_map(canvas, layout, frame, content, replace(data, verdicts=places))
        assert order == expected
