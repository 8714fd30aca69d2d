"""Lay out the tables and titles of sheets: nothing touches, no head is cut, codes keep the end by which they differ."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from io import BytesIO
from itertools import pairwise
from typing import Any

import geopandas as gpd
import pandas as pd
import pypdfium2
import pytest
import shapely

from maps.print.claim_table import claim_table_height, draw_claim_table
from maps.print.fonts import print_font
from maps.print.gap_table import GapRow, draw_gap_table, table_rows
from maps.print.page_layout import Rect, choose_layout, paper_choices
from maps.print.panel import TEXT_PT, PanelContext
from maps.print.pdf_canvas import Canvas
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from maps.print.title_block import draw_title
from tests.maps.print.sheet_data import small

#: Width in mm of a column of the panel of an upright A3 sheet.
_WIDTH = 84.0


@dataclass(frozen=True)
class Recorder(PanelContext):
    """A panel that keeps what is written: left and right edge, baseline, text and size."""

    written: list[tuple[float, float, float, str, float]] = field(default_factory=list)

    def text(self, x: float, y: float, text: str, size: float = TEXT_PT, **look: Any) -> float:
        run = self.width(text, size)
        left = x - {"left": 0.0, "right": run, "middle": run / 2}[look.get("anchor", "left")]
        self.written.append((left, left + run, round(y, 3), text, size))
        return super().text(x, y, text, size, **look)

    def lines(self) -> list[list[tuple[float, float, str]]]:
        """Return what stands on each line, from left to right."""
        found = defaultdict(list)
        for left, right, y, text, _ in self.written:
            if text:
                found[y].append((left, right, text))
        return [sorted(found[y]) for y in sorted(found, reverse=True)]


def recorder(lang: str) -> Recorder:
    return Recorder(Canvas(297, 420, print_font()), 1.0, lang)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("nothing", [0, 3])
def test_heads_of_claims_are_whole_and_columns_do_not_touch(lang: str, nothing: int) -> None:
    counts = {"places": 793, "covered": 5, "maybe": 1, "not_covered": 787, "nothing": nothing, "counted": 143}
    rows = [{"claim": name, "verdict": "fails", **counts} for name in ("主要路段全覆盖", "学校全覆盖")]
    panel = recorder(lang)
    height = claim_table_height(panel, 2)
    draw_claim_table(panel, Rect(0, 0, _WIDTH, height), pd.DataFrame(rows), 2)
    assert min(y for _, _, y, _, _ in panel.written) > 0  # the rows are within the height that was asked for
    for line in panel.lines():
        assert all(left - right > 0.5 for (_, right, _), (left, _, _) in pairwise(line)), line
        assert line[0][0] >= 0
        assert line[-1][1] <= _WIDTH + 1e-6
    told = " ".join(text for line in panel.lines() for _, _, text in line)
    assert "…" not in told
    assert "未覆盖" in told if lang == "zh" else "covered" in told


def gap(number: int, camera: str, weight: str = "35,822") -> GapRow:
    return GapRow(f"{number} (724)", "990121109207003", "C3", "35,822", weight, "超出距离", camera)


def test_ids_of_cameras_are_whole_where_each_square_metre_weighs_one() -> None:
    cameras = [f"990121008013286{at:05}" for at in range(8)]
    panel = recorder("zh")
    draw_gap_table(panel, Rect(0, 0, _WIDTH, 100), [gap(at, one) for at, one in enumerate(cameras, 1)], 8, 157)
    written = [text for _, _, _, text, _ in panel.written]
    assert set(cameras) <= set(written)
    assert panel.word("col_weight") not in written


def test_ids_without_room_keep_the_end_by_which_they_differ() -> None:
    cameras = [f"990121008013286{at:05}" for at in range(8)]
    panel = recorder("zh")
    draw_gap_table(panel, Rect(0, 0, 80.0, 100), [gap(at, one, "9") for at, one in enumerate(cameras, 1)], 8, 157)
    written = [text for _, _, _, text, _ in panel.written]
    assert panel.word("col_weight") in written
    cut = [text for text in written if text.startswith("…")]
    assert [one[-5:] for one in cut] == [one[-5:] for one in cameras]
    assert all(right <= 80.0 + 1e-6 for _, right, _, _, _ in panel.written)


def test_where_a_gap_is_takes_a_second_line_of_the_height_that_was_asked_for() -> None:
    panel, height = recorder("zh"), 60.0
    count = table_rows(panel, height, lines=2)
    assert table_rows(panel, height) == pytest.approx(2 * count, abs=1)
    words = "文化路与民主街交叉口东南40米（柳树村）"
    rows = [replace(gap(at, "9"), where=words) for at in range(1, count + 1)]
    draw_gap_table(panel, Rect(0, 0, _WIDTH, height), rows, count, count)
    assert [text for _, _, _, text, _ in panel.written].count(words) == count
    assert min(y for _, _, y, _, _ in panel.written) > 0
    assert all(right <= _WIDTH + 1e-6 for _, right, _, _, _ in panel.written)
    for line in panel.lines():
        assert all(left - right > 0.5 for (_, right, _), (left, _, _) in pairwise(line)), line


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_gaps_of_a_sheet_say_where_they_are_if_enough_of_them_have_room_for_it(lang: str) -> None:
    data = small()
    x, y = data.gaps[["lon", "lat"]].iloc[0]
    school = gpd.GeoDataFrame({"name": ["一小"], "source": [None]}, geometry=[shapely.Point(x, y)], crs=4326)
    derived = school.assign(name="派生路口", source="derived")
    places = pd.concat([derived, school]).to_crs(data.gaps.crs)
    few = replace(data, gaps=data.gaps.head(3), reference={"places": places})
    many = replace(few, gaps=pd.concat([data.gaps] * 30).assign(rank=range(1, 30 * len(data.gaps) + 1)))
    told = []
    for one, paper in ((few, "A3"), (many, "A3"), (many, "A4-landscape")):
        out = BytesIO()
        write_sheet(one, out, paper=paper, lang=lang)
        told.append(pypdfium2.PdfDocument(out.getvalue())[0].get_textpage().get_text_range())
    assert {"zh": "一小旁", "en": "at 一小"}[lang] in told[0]
    assert "派生路口" not in told[0]
    assert "一小" in told[1]
    assert "一小" not in told[2], "of a short table each row is a gap"


def test_a_run_without_grids_has_no_column_of_grids() -> None:
    panel = recorder("en")
    rows = [GapRow(str(at), grid, "B2", "120", "240", "range", "C1") for at in (1, 2) for grid in [""]]
    draw_gap_table(panel, Rect(0, 0, _WIDTH, 60), rows, 2, 2)
    assert [text for _, _, text in panel.lines()[1]] == ["#", "Sq.", "Area m²", "Weight", "Cause", "Camera / obstacle"]
    assert [text for _, _, text in panel.lines()[2]] == ["1", "B2", "120", "240", "range", "C1"]


def test_a_table_without_room_does_not_say_that_there_is_no_gap() -> None:
    for total, said in ((0, True), (9, False)):
        panel = recorder("en")
        draw_gap_table(panel, Rect(0, 0, _WIDTH, 12), [], 0, total)
        assert any("no gap" in text for line in panel.lines() for _, _, text in line) == said


@pytest.mark.parametrize(
    ("lang", "classification"), [("zh", "内部规划用图 不得公开"), ("en", "Internal: not for publication")]
)
def test_the_title_in_the_language_of_the_sheet_is_the_large_one(lang: str, classification: str) -> None:
    data = small()
    content = sheet_content(data)
    layout, _ = choose_layout(tuple(content.extent), paper_choices("A3"))
    panel = recorder(lang)
    draw_title(panel, layout, data, content)
    sizes = {text: size for _, _, _, text, size in panel.written}
    large, other = (data.meta.title_zh, data.meta.title_en)[:: -1 if lang == "en" else 1]
    assert sizes[large] > sizes[other]
    assert classification in sizes


def test_the_code_of_a_grid_is_whole_in_the_title_on_a4() -> None:
    data = small()
    code = data.zones["grids"].code.iloc[0]
    zones = {**data.zones, "grids": data.zones["grids"].assign(name="东关社区第八网格")}
    out = BytesIO()
    write_sheet(replace(data, zones=zones), out, paper="A4-portrait", zone=f"grids:{code}")
    text = pypdfium2.PdfDocument(out.getvalue())[0].get_textpage().get_text_range()
    assert text.count(f"东关社区第八网格 {code}") == 2, "in both titles"
