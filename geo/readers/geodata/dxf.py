"""Read one layer of a DXF drawing: lines, closed lines as areas, blocks and points as points, texts as names."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import shapely

from geo.catalog.layers import Layer
from geo.errors import UnknownName
from geo.readers.geodata.drawn_shapes import closed_lines_as_areas
from geo.readers.geodata.wkb import geometries_from_wkb
from geo.readers.source import (
    FileLimits,
    SourceTable,
    check_columns,
    check_features,
    check_size,
    short_message,
    unreadable,
)

_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    RuntimeError,
    UnicodeDecodeError,
)
_BYTES = "ISO-8859-1"  # every byte is a character
_COLUMNS = ["Layer", "PaperSpace", "SubClasses", "EntityHandle", "Text", "BlockName", "BlockAttributes"]
_NAMED = "名称取自图形内的注记 / names taken from the text within the shape"
_SEVERAL = "图形内有多条注记，名称作空 / several texts within the shape: no name taken"
_AS_POINTS = "图层里只有注记，各作一点，文字作名称 / a layer of texts alone: each is a point with that name"
_UNREAD_TEXTS = "图层里的注记不在图形内，没有读 / texts of the layer outside its shapes, not read"
_PAPER = "布局（图纸空间）里的图形不在图上，不导入 / entities of paper space left out"
CRS_HINT = (
    "图纸不写坐标系，东坐标常略去带号；请向测绘单位核实",
    "a drawing names no CRS, and its eastings often lack the zone: ask who surveyed it",
)


def read_dxf(path: Path, layer: Layer, source_layer: str | None, limits: FileLimits) -> SourceTable:
    """Return the entities of one layer of a drawing, without its texts.

    Blocks stay points with their names: to draw them in place a drawing of a page may grow to gigabytes.
    """
    name = path.name
    check_size(name, path.stat().st_size, limits.dxf_bytes)
    _check_head(path)
    try:
        info = pyogrio.read_info(path, layer="entities", encoding=_BYTES, INLINE_BLOCKS="NO")
        if info["driver"] != "DXF":
            raise unreadable(name, f"由 {info['driver']} 读取", f"GDAL would read it with {info['driver']}")
        there = [str(one) for one in info["fields"]]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, _, blobs, data = pyogrio.raw.read(
                path, layer="entities", columns=[one for one in _COLUMNS if one in there], force_2d=True,
                max_features=limits.features + 1, encoding=_BYTES, INLINE_BLOCKS="NO",
            )  # fmt: skip
    except _ERRORS as error:
        raise unreadable(name, "文件损坏或不完整", short_message(error, path, name)) from None
    check_features(name, len(blobs), limits)
    shapes, faults = geometries_from_wkb(blobs)
    frame = pd.DataFrame(dict(zip((str(one) for one in meta["fields"]), data, strict=True)), index=range(len(shapes)))
    frame = frame.reindex(columns=_COLUMNS)
    for column in ("Layer", "Text", "BlockName"):
        frame[column] = pd.Series([_decoded(cell) for cell in frame[column]], dtype=object)
    drawn = SourceTable(name, frame, shapes, faults=faults)
    is_text = frame["SubClasses"].fillna("").str.contains("AcDbText|AcDbMText").to_numpy(dtype=bool)
    on_paper = (pd.to_numeric(frame["PaperSpace"], errors="coerce") == 1).to_numpy(dtype=bool)
    chosen = _layer(name, frame["Layer"], source_layer, layer.name)
    closed_lines_as_areas(drawn, layer.shapes)
    of_layer = (frame["Layer"] == chosen).to_numpy(dtype=bool)
    texts, rows = (np.flatnonzero(of_layer & ~on_paper & kind) for kind in (is_text, ~is_text))
    are_points = len(rows) == 0 and len(texts) > 0 and "point" in layer.shapes
    source = _source(drawn, texts if are_points else rows, chosen)
    if source_layer is None:
        source.note_others([str(one) for one in frame["Layer"].dropna().unique() if one != chosen])
    within = _name_by_texts(source, drawn, np.flatnonzero(is_text & ~on_paper), chosen)
    for sentence, count in (
        (_AS_POINTS, len(texts) if are_points else 0),
        (_UNREAD_TEXTS, 0 if are_points else len(set(texts.tolist()) - within)),
        (_PAPER, int((of_layer & on_paper).sum())),
    ):
        if count:
            source.notes[sentence] = count
    return source


def _check_head(path: Path) -> None:
    """Refuse a file that does not begin as a text DXF: comments, then a section."""
    with path.open("rb") as file:
        lines = [line.strip() for line in file.read(4_000).removeprefix(b"\xef\xbb\xbf").splitlines()]
    while lines[:1] == [b"999"]:
        lines = lines[2:]
    if lines[:2] != [b"0", b"SECTION"]:
        raise unreadable(path.name, "内容不是 .dxf 文件", "its content is no .dxf file")


def _decoded(cell: object) -> str | None:
    """Return a text whose bytes came as characters: UTF-8, else GB 18030; drawings often name no code page.

    GDAL makes UTF-8 of the bytes of some texts, as if they were Latin, and not of others: names of blocks.
    """
    if not isinstance(cell, str):
        return None
    try:
        raw = cell.encode("latin-1")
    except UnicodeEncodeError:
        return cell  # written as \\U+7F51, which GDAL has read
    for encoding in ("utf-8", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return (
            _decoded(text) if encoding == "utf-8" and max(text, default="") <= "\xff" and not text.isascii() else text
        )
    return cell


def _layer(name: str, layers: pd.Series, chosen: str | None, layer: str) -> str:
    found = [str(one) for one in layers.dropna().unique()]
    listed = ", ".join(found[:60])
    if chosen is not None:
        if chosen not in found:
            raise UnknownName(
                f"{name} 没有图层 {chosen}；有：{listed}", f"{name} has no layer {chosen}; it has: {listed}"
            )
        return chosen
    if len(found) == 1 or layer in found:
        return layer if layer in found else found[0]
    if not found:
        raise unreadable(name, "图纸是空的", "the drawing is empty")
    raise UnknownName(
        f"{name} 有多个图层，请用 --source-layer 选一个：{listed}",
        f"{name} has {len(found)} layers; choose one with --source-layer: {listed}",
    )


def _source(drawn: SourceTable, rows: np.ndarray, chosen: str) -> SourceTable:
    columns = _columns(drawn.columns.iloc[rows])
    check_columns(drawn.name, len(columns.columns), len(rows))
    place = {int(row): number for number, row in enumerate(rows)}
    notes = {one: [place[row] for row in found if row in place] for one, found in drawn.row_notes.items()}
    return SourceTable(
        f"{drawn.name}:{chosen}",
        columns,
        drawn.shapes[rows],
        faults={place[row]: fault for row, fault in drawn.faults.items() if row in place},
        labels=[str(drawn.columns["EntityHandle"].iloc[row]) for row in rows],
        row_notes=notes,
        crs_hint=CRS_HINT,
    )


def _columns(drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the attributes of blocks by their tags, and as the name the text, or else the block that is drawn."""
    attributes = [
        dict(map(_attribute, cell)) if cell is not None else {} for cell in map(_listed, drawn["BlockAttributes"])
    ]
    named = [
        text if isinstance(text, str) else block for text, block in zip(drawn["Text"], drawn["BlockName"], strict=True)
    ]
    found = pd.DataFrame.from_records(attributes, index=range(len(drawn))).astype(object)
    found.insert(0, "BlockName" if len(found.columns) else "name", pd.Series(named, dtype=object))
    return found.where(found.notna(), None)


def _listed(cell: object) -> list[str] | None:
    return [str(one) for one in cell] if isinstance(cell, list | tuple | np.ndarray) else None


def _attribute(text: str) -> tuple[str, str]:
    """Return tag and value, which GDAL joins by a blank; tags have none, and each has an encoding of its own."""
    tag, _, value = text.partition(" ")
    return _decoded(tag) or "", (_decoded(value) or "").strip()


def _name_by_texts(source: SourceTable, drawn: SourceTable, texts: np.ndarray, chosen: str) -> set[int]:
    """Name each area by the one text within it: of its own layer, else of any; return the texts within areas."""
    areas = np.flatnonzero(np.isin(shapely.get_type_id(source.shapes), (3, 6)) & shapely.is_valid(source.shapes))
    texts = texts[shapely.is_geometry(drawn.shapes[texts])]
    if not len(areas) or not len(texts):
        return set()
    which_text, which_area = shapely.STRtree(source.shapes[areas]).query(drawn.shapes[texts], predicate="within")
    own, anywhere = _by_area(which_text, which_area, drawn, texts, chosen)
    if "name" not in source.columns:
        source.columns["name"] = None
    names = source.columns["name"].to_numpy(dtype=object).copy()
    named, several = [], []
    for place, row in enumerate(areas):
        found = own.get(place) or anywhere.get(place) or []
        if len(found) == 1:
            names[row] = found[0]
            named.append(int(row))
        elif found:
            several.append(int(row))
    source.columns["name"] = pd.Series(names, dtype=object)
    for sentence, rows in ((_NAMED, named), (_SEVERAL, several)):
        if rows:
            source.row_notes[sentence] = rows
    return set(texts[which_text].tolist())


def _by_area(
    which_text: Sequence[int], which_area: Sequence[int], drawn: SourceTable, texts: np.ndarray, chosen: str
) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    own: dict[int, list[str]] = {}
    anywhere: dict[int, list[str]] = {}
    for text, area in zip(which_text, which_area, strict=True):
        words = drawn.columns["Text"].iloc[texts[text]]
        if isinstance(words, str) and words.strip():
            anywhere.setdefault(int(area), []).append(words.strip())
            if drawn.columns["Layer"].iloc[texts[text]] == chosen:
                own.setdefault(int(area), []).append(words.strip())
    return own, anywhere
