"""Check the table of camera sites: its room beside the gaps, its order, what it says is left."""

from __future__ import annotations

import io

import pandas as pd
import pypdf
import pytest

from maps.print.camera_table import draw_camera_table, shared_room
from maps.print.fonts import print_font
from maps.print.page_layout import MapFrame, Rect
from maps.print.panel import PanelContext
from maps.print.pdf_canvas import Canvas

ROOM = Rect(10, 10, 46, 100)


def panel() -> PanelContext:
    return PanelContext(Canvas(100, 120, print_font()), 1.0, "en")


@pytest.mark.parametrize(("wanted", "sites"), [(20.0, 3), (500.0, 300), (20.0, 300), (500.0, 3)])
def test_gaps_and_sites_share_the_room_and_do_not_meet(wanted, sites):
    gaps, cameras = shared_room(panel(), ROOM, wanted, sites)
    assert gaps.top == ROOM.top
    assert gaps.y - cameras.top == pytest.approx(2.6)
    assert cameras.y >= ROOM.y - 1e-9
    assert gaps.height <= wanted
    if wanted > 100:
        assert cameras.height <= 0.42 * ROOM.height + 1e-9, "gaps have the larger part"


def test_without_room_the_gaps_have_it_all():
    small = Rect(10, 10, 46, 20)
    assert shared_room(panel(), small, 500.0, 300)[0] == small


def test_sites_are_listed_by_class_and_what_is_left_is_said():
    context = panel()
    sites = pd.DataFrame(
        {
            "label": ["甲", "乙", "丙", "丁"], "x": [5.0, 95.0, 5.0, 95.0], "y": [95.0, 95.0, 5.0, 5.0],
            "class": ["none", "3", "1", "1"], "status": ["online", "online", "offline", "online"],
        }
    )  # fmt: skip
    frame = MapFrame(Rect(0, 0, 100, 100), 1_000, 0.0, 0.0)
    height = 5.4 + 3.45 + 0.5 + 3 * 3.45 * 0.94
    assert draw_camera_table(context, Rect(10, 10, 46, height), sites, frame) == 3
    out = io.BytesIO()
    context.canvas.write(out, info={}, made=None, lang="en")
    said = pypdf.PdfReader(io.BytesIO(out.getvalue())).pages[0].extract_text().split("\n")
    assert said[0] == "Camera sites (3 of 4)"
    assert said[5:] == ["丁", "1", "online", "H6", "丙", "1", "offline", "A6", "乙", "3", "online", "H1"]
