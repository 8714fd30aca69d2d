"""Make tables of frames: as programs read them, or with headings, words and names as people do."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pandas.api import types

from geo.catalog import headings
from geo.catalog.examples import place_columns
from geo.catalog.fields import Field
from geo.catalog.headings import FIELDS, NameColumn, TableLanguage
from geo.catalog.layers import LAYERS
from geo.crs import STORAGE_CRS
from geo.storage.protocol import Store
from geo.studies.gap_words import gap_words
from geo.studies.names_of_codes import PlaceNames, place_names
from geo.types import Run

#: Numbers outside are written with an exponent, which readers of directions do not take.
_SMALLEST, _LARGEST = 1e-9, 1e15


@dataclass(frozen=True)
class TableOptions:
    """How a download is written.

    Attributes
    ----------
    lang
        Language of headings and words; ``fields`` for the names of fields and the values as stored.
    encoding
        Of the texts in CSV and Shapefile: ``utf-8`` or ``gbk``.
    names
        Names of places for the columns beside codes; None for no such columns.
    of_run
        Whether the frame is a layer of a run: its figures are rounded to what is known. Else it is a stored layer,
        whose values are written in full, so that they come back as they are.
    where
        Of gaps by rank: where each is in words, for the column beside its grid.
    """

    lang: TableLanguage = FIELDS
    encoding: str = "utf-8"
    names: PlaceNames | None = None
    of_run: bool = False
    where: Mapping[int, str | None] = field(default_factory=dict)


#: As programs read it.
PROGRAMS = TableOptions()


def table_of(frame: pd.DataFrame, layer: str, options: TableOptions) -> pd.DataFrame:
    """Return the table of a layer in the form of the options: columns by heading, cells as they are written."""
    if options.lang == FIELDS:
        is_stored = not options.of_run and layer in LAYERS and LAYERS[layer].is_placed
        # A stored layer comes back from its table: what is no point is a text of its shape.
        return _with_place(frame, layer) if is_stored and not _is_of_points(frame) else plain_table(frame)
    fields = headings.run_fields(layer) if options.of_run else _stored_fields(layer)
    beside = (headings.RUN_NAMES if options.of_run else headings.LAYER_NAMES).get(layer, ())
    table = plain_table(frame) if options.of_run else _with_place(frame, layer)
    columns: dict[str, pd.Series] = {}
    for name in table.columns:
        field = fields.get(str(name))
        columns[_heading(str(name), field, options.lang)] = _cells(table[name], field, options)
        for one in beside:
            if one.field == name and options.names is not None:
                columns |= _name_column(one, table[name], options.names, options.lang)
        if name == "grid" and layer == "gaps" and options.where:
            told = [options.where.get(rank) for rank in table["rank"].tolist()]
            title = headings.heading(headings.WHERE_COLUMN, options.lang)
            columns[title] = pd.Series(told, dtype=object, index=table.index)
    return pd.DataFrame(columns, index=table.index)


def field_table(frame: pd.DataFrame, layer: str, options: TableOptions) -> pd.DataFrame:
    """Return the table of a layer by the names of its fields, for formats that have shapes, values in the language."""
    values = frame.drop(columns=frame.geometry.name) if isinstance(frame, gpd.GeoDataFrame) else frame
    flat = flat_frame(pd.DataFrame(values))
    if options.lang == FIELDS:
        return flat
    fields = headings.run_fields(layer) if options.of_run else _stored_fields(layer)
    return flat.assign(**{str(name): _cells(flat[name], fields.get(str(name)), options) for name in flat.columns})


def plain_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table of a frame: no shapes, lists joined by ``; ``, mappings as JSON, the index only with a name."""
    table = frame
    if isinstance(frame, gpd.GeoDataFrame):
        table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
        if "lon" not in table and _is_of_points(frame) and frame.crs is not None:
            points = frame.geometry.to_crs(STORAGE_CRS)
            table = table.assign(lon=points.x.round(7), lat=points.y.round(7))
    return flat_frame(table)


def flat_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its named index as columns, lists joined, mappings as JSON and dates as ISO texts."""
    named = [name for name in frame.index.names if name is not None and name not in frame.columns]
    flat = frame.reset_index(level=named) if named else frame
    flat = flat.reset_index(drop=True)
    texts = {
        name: flat[name].map(_joined)
        for name in flat.columns
        if types.is_object_dtype(flat[name])
        and flat[name].map(lambda cell: isinstance(cell, (list, tuple, dict, date))).any()
    }
    return flat.assign(**texts)


def number_text(value: float) -> str:
    """Return the shortest text of a number that reads as the same number.

    Examples
    --------
    >>> number_text(0.1 + 0.2), number_text(2.0), number_text(1e-05)
    ('0.30000000000000004', '2', '0.00001')
    """
    text = repr(float(value))
    if "e" in text and _SMALLEST <= abs(value) < _LARGEST:
        return np.format_float_positional(value, trim="-")
    return text.removesuffix(".0")


def with_names(options: TableOptions, form: str, store: Store, *, of_run: bool, may_read: bool = True) -> TableOptions:
    """Return the options for a layer of a run or a stored one, with names of places for tables that people read.

    Parameters
    ----------
    form
        The format of the download: only tables have columns of names.
    may_read
        Whether the caller may read the layers that have the names.
    """
    needed = may_read and options.lang != FIELDS and form in ("csv", "xlsx")
    return replace(options, of_run=of_run, names=place_names(store) if needed else None)


def with_where(options: TableOptions, form: str, store: Store, run: Run, gaps: pd.DataFrame) -> TableOptions:
    """Return the options for gaps of a run, with words of place for tables that people read."""
    if options.lang == FIELDS or form not in ("csv", "xlsx") or not len(gaps):
        return options
    told = gap_words(store, run, gaps, lang=options.lang)
    return replace(options, where=dict(zip(gaps["rank"].tolist(), told.tolist(), strict=True)))


# --- columns ---------------------------------------------------------------------------------------------------------


def _stored_fields(layer: str) -> Mapping[str, Field]:
    return headings.layer_fields(LAYERS[layer]) if layer in LAYERS else {}


def _is_of_points(frame: gpd.GeoDataFrame) -> bool:
    return len(frame) > 0 and set(frame.geom_type.dropna()) == {"Point"}


def _with_place(frame: pd.DataFrame, layer: str) -> pd.DataFrame:
    """Return a stored layer as a table that can be imported: points with lon and lat in full, other shapes as WKT."""
    if not isinstance(frame, gpd.GeoDataFrame):
        return flat_frame(frame)
    shapes = np.asarray(frame.geometry if frame.crs is None else frame.geometry.to_crs(STORAGE_CRS))
    table = flat_frame(pd.DataFrame(frame.drop(columns=frame.geometry.name)))
    if layer in LAYERS and not LAYERS[layer].is_placed:
        return table
    # A layer without a row has the columns that its template has.
    if _is_of_points(frame) or (frame.empty and layer in LAYERS and place_columns(LAYERS[layer]) == ("lon", "lat")):
        return table.assign(lon=shapely.get_x(shapes), lat=shapely.get_y(shapes))
    texts = shapely.to_wkt(shapes, rounding_precision=-1)
    return table.assign(wkt=pd.Series(texts, dtype=object, index=table.index))


def _heading(name: str, field: Field | None, lang: TableLanguage) -> str:
    return name if field is None else headings.heading(field, lang)


def _cells(column: pd.Series, field: Field | None, options: TableOptions) -> pd.Series:
    known = headings.words(field, options.lang) if field is not None else {}
    if known:
        return column.map(_word_of(known)).astype(object)
    if options.of_run and field is not None and headings.listed_words(field, options.lang):
        return column.map(lambda cell: _listed(cell, field, options.lang)).astype(object)
    places = headings.decimals(field) if options.of_run and field is not None else None
    return column.round(places) if places is not None and types.is_float_dtype(column) else column


def _word_of(known: Mapping[str, str]) -> Callable[[object], object]:
    def word(value: object) -> object:
        if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
            return None
        text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        return known.get(text, value)

    return word


def _listed(cell: object, field: Field, lang: TableLanguage) -> object:
    """Return ``{"aim": 0.25}`` and ``hfov=80; tilt=15`` with words for names, and shares as far as they are known."""
    if not isinstance(cell, str):
        return cell
    if cell.startswith("{"):
        known = headings.listed_words(field, lang)
        shares = json.loads(cell)
        return "; ".join(f"{known.get(name, name)} {number_text(round(one, 4))}" for name, one in shares.items())
    return headings.assumed_text(cell, lang)


def _name_column(one: NameColumn, codes: pd.Series, names: PlaceNames, lang: TableLanguage) -> dict[str, pd.Series]:
    look_up = names.township if one.of_township else names.name
    found = pd.Series([look_up(code) for code in codes], dtype=object, index=codes.index)
    return {} if found.isna().all() else {one.en if lang == "en" else one.zh: found}


def _joined(cell: object) -> object:
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, dict):
        return json.dumps(cell, ensure_ascii=False)
    return "; ".join(str(one) for one in cell) if isinstance(cell, (list, tuple)) else cell
