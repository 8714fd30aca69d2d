"""Tell on paper what rights leave out: a dash or whose it is, and never that there is nothing."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pypdf
import pytest

from maps.map_data import MapData
from maps.print.atlas.whole_atlas import write_atlas
from maps.print.sheet import write_sheet
from maps.print.sheet_content import sheet_content
from maps.print.shown_share import shown_share
from tests.maps.print.sheet_data import small

FIRST, SECOND = "620622100", "620622101"


def planner(*codes: str) -> MapData:
    """Return the map of a planner of these townships: their gaps and cameras, and the figures of the county."""
    data = small()
    townships = data.zones["townships"]
    own = townships[townships["code"].isin(codes)].union_all()
    gaps = data.gaps[data.gaps["grid"].str[:9].isin(codes)]
    cameras = data.cameras[data.cameras.intersects(own)]
    return replace(data, gaps=gaps, cameras=cameras, partial="townships", townships=frozenset(codes))


def viewer() -> MapData:
    data = small()
    return replace(data, gaps=data.gaps.iloc[:0], cameras=data.cameras.iloc[:0], partial="figures")


def said(data: MapData, zone: str | None = None, lang: str = "zh") -> str:
    out = BytesIO()
    write_sheet(data, out, zone=zone, lang=lang)
    out.seek(0)
    return "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(out).pages)


@pytest.mark.parametrize(
    ("data", "zone", "share"),
    [
        (small(), None, "all"),
        (small(), SECOND, "all"),
        (viewer(), None, "none"),
        (viewer(), FIRST, "none"),
        (planner(FIRST), FIRST, "all"),
        (planner(FIRST), f"{FIRST}200001", "all"),
        (planner(FIRST), SECOND, "none"),
        (planner(FIRST), f"{SECOND}200001", "none"),
        (planner(FIRST), None, "part"),
        (planner(), None, "none"),
        (planner(FIRST, SECOND, "620622102"), None, "all"),
    ],
)
def test_what_of_a_sheet_its_reader_may_see(data: MapData, zone: str | None, share: str) -> None:
    assert shown_share(data, sheet_content(data, zone)) == share


@pytest.mark.parametrize("data", [planner(FIRST), viewer()])
def test_gaps_that_rights_leave_out_are_not_said_to_be_none(data: MapData) -> None:
    told = said(data, SECOND)
    assert "图内没有盲区" not in told
    assert "您的权限不含图内的盲区，未列出。" in told
    assert "盲区数–" in told
    assert "共0处" not in told


def test_counts_beside_figures_of_the_county_say_whose_they_are() -> None:
    data = planner(FIRST)
    count = len(data.gaps)
    told = said(data)
    assert f"盲区数{count}（本镇街）" in told
    assert f"盲区（{count}处，本镇街）" in told
    assert f"共{count}处）（本镇街）" in told
    assert "（本镇街）" not in said(data, FIRST)
    assert f"Gaps{count}(yourtownships)" in said(data, lang="en")


def test_the_cover_of_an_atlas_says_whose_the_counts_are() -> None:
    data, out = planner(FIRST), BytesIO()
    write_atlas(data, out, townships=data.townships)
    pages = ["".join(page.extract_text().split()) for page in pypdf.PdfReader(out).pages]
    assert f"盲区数{len(data.gaps)}（本镇街）" in pages[0]
    assert all("（本镇街）" not in page for page in pages[3:])
