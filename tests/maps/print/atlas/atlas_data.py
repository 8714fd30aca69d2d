"""Draw counties for atlases on paper: nine squares in a row of rows, zones of odd shapes; read atlases back."""

from __future__ import annotations

import io
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pypdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw
import shapely

from maps.map_data import MapData
from maps.print.atlas.whole_atlas import AtlasReport, write_atlas
from tests.maps.print.sheet_data import CRS, MIDDLE, meta

#: Side of a square of the paper county in m.
SIDE = 1_000.0


def printed(data: MapData, **options: object) -> tuple[bytes, AtlasReport]:
    """Return the file of an atlas and its report."""
    out = io.BytesIO()
    report = write_atlas(data, out, **options)
    return out.getvalue(), report


def reader(pdf: bytes) -> pypdf.PdfReader:
    """Return a file opened by another program."""
    return pypdf.PdfReader(io.BytesIO(pdf), strict=True)


def zones(codes: list[str], names: list[str], shapes: list[shapely.Geometry]) -> gpd.GeoDataFrame:
    """Return zones with made-up figures."""
    share = [at / max(len(codes), 2) for at in range(len(codes))]
    figures = {"sure_share": share, "possible_share": share, "domain_m2": 100.0, "gap_m2": 50.0}
    return gpd.GeoDataFrame({"code": codes, "name": names, **figures}, geometry=shapes, crs=CRS)


def nine() -> MapData:
    """Return a county of three rows of three grids, a township to each row, a village to each grid.

    Pages of an atlas by grids, north up::

        7 8 9
        4 5 6
        1 2 3
    """
    x, y = MIDDLE
    squares = [
        shapely.box(x + column * SIDE, y + row * SIDE, x + (column + 1) * SIDE, y + (row + 1) * SIDE)
        for row in range(3)
        for column in range(3)
    ]
    codes = [f"62062210{row}20{column}001" for row in range(3) for column in range(3)]
    rows = [shapely.union_all(squares[3 * row : 3 * row + 3]) for row in range(3)]
    cameras = gpd.GeoDataFrame(
        {"id": [f"C{at}" for at in range(9)], "site": [f"P{at}" for at in range(9)], "class": 1.0, "status": "online"},
        geometry=[one.centroid for one in squares],
        crs=CRS,
    )
    gaps = gpd.GeoDataFrame(
        {"rank": range(1, 10), "grid": codes, "area_m2": 400.0, "weight": 400.0, "cause": "range"},
        geometry=[
            shapely.box(x, y, x + 20, y + 20) for x, y in ((one.centroid.x + 200, one.centroid.y) for one in squares)
        ],
        crs=CRS,
    )
    places = gaps.geometry.centroid.to_crs(4326)
    return MapData(
        meta(),
        {
            "grids": zones(codes, [f"{at}号网格" for at in range(1, 10)], squares),
            "villages": zones([one[:12] for one in codes], [f"{at}村" for at in range(1, 10)], squares),
            "townships": zones([f"62062210{row}" for row in range(3)], ["南镇", "中镇", "北镇"], rows),
            "all": zones(["all"], ["全域"], [shapely.union_all(squares)]),
        },
        gaps.assign(lon=places.x, lat=places.y),
        cameras,
        summary={"totals": {"sure_share": 0.4, "possible_share": 0.5}},
    )


def townships_of(shapes: dict[str, shapely.Geometry]) -> MapData:
    """Return a county without cameras whose townships, and grids, have these shapes, by name."""
    data = nine()
    codes = [f"62062210{at}" for at in range(len(shapes))]
    frame = zones(codes, list(shapes), list(shapes.values()))
    grids = frame.assign(code=[f"{code}200001" for code in codes])
    whole = zones(["all"], ["全域"], [shapely.union_all(list(shapes.values()))])
    return replace(
        data, zones={"grids": grids, "townships": frame, "all": whole}, gaps=data.gaps.iloc[:0],
        cameras=data.cameras.iloc[:0],
    )  # fmt: skip


def overlapping_characters(pdf: bytes, page: int) -> list[tuple[str, str]]:
    """Return pairs of characters whose boxes, as pdfium draws them, overlap by a seventh of the smaller one.

    Invisible characters, which a search finds, are none; the neighbours in one line may touch.
    """
    document = pdfium.PdfDocument(pdf)
    try:
        text = document[page].get_textpage()
        modes = [
            raw.FPDFTextObj_GetTextRenderMode(raw.FPDFText_GetTextObject(text, at)) for at in range(text.count_chars())
        ]
        shown = np.array([at for at, mode in enumerate(modes) if mode in (0, 2)])
        boxes = shapely.box(*np.array([text.get_charbox(int(at)) for at in shown]).T)
        first, second = shapely.STRtree(boxes).query(boxes, predicate="intersects")
        keep = shown[first] + 1 < shown[second]
        first, second = first[keep], second[keep]
        shared = shapely.area(shapely.intersection(boxes[first], boxes[second]))
        much = shared > np.minimum(shapely.area(boxes[first]), shapely.area(boxes[second])) / 7
        said = text.get_text_range
        return [
            (said(int(shown[a]), 1), said(int(shown[b]), 1)) for a, b in zip(first[much], second[much], strict=True)
        ]
    finally:
        document.close()
