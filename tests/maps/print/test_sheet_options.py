"""Choose how a sheet is drawn: orientation, scale, title, layers; each refusal is a sentence and leaves no file."""

from __future__ import annotations

import io
import math
from pathlib import Path

import pypdf
import pytest

from geo.catalog.papers import LAYERS_OF_SHEET
from geo.errors import BadValue, UnknownName
from maps.print.page_layout import ROUND_SCALES, choose_layout, fitting_scale, paper_choices, spread_layouts
from maps.print.sheet import SheetReport, write_sheet
from maps.print.sheet_options import SheetOptions
from tests.maps.print.sheet_data import county

#: A county of 12 km, whose sheets are quick.
DATA = county(120, 6, 900, 600, 9_000.0)


def printed(**chosen: object) -> tuple[bytes, SheetReport]:
    options = SheetOptions(**{name: chosen.pop(name) for name in list(chosen) if name not in ("lang", "zone", "paper")})
    out = io.BytesIO()
    return out, write_sheet(DATA, out, **{"paper": "A4", **chosen}, options=options)  # type: ignore[return-value]


def said(out: io.BytesIO) -> str:
    return pypdf.PdfReader(out).pages[0].extract_text()


@pytest.mark.parametrize("way", ["landscape", "portrait"])
def test_a_sheet_lies_as_chosen(way: str) -> None:
    _, report = printed(orientation=way)
    assert report.paper == f"A4-{way}"
    assert (report.width_mm > report.height_mm) == (way == "landscape")


def test_the_scale_is_the_one_asked_for_and_the_subject_stays_in_the_middle() -> None:
    out, report = printed(scale=123_456)
    assert report.scale == 123_456
    assert "1:123,456" in said(out)
    # 10 km across and 10 km up on a map of w by h mm: the middle of both is the same point.
    layout, frame = choose_layout((0, 0, 10_000, 10_000), paper_choices("A4"), scale=100_000)
    assert (frame.left + frame.metres(layout.map.width) / 2) == pytest.approx(5_000)
    assert frame.millimetres(10_000) == pytest.approx(100)


def test_the_largest_scale_is_that_of_the_room_in_the_map() -> None:
    # The room is what the largest map has inside its margin: an extent of exactly that size in dam fits at 1:10,000.
    paper = paper_choices("A3-landscape")
    layout = spread_layouts(paper[0])[0]
    room = layout.map.inset(4.0 * layout.unit)
    extent = (0.0, 0.0, room.width * 10, room.height * 10)  # 10 m a mm
    assert fitting_scale(extent, paper) == 10_000
    assert choose_layout(extent, paper, scale=10_000)[1].scale == 10_000
    wider = (0.0, 0.0, room.width * 10.01, room.height * 10)
    assert fitting_scale(wider, paper) == math.ceil(10_010 - 1e-6)


def test_a_scale_that_does_not_fit_is_refused_by_the_one_that_does() -> None:
    with pytest.raises(BadValue, match="does not fit at 1:5,000") as refused:
        printed(scale=5_000)
    fits = int(refused.value.en.rsplit("1:", 1)[1].split(" ")[0].replace(",", ""))
    assert printed(scale=fits)[1].scale == fits
    assert fits in ROUND_SCALES
    with pytest.raises(BadValue, match=f"it fits from 1:{fits:,} on"):
        printed(scale=max(one for one in ROUND_SCALES if one < fits))


def test_a_scale_at_which_the_subject_is_a_dot_is_refused_by_the_smallest() -> None:
    with pytest.raises(BadValue, match="is a dot") as refused:
        printed(scale=10**9)
    smallest = int(refused.value.en.rsplit("1:", 1)[1].replace(",", ""))
    assert printed(scale=smallest)[1].scale == smallest


@pytest.mark.parametrize(
    ("lang", "small"), [("zh", "古浪县公共区域视频覆盖与网格图"), ("en", "Gulang County: camera coverage")]
)
def test_a_title_stands_above_that_of_the_county(lang: str, small: str) -> None:
    out, _ = printed(title="  春季\n核查 2026 ", lang=lang)
    text = said(out)
    assert "春季 核查 2026" in text.replace("\n", " ")
    assert small in text
    assert pypdf.PdfReader(out).metadata.title.startswith("春季 核查 2026 / ")


def test_a_title_of_a_hundred_letters_has_room_and_of_three_hundred_not(tmp_path: Path) -> None:
    printed(title="字" * 100)
    with pytest.raises(BadValue, match="the title has 300 letters, at most 100 have room"):
        write_sheet(DATA, tmp_path / "s.pdf", options=SheetOptions(title="字" * 300))
    with pytest.raises(BadValue, match="cannot be printed"):
        write_sheet(DATA, tmp_path / "s.pdf", options=SheetOptions(title="a\u202eb"))
    assert list(tmp_path.iterdir()) == []


def test_what_is_left_out_of_the_map_is_named_and_stays_in_the_figures() -> None:
    whole, report = printed(lang="en")
    out, less = printed(layers=("coverage", "roads", "buildings", "places"), lang="en")
    assert less.notes[0] == "Not drawn, as chosen: cameras, gaps."
    assert less.legend["gaps"] == 0
    assert not [name for name in less.legend if name.startswith("site:")]
    assert not [one for one in less.labels if one.key.startswith("gap:")]
    assert less.gaps_listed >= report.gaps_listed  # the table has the room of the shorter legend
    assert [name for name in report.legend if name.startswith("site:")]
    online = sum(count for name, count in report.legend.items() if name.endswith(":online"))
    for text in (said(whole), said(out)):
        assert f"Sites online\n{online:,}" in text


@pytest.mark.parametrize("layer", LAYERS_OF_SHEET)
def test_every_layer_can_be_left_out_alone(layer: str) -> None:
    zone = DATA.zones["grids"].code.iloc[0]
    _, report = printed(layers=tuple(one for one in LAYERS_OF_SHEET if one != layer), lang="en", zone=zone)
    assert report.notes[0].startswith("Not drawn, as chosen: ")


def test_all_layers_are_the_sheet_as_it_was() -> None:
    plain, chosen = io.BytesIO(), io.BytesIO()
    write_sheet(DATA, plain, paper="A4")
    write_sheet(DATA, chosen, paper="A4", options=SheetOptions(layers=LAYERS_OF_SHEET[::-1]))
    assert plain.getvalue() == chosen.getvalue()


@pytest.mark.parametrize(
    ("chosen", "said_of_it"),
    [
        ({"orientation": "across"}, "no orientation across; there are auto, landscape, portrait"),
        ({"layers": ("roads", "heat")}, "a sheet has no layer heat; there are cameras, gaps"),
        ({"orientation": "portrait", "paper": "A4-landscape"}, "the paper A4-landscape does not lie portrait"),
    ],
)
def test_what_there_is_not_is_said(chosen: dict, said_of_it: str) -> None:
    with pytest.raises(UnknownName, match=said_of_it):
        printed(**chosen)
