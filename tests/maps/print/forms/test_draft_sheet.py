"""Read sheets of drafts back: one scale for both maps, changes in words, figures, what is left empty."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import geopandas as gpd
import pandas as pd
import pypdf
import pytest
import shapely

from geo import views
from maps.print.forms.draft_changes import CameraChange, changes_between, lenses_as_seen
from maps.print.forms.draft_sheet import TriedDraft, _before_and_after, draft_sheets, share_figures
from maps.print.forms.lens_shapes import Lens
from maps.print.sheet_content import metric_crs
from tests.maps.print.forms.scene import EDITION, at, scene
from tests.maps.print.text_boxes import crossing, overlapping, text_boxes


def seen(rows: gpd.GeoDataFrame, lang: str = "zh") -> list[Lens]:
    data = scene()
    found = views(rows, data.reference["obstacles"], level="detect", edition=EDITION)
    return lenses_as_seen(data, rows, found, metric_crs(data), lang)


def changed(lang: str = "zh") -> list[CameraChange]:
    """Return a turn, a move of 5 m to the east, one removed, one that fails, and one added."""
    before = scene().cameras
    after = before.iloc[[0, 1, 3]].copy()
    after["azimuth"] = [120.0, 0.0, 180.0]
    after.geometry = [before.geometry.iloc[0], at(0, 5), before.geometry.iloc[3]]
    after["status"] = ["online", "online", "offline"]
    new = after.iloc[[0]].assign(id="CAM-9", name="新点", site=None, azimuth=270.0)
    new.geometry = [at(60, 40)]
    after = pd.concat([after, new], ignore_index=True)
    return changes_between(seen(before, lang), seen(after, lang), ["CAM-4"], lang)


def tried(changes: Sequence[CameraChange]) -> TriedDraft:
    codes = ["620622100001001"]
    was = pd.DataFrame({"code": codes, "sure_share": [0.25], "possible_share": [0.5], "gap_m2": [1200.0]})
    now = pd.DataFrame({"code": codes, "sure_share": [0.3], "possible_share": [0.49999], "gap_m2": [900.4]})
    return TriedDraft("城北加密", "按二季度盲区清单", "li", changes, {"grids": was}, {"grids": now}, "2026-08-18")


def test_each_kind_of_change_is_told_in_words() -> None:
    told = {one.lens.id: (one.kinds, one.values) for one in changed()}
    assert told["CAM-9"] == (("added",), ())
    assert told["CAM-3"] == (("removed",), ())
    assert told["CAM-1"] == (("turned",), ("方位角 90° → 120°",))
    assert told["CAM-2"] == (("moved",), ("移动 5.0 米（向东）",))
    assert told["CAM-4"][0] == ("failing",)
    assert [one.kinds[0] for one in changed()] == ["added", "removed", "moved", "turned", "failing"]


def test_what_fails_sees_nothing() -> None:
    [one] = [one for one in changed() if one.lens.id == "CAM-4"]
    assert one.before.sure.area > 0
    assert one.after.sure.is_empty
    assert not one.after.sector.is_empty


def test_both_maps_have_one_scale_and_one_extent() -> None:
    drawn = draft_sheets(scene(), tried(changed()))
    for canvas, _ in drawn.pages:
        left, right = canvas.maps
        assert (left.scale, left.left, left.bottom) == (right.scale, right.left, right.bottom)
        assert (left.width, left.height, left.y) == (right.width, right.height, right.y)
        low, high = left.ground(left.x, left.y), left.ground(left.x + left.width, left.y + left.height)
        whole = shapely.box(*low, *high)
        for one in changed():
            for lens in (one.before, one.after):
                assert lens is None or lens.seen.is_empty or whole.covers(lens.seen)


def test_figures_are_those_of_the_preview_and_exposure_is_empty() -> None:
    content = draft_sheets(scene(), tried(changed())).content()
    text = pypdf.PdfReader(io.BytesIO(content), strict=True).pages[0].extract_text()
    assert all(
        one in text for one in ("25.0 %", "30.0 %", "+5.0", "1,200", "900", "−300", "50.000 %", "49.999 %", "−0.001")
    )
    assert "暴露（尚未计算，留空待填）" in text
    assert all(one in text for one in ("城北加密", "按二季度盲区清单", "填表人", "审核人", "批准人", "盖章处"))
    assert content == draft_sheets(scene(), tried(changed())).content()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_text_covers_another_or_the_edges(lang: str) -> None:
    drawn = draft_sheets(scene(), tried(changed(lang)), lang=lang)
    [(canvas, _)] = drawn.pages
    boxes = text_boxes(drawn.content())
    assert not overlapping(boxes)
    for ground in canvas.maps:
        assert not crossing(boxes, (ground.x, ground.y, ground.x + ground.width, ground.y + ground.height))
    assert not crossing(boxes, (13, 12, 420 - 13, 297 - 13))


def test_changes_far_apart_are_on_sheets_of_their_own() -> None:
    before = scene().cameras.iloc[[0]]
    rows = pd.concat([before.assign(id=f"f{n}", azimuth=10.0) for n in range(2)], ignore_index=True)
    rows.geometry = [at(0, 30), at(4_000, 30)]
    drawn = draft_sheets(scene(), tried(changes_between([], seen(rows), [], "zh")))
    assert len(drawn.pages) == 2
    assert all(canvas.maps[0].scale <= 5_000 for canvas, _ in drawn.pages)


def test_more_zones_than_a_sheet_has_rows_go_on() -> None:
    codes = [f"6206221000010{n:02d}" for n in range(25)]
    frame = pd.DataFrame({"code": codes, "sure_share": 0.1, "possible_share": 0.2, "gap_m2": 5.0})
    base = tried(changed())
    many = TriedDraft(base.name, "", "", base.changes, {"grids": frame}, {"grids": frame}, base.day)
    content = draft_sheets(scene(), many).content()
    texts = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content), strict=True).pages]
    assert len(texts) == 3
    assert codes[0] in texts[0]
    assert codes[-1] in texts[2]
    assert "见前页" in texts[2]


def test_a_long_name_and_note_are_cut_within_the_page() -> None:
    base = tried(changed())
    long = TriedDraft("名" * 200, "说明" * 2_000, "", base.changes, base.before, base.after, base.day)
    boxes = text_boxes(draft_sheets(scene(), long).content())
    assert not overlapping(boxes)
    assert not crossing(boxes, (13, 12, 420 - 13, 297 - 13))


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        (0.098, 0.0975, ["9.80 %", "9.75 %", "−0.05"]),
        (0.0, 0.00001, ["0.000 %", "0.001 %", "+0.001"]),
        (0.5, 0.5000000001, ["50.0 %", "50.0 %", "≈0"]),
        (0.5, 0.5, ["50.0 %", "50.0 %", "0.0"]),
        (math.nan, 0.5, ["—", "50.0 %", "—"]),
    ],
)
def test_a_difference_has_the_decimals_that_show_it(was: float, now: float, told: list[str]) -> None:
    assert _before_and_after(was, now, share_figures) == told
