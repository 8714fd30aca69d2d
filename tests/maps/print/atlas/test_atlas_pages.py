"""Check the pages round the sheets: the guide and its sketch, tables that run over pages, numbers of pages, plans."""

from __future__ import annotations

import io

import pypdf
import pytest

from maps.print.atlas.atlas_page import roman
from maps.print.atlas.atlas_plan import atlas_plan
from maps.print.atlas.reading_guide import GUIDE
from maps.print.atlas.running_table import RunningTable, TableRow
from maps.print.atlas.shared_ground import SharedGround, in_metres
from maps.print.atlas.sheet_sketch import PARTS
from maps.print.fonts import print_font
from maps.print.page_layout import Rect, paper_choices
from maps.print.panel import PanelContext
from maps.print.pdf_canvas import Canvas
from maps.print.sheet_content import SheetContents
from tests.maps.print.atlas.atlas_data import nine, printed, reader


@pytest.mark.parametrize("paper", ["A3", "A4", "A4-portrait", "A1"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_guide_has_all_it_says(paper, lang):
    pdf, _report = printed(nine(), paper=paper, lang=lang, zone="中镇")
    said = "".join(reader(pdf).pages[1].extract_text().split())
    for passage in GUIDE:
        text = passage.zh if lang == "zh" else passage.en
        assert "".join(text.split()) in said
    if paper == "A3":
        assert all("".join(part[lang == "en"].split()) in said for part in PARTS)


def test_a_table_runs_over_blocks_and_pages():
    """A page of 50 by 40 mm: rows of 3.45 * 1.12 = 3.864 mm, so nine below the header, in one block."""
    rows = [TableRow((str(at), "名" * 20)) for at in range(1, 21)]
    canvas = Canvas(50, 40, print_font())
    panel, rect = PanelContext(canvas, 1.0, "zh"), Rect(0, 0, 50, 40)
    table = RunningTable(panel, ["页", "名称"], rows, right=(0,), flexible=1)
    assert (table.blocks(rect), table.room(rect), table.pages(rect, rect)) == (1, 9, 3)
    assert [table.draw(panel, rect) for _ in range(3)] == [11, 2, 0]
    narrow = RunningTable(panel, ["页", ""], [TableRow((str(at), "")) for at in range(40)], right=(0,), flexible=1)
    assert narrow.blocks(rect) == 4
    assert narrow.draw(panel, rect) == 40 - 4 * 9
    out = io.BytesIO()
    canvas.write(out, info={}, made=None, lang="zh-CN")
    assert "…" in pypdf.PdfReader(io.BytesIO(out.getvalue())).pages[0].extract_text(), "what is too long is cut"


@pytest.mark.parametrize("number", range(1, 60))
def test_roman_numbers_add_up(number):
    values = {"i": 1, "v": 5, "x": 10, "l": 50}
    digits = [values[one] for one in roman(number)]
    assert sum(-a if a < b else a for a, b in zip(digits, [*digits[1:], 0], strict=True)) == number


def test_a_plan_adjoins_both_ways_and_shows_each_grid_once():
    contents = SheetContents(in_metres(nine()))
    for by in ("townships", "villages", "grids"):
        plan = atlas_plan(contents, by, paper_choices("A4"))
        for at, others in enumerate(plan.adjoining):
            assert at not in others
            assert all(at in plan.adjoining[other] for other in others)
        assert sorted(plan.grids) == sorted(nine().zones["grids"].code)
        for sheet in plan.sheets:
            west, south, east, north = sheet.frame.bounds
            low_x, low_y, high_x, high_y = sheet.shape.bounds
            assert west < low_x < high_x < east
            assert south < low_y < high_y < north


def test_a_window_has_what_meets_it_and_townships_whole():
    data = in_metres(nine())
    contents = SheetContents(data)
    ground = SharedGround(data, contents.zones)
    middle = contents.zones.geometry.iloc[4].buffer(-10).bounds
    near = ground.near(middle)
    assert near.zones["grids"].name.tolist() == ["5号网格"]
    assert len(near.zones["townships"]) == 3
    assert near.cameras.id.tolist() == ["C4"]
    content = ground.content_near(contents.of("grids:620622101201001"), middle)
    assert content.zones.code.tolist() == ["620622101201001"]
    assert content.sites.label.tolist() == ["P4"]
    assert content.own.all()
