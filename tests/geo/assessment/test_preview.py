"""A preview has the bits of an analysis of the changed cameras, whatever is changed; nothing else is computed anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.assessment.area_of_interest import domain
from geo.assessment.figures import zone_metrics
from geo.assessment.incidence import Incidence, incidence
from geo.assessment.preview import preview
from geo.assessment.preview_base import PreviewBase, preview_base
from geo.catalog.results import FIGURES
from geo.errors import BadValue, CrsMismatch, NotFound
from geo.visibility.views import views

CRS = "EPSG:4547"
#: The corner of four tiles is in the middle of the scene.
X, Y = 500_000.0, 4_000_000.0
HALF = 160


def rect(x0: float, y0: float, x1: float, y1: float) -> shapely.Polygon:
    return shapely.box(X + x0, Y + y0, X + x1, Y + y1)


def zones() -> dict[str, gpd.GeoDataFrame]:
    """Sixteen grids over the corner of four tiles, two villages of which one overlaps no grid wholly, two townships."""
    step = HALF // 2
    squares = [rect(x, y, x + step, y + step) for x in range(-HALF, HALF, step) for y in range(-HALF, HALF, step)]
    halves = [rect(-HALF, -HALF, 7, HALF), rect(7, -HALF, HALF, HALF)]
    return {
        "grids": gpd.GeoDataFrame({"code": [f"g{i:02}" for i in range(len(squares))]}, geometry=squares, crs=CRS),
        "villages": gpd.GeoDataFrame({"code": ["v1"]}, geometry=[rect(-90, -70, 40, 50)], crs=CRS),
        "divisions": gpd.GeoDataFrame({"code": ["t1", "t2"], "level": "township"}, geometry=halves, crs=CRS),
    }


def houses() -> gpd.GeoDataFrame:
    shapes = [rect(x, y, x + 14, y + 9) for x, y in ((-40, 20), (25, -30), (60, 44), (-100, -60), (-6, -4), (90, 5))]
    return gpd.GeoDataFrame(
        {"id": [f"h{i}" for i in range(6)], "height": [6, None, 3, 12, 2, 9]}, geometry=shapes, crs=CRS
    )


def roads() -> gpd.GeoDataFrame:
    lines = [((-HALF, -10), (HALF, 12)), ((3, -HALF), (-5, HALF)), ((-120, 90), (130, -90))]
    shapes = [shapely.LineString([(X + x, Y + y) for x, y in one]) for one in lines]
    return gpd.GeoDataFrame(
        {"id": ["r1", "r2", "r3"], "class": ["primary", "residential", None]}, geometry=shapes, crs=CRS
    )


def demand(kind: str) -> gpd.GeoDataFrame:
    if kind == "points":
        shapes = [shapely.Point(X + 13.7 * i % 300 - 150, Y + 31.3 * i % 300 - 150) for i in range(60)]
    else:
        shapes = roads().geometry.tolist()
    return gpd.GeoDataFrame({"id": [f"d{i:02}" for i in range(len(shapes))], "weight": 2.5}, geometry=shapes, crs=CRS)


KINDS = ("streets", "all", "points", "lines")


def wanted(kind: str, seen: Any) -> Any:
    if kind in ("points", "lines"):
        return domain("demand", zones=zones(), demand=demand(kind), obstacles=houses(), views=seen)
    return domain(kind, zones=zones(), roads=roads(), obstacles=houses(), views=seen)


def analysed(cameras: gpd.GeoDataFrame, kind: str) -> Incidence:
    seen = views(cameras, houses())
    return incidence(seen, zones(), wanted(kind, seen))


place = st.floats(-HALF - 20, HALF + 20, allow_nan=False)
camera = st.fixed_dictionaries(
    {
        "x": place,
        "y": place,
        "azimuth": st.one_of(st.none(), st.floats(0, 360)),
        "kind": st.sampled_from(["fixed", "fixed", "ptz", "panoramic"]),
        "status": st.sampled_from(["online", "online", "online", "offline", "planned", "unknown"]),
        "site": st.sampled_from([None, None, "p", "q"]),
        "class": st.sampled_from([None, 1, 2, 3]),
        "height": st.sampled_from([None, 3.5, 8.0]),
        "tilt": st.sampled_from([None, 12.0]),
        "max_range": st.sampled_from([None, 30.0]),
    }
)
rows = st.dictionaries(st.sampled_from([f"c{i}" for i in range(9)]), camera, min_size=1, max_size=7)
edits = st.dictionaries(st.sampled_from([f"c{i}" for i in range(12)]), st.one_of(st.none(), camera), max_size=4)


def frame(cameras: Mapping[str, Mapping[str, Any]]) -> gpd.GeoDataFrame:
    ids = sorted(cameras)
    fields = [name for name in next(iter(cameras.values()), {"x": 0, "y": 0}) if name not in ("x", "y")]
    columns = {name: [cameras[one][name] for one in ids] for name in fields}
    points = [shapely.Point(X + cameras[one]["x"], Y + cameras[one]["y"]) for one in ids]
    return gpd.GeoDataFrame(pd.DataFrame({"id": ids, **columns}), geometry=points, crs=CRS)


def same_bits(base: PreviewBase, model: Incidence) -> None:
    for layer in model.layers:
        full = zone_metrics(model, layer)
        for name in FIGURES:
            np.testing.assert_array_equal(base.figures[layer][name], full[name].to_numpy(), f"{layer} {name}")


@settings(max_examples=12, deadline=None)
@given(rows, edits, st.sampled_from(KINDS))
def test_random_edits_have_the_bits_of_a_full_run(
    before: dict[str, dict[str, Any]], changes: dict[str, dict[str, Any] | None], kind: str
) -> None:
    base = preview_base(analysed(frame(before), kind))
    same_bits(base, analysed(frame(before), kind))
    changed = {name: one for name, one in changes.items() if one is not None}
    removed = [name for name, one in changes.items() if one is None and name in before]
    found = preview(base, frame(changed) if changed else None, removed)
    after = {name: one for name, one in {**before, **changed}.items() if name not in removed}
    if not after:
        return
    model = analysed(frame(after), kind)
    same_bits(found.base, model)
    # 1. what is told of the zones in reach is what differs, and the views are those of the run
    for layer in model.layers:
        for told, whole in ((found.before, base.figures), (found.after, found.base.figures)):
            codes = told[layer]["code"].tolist()
            at = pd.Index(base.keys[layer]).get_indexer(codes)
            for name in FIGURES:
                np.testing.assert_array_equal(told[layer][name].to_numpy(), whole[layer][name][at])
        rest = ~np.isin(base.keys[layer], found.after[layer]["code"])
        for name in FIGURES:
            np.testing.assert_array_equal(base.figures[layer][name][rest], found.base.figures[layer][name][rest])
    if found.views is not None:
        for shapes, full in ((found.views.sure, model.views.sure), (found.views.possible, model.views.possible)):  # type: ignore[union-attr]
            assert shapely.equals_identical(shapes.to_numpy(), full[shapes.index].to_numpy()).all()
    # 2. and back again
    back = preview(found.base, frame(before), [name for name in after if name not in before])
    same_bits(back.base, analysed(frame(before), kind))


def one(azimuth: float = 0.0, **fields: Any) -> gpd.GeoDataFrame:
    record = {"id": "a", "azimuth": azimuth, "hfov": 90.0, "width_px": 1000, "height": 1.6, **fields}
    return gpd.GeoDataFrame({name: [value] for name, value in record.items()}, geometry=[shapely.Point(X, Y)], crs=CRS)


def squares() -> gpd.GeoDataFrame:
    """A square of 4 m2 in the north of the camera, one in the south, and one that no camera ever sees."""
    shapes = [rect(-1, 10, 1, 12), rect(-1, -12, 1, -10), rect(900, 900, 902, 902)]
    return gpd.GeoDataFrame({"code": ["n", "s", "far"]}, geometry=shapes, crs=CRS)


def test_a_turned_camera_sees_the_other_square() -> None:
    base = preview_base(incidence(views(one()), squares()))
    found = preview(base, one(180.0))
    assert found.before["grids"][["code", "sure_m2"]].to_numpy().tolist() == [["n", 4.0], ["s", 0.0]]
    assert found.after["grids"][["code", "sure_m2"]].to_numpy().tolist() == [["n", 0.0], ["s", 4.0]]
    assert found.after["all"].empty, "the whole area sees as much as before"
    assert base.figures["grids"]["sure_m2"].tolist() == [4.0, 0.0, 0.0], "the base stays as it was"


@pytest.mark.parametrize("status", ["offline", "planned"])
def test_a_camera_that_goes_off_line_counts_for_nothing(status: str) -> None:
    base = preview_base(incidence(views(one()), squares()))
    found = preview(base, one(status=status))
    assert found.after["grids"]["sure_m2"].tolist() == [0.0]
    assert found.views is not None
    assert found.views.sure["a"].area > 300, "its view is told all the same (rule U6)"


def test_a_new_camera_takes_its_place_in_the_order_of_ids() -> None:
    both = pd.concat([one(id="b"), one(id="d")], ignore_index=True)
    base = preview_base(incidence(views(both), squares()))
    found = preview(base, one(90.0, id="c"))
    assert found.base.rows.ids.tolist() == ["b", "c", "d"]
    backwards = preview_base(incidence(views(both.iloc[::-1]), squares()))
    assert preview(backwards, one(90.0, id="c")).base.rows.ids.tolist() == ["d", "b", "c"]


def test_only_the_tiles_in_reach_are_overlaid_again() -> None:
    base = preview_base(incidence(views(one()), squares()))
    assert preview(base, one(180.0)).tiles == 4, "the camera stands at the corner of four tiles"
    assert preview(base).tiles == 0
    assert preview(base, one(status="planned", id="z")).tiles == 0


@pytest.mark.parametrize(
    ("changed", "removed", "error"),
    [
        (None, ["nobody"], NotFound),
        (one(), ["a"], BadValue),
        (one(id=None), [], BadValue),
        (one(id=" "), [], BadValue),
        (one(hfov=0.0), [], BadValue),
        (one(width_px=-1), [], BadValue),
        (one(kind="drone"), [], BadValue),
        (one().to_crs(4326), [], CrsMismatch),
    ],
)
def test_what_cannot_be_previewed_is_refused(changed: gpd.GeoDataFrame | None, removed: list[str], error: type) -> None:
    base = preview_base(incidence(views(one()), squares()))
    with pytest.raises(error):
        preview(base, changed, removed)


def test_a_camera_in_another_zone_of_the_projection_is_refused() -> None:
    degrees = one().to_crs(4326)
    base = preview_base(incidence(views(degrees), squares().to_crs(4326)))
    with pytest.raises(BadValue, match="computing CRS"):
        preview(base, degrees.set_geometry([shapely.Point(112.0, 36.1)], crs=4326))
